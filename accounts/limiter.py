"""Calls are the currency: one token bucket per connection and side in the database, shared by all processes.

Every take is one conditional UPDATE, right on PostgreSQL and SQLite alike. A worker never sleeps for a token: it is
told how long to wait and gives its work back. In any sliding minute at most capacity + per_minute calls pass.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import Least

from accounts.models import Bucket, Connection, Slot
from zbridge.zoho.errors import RateLimited, Unavailable
from zbridge.zoho.gate import Priority

# Tokens, and the share of the day, that must remain for those who go before (reliability 6).
RESERVED_TOKENS = {Priority.CLICK: 0.0, Priority.PUSH: 2.0, Priority.POLL: 3.0, Priority.BULK: 4.0}
RESERVED_DAY = {Priority.CLICK: 0.0, Priority.PUSH: 0.08, Priority.POLL: 0.15, Priority.BULK: 0.40}
SLOT_LEASE = timedelta(seconds=60)
CIRCUIT_AFTER, CIRCUIT_OPEN = 5, timedelta(seconds=60)
# A minute's block halves the pace, which then recovers by a twentieth a minute.
LEAST_FACTOR, REGAINED_A_MINUTE = 0.25, 0.05


@dataclass(frozen=True)
class Pace:
    """How fast one side lets us call: calls at once on the spot, then so many a minute, and so many in flight."""

    capacity: float
    per_minute: float
    at_once: int


# Books: 100 a minute, some organisations less, so start at 60 (design 7). CRM: credits a day and 10-25 at once.
PACES = {"books": Pace(10, 60, 6), "crm": Pace(20, 240, 8)}


def bucket(connection: Connection, side: str, now: datetime) -> Bucket:
    """The bucket of a side, made full on first use."""
    found = Bucket.objects.filter(connection=connection, side=side).first()
    if found is not None:
        return found
    pace = PACES[side]
    columns = {
        "tokens": pace.capacity, "capacity": pace.capacity, "per_minute": pace.per_minute, "at_once": pace.at_once,
        "filled_at": now,
    }  # fmt: skip
    try:
        return Bucket.objects.get_or_create(connection=connection, side=side, defaults=columns)[0]
    except IntegrityError:
        return Bucket.objects.get(connection=connection, side=side)


def take(connection: Connection, side: str, priority: Priority, now: datetime) -> None:
    """Take one call; raises RateLimited or Unavailable with the seconds to wait when there is none for this class."""
    found = bucket(connection, side, now)
    _check_blocks(found, side, priority, now)
    _refill(found, now)
    reserve = RESERVED_TOKENS[priority]
    taken = Bucket.objects.filter(pk=found.pk, tokens__gte=1 + reserve).filter(
        Q(blocked_until=None) | Q(blocked_until__lte=now)
    )
    if taken.update(tokens=F("tokens") - 1, day_used=F("day_used") + 1) != 1:
        wait = (1 + reserve) * 60 / (found.per_minute * found.factor)
        raise RateLimited(side, retry_after=max(0.5, min(wait, 30)), cause="quota")


def _check_blocks(found: Bucket, side: str, priority: Priority, now: datetime) -> None:
    if found.blocked_until is not None and found.blocked_until > now:
        wait = (found.blocked_until - now).total_seconds()
        if found.blocked_cause == "unavailable":
            raise Unavailable(side, retry_after=wait, cause="circuit")
        raise RateLimited(side, retry_after=wait, cause="day" if found.blocked_cause == "day" else "minute")
    day_is_on = found.day_resets_at is None or found.day_resets_at > now
    if found.day_limit and day_is_on and found.day_used >= found.day_limit * (1 - RESERVED_DAY[priority]):
        until = (found.day_resets_at - now).total_seconds() if found.day_resets_at else 3600.0
        raise RateLimited(side, retry_after=max(1.0, until), cause="day")


def _refill(found: Bucket, now: datetime) -> None:
    """Pour in what time has brought; the condition on `filled_at` lets only one process pour the same seconds."""
    elapsed = (now - found.filled_at).total_seconds()
    if elapsed <= 0:
        return
    brought = elapsed * found.per_minute * found.factor / 60
    filled = Least(F("tokens") + Value(brought, output_field=FloatField()), F("capacity"))
    trust = Least(F("factor") + Value(elapsed / 60 * REGAINED_A_MINUTE, output_field=FloatField()), Value(1.0))
    rows = Bucket.objects.filter(pk=found.pk, filled_at=found.filled_at)
    rows.update(tokens=filled, filled_at=now, factor=trust)


def lease_slot(connection: Connection, side: str, token: str, now: datetime) -> Slot:
    """One of the calls that may be in flight at once; raises RateLimited when all are."""
    at_once = bucket(connection, side, now).at_once
    until = now + SLOT_LEASE
    for number in range(at_once):
        free = Slot.objects.filter(connection=connection, side=side, number=number)
        if free.filter(leased_until__lte=now).update(token=token, leased_until=until):
            return free.get()
        if not free.exists():
            try:
                return Slot.objects.create(
                    connection=connection, side=side, number=number, token=token, leased_until=until
                )
            except IntegrityError:
                continue
    raise RateLimited(side, retry_after=1.0, cause="concurrency")


def free_slot(slot: Slot, now: datetime) -> None:
    """Give the slot back, unless its lease ended and another took it."""
    Slot.objects.filter(pk=slot.pk, token=slot.token).update(leased_until=now)


def block(connection: Connection, side: str, cause: str, seconds: float, now: datetime) -> None:
    """Zoho said stop: 1070 for seconds, 44 for a minute (and slower afterwards), 45 until the day ends."""
    rows = Bucket.objects.filter(connection=connection, side=side)
    rows.update(blocked_until=now + timedelta(seconds=seconds), blocked_cause=cause)
    if cause == "minute":
        for row in rows:
            rows.update(factor=max(LEAST_FACTOR, row.factor / 2), tokens=0)


def learn_day(connection: Connection, side: str, limit: int, remaining: int, resets_in: int, now: datetime) -> None:
    """Keep what Books says about the day's calls, which every app of the organisation spends."""
    Bucket.objects.filter(connection=connection, side=side).update(
        day_limit=limit, day_used=max(0, limit - remaining), day_resets_at=now + timedelta(seconds=max(resets_in, 1))
    )


def forget_day(connection: Connection) -> None:
    """The clock over there was moved (a simulator's can be): what was known of the day no longer holds."""
    Bucket.objects.filter(connection=connection).update(day_used=0, day_resets_at=None)
    Bucket.objects.filter(connection=connection, blocked_cause="day").update(blocked_until=None, blocked_cause="")
