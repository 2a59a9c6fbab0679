"""The states of a conversion, which of them are live, how one follows another, and when to look again."""

from datetime import timedelta
from enum import StrEnum


class ConversionState(StrEnum):
    REQUESTED = "requested"
    PREPARED = "prepared"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DRAFTED = "drafted"
    DONE = "done"
    REVIEW = "review"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


_S = ConversionState

# A sale with a conversion in one of these is billed, or about to be.
LIVE = frozenset(_S) - {_S.REFUSED, _S.CANCELLED, _S.SUPERSEDED}

FOLLOWERS: dict[ConversionState, frozenset[ConversionState]] = {
    _S.REQUESTED: frozenset({_S.PREPARED, _S.REVIEW, _S.REFUSED, _S.CANCELLED}),
    _S.PREPARED: frozenset({_S.SENDING, _S.REVIEW, _S.REFUSED, _S.CANCELLED}),
    _S.SENDING: frozenset({_S.DRAFTED, _S.UNKNOWN, _S.PREPARED, _S.REVIEW, _S.REFUSED}),
    _S.UNKNOWN: frozenset({_S.DRAFTED, _S.PREPARED, _S.REVIEW}),
    _S.REVIEW: frozenset({_S.REQUESTED, _S.PREPARED, _S.DRAFTED, _S.REFUSED, _S.CANCELLED}),
    _S.DRAFTED: frozenset({_S.DONE, _S.REVIEW, _S.SUPERSEDED}),
    _S.DONE: frozenset({_S.REVIEW, _S.SUPERSEDED}),
    _S.REFUSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.SUPERSEDED: frozenset(),
}

_DELAYS = (5, 15, 60, 240)


def can_follow(now: ConversionState, then: ConversionState) -> bool:
    """Whether a conversion in the one state may come into the other."""
    return then in FOLLOWERS[now]


def look_up_delay(looked: int) -> timedelta:
    """How long to wait before the next look when `looked` looks found nothing: 5, 15, 60, then 240 s."""
    return timedelta(seconds=_DELAYS[min(max(looked, 0), len(_DELAYS) - 1)])
