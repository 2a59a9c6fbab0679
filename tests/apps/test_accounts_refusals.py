"""Zoho says: too many calls. Seconds, a minute, until tomorrow: each kind stops what it must and no more."""

from typing import Any

import pytest

from accounts import limiter
from accounts.clients import Clients, Seams
from accounts.models import Bucket, Connection, Notice, Usage
from tests.apps.fakes import Scripted, connected
from zbridge.clock import SteppedClock
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority
from zbridge.zoho.wire import Wire

pytestmark = pytest.mark.django_db


class Books(Scripted):
    """Answers every call with the same; the next answer can be changed."""

    def __init__(self) -> None:
        super().__init__(lambda method, url, form: (self.status, self.found))
        self.well()

    def well(self) -> None:
        self.status, self.found = 200, dict[str, Any](code=0, taxes=[])

    def refuses(self, code: int | str) -> None:
        self.status, self.found = 429, dict[str, Any](code=code, message="stop")


@pytest.fixture
def connection(clock: SteppedClock) -> Connection:
    return connected(clock, books_plan="Professional", crm_edition="Enterprise", crm_licences=10)


@pytest.fixture
def zoho() -> Books:
    return Books()


def clients(connection: Connection, zoho: Books, clock: SteppedClock, priority: Priority = Priority.CLICK) -> Clients:
    return Seams(clock=clock, wire=Wire(lambda: zoho)).clients(connection, priority)


def refused(found: Clients) -> RateLimited:
    with pytest.raises(RateLimited) as stopped:
        found.books.taxes()
    return stopped.value


def books_bucket() -> Bucket:
    return Bucket.objects.get(side="books")


def test_too_many_at_once_means_seconds_and_one_call_fewer_in_flight(
    connection: Connection, zoho: Books, clock: SteppedClock
) -> None:
    zoho.refuses(1070)
    wait = refused(clients(connection, zoho, clock)).retry_after or 0
    row = books_bucket()
    assert 2 <= wait <= 5 and (row.at_once, row.factor, row.per_minute) == (5, 1.0, 60)
    zoho.well()
    clock.advance(5)
    assert clients(connection, zoho, clock).books.taxes() == []
    clock.advance(601)
    limiter.bucket(connection, "books", clock.now())
    assert books_bucket().at_once == 6


def test_a_blocked_minute_stops_everybody_halves_the_pace_and_recovers_by_a_twentieth(
    connection: Connection, zoho: Books, clock: SteppedClock
) -> None:
    zoho.refuses(44)
    assert refused(clients(connection, zoho, clock)).retry_after == 60
    zoho.well()
    assert refused(clients(connection, zoho, clock)).cause == "minute" and len(zoho.asked) == 1
    clock.advance(61)
    assert clients(connection, zoho, clock).books.taxes() == []
    assert 0.5 < books_bucket().factor < 0.6 and books_bucket().per_minute == 55
    clock.advance(600)
    clients(connection, zoho, clock).books.taxes()
    assert books_bucket().factor == 1.0


def test_retry_after_is_taken_at_its_word(connection: Connection, clock: SteppedClock) -> None:
    zoho = Books()
    zoho.refuses(44)
    zoho.headers = {"Retry-After": "17"}
    assert refused(clients(connection, zoho, clock)).retry_after == 17


@pytest.mark.parametrize("code", [43, 44, 9999])
def test_refused_again_soon_after_means_twice_as_long(
    connection: Connection, zoho: Books, clock: SteppedClock, code: int
) -> None:
    zoho.refuses(code)
    waits = []
    found = clients(connection, zoho, clock)
    for _ in range(6):
        waits.append(refused(found).retry_after)
        clock.advance(waits[-1] or 0)
    assert waits == [60, 120, 240, 480, 960, 1800]
    assert books_bucket().factor >= 0.25


def test_a_spent_day_holds_all_but_clicks_and_people_are_told_once(
    connection: Connection, zoho: Books, clock: SteppedClock
) -> None:
    zoho.refuses(45)
    ends = refused(clients(connection, zoho, clock, Priority.BULK)).retry_after or 0
    assert ends == 3600, "no reset was told: asked once an hour"
    refused(clients(connection, zoho, clock))
    assert len(zoho.asked) == 2
    for priority in (Priority.PUSH, Priority.POLL, Priority.BULK):
        assert refused(clients(connection, zoho, clock, priority)).cause == "day"
    assert len(zoho.asked) == 2
    assert Notice.objects.get().title == "Zoho Books allows no more calls today"
    clock.advance(ends + 1)
    limiter.take(connection, "books", Priority.BULK, clock.now())


def test_a_spent_day_waits_for_the_reset_that_zoho_tells(
    connection: Connection, zoho: Books, clock: SteppedClock
) -> None:
    zoho.refuses(45)
    zoho.headers = {"X-Rate-Limit-Limit": "5000", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "7200"}
    assert refused(clients(connection, zoho, clock)).retry_after == 7200
    clock.advance(1800)
    assert refused(clients(connection, zoho, clock, Priority.PUSH)).retry_after == 5400


def test_a_refusal_is_counted_by_its_kind_beside_the_calls(
    connection: Connection, zoho: Books, clock: SteppedClock
) -> None:
    for code in (44, 1070, 45, 43):
        zoho.refuses(code)
        refused(clients(connection, zoho, clock))
        clock.advance(700)
    counted = dict(Usage.objects.values_list("what", "calls"))
    assert counted == {"click": 4, "minute": 1, "concurrency": 1, "day": 1, "blocked": 1}


def test_crm_s_refusals_are_short_waits_until_they_look_like_a_spent_day(
    connection: Connection, zoho: Books, clock: SteppedClock
) -> None:
    zoho.refuses("TOO_MANY_REQUESTS")
    found, waits = clients(connection, zoho, clock), []
    for _ in range(5):
        with pytest.raises(RateLimited) as stopped:
            found.crm.org()
        waits.append(stopped.value.retry_after or 0)
        clock.advance(waits[-1])
    assert waits[0] <= 5 < 600 < waits[-1] and stopped.value.cause == "day"
    assert Notice.objects.get().title == "Zoho CRM allows no more calls today"


def test_crm_tells_what_is_left_once_half_is_used(connection: Connection, clock: SteppedClock) -> None:
    zoho = Scripted(lambda method, url, form: (200, {"org": [{"id": "2"}]}))
    zoho.headers = {"X-API-CREDITS-REMAINING": "20000"}
    Seams(clock=clock, wire=Wire(lambda: zoho)).clients(connection).crm.org()
    row = Bucket.objects.get(side="crm")
    assert (row.day_limit, row.day_used, row.day_others) == (60_000, 40_000, 39_999)
    with pytest.raises(RateLimited):
        limiter.take(connection, "crm", Priority.BULK, clock.now())
    limiter.take(connection, "crm", Priority.POLL, clock.now())
