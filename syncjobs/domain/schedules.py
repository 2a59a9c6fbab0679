"""How often lists are looked at: what an interval costs, what fits, what is stretched, how old figures got.

Intervals are minutes. One look at a list in which nothing changed is one call; `allowed` is how many calls (CRM:
credits) a day all lists of a side may cost, 0 where nobody knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

DAY = 24 * 60
CHOICES = (5, 15, 30, 60, 120, 240, 720, DAY)
# Where nobody chose a target, figures are late when they are older than two intervals (reliability 5).
LATE_AFTER = 2
MEASURED = 20


@dataclass(frozen=True)
class Day:
    """Whose day it is (“Books' plan Free”), its calls, and how many of them schedules may use; 0: not known."""

    name: str
    unit: str
    calls: int
    allowed: int


@dataclass(frozen=True)
class Lag:
    """How old figures were when the next reading replaced them, over so many readings."""

    typical: timedelta
    worst: timedelta
    readings: int


def cost(every: Iterable[float]) -> int:
    """Calls a day for one list at each of these intervals, when nothing changes."""
    return ceil(sum(DAY / one for one in every) - 1e-9)


def fits(every: Sequence[float], allowed: int) -> bool:
    """Whether all these lists can be looked at so often."""
    return not allowed or cost(every) <= allowed


def shortest_that_fits(lists: int, allowed: int) -> int | None:
    """The shortest choice at which so many lists fit; None when not even the longest does."""
    return next((every for every in CHOICES if fits([every] * lists, allowed)), None)


def stretched(wanted: Mapping[str, int], allowed: int) -> dict[str, float]:
    """The intervals by which the lists are really read: as wanted where they fit, else the shortest are made longer.

    Those that were longer already stay; the others become equal, and together they cost what is allowed.
    """
    if fits(list(wanted.values()), allowed):
        return dict(wanted)
    floor = _floor(sorted(wanted.values()), allowed)
    return {kind: max(every, floor) for kind, every in wanted.items()}


def _floor(every: Sequence[int], allowed: int) -> float:
    """The interval below which none may go: the shortest few share what the longer ones leave."""
    for number in range(1, len(every)):
        left = allowed - sum(DAY / one for one in every[number:])
        if left > 0 and DAY * number / left <= every[number]:
            return DAY * number / left
    return DAY * len(every) / allowed


def target(every: timedelta, chosen_minutes: int) -> timedelta:
    """How old figures may be: as chosen, never less than the interval at which they are really read, else two of it."""
    return max(every, timedelta(minutes=chosen_minutes)) if chosen_minutes else every * LATE_AFTER


def target_refusal(label: str, every_minutes: int, chosen_minutes: int) -> str:
    """Why figures can't be promised so fresh, in a sentence; empty when they can."""
    if not chosen_minutes or not every_minutes or chosen_minutes >= every_minutes:
        return ""
    return (
        f"{label} are read every {in_words(every_minutes)}, so their figures can't be promised to be at most "
        f"{age_in_words(timedelta(minutes=chosen_minutes))} old. Read them more often, or choose a longer target."
    )


def refusal(every: Sequence[int], day: Day) -> str:
    """Why these intervals can't be kept and what could be, in a sentence or two; empty when they fit."""
    if fits(every, day.allowed):
        return ""
    lists = f"{len(every)} lists" if len(every) > 1 else "1 list"
    asked = f"Every {in_words(every[0])} for {lists} is" if len(set(every)) == 1 else f"These intervals for {lists} are"
    best = shortest_that_fits(len(every), day.allowed)
    way_out = f"The shortest that fits for all is every {in_words(best)}." if best else "Switch some lists off."
    return (
        f"{asked} {cost(every):,} {day.unit} a day, {day.name} has {day.calls:,}, of which schedules may use "
        f"{day.allowed:,}. {way_out}"
    )


def in_words(minutes: float) -> str:
    """“5 minutes”, “hour”, “2 hours”, “day”: what stands after “every”."""
    whole = ceil(minutes - 1e-9)
    if whole < 60:
        return f"{whole} minutes" if whole != 1 else "minute"
    if whole % 60 and whole < DAY:
        return f"{whole // 60} h {whole % 60} min"
    hours = ceil(whole / 60)
    if hours == 24:
        return "day"
    return "hour" if hours == 1 else f"{hours} hours"


def age_in_words(age: timedelta) -> str:
    """“40 s”, “12 min”, “3 h 5 min”, “2 days”."""
    seconds = max(0, round(age.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2 * DAY:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes // DAY} days"


def measured(readings: Sequence[tuple[datetime, datetime]]) -> Lag | None:
    """How old the figures really got, from (began, ended) of readings, oldest first; None before the second one.

    Until a reading has ended, what is shown is as old as the beginning of the one before it.
    """
    lags = [ended - began for (began, _), (_, ended) in pairwise(readings[-MEASURED - 1 :])]
    if not lags:
        return None
    typical = timedelta(seconds=median(lag.total_seconds() for lag in lags))
    return Lag(typical, max(lags), len(lags))
