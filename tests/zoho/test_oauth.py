"""Consent and tokens."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.zoho.wires import CANARY, KeptGate, Script, Scripted
from zbridge.clock import SystemClock
from zbridge.zoho import errors
from zbridge.zoho.oauth import OAuth, Scopes, TokenAnswer, authorize_url
from zbridge.zoho.regions import region
from zbridge.zoho.secret import Secret
from zbridge.zoho.wire import Wire

GOOD = {"access_token": CANARY, "scope": "ZohoCRM.org.READ ZohoBooks.invoices.READ", "expires_in": 3600}
HERE = {"api_domain": "https://www.zohoapis.eu"}


def _refresh(answer: Scripted, gate: KeptGate | None = None) -> tuple[TokenAnswer, Script]:
    script = Script(answer)
    oauth = OAuth(region("eu"), Wire(script.adapter), SystemClock(), gate)
    return oauth.refresh("1000.AAA", Secret("s3cret"), Secret("1000.cccc.dddd")), script


def test_a_refresh_gives_an_access_token_and_keeps_the_old_refresh_token() -> None:
    answer, _ = _refresh(Scripted(200, {**GOOD, **HERE}))
    assert (answer.access_token.reveal(), answer.refresh_token, answer.expires_in) == (CANARY, None, 3600)
    assert answer.scopes == {"ZohoCRM.org.READ", "ZohoBooks.invoices.READ"}


def test_secrets_travel_in_the_body_and_never_in_the_address() -> None:
    _, script = _refresh(Scripted(200, {**GOOD, **HERE}))
    assert script.asked[0].url == "https://accounts.zoho.eu/oauth/v2/token"
    assert b"s3cret" in (script.asked[0].body or b"")


@pytest.mark.parametrize(
    ("life", "seconds"),
    [
        ({"expires_in": 3600000, "expires_in_sec": 3600}, 3600),
        ({"expires_in": 7200}, 3600),
        ({"expires_in": 5}, 60),
        ({"expires_in": None}, 3600),
        ({"expires_in": "1800"}, 1800),
        ({"expires_in": -1}, 3600),
    ],
)
def test_the_life_of_a_token_is_read_sensibly(life: dict[str, object], seconds: int) -> None:
    answer, _ = _refresh(Scripted(200, {**GOOD, **HERE, **life}))
    assert answer.expires_in == seconds


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"error": "invalid_code"}, errors.ReconnectNeeded),
        (200, {"error": "invalid_client"}, errors.ReconnectNeeded),
        (400, {"error": "Access Denied", "status": "failure"}, errors.RateLimited),
        (200, {"error": "Access Denied", "status": "failure"}, errors.RateLimited),
        (200, {"error": "general_error"}, errors.Unavailable),
        (503, b"<html>", errors.Unavailable),
        (200, {"access_token": ""}, errors.Unreadable),
        (200, {**GOOD, "api_domain": "https://evil.test"}, errors.WrongHost),
        (200, GOOD, errors.WrongHost),
        (302, b"", errors.WrongHost),
    ],
)
def test_anything_but_a_token_of_this_data_centre_is_refused(
    status: int, body: object, error: type[errors.ZohoError]
) -> None:
    with pytest.raises(error):
        _refresh(Scripted(status, body))


def test_a_throttle_waits_ten_minutes_and_keeps_the_connection() -> None:
    with pytest.raises(errors.Waits) as caught:
        _refresh(Scripted(400, {"error": "Access Denied", "status": "failure"}))
    assert (caught.value.cause, caught.value.retry_after) == ("throttle", 600.0)


def test_nothing_the_gate_hears_of_a_refresh_holds_a_secret() -> None:
    gate = KeptGate()
    answer, _ = _refresh(Scripted(200, {**GOOD, **HERE}), gate)
    seen = f"{gate.before_calls} {gate.answers} {answer}"
    assert not [secret for secret in ("s3cret", "1000.cccc.dddd", CANARY) if secret in seen]


def test_consent_asks_for_both_systems_offline_and_for_the_least() -> None:
    asked = parse_qs(urlsplit(authorize_url(region("eu"), "1000.AAA", "https://app/cb", "st")).query)
    assert (asked["access_type"], asked["prompt"], asked["state"]) == (["offline"], ["consent"], ["st"])
    assert set(asked["scope"][0].split(",")) == Scopes.ALL
    assert not [scope for scope in Scopes.ALL if scope.endswith((".ALL", ".DELETE"))]


def test_no_local_variable_of_the_client_shows_a_secret_when_a_refresh_fails() -> None:
    with pytest.raises(errors.Unavailable) as caught:
        _refresh(Scripted(503, b"<html>"))
    ours = [entry.frame.f_locals for entry in caught.traceback if "/zbridge/zoho/" in str(entry.path)]
    seen = "".join(repr(values) for values in ours)
    assert ours
    assert not [secret for secret in ("s3cret", "1000.cccc.dddd") if secret in seen]
