"""What people did: append-only rows in the deed's own transaction, chained by hash so that a gap or a change shows."""

import json
from hashlib import sha256
from typing import Any

from django.db import connection as database
from django.db import transaction

from accounts.models import AuditEvent, Connection, User
from zbridge.clock import Clock

CHAIN_LOCK = 7_301_022
HASHED = ("at", "actor", "verb", "subject_kind", "subject_id", "sentence", "detail", "previous_hash")


def record(
    user: User | None, verb: str, sentence: str, *, clock: Clock, connection: Connection | None = None,
    subject: tuple[str, str] = ("", ""), detail: dict[str, Any] | None = None,
) -> AuditEvent:  # fmt: skip
    """Append one event; inside the caller's transaction, so deed and event stand or fall together."""
    event = AuditEvent(
        connection=connection, at=clock.now(), user=user, actor=user.get_username() if user else "zbridge", verb=verb,
        subject_kind=subject[0], subject_id=subject[1], sentence=sentence[:500], detail=detail or {},
    )  # fmt: skip
    with transaction.atomic():
        _one_at_a_time()
        last = AuditEvent.objects.order_by("-pk").values_list("hash", flat=True).first()
        event.previous_hash = last or ""
        event.hash = _hash(event)
        event.save(force_insert=True)
    return event


def _one_at_a_time() -> None:
    """The chain has one end: on PostgreSQL a lock until the transaction ends; SQLite has one writer anyway."""
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def _hash(event: AuditEvent) -> str:
    found = {name: getattr(event, name) for name in HASHED}
    found["at"] = event.at.isoformat()
    return sha256(json.dumps(found, sort_keys=True, default=str).encode()).hexdigest()


def verify() -> list[str]:
    """Sentences about rows that were changed, reordered or removed; empty when the chain is whole."""
    faults, previous = [], ""
    for event in AuditEvent.objects.order_by("pk").iterator():
        if event.previous_hash != previous:
            faults.append(f"Event {event.pk} doesn't follow the one before it.")
        if event.hash != _hash(event):
            faults.append(f"Event {event.pk} was changed.")
        previous = event.hash
    return faults
