"""The minute's sweep: rings from the tables, so that a lost, doubled or late task costs time and never an invoice."""

import os

from django_q.models import Schedule

from accounts import alarms, holds, retention, watching
from accounts import sweeping as people
from accounts.clients import seams
from accounts.models import Connection, Heartbeat, HoldCause
from accounts.tokens import ACCESS_ENDED
from invoicing import sweeping as conversions
from syncjobs import sweeping as runs
from zbridge.clock import Clock
from zbridge.queue import ring
from zbridge.site.waiting import counted

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
    watching.settle_silence(seams().clock)


def beat_bulk() -> None:
    """The bulk queue's own sign of life."""
    beat("bulk")


def tick() -> None:
    """Ring for everything that is due."""
    beat("click")
    ring(BEAT, queue="bulk")
    clock = seams().clock
    for connection in Connection.objects.filter(state=Connection.State.CONNECTED):
        free(connection, clock)
        conversions.ring_due(connection, clock)
        runs.ring_due(connection, clock)
        people.ring_due(connection, clock)
    people.ring_house(clock)
    retention.purge(clock)


def resume(connection_id: int) -> None:
    """A cause has gone: what waited for it is rung now, and people are told that work goes on."""
    clock = seams().clock
    connection = Connection.objects.get(pk=connection_id)
    free(connection, clock)
    if connection.state == Connection.State.CONNECTED:
        conversions.ring_due(connection, clock)
        runs.ring_due(connection, clock)


def free(connection: Connection, clock: Clock) -> int:
    """Make due what waited for a cause that is gone; how many items."""
    gone = holds.over(connection)
    freed = conversions.resume(connection, gone, clock) + runs.resume(connection, gone, clock)
    if HoldCause.RECONNECT in gone:
        said = f"{counted(freed)} {'goes' if freed == 1 else 'go'} on now, and nothing was lost."
        alarms.settle(connection, ACCESS_ENDED, f"Zoho access of {connection} is back", said, clock)
    return freed


def work_everything() -> dict[str, int]:
    """Work all that is due, in this process: cron's fallback where no queue runs."""
    worked = {"conversions": 0, "runs": 0}
    clock = seams().clock
    for connection in Connection.objects.filter(state=Connection.State.CONNECTED):
        free(connection, clock)
        worked["conversions"] += conversions.work_due(connection, clock)
        worked["runs"] += runs.work_due(connection, clock)
        if conversions.hand_on(connection, clock):
            worked["runs"] += runs.work_due(connection, clock)
        people.work_due(connection, seams())
    people.work_house(clock)
    retention.purge(clock)
    return worked
