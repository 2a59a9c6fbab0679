"""Calls and quota: what was used and by whom, what is left and for whom; RevOps sets the pace, the auditor reads."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts import counting, day_figures, editions_told, limiter, quota_page, retention
from accounts.clients import Seams, use_seams
from accounts.editions import books_allowance, crm_allowance
from accounts.editions_told import Editions
from accounts.models import AuditEvent, Bucket, Connection, Exchange, Notice, Usage, User
from tests.apps.fakes import connected
from tests.people import browser
from zbridge.clock import SteppedClock
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority

pytestmark = pytest.mark.django_db
PLACE = "/admin/accounts/connection/"


@pytest.fixture
def row(clock: SteppedClock) -> Connection:
    return connected(clock, books_plan="Standard", crm_edition="Professional", crm_licences=10)


def use(connection: Connection, side: str, name: str, times: int, clock: SteppedClock) -> None:
    for _ in range(times):
        counting.count(connection, side, name, 1, clock.now())


def shown(connection: Connection, clock: SteppedClock, side: str = "books") -> dict[str, Any]:
    found = quota_page.page(connection, User.objects.get_or_create(username="x")[0], clock, others=[])
    return next(one for one in found["sides"] if one["side"] == side)


def text(name: str, address: str, clock: SteppedClock) -> str:
    with use_seams(Seams(clock=clock)):
        return str(browser(name).get(address).content.decode())


@pytest.mark.parametrize(
    ("plan", "day"),
    [("Free", 1000), ("STANDARD", 2000), ("Professional", 5000), ("Elite", 10_000), ("Trial", 0), ("", 0)],
)
def test_a_books_plan_says_how_many_calls_a_day_has(plan: str, day: int) -> None:
    assert books_allowance(plan).day == day


@pytest.mark.parametrize(
    ("edition", "users", "credits"),
    [
        ("Free", 3, 5_000), ("Standard", 12, 53_000), ("standard", 900, 100_000), ("Professional", 10, 55_000),
        ("Enterprise", 10, 60_000), ("Ultimate", 10, 70_000), ("Zoho One", 10, 60_000), ("", 10, 0),
    ],
)  # fmt: skip
def test_a_crm_edition_and_its_users_say_how_many_credits(edition: str, users: int, credits: int) -> None:
    assert crm_allowance(edition, users).day == credits


def test_what_we_used_by_class_what_others_used_and_what_is_left(row: Connection, clock: SteppedClock) -> None:
    limiter.bucket(row, "books", clock.now())
    use(row, "books", "click", 3, clock)
    use(row, "books", "bulk", 7, clock)
    day_figures.learn_books(row, 2000, 1500, 7200, clock)
    day = shown(row, clock)["day"]
    assert (day["limit"], day["ours"], day["others"], day["left"]) == (2000, 10, 490, 1500)
    assert [(one["used"], one["left"]) for one in day["rows"]] == [(3, 1500), (0, 1340), (0, 1200), (7, 700)]


def test_a_day_that_ended_begins_anew_on_the_page_too(row: Connection, clock: SteppedClock) -> None:
    limiter.bucket(row, "books", clock.now())
    use(row, "books", "click", 3, clock)
    day_figures.learn_books(row, 2000, 0, 3600, clock)
    assert shown(row, clock)["day"]["spent_until"] is not None
    clock.advance(3601)
    day = shown(row, clock)["day"]
    assert (day["total"], day["left"], day["spent_until"]) == (0, 2000, None)


def test_the_page_says_why_nobody_calls_and_until_when(row: Connection, clock: SteppedClock) -> None:
    limiter.bucket(row, "books", clock.now())
    limiter.block(row, "books", "minute", 60, clock.now())
    page = text("cy", f"{PLACE}{row.pk}/calls/", clock)
    assert "Zoho Books said: too many in a minute." in page and "work waits and nothing is lost" in page


def test_the_last_day_is_a_chart_of_24_hours_and_refusals_stand_by_kind(row: Connection, clock: SteppedClock) -> None:
    for _ in range(30):
        use(row, "books", "bulk", 2, clock)
        clock.advance(3600)
    use(row, "books", "minute", 4, clock)
    side = shown(row, clock)
    assert (len(side["chart"]["bars"]), side["chart"]["total"]) == (24, 46)
    assert side["refusals"] == [("Too many in a minute", 4)]


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ben", 403), ("cy", 200), ("dee", 200)])
def test_who_sees_calls_and_quota(row: Connection, name: str, status: int) -> None:
    assert browser(name).get(f"{PLACE}{row.pk}/calls/").status_code == status
    assert browser(name).get(f"{PLACE}calls/", follow=True).status_code == status


def test_the_auditor_gets_no_button_and_can_t_set_anything(row: Connection, clock: SteppedClock) -> None:
    assert "Keep pace and editions" not in text("dee", f"{PLACE}{row.pk}/calls/", clock)
    assert browser("dee").post(f"{PLACE}{row.pk}/calls/keep/", {"ceiling": 99}).status_code == 403
    assert browser("cy").get(f"{PLACE}{row.pk}/calls/keep/").status_code == 405


def test_three_queries_beside_the_frame_s_however_much_was_called(row: Connection, clock: SteppedClock) -> None:
    for side in ("books", "crm"):
        limiter.take(row, side, Priority.CLICK, clock.now())
        limiter.lease_slot(row, side, "x", clock.now())
        for _ in range(24):
            use(row, side, "bulk", 1, clock)
            clock.advance(3600)
    cy = User.objects.create(username="x")
    with CaptureQueriesContext(database) as asked:
        quota_page.page(row, cy, clock, others=[])
    assert len(asked) <= 4


def sent(**changed: Any) -> dict[str, Any]:
    found = {"ceiling": 80, "burst": 12, "books_plan": "Premium", "crm_edition": "Enterprise", "crm_licences": 25}
    return found | changed


def test_pace_and_editions_are_kept_audited_and_followed_at_once(row: Connection, clock: SteppedClock) -> None:
    limiter.bucket(row, "crm", clock.now())
    browser("cy").post(f"{PLACE}{row.pk}/calls/keep/", sent(ceiling=50))
    row.refresh_from_db()
    books, crm = (limiter.bucket(row, side, clock.now()) for side in ("books", "crm"))
    assert (books.ceiling, books.capacity, books.per_minute) == (50, 12, 38)
    assert (books.day_limit, crm.day_limit) == (10_000, 75_000)
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"quota", "editions"}


@pytest.mark.parametrize("changed", [{"ceiling": 100}, {"ceiling": 5}, {"burst": 30}, {"books_plan": "Gold"}])
def test_a_pace_beyond_what_zoho_allows_is_refused(row: Connection, changed: dict[str, Any]) -> None:
    assert browser("cy").post(f"{PLACE}{row.pk}/calls/keep/", sent(**changed)).status_code == 400
    assert not Bucket.objects.filter(ceiling__in=[100, 5]).exists() and not AuditEvent.objects.exists()


def test_another_edition_told_by_zoho_changes_the_limits_and_is_told_to_people_once(
    row: Connection, clock: SteppedClock
) -> None:
    limiter.bucket(row, "books", clock.now())
    assert editions_told.note_told(row, Editions("Free", "Professional", 10), clock)
    assert not editions_told.note_told(row, Editions("Free", "", 0), clock)
    assert limiter.bucket(row, "books", clock.now()).day_limit == 1_000
    assert "run the self-test" in Notice.objects.get().text


def test_the_first_reading_of_editions_is_no_change(clock: SteppedClock) -> None:
    fresh = connected(clock)
    assert not editions_told.note_told(fresh, Editions("Free", "Standard", 3), clock)
    assert not Notice.objects.exists()


def test_counters_are_one_row_an_hour_and_class(row: Connection, clock: SteppedClock) -> None:
    use(row, "books", "bulk", 50, clock)
    assert Usage.objects.get().calls == 50


def test_the_log_of_calls_is_kept_for_ninety_days_and_goes_a_few_at_a_time(
    row: Connection, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 3)
    for days in (100, 95, 92, 91, 89, 0):
        Exchange.objects.create(
            connection=row, side="crm", method="GET", template=f"{days}", priority="bulk", outcome="OK",
            started_at=clock.now() - timedelta(days=days),
        )  # fmt: skip
    assert (retention.purge(clock), retention.purge(clock), retention.purge(clock)) == (3, 1, 0)
    assert list(Exchange.objects.order_by("pk").values_list("template", flat=True)) == ["89", "0"]


def test_the_page_shows_each_class_with_what_it_used_and_may_still_use(row: Connection, clock: SteppedClock) -> None:
    limiter.bucket(row, "books", clock.now())
    use(row, "books", "bulk", 7, clock)
    page = text("dee", f"{PLACE}{row.pk}/calls/", clock)
    assert "<td>Reading in bulk</td><td>7</td><td>1,193</td>" in page


def test_bulk_work_is_said_to_wait_only_while_there_is_no_call_for_it(row: Connection, clock: SteppedClock) -> None:
    limiter.bucket(row, "books", clock.now())
    day_figures.learn_books(row, 2000, 500, 7200, clock)
    with pytest.raises(RateLimited):
        limiter.take(row, "books", Priority.BULK, clock.now())
    clock.advance(300)
    assert shown(row, clock)["minute"]["bulk_waits_since"] is not None
    day_figures.learn_books(row, 2000, 1900, 7200, clock)
    assert shown(row, clock)["minute"]["bulk_waits_since"] is None
