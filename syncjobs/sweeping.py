"""What the minute's sweep finds in the tables of runs."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Connection
from syncjobs import channels, duplicates, freshness, hints, importing, link_faults, live_fields, vanishing
from syncjobs.models import Checkpoint, Run, Schedule
from syncjobs.off_peak import window_of
from syncjobs.schedules import start_due_runs
from syncjobs.services import KINDS, OPEN, WORK_RUN, start_run
from syncjobs.tasks import bulk_reader, find_duplicates, keep_channels, look_at_links, look_for_gone, reader_of
from syncjobs.working import work
from zbridge.clock import Clock
from zbridge.queue import ring
from zbridge.zoho.gate import Priority

LOOK = "syncjobs.tasks.look_for_gone"
LISTED_ANEW = timedelta(days=7)


def due(connection: Connection, clock: Clock) -> list[int]:
    """Runs that nobody works on and that nothing holds."""
    now = clock.now()
    free = Run.objects.filter(connection=connection, state__in=OPEN)
    free = free.filter(Q(lease_until=None) | Q(lease_until__lt=now), Q(hold_until=None) | Q(hold_until__lte=now))
    return list(free.order_by("pk").values_list("pk", flat=True))


def due_since(connection: Connection, since: datetime, now: datetime) -> list[tuple[int, datetime | None]]:
    """Paused runs whose time came after `since`, with that time; who waited longest goes first."""
    free = Run.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), connection=connection, state__in=OPEN)
    rows = free.filter(hold_until__gt=since, hold_until__lte=now).order_by("hold_until")
    return list(rows.values_list("pk", "hold_until"))


def resume(connection: Connection, causes: Collection[str], clock: Clock) -> int:
    """What waited for one of the causes is due now; how many runs."""
    held = Run.objects.filter(connection=connection, state__in=OPEN, hold_cause__in=causes)
    count = held.count()
    held.filter(hold_until__gt=clock.now()).update(hold_until=clock.now())
    return count


def start_due_listings(connection: Connection, clock: Clock) -> None:
    """Once a week everything is listed anew: deltas never show what was deleted in Books, or a lost page's row.

    Not what is switched off, and only when the off-peak hours have come: a listing that waits would hold the deltas.
    """
    now, window = connection.now(clock), window_of(connection)
    if window is not None and not window.is_open(now):
        return
    off = Schedule.objects.filter(connection=connection, on=False).values("kind")
    rows = Checkpoint.objects.filter(connection=connection, kind__in=KINDS, listed_at__lt=now - LISTED_ANEW)
    for kind in rows.exclude(kind__in=off).values_list("kind", flat=True):
        run = start_run(connection, kind, clock, full=True, trigger="listing")
        Run.objects.filter(pk=run.pk, trigger="listing", started_at=None).update(in_window=True)


def ring_due(connection: Connection, clock: Clock) -> None:
    """Start what is due by its interval and ring for what lies still."""
    waiting = due(connection, clock)
    start_due_runs(connection, clock)
    live_fields.ask_when_old(connection, clock)
    start_due_listings(connection, clock)
    importing.advance_due(connection, clock)
    hints.ring_due(connection, clock)
    if channels.due(connection, clock):
        ring(channels.WORK, connection.pk, queue="bulk")
    if vanishing.due(connection, clock):
        ring(LOOK, connection.pk, queue="bulk")
    if duplicates.due(connection, clock):
        ring(duplicates.FIND, connection.pk, queue="bulk", long=True)
    if link_faults.due(connection, clock):
        ring(link_faults.LOOK, connection.pk, queue="bulk")
    for run_id in waiting:
        ring(WORK_RUN, run_id, queue="bulk")
    freshness.watch(connection, clock)


def work_due(connection: Connection, clock: Clock) -> int:
    """Start and work all due runs in this process; how many were worked."""
    keep_channels(connection.pk)
    while hints.work(connection, bulk_reader(Priority.PUSH)):
        continue
    start_due_runs(connection, clock)
    start_due_listings(connection, clock)
    importing.advance_due(connection, clock)
    look_for_gone(connection.pk)
    waiting = due(connection, clock)
    for run_id in waiting:
        run = work(run_id, reader_of(run_id))
        while run is not None and run.state == Run.State.RUNNING:
            run = work(run_id, reader_of(run_id))
    find_duplicates(connection.pk)
    look_at_links(connection.pk)
    freshness.watch(connection, clock)
    return len(waiting)
