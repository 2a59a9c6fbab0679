"""Doors for the queue: claim, call, ring again if more is left."""

import logging

from accounts import watching
from accounts.clients import seams
from accounts.models import Connection
from syncjobs import channels, duplicates, hints, link_faults, vanishing
from syncjobs.domain.pairs import KINDS
from syncjobs.live_fields import read_fields
from syncjobs.mappings import mapping_of
from syncjobs.models import Checkpoint, Run
from syncjobs.reading import Reader
from syncjobs.services import WORK_RUN
from syncjobs.working import work
from zbridge.crash_points import crash_point
from zbridge.queue import ring
from zbridge.zoho.errors import ZohoError
from zbridge.zoho.gate import Priority

log = logging.getLogger(__name__)


def bulk_reader(priority: Priority = Priority.BULK) -> Reader:
    """A reader that takes its calls from that class; bulk, unless a person waits for it."""
    found = seams()
    return Reader(lambda connection: found.clients(connection, priority), found.clock, crash_point)


def reader_of(run_id: int) -> Reader:
    """What a schedule reads of what was listed before, and a list instead of many looks, is polling; the rest is bulk.

    Bulk work ends at three fifths of the day's calls, and the figures would be as old as that until midnight.
    """
    run = Run.objects.filter(pk=run_id).first()
    if run is None or (run.trigger != "balances" and (run.full or run.trigger != "schedule")):
        return bulk_reader()
    known = Checkpoint.objects.filter(connection=run.connection_id, kind=run.kind, listed_at__isnull=False)
    return bulk_reader(Priority.POLL if known.exists() else Priority.BULK)


def work_run(run_id: int) -> None:
    """One turn of a run; rings again while it is running."""
    run = work(run_id, reader_of(run_id))
    if run is not None and run.state == Run.State.RUNNING:
        ring(WORK_RUN, run_id, queue="bulk")


def work_hints(connection_id: int) -> None:
    """Look where the hints say; rings again while more is left."""
    connection = Connection.objects.get(pk=connection_id)
    if hints.work(connection, bulk_reader(Priority.PUSH)):
        ring(hints.WORK, connection_id, queue="bulk")


def keep_channels(connection_id: int) -> None:
    """Renew CRM's notification channels, or subscribe to them."""
    found, connection = seams(), Connection.objects.get(pk=connection_id)
    if channels.due(connection, found.clock):
        channels.keep(connection, found.clients(connection, Priority.PUSH), found.clock)


def look_for_gone(connection_id: int) -> None:
    """Ask for CRM's deletions and for what Zoho's lists no longer show."""
    found, connection = seams(), Connection.objects.get(pk=connection_id)
    if not vanishing.due(connection, found.clock):
        return
    try:
        vanishing.look_for_gone(connection, found.clients(connection, Priority.BULK), found.clock)
    except ZohoError as trouble:
        log.warning("gone records of connection %s were not looked for: %s", connection_id, trouble.sentence)


def find_duplicates(connection_id: int) -> None:
    """Compare what changed, or all once a night."""
    found, connection = seams(), Connection.objects.get(pk=connection_id)
    if duplicates.due(connection, found.clock):
        duplicates.find(connection, found.clock, alive=lambda: watching.lives("bulk", found.clock))


def look_at_links(connection_id: int) -> None:
    """See which links are to be repaired: those that moved, or all once a night."""
    found, connection = seams(), Connection.objects.get(pk=connection_id)
    if link_faults.due(connection, found.clock):
        link_faults.find(connection, found.clock)


def read_live_fields(connection_id: int) -> None:
    """Ask both systems which fields they have."""
    found, connection = seams(), Connection.objects.get(pk=connection_id)
    try:
        read_fields(connection, found.clients(connection, Priority.BULK), found.clock)
        for pair in KINDS:
            mapping_of(connection, pair, found.clock)
    except ZohoError as trouble:
        log.warning("the fields of connection %s were not read: %s", connection_id, trouble.sentence)
