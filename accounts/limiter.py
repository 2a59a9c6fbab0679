"""Calls are the currency: one token bucket per connection and side in the database, shared by all processes.

Every take is one conditional UPDATE, right on PostgreSQL and SQLite alike. A worker never sleeps for a token: it is
told how long to wait and gives its work back. In any sliding minute at most capacity + per_minute calls pass; both
together never exceed the ceiling that was set. How the pace is learned stands in accounts.pacing.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least

from accounts import pacing
from accounts.models import Bucket, Connection, Slot
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority

# Tokens, and the share of the day, that must remain for those who go before (reliability 6).
RESERVED_TOKENS = {Priority.CLICK: 0.0, Priority.PUSH: 2.0, Priority.POLL: 3.0, Priority.BULK: 4.0}
RESERVED_DAY = {Priority.CLICK: 0.0, Priority.PUSH: 0.08, Priority.POLL: 0.15, Priority.BULK: 0.40}
SLOT_LEASE = timedelta(seconds=60)
# What is set aside comes back by itself when nobody set anything aside for so long: its worker died.
ASIDE = timedelta(seconds=60)
# Bulk work that found no token for so long goes before the next class, once.
BULK_PATIENCE = timedelta(minutes=30)
# It comes back for several calls at a time: to be rung for costs more than a call.
BULK_COMES_FOR = 3
SHORTEST_WAIT, LONGEST_WAIT = 0.2, 60.0


def bucket(connection: Connection, side: str, now: datetime) -> Bucket:
    """The bucket of a side, made full on first use and tended once a minute."""
    found = Bucket.objects.filter(connection=connection, side=side).first()
    if found is None:
        found = _made(connection, side)
    return pacing.tended(found, connection, now)


def _made(connection: Connection, side: str) -> Bucket:
    try:
        return Bucket.objects.get_or_create(connection=connection, side=side, defaults=pacing.start(side))[0]
    except IntegrityError:
        return Bucket.objects.get(connection=connection, side=side)


def take(
    connection: Connection, side: str, priority: Priority, now: datetime, *, credits: int = 1, aside: bool = False,
    found: Bucket | None = None,
) -> None:  # fmt: skip
    """Take one call; raises RateLimited with the seconds to wait when there is none for this class.

    `aside`: one that was set aside before (see `set_aside`), which nobody else could take meanwhile.
    """
    found = found or bucket(connection, side, now)
    ranked = _ranked(found, priority, now)
    taken: dict[str, object] = {
        "day_used": F("day_used") + credits,
        "minute_calls": F("minute_calls") + 1,
        "tokens": _level(now) - 1.0,
    }
    if aside:
        taken["reserved"] = Greatest(F("reserved") - 1.0, Value(0.0))
    if priority is Priority.BULK:
        taken["bulk_waits_since"] = None
    enough = Q(left__gte=1.0) if aside else Q(free__gte=1.0 + RESERVED_TOKENS[ranked])
    if not _draw(found, ranked, now, enough, credits, taken):
        raise _refusal(found, priority, ranked, now, 1, credits)


def set_aside(connection: Connection, side: str, calls: int, priority: Priority, now: datetime) -> None:
    """Keep so many tokens from everybody else, until each is taken or given back; raises as `take` does."""
    found = bucket(connection, side, now)
    columns: dict[str, object] = {
        "tokens": _level(now),
        "reserved": Case(When(reserved_until__gte=now, then=F("reserved")), default=Value(0.0)) + Value(float(calls)),
        "reserved_until": now + ASIDE,
    }
    enough = Q(free__gte=calls + RESERVED_TOKENS[priority])
    if not _draw(found, priority, now, enough, calls, columns):
        raise _refusal(found, priority, priority, now, calls, calls)


def give_back(connection: Connection, side: str, calls: int) -> None:
    """What was set aside and not needed is anybody's again."""
    rows = Bucket.objects.filter(connection=connection, side=side)
    rows.update(reserved=Greatest(F("reserved") - float(calls), Value(0.0)))


def _ranked(found: Bucket, priority: Priority, now: datetime) -> Priority:
    """Nobody starves: bulk work that waited long enough is reckoned one class higher."""
    waits = found.bulk_waits_since
    starved = priority is Priority.BULK and waits is not None and waits <= now - BULK_PATIENCE
    return Priority.POLL if starved else priority


def _seconds(now: datetime) -> Value:
    return Value(now.timestamp(), output_field=FloatField())


def _level(now: datetime) -> Combinable:
    """Tokens now, what time has brought included; a clock that went back brings nothing."""
    elapsed = Greatest(_seconds(now) - F("poured_at"), Value(0.0), output_field=FloatField())
    return Least(F("tokens") + elapsed * F("per_minute") * F("factor") / 60.0, F("capacity"), output_field=FloatField())


def _draw(found: Bucket, ranked: Priority, now: datetime, enough: Q, credits: int, columns: dict[str, object]) -> bool:
    """The one conditional UPDATE."""
    kept = Case(When(reserved_until__gte=now, then=F("reserved")), default=Value(0.0), output_field=FloatField())
    rows = Bucket.objects.annotate(left=_level(now)).annotate(free=F("left") - kept)
    rows = rows.filter(Q(blocked_until=None) | Q(blocked_until__lte=now), enough, pk=found.pk)
    if ranked is not Priority.CLICK:
        share = F("day_limit") * (1 - RESERVED_DAY[ranked]) - float(credits)
        fits = Q(day_limit=0) | Q(day_resets_at__lte=now) | Q(day_used__lte=share)
        rows = rows.filter(Q(day_spent_until=None) | Q(day_spent_until__lte=now), fits)
    poured = Greatest(F("poured_at"), _seconds(now), output_field=FloatField())
    return rows.update(poured_at=poured, **columns) == 1


def _refusal(
    found: Bucket, priority: Priority, ranked: Priority, now: datetime, calls: int, credits: int
) -> RateLimited:
    """Why there was none, and how long to wait."""
    if priority is Priority.BULK:
        Bucket.objects.filter(pk=found.pk, bulk_waits_since=None).update(bulk_waits_since=now)
    row = Bucket.objects.get(pk=found.pk)
    if row.blocked_until is not None and row.blocked_until > now:
        wait = (row.blocked_until - now).total_seconds()
        return RateLimited(
            row.side, retry_after=wait, cause="concurrency" if row.blocked_cause == "concurrency" else "minute"
        )
    spent = _day_ends(row, ranked, now, credits)
    if spent is not None:
        return RateLimited(row.side, retry_after=max(1.0, (spent - now).total_seconds()), cause="day")
    short = calls + RESERVED_TOKENS[ranked] - pacing.level(row, now) + pacing.kept(row, now)
    if priority is Priority.BULK:
        short = min(short + BULK_COMES_FOR - 1, row.capacity - pacing.level(row, now))
    wait = short * 60 / (row.per_minute * row.factor)
    return RateLimited(row.side, retry_after=max(SHORTEST_WAIT, min(wait, LONGEST_WAIT)), cause="quota")


def _day_ends(row: Bucket, ranked: Priority, now: datetime, credits: int) -> datetime | None:
    """When this class may call again, if its share of the day is spent."""
    if ranked is Priority.CLICK:
        return None
    if row.day_spent_until is not None and row.day_spent_until > now:
        return row.day_spent_until
    over = row.day_used > row.day_limit * (1 - RESERVED_DAY[ranked]) - credits
    if not row.day_limit or not over or (row.day_resets_at is not None and row.day_resets_at <= now):
        return None
    return row.day_resets_at or pacing.next_hour(now)


def lease_slot(connection: Connection, side: str, token: str, now: datetime, found: Bucket | None = None) -> Slot:
    """One of the calls that may be in flight at once; raises RateLimited when all are."""
    at_once = (found or bucket(connection, side, now)).at_once
    until = now + SLOT_LEASE
    slots = {slot.number: slot for slot in Slot.objects.filter(connection=connection, side=side, number__lt=at_once)}
    for number in range(at_once):
        slot = slots.get(number)
        if slot is None:
            made = Slot(connection=connection, side=side, number=number, token=token, leased_until=until)
            if _is_new(made):
                return made
        elif _is_free(slot, now) and _seize(slot, token, now, until):
            return slot
    raise RateLimited(side, retry_after=1.0, cause="concurrency")


def _is_new(slot: Slot) -> bool:
    made = Slot.objects.bulk_create([slot], ignore_conflicts=True)
    row = Slot.objects.get(connection=slot.connection, side=slot.side, number=slot.number)
    slot.pk = row.pk
    return bool(made) and row.token == slot.token


def _is_free(slot: Slot, now: datetime) -> bool:
    """Its lease ended, or lies further ahead than any lease can: the clock went back since."""
    return slot.leased_until <= now or slot.leased_until > now + 2 * SLOT_LEASE


def _seize(slot: Slot, token: str, now: datetime, until: datetime) -> bool:
    rows = Slot.objects.filter(pk=slot.pk, token=slot.token, leased_until=slot.leased_until)
    slot.token = token
    return rows.update(token=token, leased_until=until) == 1


def free_slot(slot: Slot, now: datetime) -> None:
    """Give the slot back, unless its lease ended and another took it."""
    Slot.objects.filter(pk=slot.pk, token=slot.token).update(leased_until=now)


def block(connection: Connection, side: str, cause: str, seconds: float, now: datetime) -> None:
    """Nobody calls this side for so long."""
    Bucket.objects.filter(connection=connection, side=side).update(
        blocked_until=now + timedelta(seconds=seconds), blocked_cause=cause
    )
