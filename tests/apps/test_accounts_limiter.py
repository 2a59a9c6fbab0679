"""The shared limiter: never above the ceiling, clicks keep their reserve, Zoho's refusals are learned."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection as database

from accounts import limiter
from accounts.models import Bucket, Connection
from tests.apps.fakes import connected
from zbridge.clock import SteppedClock
from zbridge.zoho.errors import RateLimited, Unavailable
from zbridge.zoho.gate import Priority


def passes(take: Callable[[], None]) -> bool:
    try:
        take()
    except RateLimited:
        return False
    return True


def taken(connection: Connection, priority: Priority, now: datetime, times: int) -> int:
    return sum(passes(lambda: limiter.take(connection, "books", priority, now)) for _ in range(times))


@pytest.mark.django_db
def test_no_sliding_minute_has_more_calls_than_burst_and_pace_allow(clock: SteppedClock) -> None:
    connection, at = connected(clock), Counter[int]()
    for second in range(180):
        at[second] = taken(connection, Priority.CLICK, clock.now(), 5)
        clock.advance(1)
    most = max(sum(at[second] for second in range(start, start + 60)) for start in range(120))
    assert most <= 70 and sum(at.values()) >= 180


@pytest.mark.django_db(transaction=True)
def test_eight_workers_together_get_no_more_than_one(clock: SteppedClock) -> None:
    connection = connected(clock)
    limiter.bucket(connection, "books", clock.now())
    instants = [clock.now() + timedelta(seconds=second) for second in range(5)]

    def work(_: int) -> int:
        try:
            return sum(taken(connection, Priority.CLICK, now, 4) for now in instants)
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        found = sum(pool.map(work, range(8)))
    assert 10 <= found <= 14


@pytest.mark.django_db
def test_bulk_work_leaves_calls_for_a_click(clock: SteppedClock) -> None:
    connection = connected(clock)
    assert taken(connection, Priority.BULK, clock.now(), 20) == 6
    assert taken(connection, Priority.POLL, clock.now(), 20) == 1
    assert taken(connection, Priority.PUSH, clock.now(), 20) == 1
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 2


@pytest.mark.django_db
def test_bulk_work_stops_before_the_day_is_spent_and_clicks_go_on(clock: SteppedClock) -> None:
    connection = connected(clock)
    limiter.bucket(connection, "books", clock.now())
    limiter.learn_day(connection, "books", 1000, 300, 7200, clock.now())
    with pytest.raises(RateLimited) as stopped:
        limiter.take(connection, "books", Priority.BULK, clock.now())
    assert (stopped.value.cause, stopped.value.retry_after) == ("day", 7200)
    assert taken(connection, Priority.CLICK, clock.now(), 1) == 1


@pytest.mark.django_db
def test_a_block_of_a_minute_stops_everybody_and_halves_the_pace(clock: SteppedClock) -> None:
    connection = connected(clock)
    limiter.bucket(connection, "books", clock.now())
    limiter.block(connection, "books", "minute", 60, clock.now())
    assert taken(connection, Priority.CLICK, clock.now(), 1) == 0
    clock.advance(61)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 10
    assert 0.5 < Bucket.objects.get().factor < 0.6


@pytest.mark.django_db
def test_an_open_circuit_says_that_zoho_is_down_not_that_we_call_too_often(clock: SteppedClock) -> None:
    connection = connected(clock)
    limiter.bucket(connection, "books", clock.now())
    limiter.block(connection, "books", "unavailable", 60, clock.now())
    with pytest.raises(Unavailable):
        limiter.take(connection, "books", Priority.CLICK, clock.now())


@pytest.mark.django_db
def test_six_calls_are_in_flight_at_most_and_a_dead_worker_s_slot_frees_itself(clock: SteppedClock) -> None:
    connection = connected(clock)
    slots = [limiter.lease_slot(connection, "books", f"worker {n}", clock.now()) for n in range(6)]
    assert not passes(lambda: void(connection, clock))
    limiter.free_slot(slots[0], clock.now())
    assert passes(lambda: void(connection, clock)) and not passes(lambda: void(connection, clock))
    clock.advance(61)
    assert passes(lambda: void(connection, clock))


def void(connection: Connection, clock: SteppedClock) -> None:
    limiter.lease_slot(connection, "books", "another", clock.now())


@pytest.mark.django_db
def test_crm_and_books_have_a_bucket_each(clock: SteppedClock) -> None:
    connection = connected(clock)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 10
    limiter.take(connection, "crm", Priority.CLICK, clock.now())
