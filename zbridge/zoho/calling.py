"""One call, once: past the gate, over the wire, judged, noted. Neither tokens nor repeats are known here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zbridge.clock import Clock
from zbridge.zoho import wire_json
from zbridge.zoho.errors import RateLimited, Waits, WrongHost, ZohoError
from zbridge.zoho.gate import Answer, Call, Gate, check_allowed
from zbridge.zoho.outcome import Case, Outcome, Verdict, classify
from zbridge.zoho.outcome_rows import ROW_RESULTS
from zbridge.zoho.regions import Region
from zbridge.zoho.wire import Ask, NoAnswer, Raw, Wire

BOOKS_FIELD = re.compile(r"passed for (?:the )?(.{1,60}?)\.?$")
ROW_KEYS = ("data", "fields", "watch")


@dataclass(frozen=True)
class Reply:
    """A good answer. `json` is None where there was no body; `headers` are lower case."""

    status: int
    headers: Mapping[str, str]
    json: Any
    body: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """The body as it came."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Signed:
    """What goes out beside the call: where to, with which headers and body, within how many seconds."""

    region: Region
    base: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    deadline: float = 30.0


@dataclass(frozen=True)
class Ended:
    """How one call ended: a reply or an error, and the judgement."""

    verdict: Verdict
    code: str = ""
    reply: Reply | None = None
    error: ZohoError | None = None

    def reply_or_raise(self) -> Reply:
        """The reply, else the error."""
        if self.reply is not None and self.error is None:
            return self.reply
        raise self.error or ZohoError(message="no reply")

    def answer(self, seconds: float) -> Answer:
        """The same for the gate."""
        headers = self.reply.headers if self.reply else {}
        status = self.reply.status if self.reply else None
        request_id = headers.get("x-request-id", "")
        return Answer(status, self.code, self.verdict.outcome, seconds, headers, request_id, self.error)


def exchange(call: Call, signed: Signed, wire: Wire, gate: Gate, clock: Clock) -> Ended:
    """Make the call once. The gate's `after` runs also when a signal or a bug cuts the call off."""
    check_allowed(call)
    gate.before(call)
    began = clock.monotonic()
    ended = _without_answer(call, NoAnswer("interrupted", sent=True))
    try:
        ended = _attempt(call, signed, wire, clock)
    finally:
        gate.after(call, ended.answer(clock.monotonic() - began))
    return ended


def _attempt(call: Call, signed: Signed, wire: Wire, clock: Clock) -> Ended:
    ask = Ask(
        call.method, signed.base + call.path, call.params, signed.headers, signed.body,
        fresh=call.creates, deadline=signed.deadline,
    )  # fmt: skip
    try:
        raw = wire.exchange(signed.region, ask, clock)
    except NoAnswer as trouble:
        return _without_answer(call, trouble)
    except WrongHost as trouble:
        return Ended(Verdict(Outcome.FAIL, WrongHost), error=trouble)
    return judge(call, raw)


def _without_answer(call: Call, trouble: NoAnswer) -> Ended:
    verdict = classify(Case(call.system, call.effect, None, sent=trouble.sent, readable=False))
    error = verdict.error(call.system) if verdict.error else None
    return Ended(verdict, str(trouble), error=error)


def judge(call: Call, raw: Raw) -> Ended:
    """Judge a whole answer by the table."""
    if _is_document(call, raw):
        return Ended(Verdict(Outcome.OK, None), reply=Reply(raw.status, raw.headers, None, raw.body))
    found, readable = _parse(raw)
    code = _code(call, raw.status, found)
    message = _message(found)
    verdict = classify(Case(call.system, call.effect, raw.status, code, message, readable=readable))
    reply = Reply(raw.status, raw.headers, found, raw.body)
    if verdict.error is None:
        return Ended(verdict, code, reply)
    error = verdict.error(
        call.system, code, raw.status, message, raw.headers.get("x-request-id", ""), _field(found, message)
    )
    if isinstance(error, Waits):
        _say_how_long(error, verdict, raw.headers)
    return Ended(verdict, code, reply, error)


def _is_document(call: Call, raw: Raw) -> bool:
    """The PDF that was asked for, whole; Books answers JSON when it refuses."""
    wanted = not call.writes and call.params.get("accept") == "pdf"
    return wanted and raw.status == 200 and raw.whole and raw.body.startswith(b"%PDF")


def _parse(raw: Raw) -> tuple[Any, bool]:
    """The JSON of a body, and whether it could be read; no body at all is None and readable."""
    if not raw.whole:
        return None, False
    if not raw.body:
        return None, raw.status in (204, 304)
    try:
        return wire_json.loads(raw.body), True
    except (ValueError, RecursionError):
        return None, False


def _code(call: Call, status: int, found: Any) -> str:
    """Zoho's own code as text; ROWS for a CRM write whose rows each have their own (facts CRM 6)."""
    if not isinstance(found, dict):
        return ""
    if call.system == "oauth":
        done = found.get("access_token") or found.get("status") == "success"
        return "" if done else str(found.get("error") or "failure")
    rows = row_results(found)
    if rows and call.writes:
        return ROW_RESULTS
    if rows and status >= 400:
        return str(rows[0].get("code", ""))
    return str(found.get("code", ""))


def row_results(found: Any) -> list[dict[str, Any]]:
    """The rows of a CRM answer that tell how each row of the request ended, in the request's order."""
    for key in ROW_KEYS:
        rows = found.get(key) if isinstance(found, dict) else None
        if isinstance(rows, list) and rows and all(isinstance(row, dict) and "code" in row for row in rows):
            return rows
    return []


def _message(found: Any) -> str:
    if not isinstance(found, dict):
        return ""
    rows = row_results(found)
    said = (rows[0] if rows else found).get("message") or found.get("error_description") or found.get("error") or ""
    return str(said)[:500]


def _field(found: Any, message: str) -> str:
    """The field that Zoho blames: CRM names it, Books says it in the message."""
    if isinstance(found, dict) and isinstance(found.get("details"), dict):
        return blamed_field(found["details"])
    blamed = BOOKS_FIELD.search(message)
    return blamed.group(1) if blamed else ""


def blamed_field(details: Mapping[str, Any]) -> str:
    """The API name or parameter in CRM's details."""
    return str(details.get("api_name") or details.get("param_name") or "")


def _say_how_long(error: Waits, verdict: Verdict, headers: Mapping[str, str]) -> None:
    """Zoho's own word first, then the table's; spent days wait for their reset."""
    row = verdict.row
    if row is not None and row.cause is not None:
        error.cause = row.cause
    if isinstance(error, RateLimited) and headers.get("x-api-credits-remaining") == "0":
        error.cause = "day"
    told = headers.get("x-rate-limit-reset", "") if error.cause == "day" else headers.get("retry-after", "")
    if told.isdigit():
        error.retry_after = float(told)
    elif row is not None:
        error.retry_after = row.retry_after
