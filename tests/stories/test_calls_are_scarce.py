"""Calls are scarce: a conversion begins only when its calls are there, gives back in time, and nobody sleeps."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

import pytest

from accounts import limiter
from accounts.models import Bucket, Connection
from invoicing.conversion import work
from invoicing.models import Conversion, Deal
from invoicing.services import Request, request_conversion
from invoicing.tasks import workbench
from syncjobs.models import Attempt
from syncjobs.reading import Reader
from syncjobs.schedules import poll_every
from syncjobs.services import start_run
from syncjobs.tasks import work_run
from syncjobs.working import work as read_one
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from zbridge.clock import SteppedClock
from zbridge.crash_points import crash_point
from zbridge.simulator.app import Simulator
from zbridge.site.bell import Bell
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority

pytestmark = pytest.mark.django_db(transaction=True)


def calls(simulator: Simulator) -> int:
    return len(simulator.log.since(0))


def only(tokens: float, clock: SteppedClock) -> None:
    Bucket.objects.filter(side="books").update(tokens=tokens, poured_at=clock.now().timestamp(), per_minute=60)


def asked(trade: Trade, count: int) -> list[Conversion]:
    trade.clock.advance(60)
    rows = [trade.ask(trade.deal(f"Sale {number}")) for number in range(count)]
    trade.clock.advance(60)
    return rows


def test_a_conversion_begins_only_when_its_calls_are_there_and_says_when_it_comes_again(
    trade: Trade, clock: SteppedClock
) -> None:
    [row] = asked(trade, 1)
    only(1.0, clock)
    before, began = calls(trade.simulator), clock.now()
    work(row.pk, workbench())
    row.refresh_from_db()
    assert (row.state, row.attempts, calls(trade.simulator) - before) == ("requested", 0, 0)
    assert clock.now() == began and row.next_at == began + timedelta(seconds=2)
    assert row.hold.startswith("The calls set aside for this kind of work")
    clock.advance(2)
    work(row.pk, workbench())
    row.refresh_from_db()
    assert row.state == "done" and Bucket.objects.get(side="books").reserved == 0


def test_those_that_wait_for_the_same_calls_line_up(trade: Trade, clock: SteppedClock) -> None:
    rows = asked(trade, 3)
    only(0.0, clock)
    for row in rows:
        work(row.pk, workbench())
        row.refresh_from_db()
    assert [(row.next_at - clock.now()).total_seconds() for row in rows if row.next_at] == [3, 6, 9]


def test_the_bell_rings_once_for_what_came_due_and_not_for_the_rest(
    trade: Trade, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("zbridge.site.bell.ring", lambda task, number, queue: rung.append(number))
    rows, bell = asked(trade, 2), Bell()
    only(0.0, clock)
    for row in rows:
        work(row.pk, workbench())
    for _ in range(5):
        bell.ring()
        clock.advance(1)
    assert rung == [rows[0].pk]
    clock.advance(4)
    bell.ring()
    assert rung == [rows[0].pk, rows[1].pk]


def test_twenty_sales_asked_at_once_are_done_at_the_pace_of_the_limiter_without_a_worker_that_sleeps(
    trade: Trade, clock: SteppedClock
) -> None:
    rows = asked(trade, 20)
    only(0.0, clock)
    began = clock.now()
    while Conversion.objects.exclude(state="done").exists() and clock.now() - began < timedelta(minutes=5):
        for row in Conversion.objects.exclude(state="done").order_by("next_at", "pk"):
            at = clock.now()
            work(row.pk, workbench())
            assert clock.now() == at
        clock.advance(1)
    took = (clock.now() - began).total_seconds()
    assert {row.state for row in Conversion.objects.all()} == {"done"} and len(rows) == 20
    assert took <= 70


def test_a_refusal_for_too_many_calls_is_no_attempt_that_counts(
    company: Connection, zoho: Simulator, deal: Callable[[str], Deal], clock: SteppedClock
) -> None:
    """More of them than unclear answers may be: nobody is asked, the draft is made once."""
    zoho.faults.add({"method": "POST", "path": "^/books/v3/invoices$", "times": 7, "status": 429, "code": 44})
    row = request_conversion(Request(company, deal("Warehouse"), None, via="test"), clock, doorbell=False)
    for _ in range(30):
        work(row.pk, workbench())
        row.refresh_from_db()
        if row.state in ("done", "review"):
            break
        clock.advance(max(1.0, (row.next_at - clock.now()).total_seconds()) if row.next_at else 1.0)
    outcomes = Attempt.objects.filter(key=row.key, purpose="invoice").values_list("outcome", flat=True)
    assert row.state == "done" and Counter(outcomes) == {"FAIL": 7, "OK": 1}


def lay_customers(trade: Trade, count: int) -> None:
    for number in range(count):
        trade.simulator.user_create("books", "contacts", {"contact_name": f"Firm {number}"})


def limit_the_day(trade: Trade, used: int, *, told: bool) -> None:
    """A thousand calls a day in Books, so many of them used by other apps; with or without headers that say so."""
    zoho, id = trade.simulator, str(trade.simulator.store.setting("books_organization_id"))
    org = zoho.store.get("sim", "books_orgs", id) or {}
    changed = org | {"limits": "on", "day_limit": 1000}
    zoho.store.save("sim", "books_orgs", id, changed, created="", modified="", written=0.0, keys={})
    zoho.switches.change({"books_rate_headers": told})
    zoho.quotas.set_used(id, used, trade.clock.now())


@pytest.mark.parametrize(("told", "used"), [(True, 598), (False, 998)])
def test_a_day_spent_in_the_middle_of_an_import_holds_it_and_it_ends_complete_the_next_day(
    trade: Trade, clock: SteppedClock, told: bool, used: int
) -> None:
    """F8: with headers our own reserve stops it while clicks still have calls, without them Zoho's refusal does."""
    lay_customers(trade, 700)
    limit_the_day(trade, used, told=told)
    reader = Reader(lambda row: trade.seams.clients(row, Priority.BULK), clock, crash_point)
    run = start_run(trade.connection, "customer", clock, trigger="test", doorbell=False, full=True)
    began, seen = clock.now(), set[str]()
    while run.state != "complete" and clock.now() - began < timedelta(days=2):
        read_one(run.pk, reader)
        run.refresh_from_db()
        seen.add(run.hold)
        clock.advance(max(1.0, (run.hold_until - clock.now()).total_seconds()) if run.hold_until else 1.0)
    assert any(hold.startswith("Zoho Books allows no more calls today.") for hold in seen)
    assert clock.now().date() == began.date() + timedelta(days=1)
    assert (run.state, run.done) == ("complete", 701)
    refused = [one for one in trade.simulator.log.since(0) if one["status"] == 429]
    assert len(refused) <= (0 if told else 24)


def test_after_a_blocked_minute_the_click_goes_first(trade: Trade, clock: SteppedClock) -> None:
    """F7: whoever comes first when the block ends, bulk work leaves the calls that a click needs."""
    [row] = asked(trade, 1)
    trade.fault("^/books/v3/settings/taxes$", "GET", status=429, code=44)
    bulk = trade.seams.clients(trade.connection, Priority.BULK)
    with pytest.raises(RateLimited):
        bulk.books.taxes()
    work(row.pk, workbench())
    row.refresh_from_db()
    assert row.state == "requested" and row.next_at == clock.now() + timedelta(seconds=60)
    for _ in range(100):
        clock.advance(1)
        with suppress(RateLimited):
            bulk.books.taxes()
        if row.next_at and row.next_at <= clock.now():
            work(row.pk, workbench())
            row.refresh_from_db()
    assert row.state == "done" and row.ended_at is not None
    assert (row.ended_at - row.requested_at).total_seconds() < 60 + 60 + 15


def test_an_hour_of_clicks_and_bulk_work_with_refusals_at_random(trade: Trade, clock: SteppedClock) -> None:
    """Bulk work takes whatever is left at every moment; clicks wait for what Zoho forbids and for nothing else."""
    dice = Random(7)  # noqa: S311
    deals = [trade.deal(f"Sale {number}") for number in range(12)]
    bulk, began, step = trade.seams.clients(trade.connection, Priority.BULK), clock.now(), 10.0
    Bucket.objects.filter(side="books").update(per_minute=20, ceiling=30)
    times = sorted(dice.uniform(0, 3500) for _ in deals)
    refusals = sorted(dice.uniform(0, 3300) for _ in range(9))
    forbidden, bulk_calls = list[datetime](), 0
    while times or Conversion.objects.exclude(state="done").exists():
        assert clock.now() - began < timedelta(hours=2)
        passed = (clock.now() - began).total_seconds()
        while times and times[0] <= passed:
            times.pop(0)
            trade.ask(deals.pop())
        if refusals and refusals[0] <= passed:
            refusals.pop(0)
            trade.fault("^/books/v3/", dice.choice(["GET", "POST"]), status=429, code=dice.choice([44, 1070, 43]))
        for pk in Conversion.objects.exclude(state="done").order_by("next_at", "pk").values_list("pk", flat=True):
            work(pk, workbench())
        with suppress(RateLimited):
            while True:
                bulk.books.taxes()
                bulk_calls += 1
        if Bucket.objects.filter(side="books", blocked_until__gt=clock.now()).exists():
            forbidden.append(clock.now())
        clock.advance(step)
    rows = list(Conversion.objects.all())
    assert {row.state for row in rows} == {"done"} and len(rows) == 12
    assert not Attempt.objects.filter(outcome="UNKNOWN").exists()
    for row in rows:
        ended = row.ended_at or clock.now()
        blocked = step * sum(row.requested_at <= at <= ended for at in forbidden)
        assert (ended - row.requested_at).total_seconds() <= blocked + 15 + step
    assert bulk_calls > 400 and len(forbidden) > 10


@pytest.mark.parametrize(("plan", "minutes"), [("Free", 18), ("Standard", 9), ("Professional", 5)])
def test_books_is_asked_for_changes_as_often_as_its_plan_allows(
    connection: Connection, plan: str, minutes: float
) -> None:
    """Five lists of Books within two fifths of the day's calls, whatever the plan (S55)."""
    Bucket.objects.all().delete()
    connection.books_plan = plan
    every = poll_every(connection)
    assert every["customer"] == every["invoice"] == timedelta(minutes=minutes)
    assert every["deal"] == timedelta(minutes=5)


def test_changes_are_read_on_when_imports_may_use_no_more_of_the_day(trade: Trade, clock: SteppedClock) -> None:
    """Three fifths of the day are used: bulk work waits for tomorrow, the figures stay as young as the plan allows."""
    read(trade.connection, trade.seams, "customer")
    run = start_run(trade.connection, "customer", clock, trigger="schedule", doorbell=False)
    Bucket.objects.filter(side="books").update(
        day_limit=1000, day_told_at=clock.now(), day_used=700, day_resets_at=clock.now() + timedelta(hours=9)
    )
    work_run(run.pk)
    run.refresh_from_db()
    assert run.state == "complete"
    listing = start_run(trade.connection, "customer", clock, trigger="person", full=True, doorbell=False)
    work_run(listing.pk)
    listing.refresh_from_db()
    assert listing.state == "paused" and listing.hold.startswith("Zoho Books allows no more calls today.")


def test_what_dead_workers_had_set_aside_is_not_renewed_for_ever_by_those_it_stops(trade: Trade) -> None:
    connection, clock = trade.connection, trade.clock
    clock.advance(120)
    most = int(limiter.bucket(connection, "books", clock.now()).capacity)
    limiter.set_aside(connection, "books", most - 1, Priority.CLICK, clock.now())
    for _ in range(25):
        with suppress(RateLimited):
            limiter.set_aside(connection, "books", 1, Priority.CLICK, clock.now())
            limiter.take(connection, "books", Priority.CLICK, clock.now())
            return
        limiter.give_back(connection, "books", 1)
        clock.advance(1)
    pytest.fail("the dead kept it")
