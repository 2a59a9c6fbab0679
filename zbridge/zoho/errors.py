"""What can go wrong with Zoho. Each class answers one question: wait, ask a person, look first, or our own bug?

ZohoError
|- Waits                 later, by itself: retry_after seconds (None: back off), cause says for what
|  |- RateLimited        Zoho, or our own limiter, says: too many calls
|  `- Unavailable        Zoho is down, unreachable or our circuit is open; nothing was done
|- ReconnectNeeded       a person must consent anew: the refresh token is dead
|- ScopeMissing          a person must consent to more, or give the Zoho user a right
|- WritesStopped         a person threw the kill switch
|- Rejected              Zoho read it and refused: nothing was done; field names the culprit where Zoho does
|  |- Duplicate          another record holds the value: look it up
|  |- NotFound           no such record, or not for this user
|  |- Locked             the record is locked, in a blueprint or waits for approval: later
|  `- AlreadyModified    somebody changed it since we read it: read again
|- OutcomeUnknown        perhaps done, perhaps not: look up, never repeat blindly
|- Unreadable            an answer to a read that makes no sense: too large, not JSON, without its rows
|- WrongHost             a host outside the table of data centres: refused
`- OurFault              a bug of ours: fix the code
   |- NotAllowed         method and path are not on the allowlist
   `- TransactionOpen    a call while a database transaction is open
"""

from typing import ClassVar, Literal

System = Literal["crm", "books", "oauth"]
Cause = Literal["minute", "day", "concurrency", "throttle", "unavailable", "quota", "circuit"]

NAMES: dict[str, str] = {"crm": "Zoho CRM", "books": "Zoho Books", "oauth": "Zoho's log-in"}

WAITING_FOR: dict[str, str] = {
    "minute": "{system} allows no more calls this minute.",
    "day": "{system} allows no more calls today.",
    "concurrency": "{system} is busy with other calls of ours.",
    "throttle": "{system} asks us to pause before the next token.",
    "unavailable": "{system} can't be reached.",
    "quota": "The calls set aside for this kind of work are used up for now.",
    "circuit": "{system} doesn't answer; it is tried again by itself.",
}


class ZohoError(Exception):
    """The base. `code` is Zoho's own, `http` the status or None when no answer came, `field` the name Zoho blames."""

    plain: ClassVar[str] = "{system} gave an answer that zbridge doesn't know."

    def __init__(
        self, system: str = "", code: str = "", http: int | None = None, message: str = "", request_id: str = "",
        field: str = "",
    ) -> None:  # fmt: skip
        super().__init__(system, code, http, message)
        self.system = system
        self.code = code
        self.http = http
        self.message = message
        self.request_id = request_id
        self.field = field

    def __str__(self) -> str:
        return f"{self.sentence} [{self.http or 'no answer'} {self.code}]"

    @property
    def sentence(self) -> str:
        """What happened, in words for the person at the screen."""
        said = f" It says: {self.message}" if self.message else ""
        return self._plain().format(system=NAMES.get(self.system, "Zoho")) + said

    def _plain(self) -> str:
        return self.plain


class Waits(ZohoError):
    """Nothing was done; it can be tried again by itself after `retry_after` seconds (None: the caller backs off)."""

    default_cause: ClassVar[Cause] = "unavailable"

    def __init__(
        self, system: str = "", code: str = "", http: int | None = None, message: str = "", request_id: str = "",
        field: str = "", *, retry_after: float | None = None, cause: Cause | None = None,
    ) -> None:  # fmt: skip
        super().__init__(system, code, http, message, request_id, field)
        self.retry_after = retry_after
        self.cause: Cause = cause or self.default_cause

    def _plain(self) -> str:
        return WAITING_FOR[self.cause]


class RateLimited(Waits):
    """Too many calls; `cause` says in which window."""

    default_cause = "minute"


class Unavailable(Waits):
    """Zoho could not be reached or could not answer, and surely did nothing (or was only read)."""


class ReconnectNeeded(ZohoError):
    plain = "Zoho no longer accepts zbridge's access: it was revoked, or its user may no longer give it."

    @property
    def sentence(self) -> str:
        """Without Zoho's word for it, which is a code."""
        return self.plain


class ScopeMissing(ZohoError):
    plain = "{system} says that the connected user may not do this: reconnect with all permissions, or ask its admin."


class WritesStopped(ZohoError):
    plain = "Writing to Zoho is switched off for this connection."


class Rejected(ZohoError):
    plain = "{system} refused it; nothing was changed."


class Duplicate(Rejected):
    plain = "{system} refused it: another record already holds this value."


class NotFound(Rejected):
    plain = "{system} has no such record, or the connected user can't see it."


class Locked(Rejected):
    plain = "The record is locked in {system}; it is tried again later."


class AlreadyModified(Rejected):
    plain = "Somebody changed the record in {system} since it was read."


class OutcomeUnknown(ZohoError):
    plain = "{system} gave no clear answer: we don't know yet whether it was done."


class Unreadable(ZohoError):
    plain = "{system} gave an answer that can't be read."


class WrongHost(ZohoError):
    plain = "An address outside Zoho's known data centres was refused."


class OurFault(ZohoError):
    plain = "A fault in zbridge itself stopped this call before it was made."


class NotAllowed(OurFault):
    """Method and path are not on the allowlist of gate.py."""


class TransactionOpen(OurFault):
    """A database transaction was open: a call could hold its locks for half a minute."""
