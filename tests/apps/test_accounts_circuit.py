"""A side that doesn't answer is left alone by all processes, probed one at a time, and used again at its first word."""

from contextlib import suppress

import pytest

from accounts import circuit, pages
from accounts.clients import Clients, Seams
from accounts.models import Circuit, Connection
from tests.apps.fakes import Reply, Scripted, connected, token_answer
from zbridge.clock import SteppedClock
from zbridge.zoho.errors import Unavailable, ZohoError
from zbridge.zoho.wire import Wire

pytestmark = pytest.mark.django_db


class Zoho:
    """Answers, or doesn't."""

    def __init__(self) -> None:
        self.status = 503
        self.adapter = Scripted(self._answer)

    def _answer(self, method: str, url: str, form: object) -> Reply:
        if "/oauth/" in url:
            return 200, token_answer()
        return self.status, {"org": [{}]} if "/crm/" in url else {"code": 0, "taxes": []}

    def clients(self, connection: Connection, clock: SteppedClock) -> Clients:
        """As a process of its own would make them."""
        return Seams(clock=clock, wire=Wire(lambda: self.adapter)).clients(connection)


@pytest.fixture
def zoho() -> Zoho:
    return Zoho()


@pytest.fixture
def connection(clock: SteppedClock) -> Connection:
    return connected(clock)


def ask(zoho: Zoho, connection: Connection, clock: SteppedClock, times: int = 1) -> None:
    """Each from another process."""
    for _ in range(times):
        with suppress(ZohoError):
            zoho.clients(connection, clock).books.taxes()


def test_five_calls_of_five_processes_without_an_answer_stop_all(
    zoho: Zoho, connection: Connection, clock: SteppedClock
) -> None:
    ask(zoho, connection, clock, times=5)
    with pytest.raises(Unavailable) as trouble:
        zoho.clients(connection, clock).books.taxes()
    assert (trouble.value.cause, trouble.value.retry_after, len(zoho.adapter.asked)) == ("circuit", 60.0, 5)
    assert circuit.open_circuits([connection])[0].opened_at == clock.now()


def test_an_answer_in_between_begins_the_count_anew(zoho: Zoho, connection: Connection, clock: SteppedClock) -> None:
    for _ in range(4):
        zoho.status = 503
        ask(zoho, connection, clock, times=4)
        zoho.status = 200
        ask(zoho, connection, clock)
        clock.advance(60)
    assert Circuit.objects.get().failures == 0 and not circuit.open_circuits([connection])


def test_while_books_is_down_crm_is_asked_as_ever(zoho: Zoho, connection: Connection, clock: SteppedClock) -> None:
    ask(zoho, connection, clock, times=5)
    zoho.status = 200
    zoho.clients(connection, clock).crm.org()
    assert [row.side for row in circuit.open_circuits([connection])] == ["books"]


def test_after_the_pause_one_probe_goes_through_and_the_others_wait(
    zoho: Zoho, connection: Connection, clock: SteppedClock
) -> None:
    ask(zoho, connection, clock, times=5)
    clock.advance(60)
    circuit.check(connection, "books", clock.now())
    with pytest.raises(Unavailable):
        circuit.check(connection, "books", clock.now())
    clock.advance(circuit.PROBE_LEASE.total_seconds())
    circuit.check(connection, "books", clock.now())


def test_while_probes_fail_the_pause_grows_to_five_minutes(
    zoho: Zoho, connection: Connection, clock: SteppedClock
) -> None:
    ask(zoho, connection, clock, times=5)
    for pause in (60, 60, 120, 300, 300):
        clock.advance(pause - 1)
        before = len(zoho.adapter.asked)
        ask(zoho, connection, clock)
        assert len(zoho.adapter.asked) == before
        clock.advance(1)
        ask(zoho, connection, clock)
        assert len(zoho.adapter.asked) == before + 1


def test_the_first_answer_closes_it_for_all(zoho: Zoho, connection: Connection, clock: SteppedClock) -> None:
    ask(zoho, connection, clock, times=5)
    zoho.status = 200
    clock.advance(60)
    ask(zoho, connection, clock, times=3)
    assert not circuit.open_circuits([connection]) and len(zoho.adapter.asked) == 8


def test_six_hours_of_silence_cost_few_calls(zoho: Zoho, connection: Connection, clock: SteppedClock) -> None:
    for _ in range(6 * 60):
        ask(zoho, connection, clock)
        clock.advance(60)
    assert zoho.adapter.calls("/taxes") < 90
    row = Circuit.objects.get()
    assert row.opened_at is not None and (clock.now() - row.opened_at).total_seconds() > 5 * 3600


def test_the_connection_s_page_says_which_side_is_silent(
    zoho: Zoho, connection: Connection, clock: SteppedClock
) -> None:
    assert "reading and writing" in pages.sentence(connection)[1]
    ask(zoho, connection, clock, times=5)
    assert pages.sentence(connection) == (
        "amber", "Connected, and Zoho Books gives no answer; what needs it waits, none is lost.",
    )  # fmt: skip


def test_a_refusal_is_an_answer(zoho: Zoho, connection: Connection, clock: SteppedClock) -> None:
    zoho.status = 400
    ask(zoho, connection, clock, times=8)
    assert not circuit.open_circuits([connection])


def test_a_probe_that_found_no_quota_leaves_the_way_free(
    zoho: Zoho, connection: Connection, clock: SteppedClock
) -> None:
    ask(zoho, connection, clock, times=5)
    clock.advance(60)
    circuit.check(connection, "books", clock.now())
    circuit.give_up_probe(connection, "books")
    circuit.check(connection, "books", clock.now())
