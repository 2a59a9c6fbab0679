"""Calls are scarce: a conversion begins only when its calls are there, gives back in time, and nobody sleeps."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Bucket, Connection
from invoicing.conversion import work
from invoicing.models import Conversion, Deal
from invoicing.services import Request, request_conversion
from invoicing.tasks import workbench
from syncjobs.models import Attempt
from tests.stories.small_trade import Trade
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.site.bell import Bell

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
