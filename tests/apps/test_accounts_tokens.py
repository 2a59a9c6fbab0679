"""One refresh at a time for all processes, and what happens when Zoho refuses (reliability 8.1)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database

from accounts.clients import Seams
from accounts.models import Connection, Credential, Notice
from accounts.tokens import RowTokenStore
from tests.apps.fakes import Reply, Scripted, connected, token_answer
from zbridge.clock import Clock, SteppedClock, SystemClock
from zbridge.zoho.errors import RateLimited, ReconnectNeeded, Unavailable, WrongHost
from zbridge.zoho.wire import Wire


def store(connection: Connection, zoho: Scripted, clock: Clock) -> RowTokenStore:
    return RowTokenStore(connection, Seams(clock=clock, wire=Wire(lambda: zoho)).oauth(connection), clock)


def answering(status: int = 200, **changed: object) -> Scripted:
    return Scripted(lambda method, url, form: (status, token_answer(**changed)))


@pytest.mark.django_db(transaction=True)
def test_sixteen_workers_that_find_an_expired_token_refresh_it_once() -> None:
    clock, zoho = SystemClock(), answering()
    connection = connected(clock, expired=True)

    def work(_: int) -> str:
        try:
            return store(connection, zoho, clock).current().value.reveal()
        finally:
            database.close()

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(work, range(16)))
    assert set(found) == {"1000.fresh.token"} and zoho.calls("/oauth/v2/token") == 1


@pytest.mark.django_db
def test_a_token_that_lasts_longer_than_a_minute_is_used_as_it_is(clock: SteppedClock) -> None:
    zoho = answering()
    assert store(connected(clock), zoho, clock).current().value.reveal() == "1000.access.canary"
    assert zoho.asked == []


@pytest.mark.django_db
def test_five_tokens_in_ten_minutes_are_the_most_that_we_ask_for(clock: SteppedClock) -> None:
    connection = connected(clock)
    tokens, zoho = store(connection, answering(), clock), answering()
    for _ in range(5):
        tokens.renew(Credential.objects.get().version)
    with pytest.raises(RateLimited):
        store(connection, zoho, clock).renew(Credential.objects.get().version)
    clock.advance(601)
    assert store(connection, zoho, clock).renew(Credential.objects.get().version).version == 7


@pytest.mark.django_db
def test_a_revoked_access_holds_all_work_and_tells_revops_once(clock: SteppedClock) -> None:
    zoho = Scripted(lambda method, url, form: (200, {"error": "invalid_code"}))
    connection = connected(clock, expired=True)
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            store(connection, zoho, clock).current()
    connection.refresh_from_db()
    assert connection.state == "reconnect" and connection.hold
    assert Notice.objects.filter(role="revops").count() == 1 and len(zoho.asked) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("reply", [(500, {"error": "general_error"}), (503, {})])
def test_a_refresh_that_fails_keeps_the_old_token_and_frees_the_way(clock: SteppedClock, reply: Reply) -> None:
    connection = connected(clock, expired=True)
    with pytest.raises(Exception, match="log-in") as trouble:
        store(connection, Scripted(lambda method, url, form: reply), clock).current()
    assert isinstance(trouble.value, Unavailable) or trouble.value.__class__.__name__ in (
        "Unreadable",
        "OutcomeUnknown",
    )
    row = Credential.objects.get()
    assert row.version == 1 and row.refreshing_until is None
    assert store(connection, answering(), clock).current().version == 2


@pytest.mark.django_db
def test_a_token_for_a_strange_api_host_is_refused(clock: SteppedClock) -> None:
    connection = connected(clock, expired=True)
    with pytest.raises(WrongHost):
        store(connection, answering(api_domain="https://www.zohoapis.eu.evil.example"), clock).current()
    assert Credential.objects.get().version == 1


@pytest.mark.django_db
def test_a_worker_that_died_while_refreshing_blocks_the_others_for_twenty_seconds_only(clock: SteppedClock) -> None:
    connection = connected(clock, expired=True)
    Credential.objects.update(refreshing_until=clock.now() + timedelta(seconds=20))
    with pytest.raises(Unavailable):
        store(connection, answering(), clock).current()
    clock.advance(21)
    assert store(connection, answering(), clock).current().version == 2
