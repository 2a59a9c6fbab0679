"""The minute's sweep: rings from the tables, so that a lost, doubled or late task costs time and never an invoice."""

import os

from django_q.models import Schedule

from accounts import sweeping as self_tests
from accounts.clients import seams
from accounts.models import Connection, Heartbeat
from invoicing import sweeping as conversions
from syncjobs import sweeping as runs
from zbridge.queue import ring

TICK = "zbridge.site.sweep.tick"
BEAT = "zbridge.site.sweep.beat_bulk"


def schedule_tick() -> None:
    """Make sure of the one q2 schedule; what is due is decided by our own rows."""
    Schedule.objects.update_or_create(
        name="tick", defaults={"func": TICK, "schedule_type": Schedule.MINUTES, "minutes": 1, "cluster": "click"}
    )


def beat(queue: str) -> None:
    """A sign of life from inside a worker of that queue."""
    now = seams().clock.now()
    Heartbeat.objects.update_or_create(queue=queue, defaults={"pid": os.getppid(), "beat_at": now})


def beat_bulk() -> None:
    """The bulk queue's own sign of life."""
    beat("bulk")


def tick() -> None:
    """Ring for everything that is due."""
    beat("click")
    ring(BEAT, queue="bulk")
    clock = seams().clock
    for connection in Connection.objects.filter(state=Connection.State.CONNECTED):
        conversions.ring_due(connection, clock)
        runs.ring_due(connection, clock)
        self_tests.ring_due(connection, clock)


def work_everything() -> dict[str, int]:
    """Work all that is due, in this process: cron's fallback where no queue runs."""
    worked = {"conversions": 0, "runs": 0}
    clock = seams().clock
    for connection in Connection.objects.filter(state=Connection.State.CONNECTED):
        worked["conversions"] += conversions.work_due(connection, clock)
        worked["runs"] += runs.work_due(connection, clock)
        self_tests.work_due(connection, seams())
    return worked
