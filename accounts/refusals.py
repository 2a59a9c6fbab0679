"""Zoho said: too many calls. Its four kinds are told apart, since 1070 means seconds, 44 a minute, 45 until tomorrow.

A refused call surely did nothing (facts Books 2, CRM 5), so it burns no attempt: the work waits and comes again.
"""

from datetime import datetime, timedelta
from zlib import crc32

from accounts import notices, pacing
from accounts.models import Bucket, Connection
from accounts.roles import REVOPS
from zbridge.clock import Clock
from zbridge.zoho.errors import NAMES, RateLimited
from zbridge.zoho.gate import Answer

# 1070: two to five seconds, spread, so that those who were refused together don't come back together.
AT_ONCE_LEAST, AT_ONCE_MOST = 2.0, 5.0
# 44 blocks for a minute or as long as Zoho says; refused again soon after, for twice as long each time.
BLOCK_SECONDS, LONGEST_BLOCK = 60.0, 1800.0
SOON = timedelta(minutes=2)
# CRM's spent day looks like its calls at once: after so many short waits in a row it is taken for the day.
CRM_SHORT_WAITS = 4
SLOWER_AFTER = 5.0
KNOWN_CODES = {"44": "minute", "45": "day", "1070": "concurrency"}


def kind_of(side: str, answer: Answer, strikes: int) -> str:
    """minute, day, concurrency, or blocked for a 429 that nobody documented (43 among them)."""
    cause = answer.error.cause if isinstance(answer.error, RateLimited) else "minute"
    if side == "crm":
        return "day" if cause == "day" or strikes >= CRM_SHORT_WAITS else "concurrency"
    return KNOWN_CODES.get(answer.code, "blocked")


def refused(connection: Connection, side: str, answer: Answer, clock: Clock) -> str:
    """Stop the side for as long as this refusal means, learn from it, and answer with its kind."""
    now = clock.now()
    row = Bucket.objects.get(connection=connection, side=side)
    strikes = row.strikes if _soon_after(row, now) else 0
    kind = kind_of(side, answer, strikes)
    columns: dict[str, object] = {"refused_at": now, "strikes": strikes + 1}
    if kind == "day":
        columns |= _day_is_spent(row, connection, answer, clock)
    elif kind == "concurrency":
        columns |= _too_many_at_once(row, strikes, now)
    else:
        columns |= _too_fast(row, answer, kind, strikes, now)
    Bucket.objects.filter(pk=row.pk).update(**columns)
    if isinstance(answer.error, RateLimited):
        _tell_the_caller(answer.error, columns, now)
    return kind


def _soon_after(row: Bucket, now: datetime) -> bool:
    """Whether the last refusal, or the block that it made, ended only just now."""
    last = max((at for at in (row.refused_at, row.blocked_until) if at is not None), default=None)
    return last is not None and now - last <= SOON


def _too_many_at_once(row: Bucket, strikes: int, now: datetime) -> dict[str, object]:
    """Seconds, spread; one call less in flight from now on, regained in quiet."""
    seconds = AT_ONCE_LEAST + (AT_ONCE_MOST - AT_ONCE_LEAST) * spread(f"{row.pk} {now.isoformat()}")
    if row.side == "crm":
        seconds *= 2**strikes
    return {**_blocked(row, "concurrency", seconds, now), "at_once": max(1, row.at_once - 1)}


def _too_fast(row: Bucket, answer: Answer, kind: str, strikes: int, now: datetime) -> dict[str, object]:
    """A block for everybody; half the pace, and the pace that was refused is remembered as too much."""
    told = answer.headers.get("retry-after", "")
    grown = BLOCK_SECONDS * 2.0**strikes
    seconds = float(told) if told.isdigit() else min(LONGEST_BLOCK, grown)
    return {
        **_blocked(row, kind, max(1.0, seconds), now), "tokens": 0.0, "poured_at": now.timestamp(),
        "factor": max(pacing.LEAST_FACTOR, row.factor / 2),
        "per_minute": max(pacing.LEAST_PACE, row.per_minute - SLOWER_AFTER),
    }  # fmt: skip


def _blocked(row: Bucket, cause: str, seconds: float, now: datetime) -> dict[str, object]:
    """Never shorter than a block that is on already."""
    until = now + timedelta(seconds=seconds)
    if row.blocked_until is not None and row.blocked_until > until:
        return {}
    return {"blocked_until": until, "blocked_cause": cause}


def _day_is_spent(row: Bucket, connection: Connection, answer: Answer, clock: Clock) -> dict[str, object]:
    """All but clicks wait for the reset, or ask once an hour where none is told; people are told once."""
    now, told = clock.now(), answer.headers.get("x-rate-limit-reset", "")
    if told.isdigit() and row.side == "books":
        until = now + timedelta(seconds=max(1, int(told)))
    else:
        until = pacing.next_hour(now)
    tell_spent(connection, row.side, until, clock)
    return {"day_spent_until": until}


def tell_spent(connection: Connection, side: str, until: datetime, clock: Clock) -> None:
    """One message a day and side: what waits, until when, and that nothing is lost."""
    title = f"{NAMES[side]} allows no more calls today"
    text = (
        f"{connection}: the day's calls are spent, by zbridge and other apps together. Reading and bulk work wait and "
        f"go on by themselves after {until:%d %b %H:%M} UTC; nothing is lost. Calls and quota shows who used them."
    )
    notices.tell(connection, f"day spent {side} {clock.now():%Y-%m-%d}", title, text, clock=clock, role=REVOPS)


def _tell_the_caller(error: RateLimited, columns: dict[str, object], now: datetime) -> None:
    """The work that was refused waits as long as everybody else."""
    until = columns.get("day_spent_until") or columns.get("blocked_until")
    if isinstance(until, datetime):
        error.retry_after = (until - now).total_seconds()
        error.cause = "day" if "day_spent_until" in columns else error.cause


def spread(seed: str) -> float:
    """0 to 1, the same for the same seed: jitter that a recorded run repeats."""
    return crc32(seed.encode()) / 2**32
