"""Schedules: each kind is read as often as Cy chose, within the day's calls; what can't fit is refused whole."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.db import connections
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Bucket, Connection
from syncjobs import schedules
from syncjobs.models import Checkpoint, Run, Schedule
from syncjobs.schedules import standings, start_due_runs
from syncjobs.services import KINDS, start_run
from syncjobs.sweeping import start_due_listings
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from zbridge.clock import SteppedClock
from zbridge.zoho import wire_json

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/syncjobs/schedule/"
BOOKS = ("customer", "item", "invoice", "payment", "creditnote")


@pytest.fixture
def free(company: Connection) -> Connection:
    """Brightwater on Books' plan Free: 1,000 calls a day, of which schedules may use 400."""
    Bucket.objects.all().delete()
    company.books_plan = "Free"
    company.save()
    return company


def choose(connection: Connection, name: str = "cy", **minutes: int) -> Any:
    """Cy opens the page, changes these lists and presses the button."""
    rows = [one.row for one in standings(connection)]
    kept = {row.kind: row.every_minutes if row.on else 0 for row in rows}
    sent = kept | minutes | {"seen": schedules.stamp(rows)}
    return browser(name).post(f"{PAGE}{connection.pk}/keep/", sent, follow=True)


def said(answer: Any) -> str:
    return unescape(str(answer.content.decode()))


def started(connection: Connection, clock: SteppedClock) -> set[str]:
    """The kinds that the sweep starts now, read to their end."""
    runs = start_due_runs(connection, clock)
    for run in runs:
        work_to_end(run, bulk_reader(), patience=3600)
    return {run.kind for run in runs}


def kept(connection: Connection) -> dict[str, int]:
    return {row.kind: row.every_minutes if row.on else 0 for row in Schedule.objects.filter(connection=connection)}


def test_every_kind_has_a_schedule_of_five_minutes_from_the_first_sweep(
    company: Connection, clock: SteppedClock
) -> None:
    start_due_runs(company, clock)
    assert kept(company) == dict.fromkeys(KINDS, 5)


def test_an_interval_that_can_t_fit_is_refused_with_the_figures_and_nothing_is_changed(free: Connection) -> None:
    choose(free, "cy", **dict.fromkeys(BOOKS, 30))
    answer = choose(free, "cy", **dict.fromkeys(BOOKS, 5), deal=60)
    assert answer.status_code == 409
    assert (
        "Nothing was changed. Every 5 minutes for 5 lists is 1,440 calls a day, Books' plan Free has 1,000, of which "
        "schedules may use 400. The shortest that fits for all is every 30 minutes." in said(answer)
    )
    assert kept(free) == dict.fromkeys(KINDS, 5) | dict.fromkeys(BOOKS, 30)
    assert AuditEvent.objects.filter(verb="schedule").count() == 1


def test_what_was_chosen_is_still_on_the_page_after_a_refusal(free: Connection) -> None:
    page = said(choose(free, item=60))
    assert '<option value="60" selected>Hour: 24 a day</option>' in page


def test_a_change_is_followed_audited_and_remembered_with_who_made_it(company: Connection, clock: SteppedClock) -> None:
    assert "Kept: Deals every 15 minutes (before: every 5 minutes)." in said(choose(company, deal=15))
    event = AuditEvent.objects.get(verb="schedule")
    assert (event.actor, "Deals every 15 minutes" in event.sentence) == ("cy", True)
    past = Schedule.history.filter(kind="deal", history_type="~")
    assert [one.history_user.username for one in past] == ["cy"]
    started(company, clock)
    clock.advance(600)
    assert "deal" not in started(company, clock)
    clock.advance(300)
    assert "deal" in started(company, clock)


def test_a_kind_that_is_off_isn_t_read_and_the_others_are(company: Connection, clock: SteppedClock) -> None:
    choose(company, deal=0)
    for _ in range(3):
        clock.advance(3600)
        assert started(company, clock) == set(KINDS) - {"deal"}
    assert not Run.objects.filter(kind="deal", trigger="schedule").exists()
    choose(company, deal=5)
    assert "deal" in started(company, clock)


def test_what_is_off_isn_t_listed_anew_each_week_either(company: Connection, clock: SteppedClock) -> None:
    choose(company, deal=0)
    Checkpoint.objects.update(listed_at=company.now(clock) - timedelta(days=8))
    start_due_listings(company, clock)
    assert set(Run.objects.filter(trigger="listing").values_list("kind", flat=True)) == set(KINDS) - {"deal"}


def test_a_weekly_listing_that_must_wait_for_the_night_holds_no_schedule_by_day(
    company: Connection, clock: SteppedClock
) -> None:
    company.bulk_opens, company.bulk_closes = time(22), time(5)
    company.save()
    schedules.make_missing(company)
    Checkpoint.objects.update(listed_at=company.now(clock) - timedelta(days=8))
    start_due_listings(company, clock)
    assert not Run.objects.filter(trigger="listing").exists()
    clock.advance(600)
    assert started(company, clock) == set(KINDS)
    clock.advance(14 * 3600)
    start_due_listings(company, clock)
    assert Run.objects.filter(trigger="listing").count() == len(KINDS)


def test_a_kind_that_is_being_read_isn_t_started_again_however_late_it_is(
    company: Connection, clock: SteppedClock
) -> None:
    clock.advance(3600)
    first = {run.kind: run.pk for run in start_due_runs(company, clock)}
    assert set(first) == set(KINDS)
    clock.advance(3600)
    assert start_due_runs(company, clock) == []
    assert start_run(company, "deal", clock, doorbell=False).pk == first["deal"]


def test_two_schedulers_at_once_start_each_kind_once(company: Connection, clock: SteppedClock) -> None:
    schedules.make_missing(company)
    clock.advance(600)

    def sweep(_: int) -> list[str]:
        try:
            return [run.kind for run in start_due_runs(company, clock)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        kinds = [kind for found in pool.map(sweep, range(4)) for kind in found]
    assert sorted(kinds) == sorted(KINDS)
    assert Run.objects.filter(requested_at=clock.now()).count() == len(KINDS)


def test_a_scheduler_that_looked_before_the_other_s_run_ended_starts_no_second_one(
    company: Connection, clock: SteppedClock
) -> None:
    clock.advance(600)
    schedules.make_missing(company)
    late = [one.row for one in standings(company)]
    started(company, clock)
    assert [schedules._start(row, clock) for row in late] == [None] * len(KINDS)


def test_a_smaller_edition_stretches_what_was_chosen_and_the_page_says_so(free: Connection) -> None:
    schedules.make_missing(free)
    every = schedules.poll_every(free)
    assert (every["item"], every["deal"]) == (timedelta(minutes=18), timedelta(minutes=5))
    page = said(browser("dee").get(f"{PAGE}{free.pk}/"))
    assert "would cost 1,440 calls a day and may use 400" in page and "Stretched: every 18 minutes" in page


def test_a_smaller_plan_counts_from_the_moment_it_is_chosen(company: Connection) -> None:
    assert Bucket.objects.get(side="books").day_limit == 5_000
    sent = {"ceiling": 80, "burst": 12, "books_plan": "Free", "crm_edition": "Enterprise", "crm_licences": 25}
    browser("cy").post(f"/admin/accounts/connection/{company.pk}/calls/keep/", sent)
    assert choose(company, item=15, customer=15).status_code == 409
    assert "Books' plan Free</dt><dd>1,000 a day" in said(browser("dee").get(f"{PAGE}{company.pk}/"))


def test_somebody_else_s_change_isn_t_taken_back_unseen(company: Connection) -> None:
    before = [one.row for one in standings(company)]
    stale = {row.kind: 5 for row in before} | {"seen": schedules.stamp(before), "item": 30}
    choose(company, deal=60)
    answer = browser("cy").post(f"{PAGE}{company.pk}/keep/", stale, follow=True)
    assert (answer.status_code, "Somebody else changed the schedules" in said(answer)) == (409, True)
    assert kept(company)["deal"] == 60 and kept(company)["item"] == 5


@pytest.mark.parametrize("wrong", [{"deal": 7}, {"deal": -5}, {"deal": "x"}])
def test_only_the_offered_intervals_are_taken(company: Connection, wrong: dict[str, Any]) -> None:
    assert choose(company, **wrong).status_code == 400
    assert not AuditEvent.objects.filter(verb="schedule").exists()


def test_who_looks_and_who_sets(company: Connection) -> None:
    at = f"{PAGE}{company.pk}/"
    assert [browser(name).get(at).status_code for name in ("ada", "ben", "cy", "dee")] == [403, 200, 200, 200]
    assert "Keep the schedules" in said(browser("cy").get(at))
    for name in ("ben", "dee"):
        assert "Keep the schedules" not in said(browser(name).get(PAGE, follow=True))
        assert choose(company, name, deal=60).status_code == 403
    assert not AuditEvent.objects.filter(verb="schedule").exists()


def test_the_page_tells_how_old_figures_really_got(company: Connection, clock: SteppedClock) -> None:
    Run.objects.all().delete()
    for minutes in (0, 5, 11, 41):
        at = clock.now() + timedelta(minutes=minutes)
        Run.objects.create(
            connection=company, kind="deal", state="complete", requested_at=at, started_at=at,
            ended_at=at + timedelta(minutes=1), sentence="Complete: 60 deals read.",
        )  # fmt: skip
    broken = clock.now() + timedelta(minutes=20)
    Run.objects.create(
        connection=company, kind="deal", state="failed", requested_at=broken, started_at=broken, ended_at=broken
    )
    clock.advance(3600)
    page = said(browser("ben").get(f"{PAGE}{company.pk}/"))
    assert "7 min typical, 31 min worst<br><small>over 3 readings" in page
    assert "Complete: 60 deals read." in page and "Target: at most 10 min" in page and "Late" in page


def test_as_many_queries_for_years_of_runs_as_for_none(company: Connection, clock: SteppedClock) -> None:
    schedules.make_missing(company)
    client = browser("cy")

    def asked() -> int:
        client.get(f"{PAGE}{company.pk}/")
        with CaptureQueriesContext(database) as queries:
            client.get(f"{PAGE}{company.pk}/")
        return len(queries)

    few = asked()
    Run.objects.bulk_create(
        Run(
            connection=company, kind=kind, state="complete", requested_at=clock.now(), started_at=clock.now(),
            ended_at=clock.now(),
        )
        for kind in KINDS
        for _ in range(100)
    )  # fmt: skip
    assert asked() == few < 32


def test_health_tells_when_each_kind_was_read_last_and_is_read_next(
    company: Connection, clock: SteppedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(company, deal=0, quote=60)
    started(company, clock)
    at = clock.now()
    clock.advance(60)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("health", "--json", stdout=out)
    rows = {
        row["kind"]: row for row in wire_json.loads((out.getvalue() or capsys.readouterr().out).encode())["schedules"]
    }
    assert list(rows) == list(KINDS)
    assert rows["quote"]["last"] == at.isoformat()
    assert rows["quote"]["next"] == (at + timedelta(hours=1)).isoformat()
    assert rows["deal"]["next"] is None
