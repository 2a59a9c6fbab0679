"""One call: tokens, repeats, what leaves the house, and what the gate hears of it."""

import os
import pickle
from pathlib import Path

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from tests.zoho.wires import CANARY, KeptGate, Script, Scripted, Tokens, books, crm, ok, rows, transport
from zbridge.zoho import errors
from zbridge.zoho.books import Books
from zbridge.zoho.gate import Call, Priority
from zbridge.zoho.outcome import Outcome
from zbridge.zoho.secret import Secret
from zbridge.zoho.wire import LARGEST

DEAD = Scripted(401, {"code": "INVALID_TOKEN", "message": "invalid oauth token", "status": "error"})
FORBIDDEN = Scripted(401, {"code": 57, "message": "You are not authorized to perform this operation"})
RESET = Scripted(failure=requests.ConnectionError(ProtocolError("reset", ConnectionResetError())))
DRAFT = {"customer_id": "1", "line_items": []}


def _refused() -> Scripted:
    reason = NewConnectionError(None, "refused")  # type: ignore[arg-type]
    return Scripted(failure=requests.ConnectionError(MaxRetryError(None, "/", reason)))  # type: ignore[arg-type]


def test_a_dead_token_is_renewed_once_and_the_call_repeated() -> None:
    side, script = crm(DEAD, rows({"id": "1"}))
    assert side.record("Deals", "1") == {"id": "1"}
    used = [request.headers["Authorization"] for request in script.asked]
    assert used == [f"Zoho-oauthtoken {CANARY}1", f"Zoho-oauthtoken {CANARY}2"]


def test_a_token_that_is_dead_twice_asks_to_reconnect() -> None:
    side, script = crm(DEAD, DEAD)
    with pytest.raises(errors.ReconnectNeeded):
        side.org()
    assert len(script.asked) == 2


def test_a_right_that_is_missing_with_a_fresh_token_too_is_named() -> None:
    side, script = books(FORBIDDEN, FORBIDDEN)
    with pytest.raises(errors.ScopeMissing):
        side.taxes()
    assert len(script.asked) == 2


def test_no_redirect_is_followed() -> None:
    side, script = books(Scripted(302, b"", {"Location": "https://evil.test/"}))
    with pytest.raises(errors.WrongHost):
        side.taxes()
    assert len(script.asked) == 1


def test_a_creation_whose_answer_was_lost_is_never_repeated() -> None:
    side, script = books(RESET)
    with pytest.raises(errors.OutcomeUnknown):
        side.create_draft_invoice(DRAFT)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Scripted(500, {"code": 1000, "message": "Internal error"}), Scripted(502, b"<html>"), Scripted(200, b"<html>"),
        Scripted(201, b'{"code":0,"invoice":{"invoi'), Scripted(201, {"code": 0, "invoice": {}}), Scripted(201, b""),
        Scripted(failure=requests.ReadTimeout()), Scripted(302, b"", {"Location": "/"}),
        Scripted(400, {"code": 424242, "message": "?"}),
    ],
)  # fmt: skip
def test_every_doubtful_answer_to_a_creation_is_unknown(answer: Scripted) -> None:
    side, script = books(answer)
    with pytest.raises(errors.OutcomeUnknown):
        side.create_draft_invoice(DRAFT)
    assert len(script.asked) == 1


@pytest.mark.parametrize("answer", [_refused(), Scripted(failure=requests.ConnectTimeout())])
def test_a_creation_that_never_left_waits(answer: Scripted) -> None:
    side, _ = books(answer)
    with pytest.raises(errors.Unavailable):
        side.create_draft_invoice(DRAFT)


def test_a_creation_goes_out_on_a_connection_of_its_own_and_unsent() -> None:
    side, script = books(Scripted(201, {"code": 0, "invoice": {"invoice_id": "9"}}))
    pooled = script.adapters
    assert side.create_draft_invoice(DRAFT)["invoice_id"] == "9"
    assert script.adapters == pooled + 1
    assert script.query() == {"organization_id": "6001", "send": "false"}


def test_a_read_on_a_stale_connection_is_repeated_once() -> None:
    side, script = books(RESET, ok(taxes=[]))
    assert side.taxes() == []
    assert len(script.asked) == 2


@pytest.mark.parametrize(
    ("code", "headers", "cause", "seconds"),
    [
        (44, {}, "minute", 60.0), (44, {"Retry-After": "90"}, "minute", 90.0), (43, {}, "minute", 60.0),
        (45, {"X-Rate-Limit-Reset": "3600"}, "day", 3600.0), (1070, {}, "concurrency", 3.0),
    ],
)  # fmt: skip
def test_too_many_calls_says_how_long_to_wait_and_for_what(
    code: int, headers: dict[str, str], cause: str, seconds: float
) -> None:
    side, _ = books(Scripted(429, {"code": code, "message": "slow down"}, headers))
    with pytest.raises(errors.RateLimited) as caught:
        side.taxes()
    assert (caught.value.cause, caught.value.retry_after) == (cause, seconds)


def test_spent_crm_credits_wait_for_the_next_day() -> None:
    side, _ = crm(Scripted(429, {"code": "TOO_MANY_REQUESTS"}, {"X-API-CREDITS-REMAINING": "0"}))
    with pytest.raises(errors.RateLimited) as caught:
        side.org()
    assert caught.value.cause == "day"


def test_a_body_beyond_the_cap_is_not_taken() -> None:
    side, _ = books(Scripted(200, b" " * (LARGEST + 1)))
    with pytest.raises(errors.Unreadable):
        side.taxes()


@pytest.mark.parametrize("body", [b"<html>", b'{"taxes": [NaN]}', b'{"code": 0}', b'{"code":0,"taxes":"x"}'])
def test_an_answer_that_makes_no_sense_is_unreadable(body: bytes) -> None:
    side, _ = books(Scripted(200, body))
    with pytest.raises(errors.Unreadable):
        side.taxes()


def test_the_gate_hears_of_each_call_exactly_once_also_when_it_fails() -> None:
    gate = KeptGate()
    side, _ = books(FORBIDDEN, Scripted(503, b"<html>"), gate=gate)
    with pytest.raises(errors.Unavailable):
        side.taxes()
    assert len(gate.before_calls) == len(gate.answers) == 2
    assert [(answer.status, answer.outcome) for answer in gate.answers] == [(401, Outcome.FAIL), (503, Outcome.UNKNOWN)]


def test_a_signal_in_the_middle_of_a_call_is_noted_as_unknown() -> None:
    gate = KeptGate()
    side, _ = books(Scripted(failure=KeyboardInterrupt()), gate=gate)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        side.create_draft_invoice(DRAFT)
    assert [answer.outcome for answer in gate.answers] == [Outcome.UNKNOWN]


def test_a_call_that_the_gate_stops_never_leaves() -> None:
    gate = KeptGate(errors.WritesStopped("books"))
    side, script = books(gate=gate)
    with pytest.raises(errors.WritesStopped):
        side.create_draft_invoice(DRAFT)
    assert (script.asked, gate.answers) == ([], [])


@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("DELETE", "/books/v3/invoices/1", "/books/v3/invoices/{id}"),
        ("PUT", "/books/v3/invoices/1", "/books/v3/invoices/{id}"),
        ("POST", "/books/v3/invoices/1/status/sent", "/books/v3/invoices/{id}/status/sent"),
        ("GET", "/books/v3/contacts/1/../2", "/books/v3/contacts/{id}"),
        ("GET", "/books/v3/contacts/1?x=2", "/books/v3/contacts/{id}"),
    ],
)
def test_a_call_outside_the_allowlist_never_leaves(method: str, path: str, template: str) -> None:
    script = Script()
    with pytest.raises(errors.NotAllowed):
        transport(script).send(Call("books", method, path, template, {}, Priority.CLICK))
    assert script.asked == []


def test_a_netrc_file_does_not_replace_our_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine www.zohoapis.eu login eve password eve\n")
    monkeypatch.setenv("NETRC", str(netrc))
    side, script = books(ok(taxes=[]))
    side.taxes()
    assert script.asked[0].headers["Authorization"].startswith("Zoho-oauthtoken ")


def test_the_token_is_in_no_repr_no_error_and_no_answer_of_the_gate() -> None:
    gate = KeptGate()
    side, _ = books(Scripted(500, {"code": 1000, "message": "oops"}), gate=gate)
    with pytest.raises(errors.ZohoError) as caught:
        side.create_draft_invoice(DRAFT)
    seen = f"{caught.value!r} {caught.value} {caught.value.__dict__} {gate.before_calls} {gate.answers}"
    assert CANARY not in seen + repr(Tokens().current())


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(CANARY)
    assert CANARY not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret.reveal() == CANARY


def test_organizations_is_the_one_call_without_an_organization() -> None:
    script = Script(ok(organizations=[{"organization_id": "6001"}]))
    assert Books(transport(script), "").organizations() == [{"organization_id": "6001"}]
    assert script.query() == {}


def test_a_forked_worker_does_not_share_its_parents_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    side, script = books(ok(taxes=[]), ok(taxes=[]))
    side.taxes()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    side.taxes()
    assert script.adapters == 2
