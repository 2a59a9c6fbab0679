"""Doors for the queue: claim, call, ring again if more is left."""

from accounts.clients import seams
from syncjobs.models import Run
from syncjobs.reading import Reader
from syncjobs.services import WORK_RUN
from syncjobs.working import work
from zbridge.crash_points import crash_point
from zbridge.queue import ring
from zbridge.zoho.gate import Priority


def bulk_reader(priority: Priority = Priority.BULK) -> Reader:
    """A reader that takes its calls from that class; bulk, unless a person waits for it."""
    found = seams()
    return Reader(lambda connection: found.clients(connection, priority), found.clock, crash_point)


def work_run(run_id: int) -> None:
    """One turn of a run; rings again while it is running."""
    run = work(run_id, bulk_reader())
    if run is not None and run.state == Run.State.RUNNING:
        ring(WORK_RUN, run_id, queue="bulk")
