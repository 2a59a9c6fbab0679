"""What stands before every call: no open transaction, the kill switch, the limiter; and what is noted after it."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.db import transaction

from accounts.clients import Clients, Seams
from accounts.connecting import stop_writes
from accounts.models import Bucket, Connection, Exchange
from tests.apps.fakes import Scripted, connected
from zbridge.clock import SteppedClock
from zbridge.zoho.errors import RateLimited, TransactionOpen, Unavailable, WritesStopped
from zbridge.zoho.gate import Answer, Call, Priority
from zbridge.zoho.outcome import Outcome
from zbridge.zoho.wire import Wire


def clients(connection: Connection, zoho: Scripted, clock: SteppedClock, patience: float = 0.0) -> Clients:
    return Seams(clock=clock, wire=Wire(lambda: zoho)).clients(connection, patience=patience)


def answering(status: int = 200, **found: Any) -> Scripted:
    return Scripted(lambda method, url, form: (status, {"code": 0, "taxes": [], **found}))


@pytest.mark.django_db(transaction=True)
def test_no_call_is_made_while_a_transaction_is_open(clock: SteppedClock) -> None:
    zoho = answering()
    found = clients(connected(clock), zoho, clock)
    with pytest.raises(TransactionOpen), transaction.atomic():
        found.books.taxes()
    assert zoho.asked == []
    assert found.books.taxes() == []


@pytest.mark.django_db
def test_the_kill_switch_stops_writing_and_not_reading(clock: SteppedClock) -> None:
    zoho = answering(contact={"contact_id": "1"})
    connection = connected(clock)
    found = clients(connection, zoho, clock)
    stop_writes(Connection.objects.get(), True, None, clock)
    with pytest.raises(WritesStopped):
        found.books.create_contact({"contact_name": "A"})
    assert found.books.taxes() == [] and zoho.calls("/contacts") == 0
    stop_writes(Connection.objects.get(), False, None, clock)
    assert found.books.create_contact({"contact_name": "A"})["contact_id"] == "1"


@pytest.mark.django_db
def test_every_call_is_noted_without_body_or_token(clock: SteppedClock) -> None:
    clients(connected(clock), answering(), clock).books.taxes()
    row = Exchange.objects.get()
    assert (row.side, row.method, row.template, row.status) == ("books", "GET", "/books/v3/settings/taxes", 200)
    assert "canary" not in str(Exchange.objects.values())


@pytest.mark.django_db
def test_a_run_learns_how_many_calls_it_made(clock: SteppedClock) -> None:
    found = clients(connected(clock), answering(), clock)
    found.books.taxes()
    found.books.taxes()
    assert (found.tally.take("books"), found.tally.take("crm"), found.tally.take("books")) == (2, 0, 0)


@pytest.mark.django_db
def test_a_worker_never_sleeps_for_a_call_but_a_person_who_sets_up_may(clock: SteppedClock) -> None:
    connection, began = connected(clock), clock.now()
    hasty = clients(connection, answering(), clock)
    with pytest.raises(RateLimited):
        for _ in range(11):
            hasty.books.taxes()
    assert clock.now() == began
    patient = clients(connection, answering(), clock, patience=30)
    for _ in range(5):
        patient.books.taxes()
    assert clock.now() - began >= timedelta(seconds=4)


@pytest.mark.django_db
def test_five_failures_in_a_row_open_the_circuit_for_a_minute(clock: SteppedClock) -> None:
    zoho = answering(503)
    found = clients(connected(clock), zoho, clock)
    for _ in range(6):
        with pytest.raises(Unavailable):
            found.books.taxes()
    assert len(zoho.asked) == 5
    clock.advance(61)
    with pytest.raises(Unavailable):
        found.books.taxes()
    assert len(zoho.asked) == 6


def answer(**headers: str) -> Answer:
    return Answer(200, "0", Outcome.OK, 0.1, headers, "", None)


CALL = Call("books", "GET", "/books/v3/contacts", "/books/v3/contacts", {}, Priority.CLICK)


@pytest.mark.django_db
def test_the_day_s_calls_are_learned_from_the_answer(clock: SteppedClock) -> None:
    found = Seams(clock=clock).gate(connected(clock))
    told = {"x-rate-limit-limit": "2000", "x-rate-limit-remaining": "1500", "x-rate-limit-reset": "7200"}
    found.before(CALL)
    found.after(CALL, answer(**told))
    row = Bucket.objects.get()
    assert (row.day_limit, row.day_used, row.day_resets_at) == (2000, 500, clock.now() + timedelta(hours=2))


@pytest.mark.django_db
def test_business_time_follows_the_simulator_s_clock_and_only_the_simulator_s(clock: SteppedClock) -> None:
    tomorrow = format_datetime(clock.now() + timedelta(days=1), usegmt=True)
    for place, days in (("simulator", 1), ("eu", 0)):
        connection = connected(clock, data_centre=place)
        found = Seams(clock=clock).gate(connection)
        found.before(CALL)
        found.after(CALL, answer(date=tomorrow))
        connection.refresh_from_db()
        assert connection.now(clock) - clock.now() == timedelta(days=days)
