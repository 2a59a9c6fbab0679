"""What the web process itself notices: workers and checks that have fallen silent, which no worker could tell."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from accounts import alarms, health
from accounts.models import Connection, Heartbeat
from zbridge.clock import Clock
from zbridge.queue import ring

SILENT_AFTER = timedelta(minutes=5)
WORKERS = "workers"
QUEUES = ("click", "bulk")


def silent(beats: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """The queues whose worker gave no sign of life for five minutes, each with its last one."""
    return {queue: at for queue, at in beats.items() if at < now - SILENT_AFTER}


def lives(queue: str, clock: Clock) -> None:
    """A sign of life from the middle of a long piece of work in that queue."""
    Heartbeat.objects.filter(queue=queue).update(beat_at=clock.now())


def missed(connections: Sequence[Connection], clock: Clock) -> list[Connection]:
    """Connected ones whose last health run is older than a day and an hour."""
    until = clock.now() - health.MISSED_AFTER
    return [row for row in connections if row.state == "connected" and row.health_at and row.health_at < until]


def tell_silence(text: str, clock: Clock) -> None:
    """Once, from a request; sent on by whichever worker still hears a bell."""
    if alarms.sound(None, WORKERS, "zbridge's workers are silent", text, clock):
        for queue in QUEUES:
            ring("accounts.tasks.deliver", queue="click" if queue == "click" else "bulk")


def tell_missed(connection: Connection, text: str, clock: Clock) -> None:
    """Once, from a request."""
    alarms.sound(connection, health.MISSED, f"{connection}: the daily health check is missing", text, clock)


def settle_silence(clock: Clock) -> None:
    """A worker beats: when none is silent any more, people are told."""
    beats = dict(Heartbeat.objects.values_list("queue", "beat_at"))
    if not silent(beats, clock.now()):
        alarms.settle(
            None, WORKERS, "zbridge's workers run again", "What waited is worked now; nothing was lost.", clock
        )


def is_well(clock: Clock) -> bool:
    """For monitors: the database answers and the workers of both queues live."""
    beats = dict(Heartbeat.objects.values_list("queue", "beat_at"))
    return set(QUEUES) <= set(beats) and not silent(beats, clock.now())
