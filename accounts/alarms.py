"""Alarms: told once when something goes wrong and once when it is well again."""

from django.db import IntegrityError, transaction

from accounts import notices
from accounts.models import Alarm, Connection
from zbridge.clock import Clock


def sound(
    connection: Connection | None, kind: str, title: str, text: str, clock: Clock, *, role: str = "revops"
) -> bool:
    """Something is wrong: True and told when it wasn't known yet; a standing alarm only gets the newer sentence."""
    rows = Alarm.objects.filter(connection=connection, kind=kind, closed_at=None)
    standing = rows.first()
    if standing is not None:
        if standing.sentence != text[:300]:
            rows.update(sentence=text[:300])
        return False
    try:
        with transaction.atomic():
            row = Alarm.objects.create(connection=connection, kind=kind, sentence=text[:300], opened_at=clock.now())
            _tell(row, "begun", title, text, role, clock)
    except IntegrityError:
        return False
    return True


def settle(
    connection: Connection | None, kind: str, title: str, text: str, clock: Clock, *, role: str = "revops"
) -> bool:
    """It is well again: True and told when there was an alarm."""
    row = Alarm.objects.filter(connection=connection, kind=kind, closed_at=None).first()
    if row is None:
        return False
    with transaction.atomic():
        if not Alarm.objects.filter(pk=row.pk, closed_at=None).update(closed_at=clock.now()):
            return False
        _tell(row, "over", title, text, role, clock)
    return True


def _tell(row: Alarm, part: str, title: str, text: str, role: str, clock: Clock) -> None:
    subject = ("connection", str(row.connection_id)) if row.connection_id else ("", "")
    event = f"{row.kind}:{row.pk}:{part}"
    notices.tell(row.connection, event, title, text, role=role, subject=subject, clock=clock)
