"""What is read by itself and how often: a schedule per kind, followed, changed, and held within the day's calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts import audit, pacing
from accounts.models import Connection, User
from accounts.quota_page import UNITS
from syncjobs.domain import schedules as domain
from syncjobs.feeds import Feed
from syncjobs.mappings import Refused
from syncjobs.models import Checkpoint, Run, Schedule
from syncjobs.reading import feed_of
from syncjobs.services import KINDS, OPEN, start_run
from zbridge.clock import Clock

OFF = 0


@dataclass(frozen=True)
class Standing:
    """One kind's schedule as it is followed now: `every` is None when it is off, `next_at` too."""

    row: Schedule
    feed: Feed
    every: timedelta | None
    asked_at: datetime | None
    busy: bool

    @property
    def target(self) -> timedelta | None:
        """How old its figures may be; None while it is off."""
        return domain.target(self.every, self.row.target_minutes) if self.every else None

    @property
    def next_at(self) -> datetime | None:
        """When the next run is due; the past and None of one that was never read mean: within a minute."""
        return self.asked_at + self.every if self.asked_at and self.every else None

    def is_due(self, now: datetime) -> bool:
        """Whether a run of this kind is to be started."""
        return self.every is not None and not self.busy and (self.next_at is None or self.next_at <= now)


def standings(connection: Connection) -> list[Standing]:
    """Every kind in the order of reading; one without a row yet stands as it will be made."""
    rows = {row.kind: row for row in _rows(connection)}
    found = [rows.get(kind) or Schedule(connection=connection, kind=kind) for kind in KINDS]
    every = _followed(connection, found)
    return [
        Standing(row, _feed(row.kind), every.get(row.kind), getattr(row, "asked_at", None),
                 getattr(row, "busy", False))
        for row in found
    ]  # fmt: skip


def _feed(kind: str) -> Feed:
    return feed_of(kind, settings.ZBRIDGE_FEEDS)


def _rows(connection: Connection) -> "QuerySet[Schedule]":
    """With when a run of the kind was last asked for, by whomever, and whether one is under way."""
    # An import may wait for the night; the deltas of its kinds go on meanwhile.
    runs = Run.objects.filter(connection=OuterRef("connection"), kind=OuterRef("kind"), part_of=None)
    last = runs.order_by("-requested_at").values("requested_at")[:1]
    return Schedule.objects.filter(connection=connection, kind__in=KINDS).annotate(
        asked_at=Subquery(last), busy=Exists(runs.filter(state__in=OPEN))
    )


def make_missing(connection: Connection) -> None:
    """A schedule for each kind that has none: every five minutes, as far as the day's calls allow."""
    there = set(Schedule.objects.filter(connection=connection).values_list("kind", flat=True))
    for kind in KINDS:
        if kind not in there:
            Schedule.objects.get_or_create(connection=connection, kind=kind)


def poll_every(connection: Connection) -> dict[str, timedelta]:
    """How often each kind that is on is asked for changes, stretched where the edition's calls need it."""
    return {one.row.kind: one.every for one in standings(connection) if one.every is not None}


def _followed(connection: Connection, rows: Sequence[Schedule]) -> dict[str, timedelta]:
    found: dict[str, timedelta] = {}
    for side in UNITS:
        wanted = {row.kind: row.every_minutes for row in rows if row.on and _feed(row.kind).side == side}
        if wanted:
            minutes = domain.stretched(wanted, pacing.for_listing(pacing.day_of(connection, side)))
            found |= {kind: timedelta(minutes=every) for kind, every in minutes.items()}
    return found


def start_due_runs(connection: Connection, clock: Clock) -> list[Run]:
    """Start the delta reading of every kind whose time has come and that isn't under way; once, whoever else sweeps."""
    make_missing(connection)
    read = set(Checkpoint.objects.filter(connection=connection).values_list("kind", flat=True))
    connected = connection.state == Connection.State.CONNECTED
    due = [one.row for one in standings(connection) if one.is_due(clock.now()) and (connected or one.row.kind in read)]
    return [run for row in due if (run := _start(row, clock)) is not None]


def _start(row: Schedule, clock: Clock) -> Run | None:
    """The run, unless another sweep saw the same and was first."""
    with transaction.atomic():
        seen = Schedule.objects.filter(pk=row.pk, on=True, started_at=row.started_at)
        if not seen.update(started_at=clock.now()):
            return None
        return start_run(row.connection, row.kind, clock, trigger="schedule")


def day_of(connection: Connection, side: str) -> domain.Day:
    """What the side's day has, by the name of its edition."""
    calls = pacing.day_of(connection, side)
    name = f"Books' plan {connection.books_plan}" if connection.books_plan else "Books"
    if side == "crm":
        name = f"CRM's edition {connection.crm_edition}" if connection.crm_edition else "CRM"
    return domain.Day(name, UNITS[side], calls, pacing.for_listing(calls))


def stamp(rows: Sequence[Schedule]) -> str:
    """What a person saw when she chose: it differs once somebody else has changed one."""
    return ",".join(f"{row.every_minutes if row.on else OFF}/{row.target_minutes}" for row in rows)


def keep(
    connection: Connection, wanted: Mapping[str, int], seen: str, user: User, clock: Clock,
    targets: Mapping[str, int] | None = None,
) -> str:  # fmt: skip
    """Keep the intervals (minutes, 0: off) of all kinds, and targets of some; what changed, in a sentence.

    Raises Refused, with nothing changed, when a side whose schedules change would cost more than its share of the
    day, when a target is shorter than its interval, or when somebody else changed them meanwhile.
    """
    make_missing(connection)
    with transaction.atomic():
        locked = {row.kind: row for row in Schedule.objects.select_for_update().filter(connection=connection)}
        rows = [locked[kind] for kind in KINDS]
        if stamp(rows) != seen:
            raise Refused("Somebody else changed the schedules meanwhile, so nothing was changed. Look at them anew.")
        changed = [row for row in rows if (row.every_minutes if row.on else OFF) != wanted[row.kind]]
        _refuse_what_can_t_fit(connection, changed, wanted)
        said = [_set(row, wanted[row.kind]) for row in changed]
        said += [_aim(row, (targets or {})[row.kind]) for row in rows if row.kind in (targets or {})]
        said = [sentence for sentence in said if sentence]
        if said:
            detail = {**wanted, "targets": dict(targets or {})}
            audit.record(
                user, "schedule", f"Schedules of {connection}: {'; '.join(said)}.", connection=connection,
                subject=("schedule", str(connection.pk)), detail=detail, clock=clock,
            )  # fmt: skip
    return f"Kept: {'; '.join(said)}." if said else "Nothing was different, so nothing was changed."


def _refuse_what_can_t_fit(connection: Connection, changed: Sequence[Schedule], wanted: Mapping[str, int]) -> None:
    for side in {_feed(row.kind).side for row in changed}:
        every = [minutes for kind, minutes in wanted.items() if minutes and _feed(kind).side == side]
        if said := domain.refusal(every, day_of(connection, side)):
            raise Refused(f"Nothing was changed. {said}")


def _aim(row: Schedule, minutes: int) -> str:
    """Keep a target; empty when nothing was different. Raises Refused, which takes everything back."""
    if said := domain.target_refusal(_feed(row.kind).label, row.every_minutes if row.on else OFF, minutes):
        raise Refused(f"Nothing was changed. {said}")
    if row.target_minutes == minutes:
        return ""
    row.target_minutes = minutes
    row.save(update_fields=["target_minutes"])
    aim = f"at most {domain.age_in_words(timedelta(minutes=minutes))} old" if minutes else "at most two intervals old"
    return f"{_feed(row.kind).label} {aim}"


def _set(row: Schedule, minutes: int) -> str:
    before = f"every {domain.in_words(row.every_minutes)}" if row.on else "off"
    row.on = minutes != OFF
    row.every_minutes = minutes or row.every_minutes
    row.save(update_fields=["on", "every_minutes"])
    after = f"every {domain.in_words(minutes)}" if row.on else "off"
    return f"{_feed(row.kind).label} {after} (before: {before})"
