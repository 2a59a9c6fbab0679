"""Calls are the currency: one token bucket per connection and side in the database, shared by all processes.

Every take decides on the row as read and writes only if it still is so: one UPDATE, right on PostgreSQL and SQLite.
A worker never sleeps for a token: it is told how long to wait and gives its work back. In any sliding minute at most
capacity + per_minute calls pass, together never more than the ceiling. How the pace is learned: accounts.pacing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts import pacing
from accounts.models import Bucket, Connection, Slot
from zbridge.zoho.errors import Cause, RateLimited
from zbridge.zoho.gate import Priority

# Tokens, and the share of the day, that must remain for those who go before (reliability 6).
RESERVED_TOKENS = {Priority.CLICK: 0.0, Priority.PUSH: 2.0, Priority.POLL: 3.0, Priority.BULK: 4.0}
RESERVED_DAY = {Priority.CLICK: 0.0, Priority.PUSH: 0.08, Priority.POLL: 0.15, Priority.BULK: 0.40}
SLOT_LEASE = timedelta(seconds=60)
# All that is set aside comes back so long after the first of it: a worker may have died. Who is still at work then only
# loses its place before others, never its turn.
ASIDE = timedelta(seconds=20)
# Bulk work that found no token for so long goes before the next class, once.
BULK_PATIENCE = timedelta(minutes=30)
# It comes back for several calls at a time: to be rung for costs more than a call.
BULK_COMES_FOR = 3
# Somebody else drew between look and write: look again so often, then come back.
TRIES = 50
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


@dataclass(frozen=True)
class Wanted:
    """So many calls of one class and what they cost of the day; `kept`: they were set aside before."""

    priority: Priority
    calls: int
    credits: int
    kept: bool = False

    def needs(self, ranked: Priority) -> float:
        """Tokens that must be there."""
        return self.calls + (0.0 if self.kept else RESERVED_TOKENS[ranked])


def take(
    connection: Connection, side: str, priority: Priority, now: datetime, *, credits: int = 1, aside: bool = False,
    found: Bucket | None = None,
) -> None:  # fmt: skip
    """Take one call; raises RateLimited with the seconds to wait when there is none for this class.

    `aside`: one that was set aside before (see `set_aside`), which nobody else could take meanwhile.
    """

    def taken(row: Bucket) -> dict[str, object]:
        reserved = pacing.kept(row, now)
        return {
            "tokens": pacing.level(row, now) - 1, "reserved": max(0.0, reserved - 1) if aside else reserved,
            "day_used": F("day_used") + credits, "minute_calls": F("minute_calls") + 1,
            **({"bulk_waits_since": None} if priority is Priority.BULK else {}),
        }  # fmt: skip

    _draw(found or bucket(connection, side, now), Wanted(priority, 1, credits, aside), now, taken)


def set_aside(connection: Connection, side: str, calls: int, priority: Priority, now: datetime) -> None:
    """Keep so many tokens from everybody else, until each is taken or given back; raises as `take` does."""

    def kept(row: Bucket) -> dict[str, object]:
        before = pacing.kept(row, now)
        # Never prolonged: what a dead worker left would be renewed for ever by those whom it stops.
        until = row.reserved_until if before else now + ASIDE
        return {"tokens": pacing.level(row, now), "reserved": before + calls, "reserved_until": until}

    _draw(bucket(connection, side, now), Wanted(priority, calls, calls), now, kept)


def give_back(connection: Connection, side: str, calls: int) -> None:
    """What was set aside and not needed is anybody's again."""
    rows = Bucket.objects.filter(connection=connection, side=side)
    rows.update(reserved=Greatest(F("reserved") - float(calls), Value(0.0)))


def _draw(found: Bucket, wanted: Wanted, now: datetime, columns: Callable[[Bucket], dict[str, object]]) -> None:
    """Decide on the row as seen, then write only if nobody drew meanwhile; if somebody did, look again."""
    for _ in range(TRIES):
        refusal = _refusal(found, wanted, now)
        if refusal is not None:
            _note_waiting(found, wanted, now)
            raise refusal
        seen = Bucket.objects.filter(
            pk=found.pk, tokens=found.tokens, poured_at=found.poured_at, reserved=found.reserved,
            blocked_until=found.blocked_until,
        )  # fmt: skip
        if seen.update(poured_at=max(found.poured_at, now.timestamp()), **columns(found)):
            return
        found = Bucket.objects.get(pk=found.pk)
    raise RateLimited(found.side, retry_after=SHORTEST_WAIT, cause="quota")


def _ranked(found: Bucket, priority: Priority, now: datetime) -> Priority:
    """Nobody starves: bulk work that waited long enough is reckoned one class higher."""
    waits = found.bulk_waits_since
    starved = priority is Priority.BULK and waits is not None and waits <= now - BULK_PATIENCE
    return Priority.POLL if starved else priority


def _refusal(row: Bucket, wanted: Wanted, now: datetime) -> RateLimited | None:
    """Why there is none and how long to wait; None when there is."""
    ranked = _ranked(row, wanted.priority, now)
    if row.blocked_until is not None and row.blocked_until > now:
        cause: Cause = "concurrency" if row.blocked_cause == "concurrency" else "minute"
        return RateLimited(row.side, retry_after=(row.blocked_until - now).total_seconds(), cause=cause)
    spent = _day_ends(row, ranked, now, wanted.credits)
    if spent is not None:
        return RateLimited(row.side, retry_after=max(1.0, (spent - now).total_seconds()), cause="day")
    free = pacing.level(row, now) - (0.0 if wanted.kept else pacing.kept(row, now))
    short = wanted.needs(ranked) - free
    if short <= 0:
        return None
    if wanted.priority is Priority.BULK:
        short = min(short + BULK_COMES_FOR - 1, row.capacity - pacing.level(row, now))
    wait = short * 60 / (row.per_minute * row.factor)
    return RateLimited(row.side, retry_after=max(SHORTEST_WAIT, min(wait, LONGEST_WAIT)), cause="quota")


def _note_waiting(row: Bucket, wanted: Wanted, now: datetime) -> None:
    if wanted.priority is Priority.BULK and row.bulk_waits_since is None:
        Bucket.objects.filter(pk=row.pk, bulk_waits_since=None).update(bulk_waits_since=now)


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


def lease_slot(
    connection: Connection, side: str, token: str, now: datetime, found: Bucket | None = None,
    priority: Priority = Priority.CLICK,
) -> Slot:  # fmt: skip
    """One of the calls that may be in flight at once, the last one for clicks only; RateLimited when all are."""
    at_once = (found or bucket(connection, side, now)).at_once
    if priority is not Priority.CLICK:
        at_once = max(1, at_once - 1)
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


@dataclass(frozen=True)
class BulkBudget:
    """What a side lets bulk work call: a minute, the rest of this day, a whole day, and when that begins anew."""

    a_minute: float
    left: int
    a_day: int
    renewed: datetime


def bulk_budget(connection: Connection, side: str, now: datetime) -> BulkBudget:
    """As the bucket stands now; a limit that nobody told is taken as none. No call to Zoho."""
    row = Bucket.objects.filter(connection=connection, side=side).first()
    row = row or Bucket(connection=connection, side=side, **pacing.start(side))
    a_day = int(pacing.day_of(connection, side) * (1 - RESERVED_DAY[Priority.BULK])) or 10**9
    renewed = row.day_resets_at if row.day_resets_at and row.day_resets_at > now else None
    used = row.day_used if renewed or side == "crm" else 0
    renews = renewed or (pacing.next_hour(now) if side == "crm" else pacing.next_midnight(connection, now))
    return BulkBudget(row.per_minute * row.factor, max(0, a_day - used), a_day, renews)
