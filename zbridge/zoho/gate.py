"""What stands before every call to Zoho: the allowlist here, and the gate that an installation puts in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from zbridge.zoho.allowlist import ALLOWED
from zbridge.zoho.errors import NotAllowed, System, ZohoError
from zbridge.zoho.outcome import Effect, Outcome

# A template's {name} stands for one id or API name: no slash, dot or query can slip in.
PLACEHOLDER = re.compile(r"\{\w+\}")


class Priority(IntEnum):
    """Who goes first when calls are scarce; a smaller number goes before a larger one."""

    CLICK = 0
    PUSH = 1
    POLL = 2
    BULK = 3


@dataclass(frozen=True)
class Call:
    """One call as it will be made. `path` begins at the host; `credits` is what CRM charges for it (Books: 1)."""

    system: System
    method: str
    path: str
    template: str
    params: Mapping[str, str]
    priority: Priority
    body: object = None
    writes: bool = False
    creates: bool = False
    credits: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def effect(self) -> Effect:
        """What it does over there."""
        if self.creates:
            return Effect.CREATE
        return Effect.UPDATE if self.writes else Effect.READ


@dataclass(frozen=True)
class Answer:
    """How a call ended; `status` None means that no answer came. Header names are lower case; `seconds` as measured."""

    status: int | None
    code: str
    outcome: Outcome
    seconds: float
    headers: Mapping[str, str]
    request_id: str
    error: ZohoError | None


class Gate(Protocol):
    """Limiter, kill switch, transaction check and exchange log, as the client sees them."""

    def before(self, call: Call) -> None:
        """Let the call pass, or raise Waits, WritesStopped or TransactionOpen; then `after` is not called."""
        ...

    def after(self, call: Call, answer: Answer) -> None:
        """Exactly once for each call that passed, also when it failed."""
        ...


class NullGate:
    """Lets everything pass and remembers nothing; for tests."""

    def before(self, call: Call) -> None:
        """Every call passes."""

    def after(self, call: Call, answer: Answer) -> None:
        """Nothing is noted."""


def check_allowed(call: Call) -> None:
    """Raise NotAllowed unless method and template are on the list and the path is made from the template."""
    pattern = PLACEHOLDER.sub(r"[A-Za-z0-9_]+", call.template)
    listed = (call.system, call.method, call.template) in ALLOWED
    if not (listed and re.fullmatch(pattern, call.path)):
        raise NotAllowed(call.system, message=f"{call.method} {call.template}")
