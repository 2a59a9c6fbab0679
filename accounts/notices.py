"""The outbox of messages to people: one per event, whoever tells it again; read here, and sent on by a worker."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Connection, Notice, NoticeSeen, User
from accounts.roles import AUDITOR, role_names
from zbridge.clock import Clock
from zbridge.queue import ring

DELIVER = "accounts.tasks.deliver"


def tell(
    connection: Connection | None, event: str, title: str, text: str, *, clock: Clock, role: str = "",
    user: User | None = None, subject: tuple[str, str] = ("", ""),
) -> None:  # fmt: skip
    """Tell a role or a person about an event; the same event is told once, and a worker sends it on."""
    if Notice.objects.filter(connection=connection, event=event[:120]).exists():
        return
    with transaction.atomic():
        Notice.objects.bulk_create(
            [
                Notice(
                    connection=connection, event=event[:120], title=title[:200], text=text, role=role, user=user,
                    subject_kind=subject[0], subject_id=subject[1], created_at=clock.now(),
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        ring(DELIVER, queue="bulk")


def addressed(user: User) -> "QuerySet[Notice]":
    """The notices for this person: hers, her roles', everybody's. An auditor reads those of all roles."""
    roles = role_names(user)
    mine = Q(user=user) | Q(user=None, role__in=["", *roles])
    return Notice.objects.filter(mine | Q(user=None) if AUDITOR in roles else mine)


def unread(user: User) -> "QuerySet[Notice]":
    """Those of them that she has not marked as seen."""
    return addressed(user).filter(~Exists(NoticeSeen.objects.filter(notice=OuterRef("pk"), user=user)))


def mark_seen(user: User, now: datetime, notice_id: int | None = None) -> int:
    """Mark one notice, or all, as seen by this person; how many were unread."""
    rows = unread(user)
    found = list((rows.filter(pk=notice_id) if notice_id else rows).values_list("pk", flat=True))
    NoticeSeen.objects.bulk_create([NoticeSeen(notice_id=pk, user=user, at=now) for pk in found], ignore_conflicts=True)
    return len(found)
