"""Freshness: each list has a target, and figures that stay older raise one alarm a side, settled when all are fresh.

The minute's sweep looks; where it doesn't run, or no worker reads, the alarm of silent workers stands already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import alarms, watching
from accounts.models import Connection, Heartbeat
from syncjobs.domain.schedules import age_in_words
from syncjobs.models import Checkpoint, Schedule
from syncjobs.schedules import Standing, standings
from zbridge.clock import Clock
from zbridge.zoho.errors import NAMES

# A pause, or a clock that was moved, is made good by the readings that begin at once: only what lasts is told.
GRACE = timedelta(minutes=3)
ALARMS = {"crm": "late:crm", "books": "late:books"}


@dataclass(frozen=True)
class Late:
    """A list whose figures are older than its target."""

    label: str
    side: str
    age: timedelta
    target: timedelta
    since: datetime


def watch(connection: Connection, clock: Clock) -> None:
    """Note what is late, and tell people once when it lasts and once when it is over."""
    beats = dict(Heartbeat.objects.values_list("queue", "beat_at"))
    if watching.silent(beats, clock.now()):
        return
    late = _noted(connection, clock)
    for side in ALARMS:
        mine = [one for one in late if one.side == side]
        lasting = [one for one in mine if one.since <= clock.now() - GRACE]
        if lasting:
            _sound(connection, side, lasting, clock)
        elif not mine:
            _settle(connection, side, clock)


def _noted(connection: Connection, clock: Clock) -> list[Late]:
    """What is late now, with since when the sweep sees it."""
    business, found = connection.now(clock), []
    rows = Checkpoint.objects.filter(connection=connection).exclude(read_at=None)
    read = dict(rows.values_list("kind", "read_at"))
    for one in standings(connection):
        late = _late(one, read.get(one.row.kind), business, clock)
        since = late.since if late else None
        if one.row.pk and one.row.late_since != since:
            Schedule.objects.filter(pk=one.row.pk).update(late_since=since)
        found += [late] if late else []
    return found


def _late(one: Standing, read_at: datetime | None, business: datetime, clock: Clock) -> Late | None:
    """None when it is fresh, off, or was never read."""
    if one.target is None or read_at is None or business - read_at <= one.target:
        return None
    since = one.row.late_since or clock.now()
    return Late(one.feed.label, one.feed.side, business - read_at, one.target, since)


def _sound(connection: Connection, side: str, late: Sequence[Late], clock: Clock) -> None:
    said = "; ".join(
        f"{one.label} are {age_in_words(one.age)} old (target {age_in_words(one.target)})"
        for one in sorted(late, key=lambda one: -one.age)
    )
    title = f"{connection}: figures of {NAMES[side]} are older than promised"
    text = f"{said}. Every figure shows its age; reading goes on by itself as soon as it can."
    alarms.sound(connection, ALARMS[side], title, text, clock)


def _settle(connection: Connection, side: str, clock: Clock) -> None:
    title = f"{connection}: figures of {NAMES[side]} are fresh again"
    alarms.settle(connection, ALARMS[side], title, "Every list is as fresh as its target says.", clock)
