"""How long bulk work will take: from what is left, the pace, the day's calls and its off-peak hours. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from syncjobs.domain.windows import Window

# Beyond that an estimate says nothing.
LONGEST = timedelta(days=60)


@dataclass(frozen=True)
class Budget:
    """What a side lets bulk work call: so many a minute, so many left today, so many each day after `renewed`."""

    a_minute: float
    left: int
    a_day: int
    renewed: datetime


def finished_at(now: datetime, calls: int, budget: Budget, window: Window | None = None) -> datetime | None:
    """When so many calls will have been made; None when that can't be told or is more than two months away."""
    if calls <= 0:
        return now
    if budget.a_minute <= 0:
        return None
    at, left, renewed = now, budget.left, budget.renewed
    while at - now < LONGEST:
        at = window.next_opening(at) if window else at
        while renewed <= at:
            left, renewed = budget.a_day, renewed + timedelta(days=1)
        closes = window.open_until(at) if window else None
        until = min(renewed, closes) if closes else renewed
        possible = min(left, int((until - at).total_seconds() / 60 * budget.a_minute))
        if calls <= possible:
            return at + timedelta(minutes=calls / budget.a_minute)
        calls, left = calls - possible, left - possible
        at = renewed if left <= 0 else until
    return None


def pace(done: int, seconds: float) -> float:
    """Records a minute, from what was done in so many seconds of work; 0 before anything was."""
    return 60 * done / seconds if done and seconds > 0 else 0.0
