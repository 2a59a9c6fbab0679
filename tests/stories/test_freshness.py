"""Freshness: a target per list; what stays older raises one alarm and one only, and its recovery settles it."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from accounts.models import Alarm, AuditEvent, Connection, Heartbeat, Notice
from syncjobs import freshness, schedules
from syncjobs.models import Checkpoint, Schedule
from syncjobs.schedules import standings
from syncjobs.services import KINDS
from syncjobs.sweeping import work_due
from tests.people import browser
from zbridge.clock import SteppedClock

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/syncjobs/schedule/"


@pytest.fixture
def fresh(company: Connection, clock: SteppedClock) -> Connection:
    """Every list was read just now."""
    schedules.make_missing(company)
    read(company, clock, *KINDS)
    return company


def read(connection: Connection, clock: SteppedClock, *kinds: str) -> None:
    rows = Checkpoint.objects.filter(connection=connection, kind__in=kinds)
    rows.update(read_at=connection.now(clock))


def sweeps(connection: Connection, clock: SteppedClock, minutes: int) -> None:
    """The sweep looks each minute, while nothing is read."""
    for _ in range(minutes):
        freshness.watch(connection, clock)
        clock.advance(60)


def alarms() -> list[str]:
    return sorted(Alarm.objects.filter(closed_at=None).values_list("kind", flat=True))


def told() -> list[str]:
    return list(Notice.objects.filter(event__startswith="late").order_by("pk").values_list("title", flat=True))


def choose(connection: Connection, name: str = "cy", **changed: int) -> Any:
    rows = [one.row for one in standings(connection)]
    kept = {row.kind: row.every_minutes if row.on else 0 for row in rows}
    return browser(name).post(
        f"{PAGE}{connection.pk}/keep/", kept | changed | {"seen": schedules.stamp(rows)}, follow=True
    )


def said(answer: Any) -> str:
    return " ".join(unescape(str(answer.content.decode())).split())


def test_nothing_is_late_while_every_list_is_read_in_time(fresh: Connection, clock: SteppedClock) -> None:
    for _ in range(6):
        sweeps(fresh, clock, 5)
        read(fresh, clock, *KINDS)
    assert alarms() == [] and not Schedule.objects.exclude(late_since=None).exists()


def test_figures_older_than_two_intervals_raise_one_alarm_a_side_and_never_twice(
    fresh: Connection, clock: SteppedClock
) -> None:
    sweeps(fresh, clock, 60)
    assert alarms() == ["late:books", "late:crm"]
    assert told() == [
        "Brightwater Supplies GmbH: figures of Zoho CRM are older than promised",
        "Brightwater Supplies GmbH: figures of Zoho Books are older than promised",
    ]
    text = Alarm.objects.get(kind="late:crm").sentence
    assert "Deals are" in text and "(target 10 min)" in text


def test_its_recovery_is_told_once_and_a_later_breach_anew(fresh: Connection, clock: SteppedClock) -> None:
    sweeps(fresh, clock, 20)
    read(fresh, clock, *KINDS)
    sweeps(fresh, clock, 5)
    assert alarms() == [] and len(told()) == 4
    assert told()[-1].endswith("are fresh again")
    sweeps(fresh, clock, 30)
    assert alarms() == ["late:books", "late:crm"] and len(told()) == 6


def test_only_the_side_that_is_late_is_told_of(fresh: Connection, clock: SteppedClock) -> None:
    for _ in range(6):
        sweeps(fresh, clock, 5)
        read(fresh, clock, *(kind for kind in KINDS if kind != "invoice"))
    assert alarms() == ["late:books"]
    assert "Invoices are" in Alarm.objects.get().sentence and "Items" not in Alarm.objects.get().sentence


def test_a_moment_s_lateness_is_told_to_nobody(fresh: Connection, clock: SteppedClock) -> None:
    """Zoho's clock jumps, or the machine slept: what is read at once is fresh before anybody is called."""
    clock.advance(timedelta(days=1).total_seconds())
    sweeps(fresh, clock, 2)
    assert Schedule.objects.exclude(late_since=None).count() == len(KINDS)
    read(fresh, clock, *KINDS)
    sweeps(fresh, clock, 3)
    assert told() == [] and not Schedule.objects.exclude(late_since=None).exists()


def test_dead_workers_have_their_own_alarm_and_no_second_one(fresh: Connection, clock: SteppedClock) -> None:
    Heartbeat.objects.create(queue="bulk", pid=1, beat_at=clock.now() - timedelta(minutes=1))
    sweeps(fresh, clock, 60)
    assert alarms() == [] and told() == []


def test_books_that_doesn_t_answer_makes_its_figures_late_and_crm_s_not(
    company: Connection, clock: SteppedClock, zoho: Any
) -> None:
    zoho.store.set("sides", {"crm": "on", "books": "off"})
    for _ in range(40):
        clock.advance(60)
        work_due(company, clock)
    assert "late:books" in alarms() and "late:crm" not in alarms()
    zoho.store.set("sides", {"crm": "on", "books": "on"})
    for _ in range(40):
        clock.advance(60)
        work_due(company, clock)
    assert "late:books" not in alarms()


def test_what_is_off_has_no_target(fresh: Connection, clock: SteppedClock) -> None:
    choose(fresh, deal=0)
    for _ in range(6):
        sweeps(fresh, clock, 5)
        read(fresh, clock, *(kind for kind in KINDS if kind != "deal"))
    assert alarms() == []


def test_cy_chooses_a_target_and_it_is_followed_shown_and_noted(fresh: Connection, clock: SteppedClock) -> None:
    page = said(choose(fresh, target_deal=60))
    assert "Kept: Deals at most 1 h old." in page and "Target: at most 1 h" in page
    assert AuditEvent.objects.filter(verb="schedule", actor="cy").count() == 1
    sweeps(fresh, clock, 30)
    assert "Deals" not in Alarm.objects.get(kind="late:crm").sentence
    past = Schedule.history.filter(kind="deal", history_type="~")
    assert [one.target_minutes for one in past] == [60]
    assert "Kept: Deals at most two intervals old." in said(choose(fresh, target_deal=0))


def test_a_target_shorter_than_its_interval_is_refused_whole(fresh: Connection) -> None:
    answer = choose(fresh, deal=60, target_deal=15, item=30)
    assert answer.status_code == 409
    assert "Deals are read every hour, so their figures can't be promised to be at most 15 min old." in said(answer)
    assert set(Schedule.objects.values_list("every_minutes", flat=True)) == {5}
    assert choose(fresh, target_deal=7).status_code == 400


def test_the_alarm_stands_on_today_in_the_side_bar_and_beside_the_list(fresh: Connection, clock: SteppedClock) -> None:
    calm = said(browser("cy").get("/admin/"))
    assert "Every list is as fresh as its target says." in calm
    sweeps(fresh, clock, 30)
    today = said(browser("cy").get("/admin/"))
    assert "See which lists are late" in today and "(target 10 min)" in today
    page = said(browser("ben").get(f"{PAGE}{fresh.pk}/"))
    assert page.count('<span class="house-tone warning">Late</span>') == len(KINDS)


@pytest.mark.parametrize("name", ["ben", "dee"])
def test_only_revops_chooses_targets(fresh: Connection, name: str) -> None:
    assert choose(fresh, name, target_deal=60).status_code == 403
    assert "target_deal" not in said(browser(name).get(f"{PAGE}{fresh.pk}/"))
