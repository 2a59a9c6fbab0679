"""The circuit of each side, in the database: five calls without an answer stop all processes for a minute.

Then one probe goes through; while probes fail the pause grows, and the first answer closes the circuit for everybody.
The log-in server has no circuit: only refreshes go there, and they have their own pace (accounts.tokens).
"""

from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import F, Q

from accounts import alarms
from accounts.models import Circuit, Connection
from zbridge.clock import Clock
from zbridge.zoho.errors import NAMES, Unavailable, Unreadable
from zbridge.zoho.gate import Answer

SIDES = ("crm", "books")
OPENS_AFTER = 5
# A pause after each failed probe; the last one stays.
PAUSES = (timedelta(seconds=60), timedelta(seconds=60), timedelta(seconds=120), timedelta(seconds=300))
TOLD_AFTER = timedelta(minutes=15)
PROBE_LEASE = timedelta(seconds=45)


def check(connection: Connection, side: str, now: datetime) -> bool:
    """Let a call pass while the side answers, or as the one probe (True); else Unavailable with the seconds to wait."""
    row = Circuit.objects.filter(connection=connection, side=side).exclude(opened_at=None).first()
    if row is None:
        return False
    if row.open_until is not None and now < row.open_until <= now + 2 * PAUSES[-1]:
        raise Unavailable(side, retry_after=(row.open_until - now).total_seconds(), cause="circuit")
    free = Q(probing_until=None) | Q(probing_until__lte=now) | Q(probing_until__gt=now + 2 * PROBE_LEASE)
    if not Circuit.objects.filter(free, pk=row.pk).update(probing_until=now + PROBE_LEASE):
        raise Unavailable(side, retry_after=5.0, cause="circuit")
    return True


def learn(connection: Connection, side: str, answer: Answer, now: datetime) -> bool:
    """Count a call without an answer, or forget them; True when this answer closed an open circuit."""
    if is_silence(answer):
        _count(connection, side, now)
        return False
    row = Circuit.objects.filter(connection=connection, side=side, failures__gt=0).first()
    if row is None:
        return False
    closed = {"failures": 0, "failing_since": None, "opened_at": None, "open_until": None, "probing_until": None}
    rows = Circuit.objects.filter(pk=row.pk, opened_at=row.opened_at)
    return rows.update(probes=0, **closed) == 1 and row.opened_at is not None


def give_up_probe(connection: Connection, side: str) -> None:
    """The probe was let through and then not made (no quota): another may try."""
    Circuit.objects.filter(connection=connection, side=side).update(probing_until=None)


def is_silence(answer: Answer) -> bool:
    """No answer, a server's failure, or a page that says nothing: the side may be down. A refusal is an answer."""
    silent = answer.status is None or answer.status >= 500
    return silent or isinstance(answer.error, Unavailable | Unreadable)


def open_circuits(connections: list[Connection]) -> list[Circuit]:
    """The sides that don't answer now, the longest first."""
    rows = Circuit.objects.filter(connection__in=connections).exclude(opened_at=None)
    return list(rows.order_by("opened_at"))


def tell(connection: Connection, clock: Clock) -> None:
    """People are told when a side has been silent for a quarter of an hour, and when it answers again."""
    silent = {row.side: row for row in open_circuits([connection])}
    for side in SIDES:
        name, row = NAMES[side], silent.get(side)
        if row is None:
            said = "What waited goes on by itself; nothing was lost."
            alarms.settle(connection, f"silent:{side}", f"{name} of {connection} answers again", said, clock)
        elif (row.failing_since or row.opened_at or clock.now()) <= clock.now() - TOLD_AFTER:
            said = f"{name} gives no answer. Work that needs it waits, none is lost, and it goes on by itself."
            alarms.sound(connection, f"silent:{side}", f"{name} of {connection} doesn't answer", said, clock)


def _count(connection: Connection, side: str, now: datetime) -> None:
    row = _row(connection, side)
    Circuit.objects.filter(pk=row.pk, failing_since=None).update(failing_since=now)
    Circuit.objects.filter(pk=row.pk).update(failures=F("failures") + 1)
    enough = Circuit.objects.filter(pk=row.pk, failures__gte=OPENS_AFTER)
    if enough.filter(opened_at=None).update(opened_at=now, open_until=now + PAUSES[0], probes=0, probing_until=None):
        return
    row.refresh_from_db()
    if row.opened_at is not None and row.open_until is not None and row.open_until <= now:
        pause = PAUSES[min(row.probes + 1, len(PAUSES) - 1)]
        again = Circuit.objects.filter(pk=row.pk, open_until=row.open_until)
        again.update(probes=F("probes") + 1, open_until=now + pause, probing_until=None)


def _row(connection: Connection, side: str) -> Circuit:
    try:
        return Circuit.objects.get_or_create(connection=connection, side=side)[0]
    except IntegrityError:
        return Circuit.objects.get(connection=connection, side=side)
