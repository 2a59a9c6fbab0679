"""What to do after a call that did not succeed, as a pure rule: wait, look it up, or give up."""

from dataclasses import dataclass

from zbridge.zoho.errors import AlreadyModified, Locked, OutcomeUnknown, Unreadable, Waits, ZohoError
from zbridge.zoho.outcome import Effect

FIRST_WAIT = 5.0
LONGEST_WAIT = 1800.0
PATIENCE = 8


@dataclass(frozen=True)
class Wait:
    """Try the same again after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class LookUp:
    """Find out what happened before doing anything more."""


@dataclass(frozen=True)
class GiveUp:
    """Trying again would not help: a person or the caller decides."""


Advice = Wait | LookUp | GiveUp


def advise(effect: Effect, error: ZohoError, attempt: int, retry_after: float | None = None) -> Advice:
    """After the `attempt`-th try (1, 2, ...) ended in `error`. A create of unknown outcome is never repeated.

    Waiting for calls is no failure, so it goes on for ever; a read that makes no sense is tried PATIENCE times.
    """
    if isinstance(error, OutcomeUnknown | AlreadyModified):
        return LookUp()
    if isinstance(error, Waits | Locked):
        return Wait(max(_backoff(attempt), retry_after or 0.0))
    if isinstance(error, Unreadable) and effect is Effect.READ and attempt < PATIENCE:
        return Wait(_backoff(attempt))
    return GiveUp()


def _backoff(attempt: int) -> float:
    """5 s, doubled each time, at most half an hour; callers add their own jitter."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt - 1, 16)))
