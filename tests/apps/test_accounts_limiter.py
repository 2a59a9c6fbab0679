"""The shared limiter: never above the ceiling, clicks keep their reserve, Zoho's refusals are learned."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection as database

from accounts import counting, day_figures, limiter
from accounts.models import Bucket, Connection
from tests.apps.fakes import connected
from zbridge.clock import SteppedClock
from zbridge.zoho.errors import RateLimited
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
    assert most <= 73 and sum(at.values()) >= 180


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
    day_figures.learn_books(connection, 1000, 300, 7200, clock)
    with pytest.raises(RateLimited) as stopped:
        limiter.take(connection, "books", Priority.BULK, clock.now())
    assert (stopped.value.cause, stopped.value.retry_after) == ("day", 7200)
    assert taken(connection, Priority.CLICK, clock.now(), 1) == 1


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


def bulk(connection: Connection, clock: SteppedClock) -> bool:
    return passes(lambda: limiter.take(connection, "books", Priority.BULK, clock.now()))


@pytest.mark.django_db
def test_busy_quiet_minutes_raise_the_pace_up_to_the_ceiling_and_it_is_remembered(clock: SteppedClock) -> None:
    connection = connected(clock)
    for _ in range(40):
        for _ in range(20):
            taken(connection, Priority.CLICK, clock.now(), 4)
            clock.advance(3.1)
    row = Bucket.objects.get()
    assert (row.per_minute, row.per_minute + row.capacity) == (80, row.ceiling)


@pytest.mark.django_db
def test_idle_minutes_teach_nothing(clock: SteppedClock) -> None:
    connection = connected(clock)
    for _ in range(10):
        taken(connection, Priority.CLICK, clock.now(), 1)
        clock.advance(61)
    assert Bucket.objects.get().per_minute == 60


@pytest.mark.django_db
def test_before_the_first_answer_the_edition_says_what_a_day_allows(clock: SteppedClock) -> None:
    connection = connected(clock, books_plan="Standard", crm_edition="Professional", crm_licences=12)
    books, crm = (limiter.bucket(connection, side, clock.now()) for side in ("books", "crm"))
    assert (books.day_limit, books.at_once, crm.day_limit, crm.at_once) == (2_000, 6, 56_000, 8)
    free = connected(clock, books_plan="Free", crm_edition="free", books_org_id="9")
    books, crm = (limiter.bucket(free, side, clock.now()) for side in ("books", "crm"))
    assert (books.day_limit, books.at_once, crm.day_limit, crm.at_once) == (1_000, 3, 5_000, 3)


@pytest.mark.django_db
def test_books_day_ends_at_the_organisation_s_midnight_until_zoho_tells(clock: SteppedClock) -> None:
    connection = connected(clock, books_plan="Free", time_zone="Asia/Kolkata")
    limiter.take(connection, "books", Priority.BULK, clock.now())
    row = Bucket.objects.get()
    assert row.day_used == 1 and f"{row.day_resets_at:%H:%M}" == "18:30"
    clock.advance(12 * 3600)
    limiter.take(connection, "books", Priority.BULK, clock.now())
    assert Bucket.objects.get().day_used == 1


@pytest.mark.django_db
def test_crm_s_day_is_the_last_24_hours_of_credits(clock: SteppedClock) -> None:
    connection = connected(clock, crm_edition="Free")
    for _ in range(3):
        limiter.take(connection, "crm", Priority.CLICK, clock.now(), credits=3)
        counting.count(connection, "crm", "click", 3, clock.now())
        clock.advance(8 * 3600)
    assert limiter.bucket(connection, "crm", clock.now()).day_used == 9
    clock.advance(4 * 3600)
    assert limiter.bucket(connection, "crm", clock.now()).day_used == 6


@pytest.mark.django_db
def test_bulk_work_that_found_no_call_for_half_an_hour_goes_first_once(clock: SteppedClock) -> None:
    connection = connected(clock)
    limiter.bucket(connection, "books", clock.now())
    day_figures.learn_books(connection, 1000, 300, 7200, clock)
    assert not bulk(connection, clock)
    clock.advance(1799)
    assert not bulk(connection, clock)
    clock.advance(1)
    assert bulk(connection, clock) and not bulk(connection, clock)


@pytest.mark.django_db
def test_a_clock_that_goes_back_an_hour_neither_pours_nor_stops_calls(clock: SteppedClock) -> None:
    connection = connected(clock)
    slot = limiter.lease_slot(connection, "books", "then", clock.now())
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 10
    limiter.block(connection, "books", "minute", 60, clock.now())
    clock.advance(-3600)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 0
    clock.advance(61)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 10
    assert limiter.lease_slot(connection, "books", "now", clock.now()).number == slot.number


@pytest.mark.django_db
def test_a_clock_that_goes_on_an_hour_fills_the_bucket_once(clock: SteppedClock) -> None:
    connection = connected(clock)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 10
    clock.advance(3600)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 10
    clock.advance(-3600)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 0


@pytest.mark.django_db
def test_calls_set_aside_are_taken_by_nobody_else_and_come_back_when_their_worker_died(clock: SteppedClock) -> None:
    connection = connected(clock)
    limiter.set_aside(connection, "books", 4, Priority.CLICK, clock.now())
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 6
    with pytest.raises(RateLimited) as none_left:
        limiter.set_aside(connection, "books", 4, Priority.CLICK, clock.now())
    assert none_left.value.retry_after == pytest.approx(4)
    limiter.take(connection, "books", Priority.CLICK, clock.now(), aside=True)
    limiter.give_back(connection, "books", 1)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 1
    clock.advance(61)
    assert taken(connection, Priority.CLICK, clock.now(), 20) == 10


@pytest.mark.django_db
def test_the_last_call_in_flight_is_kept_for_a_click(clock: SteppedClock) -> None:
    connection = connected(clock)

    def fly(priority: Priority) -> None:
        limiter.lease_slot(connection, "books", "x", clock.now(), priority=priority)

    assert [passes(lambda: fly(Priority.BULK)) for _ in range(6)] == [True] * 5 + [False]
    assert passes(lambda: fly(Priority.CLICK)) and not passes(lambda: fly(Priority.CLICK))
