"""Consent by browser: only the person who asked, in her session, in time, once; and only from Zoho's known places."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.clients import Seams, use_seams
from accounts.connecting import new_connection
from accounts.models import AuditEvent, Connection, Credential, User
from tests.apps.fakes import Scripted, connected, token_answer
from zbridge.clock import SteppedClock
from zbridge.zoho.secret import Secret
from zbridge.zoho.wire import Wire

CALLBACK = "/admin/accounts/connection/callback/"
Browser = Callable[[User], Client]


def script(method: str, url: str, form: Any) -> tuple[int, dict[str, Any]]:
    if "/oauth/" in url:
        return 200, token_answer(refresh_token="1000.new.refresh")
    if "/crm/v8/org" in url:
        return 200, {"org": [{"zgid": "2", "company_name": "Brightwater"}]}
    rows = [{"organization_id": "1", "name": "Brightwater", "currency_code": "EUR", "plan_name": "PREMIUM"}]
    return 200, {"code": 0, "organizations": rows}


@pytest.fixture
def zoho(clock: SteppedClock) -> Iterator[Scripted]:
    found = Scripted(script)
    with use_seams(Seams(clock=clock, wire=Wire(lambda: found))):
        yield found


@pytest.fixture
def draft(cy: User, clock: SteppedClock) -> Connection:
    return new_connection("New", "eu", "1000.CLIENT", Secret("client-secret"), cy, clock)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(client: Client, connection: Connection) -> dict[str, str]:
    """Press Connect; what Zoho's consent page is given."""
    answer = client.post(f"/admin/accounts/connection/{connection.pk}/connect/")
    parts = urlsplit(answer.headers["Location"])
    assert (answer.status_code, parts.netloc, parts.path) == (302, "accounts.zoho.eu", "/oauth/v2/auth")
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def back(client: Client, **query: str) -> HttpResponse:
    return client.get(CALLBACK, {"code": "1000.code", "location": "eu"} | query)  # type: ignore[return-value]


def test_one_consent_asks_for_both_systems_offline_and_for_no_right_to_delete(
    cy: User, draft: Connection, zoho: Scripted
) -> None:
    query = asked(browser(cy), draft)
    assert query["access_type"] == "offline" and query["prompt"] == "consent" and len(query["state"]) >= 43
    assert "ZohoCRM." in query["scope"] and "ZohoBooks." in query["scope"]
    assert "DELETE" not in query["scope"].upper() and ".ALL" not in query["scope"].upper()


def test_a_consent_is_exchanged_at_once_and_the_organisations_are_listed(
    cy: User, draft: Connection, zoho: Scripted
) -> None:
    client = browser(cy)
    answer = back(client, state=asked(client, draft)["state"])
    assert answer.status_code == 302 and zoho.calls("/oauth/v2/token") == 1
    assert "Brightwater" in client.get(f"/admin/accounts/connection/{draft.pk}/").content.decode()
    credential = Credential.objects.get()
    assert credential.consented_by == cy and "1000.new.refresh" not in credential.refresh_token_cipher
    assert AuditEvent.objects.filter(verb="consented", user=cy).exists()


@pytest.mark.parametrize("trick", ["forged", "reused", "late", "other session", "other person"])
def test_a_state_that_is_not_this_session_s_own_is_refused_and_no_token_is_asked_for(
    cy: User, dee: User, draft: Connection, zoho: Scripted, clock: SteppedClock, trick: str
) -> None:
    client = browser(cy)
    state = "forged" if trick == "forged" else asked(client, draft)["state"]
    if trick == "reused":
        back(client, state=state, error="access_denied")
    if trick == "late":
        clock.advance(601)
    if trick == "other session":
        client = browser(cy)
    if trick == "other person":
        dee.groups.set(cy.groups.all())
        client = browser(dee)
    assert back(client, state=state).status_code == 400 and zoho.calls("/oauth/v2/token") == 0


@pytest.mark.parametrize(
    "hostile",
    [
        {"location": "evil"},
        {"location": "https://accounts.zoho.eu@evil.example"},
        {"accounts-server": "https://accounts.zoho.eu.evil.example"},
        {"accounts-server": "http://accounts.zoho.eu"},
        {"accounts-server": "https://accounts.zoho.com"},
    ],
)
def test_a_redirect_that_names_a_strange_server_is_refused_and_nothing_leaves(
    cy: User, draft: Connection, zoho: Scripted, hostile: dict[str, str]
) -> None:
    client = browser(cy)
    assert back(client, state=asked(client, draft)["state"], **hostile).status_code == 400
    assert zoho.asked == []


def test_a_consent_from_another_known_data_centre_moves_the_new_connection_there(
    cy: User, draft: Connection, clock: SteppedClock
) -> None:
    found = Scripted(lambda *args: (200, token_answer(refresh_token="r", api_domain="https://www.zohoapis.in")))
    with use_seams(Seams(clock=clock, wire=Wire(lambda: found))):
        client = browser(cy)
        back(client, state=asked(client, draft)["state"], location="in")
    draft.refresh_from_db()
    assert draft.data_centre == "in" and found.asked[0] == "POST https://accounts.zoho.in/oauth/v2/token"


def test_a_token_for_another_api_host_is_refused_and_nothing_is_kept(
    cy: User, draft: Connection, clock: SteppedClock
) -> None:
    found = Scripted(lambda *args: (200, token_answer(refresh_token="r", api_domain="https://evil.example")))
    with use_seams(Seams(clock=clock, wire=Wire(lambda: found))):
        client = browser(cy)
        assert back(client, state=asked(client, draft)["state"]).status_code == 400
    assert Credential.objects.get().refresh_token_cipher == ""


def test_a_denied_consent_changes_nothing(cy: User, draft: Connection, zoho: Scripted) -> None:
    client = browser(cy)
    answer = back(client, state=asked(client, draft)["state"], error="access_denied")
    assert answer.status_code == 400 and "nothing was changed" in answer.content.decode()
    assert zoho.asked == []


def test_a_reconnect_ends_the_hold(cy: User, zoho: Scripted, clock: SteppedClock) -> None:
    connection = connected(clock, state="reconnect", hold="Access ended.", crm_org_id="2")
    client = browser(cy)
    back(client, state=asked(client, connection)["state"])
    connection.refresh_from_db()
    assert (connection.state, connection.hold) == ("connected", "")
    assert zoho.calls("/oauth/v2/token/revoke") == 1


def test_a_reconnect_by_a_user_of_another_organisation_is_refused_and_the_old_access_stays(
    cy: User, zoho: Scripted, clock: SteppedClock
) -> None:
    connection = connected(clock, books_org_id="77")
    before = Credential.objects.get().refresh_token_cipher
    client = browser(cy)
    answer = back(client, state=asked(client, connection)["state"])
    assert answer.status_code == 400 and Credential.objects.get().refresh_token_cipher == before
