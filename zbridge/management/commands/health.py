"""`manage.py health`: whether connections, tokens, queues and workers are well; exit 1 if not."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django_q.models import OrmQ

from accounts.circuit import open_circuits
from accounts.clients import seams
from accounts.health import MISSED_AFTER
from accounts.models import Connection, Credential, Heartbeat
from syncjobs.models import Checkpoint, Schedule
from syncjobs.schedules import Standing, standings
from zbridge.management.answers import DONE, REFUSED, AnsweringCommand
from zbridge.management.children import QUEUES
from zbridge.site.waiting import standing


class Command(AnsweringCommand):
    help = "Say how zbridge is."

    def handle(self, *args: object, **options: Any) -> None:
        now = seams().clock.now()
        connections = list(Connection.objects.exclude(state=Connection.State.DRAFT))
        workers = [_worker(row, now) for row in Heartbeat.objects.order_by("queue")]
        found = {
            "healthy": _are_well(connections, now) and _all_beat(workers),
            "connections": _connections(connections),
            "tokens": [_token(row) for row in Credential.objects.filter(connection__in=connections)],
            "queue": {queue: OrmQ.objects.filter(key=queue).count() for queue in QUEUES},
            "late": [row.kind for row in Schedule.objects.exclude(late_since=None)],
            "schedules": [_schedule(found, now) for row in connections for found in standings(row)],
            **_times(connections, now),
            "workers": workers,
        }
        self.answer(found, options, DONE if found["healthy"] else REFUSED)


def _connections(connections: list[Connection]) -> list[dict[str, Any]]:
    """State and hold of each, what waits for which cause, which sides don't answer, and its last health run."""
    now = standing(connections, AnonymousUser())
    return [
        {
            "id": str(row.pk), "state": row.state, "hold": row.hold,
            "held": {cause: held.count for (pk, cause), held in now.held.items() if pk == row.pk},
            "circuits": {side: since.isoformat() for (pk, side), since in now.down.items() if pk == row.pk},
            "health": {"state": row.health_state, "at": row.health_at.isoformat() if row.health_at else None},
        }
        for row in connections
    ]  # fmt: skip


def _are_well(connections: list[Connection], now: datetime) -> bool:
    """There is one, nothing holds any, every side answers, and the last health run is of today and well."""
    held = all(row.state == Connection.State.CONNECTED and not row.hold for row in connections)
    checked = all(row.health_state != "red" and not _is_missed(row, now) for row in connections)
    return bool(connections) and held and checked and not open_circuits(connections)


def _is_missed(row: Connection, now: datetime) -> bool:
    return row.health_at is not None and row.health_at < now - MISSED_AFTER


def _all_beat(workers: list[dict[str, Any]]) -> bool:
    """Each queue's worker gave a sign of life lately."""
    return {row["queue"] for row in workers if row["canary_age"] < settings.ZBRIDGE_WORKER_SILENCE} == set(QUEUES)


def _times(connections: list[Connection], now: datetime) -> dict[str, Any]:
    """Freshness by kind, and the business clock, of the first connection."""
    if not connections:
        return {"freshness": {}, "business_clock": now.isoformat()}
    business = connections[0].now(seams().clock)
    return {"freshness": _freshness(connections[0], business), "business_clock": business.isoformat()}


def _worker(row: Heartbeat, now: datetime) -> dict[str, Any]:
    return {"queue": row.queue, "pid": row.pid, "canary_age": int((now - row.beat_at).total_seconds())}


def _token(row: Credential) -> dict[str, Any]:
    until = row.expires_at.isoformat() if row.expires_at else None
    return {"connection": str(row.connection_id), "expires_at": until}


def _schedule(found: Standing, now: datetime) -> dict[str, Any]:
    """When a run of the kind was last asked for, and when the schedule asks for the next; None while it is off."""
    next_at = (found.next_at or now) if found.every else None
    return {
        "connection": str(found.row.connection_id), "kind": found.row.kind,
        "last": found.asked_at.isoformat() if found.asked_at else None,
        "next": max(next_at, now).isoformat() if next_at else None,
    }  # fmt: skip


def _freshness(connection: Connection, business: datetime) -> dict[str, int]:
    """Seconds since each kind was last read to its end."""
    rows = Checkpoint.objects.filter(connection=connection).exclude(read_at=None)
    return {row.kind: max(0, int((business - row.read_at).total_seconds())) for row in rows if row.read_at}
