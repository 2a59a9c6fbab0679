"""How each row of a CRM write ended; a 2xx alone says nothing (facts CRM 2.3, 10.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zbridge.zoho.calling import Reply, blamed_field, row_results
from zbridge.zoho.errors import OutcomeUnknown, ZohoError
from zbridge.zoho.outcome import Case, Effect, classify


@dataclass(frozen=True)
class RowResult:
    """One row's end: its id over there when done, else the error; `details` as CRM gave them."""

    id: str
    error: ZohoError | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the row was written."""
        return self.error is None


def results(reply: Reply, sent: Sequence[object], effect: Effect) -> list[RowResult]:
    """The results in the order of the rows sent; an answer for another number of rows says nothing about any."""
    rows = row_results(reply.json)
    if len(rows) != len(sent):
        raise OutcomeUnknown("crm", "", reply.status, f"{len(rows)} results came for {len(sent)} rows")
    return [_result(row, effect) for row in rows]


def _result(row: Mapping[str, Any], effect: Effect) -> RowResult:
    details = row.get("details")
    details = details if isinstance(details, Mapping) else {}
    identity = str(details.get("id") or "")
    if row.get("status") == "success":
        return RowResult(identity, None, details)
    return RowResult(identity, _error(row, details, effect), details)


def _error(row: Mapping[str, Any], details: Mapping[str, Any], effect: Effect) -> ZohoError:
    code = str(row.get("code") or "")
    most = details.get("maximum_length")
    message = str(row.get("message") or "")[:500] + (f": at most {most} characters" if most else "")
    status = 412 if code in {"ALREADY_MODIFIED", "RECORD_MODIFIED"} else 400
    found = classify(Case("crm", effect, status, code, message)).error or OutcomeUnknown
    return found("crm", code, status, message, "", blamed_field(details))
