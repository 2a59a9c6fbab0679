"""How long a sale waits on its way to the money: median and worst per week, by flow. Pure.

A week begins on Monday in the organisation's zone and takes what ended in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

NOTHING = timedelta(0)


class Flow(StrEnum):
    """From which moment to which."""

    ACCEPTED = "accepted"
    WON = "won"
    SENT = "sent"
    PAID = "paid"


@dataclass(frozen=True)
class Week:
    """What ended in the week that begins on that Monday."""

    monday: date
    count: int
    median: timedelta
    worst: timedelta


def lead_time(start: datetime, end: datetime) -> timedelta:
    """From the one to the other; nothing where the end was seen before the start."""
    return max(end - start, NOTHING)


def median(times: Sequence[timedelta]) -> timedelta:
    """The middle one, or half-way between the two in the middle. ValueError when there is none."""
    if not times:
        raise ValueError("A median needs at least one time.")
    ordered, middle = sorted(times), len(times) // 2
    return ordered[middle] if len(times) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def monday_of(moment: datetime, zone: ZoneInfo) -> date:
    """The Monday of its week, by the calendar of that zone."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def weekly(pairs: Iterable[tuple[datetime, datetime]], zone: ZoneInfo) -> tuple[Week, ...]:
    """Each pair counts once, in the week of its end; weeks in order, empty ones left out."""
    found: dict[date, list[timedelta]] = {}
    for start, end in pairs:
        found.setdefault(monday_of(end, zone), []).append(lead_time(start, end))
    return tuple(Week(monday, len(times), median(times), max(times)) for monday, times in sorted(found.items()))


def spoken(time: timedelta) -> str:
    """As people say it: 14 min, 3 h 10 min, 4 d 2 h."""
    minutes = round(time.total_seconds() / 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 180 + 60:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if days < 2 else f"{days} d {hours % 24} h"
