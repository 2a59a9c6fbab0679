"""How fast one side lets us call, learned: raised on busy quiet minutes, halved when Zoho says stop, and kept.

Once a minute the first process that comes tends the bucket: the pace, the day that may have ended, the calls at once.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.counting import DAY, credits_since, hour_of
from accounts.editions import Allowance, books_allowance, crm_allowance
from accounts.models import Bucket, Connection

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Books: 100 a minute, some organisations less, so start at 60 (design 7). CRM: credits a day and calls at once.
START: dict[str, dict[str, float]] = {
    "books": {"tokens": 10, "capacity": 10, "per_minute": 60, "ceiling": 90, "at_once": 6},
    "crm": {"tokens": 20, "capacity": 20, "per_minute": 240, "ceiling": 260, "at_once": 8},
}
HIGHEST_CEILING, LOWEST_CEILING = 99, 30
# After Zoho's refusal the pace halves, then recovers by a twentieth a quiet minute.
LEAST_FACTOR, REGAINED_A_MINUTE = 0.25, 0.05
# A faster pace is tried only after a minute that used half of what it had, and not within an hour of a refusal.
RAISED_BY, BUSY, LEAST_PACE = 1.0, 0.5, 20.0
# Of the day, for asking the lists what changed; the rest is for people, imports and other apps.
LISTING_SHARE = 0.4
# A clock that is behind what was written by so much has been set back; less is a process that waited for the database.
SET_BACK_SECONDS = 60.0


def start(side: str) -> dict[str, float]:
    """The columns of a new bucket."""
    return START[side]


def allowance(connection: Connection, side: str) -> Allowance:
    """What the connection's editions allow on that side."""
    if side == "books":
        return books_allowance(connection.books_plan)
    return crm_allowance(connection.crm_edition, connection.crm_licences)


def level(row: Bucket, now: datetime) -> float:
    """Tokens now, what time has brought included."""
    elapsed = max(0.0, now.timestamp() - row.poured_at)
    return min(row.capacity, row.tokens + elapsed * row.per_minute * row.factor / 60)


def kept(row: Bucket, now: datetime) -> float:
    """Tokens that are set aside for work that has begun."""
    return row.reserved if row.reserved_until is not None and row.reserved_until >= now else 0.0


def day_of(connection: Connection, side: str) -> int:
    """Calls (CRM: credits) of the day, as told or by the edition; 0 when nobody knows."""
    row = Bucket.objects.filter(connection=connection, side=side).first()
    return limit_of(row, connection) if row else allowance(connection, side).day


def limit_of(row: Bucket, connection: Connection) -> int:
    """The same of a row that was read; an edition that was chosen since then counts until Zoho tells its own figure."""
    told = row.day_limit if row.day_told_at is not None else 0
    return told or allowance(connection, row.side).day or row.day_limit


def for_listing(day: int) -> int:
    """How many of the day's calls asking the lists for changes may use (S55)."""
    return int(LISTING_SHARE * day)


def next_hour(now: datetime) -> datetime:
    """CRM's credits of the last 24 hours roll on by the hour."""
    return hour_of(now) + HOUR


def next_midnight(connection: Connection, now: datetime) -> datetime:
    """When the organisation's day ends: our guess of Books' day until its headers tell (facts Books 2)."""
    ahead = timedelta(seconds=connection.clock_offset if connection.is_simulator else 0)
    there = (now + ahead).astimezone(ZoneInfo(connection.time_zone))
    ends = datetime.combine(there.date() + timedelta(days=1), datetime.min.time(), tzinfo=there.tzinfo)
    return now + (ends - (now + ahead))


def tended(row: Bucket, connection: Connection, now: datetime) -> Bucket:
    """The bucket as it is, or as it becomes when a minute has passed since it was last tended."""
    if row.poured_at > now.timestamp() + SET_BACK_SECONDS:
        return _kept(row, _set_back(row, now))
    if row.tended_at is not None and now - row.tended_at < MINUTE:
        return row
    return _kept(row, {**_pace(row, now), **_day(row, connection, now), **_at_once(row, connection, now)})


def _kept(row: Bucket, columns: dict[str, Any]) -> Bucket:
    """Only one process tends one minute; the others find it done."""
    seen = Bucket.objects.filter(pk=row.pk, tended_at=row.tended_at, poured_at=row.poured_at)
    if seen.update(**columns):
        for name, value in columns.items():
            setattr(row, name, value)
    else:
        row.refresh_from_db()
    return row


def _set_back(row: Bucket, now: datetime) -> dict[str, Any]:
    """The clock was set back: what was to end then ends as much earlier, and nothing is poured for the gap."""
    gap = timedelta(seconds=row.poured_at - now.timestamp())
    ends = {name: getattr(row, name) for name in ("blocked_until", "day_spent_until", "reserved_until")}
    moved = {name: at - gap for name, at in ends.items() if at is not None}
    return {
        "poured_at": now.timestamp(),
        "tended_at": now,
        "refused_at": row.refused_at and min(row.refused_at, now),
        **moved,
    }


def _pace(row: Bucket, now: datetime) -> dict[str, Any]:
    """The factor regains, and after a quiet busy minute the pace itself is raised a little, up to the ceiling."""
    if row.tended_at is None:
        return {"tended_at": now, "minute_calls": 0}
    quiet_since = max(row.tended_at, row.refused_at or row.tended_at)
    minutes, quiet = (now - row.tended_at) / MINUTE, max(0.0, (now - quiet_since) / MINUTE)
    highest = max(1.0, row.ceiling - row.capacity)
    pace = min(row.per_minute, highest)
    calm = row.refused_at is None or now - row.refused_at >= HOUR
    if calm and row.minute_calls >= BUSY * pace * minutes:
        pace = min(highest, pace + RAISED_BY)
    return {
        "tended_at": now, "minute_calls": 0, "per_minute": pace,
        "factor": min(1.0, row.factor + quiet * REGAINED_A_MINUTE),
    }  # fmt: skip


def _at_once(row: Bucket, connection: Connection, now: datetime) -> dict[str, Any]:
    """One more in flight after ten quiet minutes, up to what the edition allows."""
    most = allowance(connection, row.side).at_once
    calm = row.refused_at is None or now - row.refused_at >= 10 * MINUTE
    if row.tended_at is None or row.at_once > most:
        return {"at_once": most}
    return {"at_once": row.at_once + 1} if calm and row.at_once < most else {}


def _day(row: Bucket, connection: Connection, now: datetime) -> dict[str, Any]:
    return _books_day(row, connection, now) if row.side == "books" else _crm_day(row, connection, now)


def _books_day(row: Bucket, connection: Connection, now: datetime) -> dict[str, Any]:
    """The edition's figure until Books tells its own; a day that ended begins anew."""
    columns: dict[str, Any] = {}
    if row.day_told_at is None:
        columns["day_limit"] = books_allowance(connection.books_plan).day
    if row.day_resets_at is None:
        columns["day_resets_at"] = next_midnight(connection, now)
    elif row.day_resets_at <= now:
        columns |= {"day_resets_at": next_midnight(connection, now), "day_used": 0, "counts_from": now}
    return columns


def _crm_day(row: Bucket, connection: Connection, now: datetime) -> dict[str, Any]:
    """Our credits of the last 24 hours and what others used, which CRM tells once half is used (facts CRM 5)."""
    limit = allowance(connection, "crm").day
    since = max(now - DAY, row.counts_from or now - DAY)
    ours, others = credits_since(connection, "crm", since), row.day_others
    if row.day_told_at is None or row.day_told_at < now - HOUR:
        others = max(0, min(others, limit // 2 - ours))
    return {"day_limit": limit, "day_used": ours + others, "day_others": others}
