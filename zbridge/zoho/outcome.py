"""How an answer is judged: a closed table of what surely happened; all else is UNKNOWN (reliability 4.5)."""

import re
from dataclasses import dataclass
from enum import Enum

from zbridge.zoho import errors
from zbridge.zoho.errors import System, ZohoError
from zbridge.zoho.outcome_rows import ANY, ROWS, Row


class Outcome(Enum):
    """OK: done. FAIL: surely not done. UNKNOWN: perhaps done."""

    OK = "OK"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


class Effect(Enum):
    """What a call does over there: nothing, a change that may be repeated, or something new."""

    READ = "read"
    UPDATE = "update"
    CREATE = "create"


@dataclass(frozen=True)
class Case:
    """All that the judgement may look at. `code` is Zoho's own as text; `status` None: no answer came."""

    system: System
    effect: Effect
    status: int | None
    code: str = ""
    message: str = ""
    sent: bool = True
    readable: bool = True


@dataclass(frozen=True)
class Verdict:
    """The outcome, the error to raise (None: none), whether a fresh token may mend it, and the table's row."""

    outcome: Outcome
    error: type[ZohoError] | None
    row: Row | None = None

    @property
    def renews(self) -> bool:
        return self.row is not None and self.row.renews


def classify(case: Case) -> Verdict:
    """Judge one answer, or the lack of one."""
    if not case.sent:
        return Verdict(Outcome.FAIL, errors.Unavailable)
    for row in ROWS:
        if _matches(row, case):
            return Verdict(Outcome.OK if row.error is None else Outcome.FAIL, row.error, row)
    return Verdict(Outcome.UNKNOWN, _unknown(case))


def _matches(row: Row, case: Case) -> bool:
    return (
        case.system in row.systems
        and case.status in row.statuses
        and (row.codes is ANY or case.code in row.codes)
        and (case.readable or not row.needs_body)
        and (row.pattern is None or re.search(row.pattern, case.message, re.IGNORECASE) is not None)
    )


def _unknown(case: Case) -> type[ZohoError]:
    """A read may simply be repeated; of a write nobody knows whether it was done."""
    if case.effect is not Effect.READ:
        return errors.OutcomeUnknown
    if case.status is None or case.status >= 500:
        return errors.Unavailable
    if 300 <= case.status < 400:
        return errors.WrongHost
    return errors.Unreadable if case.status < 300 else errors.Rejected
