"""What *Calls and quota* shows, from our own tables: today, this minute, the last 24 hours, what is kept for whom."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts import circuit, limiter, pacing
from accounts.counting import CLASSES, DAY, hour_of
from accounts.models import Bucket, Circuit, Connection, Slot, Usage, User
from accounts.quota_form import QuotaForm, form_of
from accounts.roles import may
from zbridge.clock import Clock
from zbridge.zoho.errors import NAMES
from zbridge.zoho.gate import Priority

Row = dict[str, Any]
CLASS_NAMES = {
    "click": "Clicks: somebody waits for it", "push": "Writing to Zoho", "poll": "Looking for changes",
    "bulk": "Reading in bulk",
}  # fmt: skip
REFUSAL_NAMES = {
    "minute": "Too many in a minute", "concurrency": "Too many at once", "day": "The day's calls spent",
    "blocked": "Blocked, for a reason that Zoho doesn't document",
}  # fmt: skip
UNITS = {"books": "calls", "crm": "credits"}
# The chart's bars, in its own units.
BAR, GAP, HIGH = 10, 2, 60


def page(
    connection: Connection, user: User, clock: Clock, *, form: QuotaForm | None = None, others: list[Connection]
) -> Row:
    """Both sides of a connection, in three queries; no call to Zoho."""
    now = clock.now()
    used = list(Usage.objects.filter(connection=connection, hour__gt=hour_of(now - DAY)))
    broken = {row.side: row for row in circuit.open_circuits([connection])}
    buckets = _buckets(connection, now)
    return {
        "title": "Calls and quota", "connection": connection, "others": others, "may_set": may(user, "connect"),
        "form": form or form_of(connection, buckets[0]),
        "sides": [
            _side(connection, row, [one for one in used if one.side == row.side], broken.get(row.side), now)
            for row in buckets
        ],
    }  # fmt: skip


def of_the_day(connection: Connection, clock: Clock) -> dict[str, Row]:
    """By side: limit (0: not known), total used by all, left and more; in two queries, no call to Zoho."""
    now = clock.now()
    used = list(Usage.objects.filter(connection=connection, hour__gt=hour_of(now - DAY)))
    return {
        row.side: _day(connection, row, [one for one in used if one.side == row.side], now)
        for row in _buckets(connection, now)
    }


def _buckets(connection: Connection, now: datetime) -> list[Bucket]:
    """Of Books, then CRM, with the calls in flight; one that no call was made for yet is shown as it would begin."""
    flying = Slot.objects.filter(
        connection=connection, side=OuterRef("side"), leased_until__gt=now,
        leased_until__lte=now + 2 * limiter.SLOT_LEASE,
    )  # fmt: skip
    number = flying.order_by().values("side").annotate(number=Count("pk")).values("number")
    rows = Bucket.objects.filter(connection=connection).annotate(flying=Coalesce(Subquery(number), 0))
    found = {row.side: row for row in rows}
    return [found.get(side) or Bucket(connection=connection, side=side, **pacing.start(side)) for side in UNITS]


def _side(connection: Connection, row: Bucket, used: list[Usage], broken: Circuit | None, now: datetime) -> Row:
    return {
        "side": row.side, "bucket": row, "name": NAMES[row.side], "unit": UNITS[row.side],
        "day": _day(connection, row, used, now), "minute": _minute(row, broken, now),
        "in_flight": getattr(row, "flying", 0), "at_once": row.at_once, "chart": _chart(used, now),
        "refusals": _refusals(used),
    }  # fmt: skip


def _day(connection: Connection, row: Bucket, used: list[Usage], now: datetime) -> Row:
    """Limit, who used what, what is left and for whom."""
    by_class = _by_class(row, used, now)
    ours = sum(by_class.values())
    ended = row.day_resets_at is not None and row.day_resets_at <= now
    total = ours if ended else max(ours, row.day_used)
    limit = pacing.limit_of(row, connection)
    left = max(0, limit - total)
    resets_at = None if row.side == "crm" else pacing.next_midnight(connection, now) if ended else row.day_resets_at
    return {
        "limit": limit, "total": total, "ours": ours, "others": total - ours, "left": left,
        "rows": [
            {"name": CLASS_NAMES[name], "used": by_class[name], "left": _left_for(name, limit, total)}
            for name in CLASSES
        ],
        "resets_at": resets_at, "told_at": row.day_told_at,
        "percent": min(100, round(100 * total / limit)) if limit else 0,
        "spent_until": row.day_spent_until if row.day_spent_until and row.day_spent_until > now else None,
    }  # fmt: skip


def _by_class(row: Bucket, used: list[Usage], now: datetime) -> Counter[str]:
    """Of today for Books, of the last 24 hours for CRM, by whole hours."""
    since = now - DAY
    if row.side == "books" and row.day_resets_at is not None:
        since = row.day_resets_at if row.day_resets_at <= now else row.day_resets_at - DAY
    since = max(since, row.counts_from or since)
    found: Counter[str] = Counter()
    for one in used:
        if one.what in CLASSES and one.hour >= hour_of(since):
            found[one.what] += one.credits if row.side == "crm" else one.calls
    return found


def _left_for(name: str, limit: int, total: int) -> int:
    share = limiter.RESERVED_DAY[Priority[name.upper()]]
    return max(0, int(limit * (1 - share)) - total)


def _minute(row: Bucket, broken: Circuit | None, now: datetime) -> Row:
    """The pace now, and why nobody calls if nobody does."""
    until, why = None, ""
    if broken is not None:
        until, why = broken.open_until, f"{NAMES[row.side]} doesn't answer; zbridge tries again by itself."
    elif row.blocked_until is not None and row.blocked_until > now:
        said = REFUSAL_NAMES.get(row.blocked_cause, "stop").lower()
        until, why = row.blocked_until, f"{NAMES[row.side]} said: {said}."
    return {
        "pace": round(row.per_minute * row.factor), "full": round(row.per_minute), "factor": round(row.factor * 100),
        "ready": int(pacing.level(row, now)), "capacity": int(row.capacity), "ceiling": row.ceiling,
        "aside": int(pacing.kept(row, now)), "until": until, "why": why,
        "refused_at": row.refused_at if row.refused_at and row.refused_at > now - DAY else None,
        "bulk_waits_since": _bulk_waits_since(row, now),
    }  # fmt: skip


def _bulk_waits_since(row: Bucket, now: datetime) -> datetime | None:
    """Only while there is still none for it; what finds calls again just hasn't come back yet."""
    since = row.bulk_waits_since
    ready = pacing.level(row, now) - pacing.kept(row, now) >= 1 + limiter.RESERVED_TOKENS[Priority.BULK]
    spent = bool(row.day_limit) and _left_for("bulk", row.day_limit, row.day_used) == 0
    return since if since is not None and now - since > 2 * pacing.MINUTE and (spent or not ready) else None


def _refusals(used: list[Usage]) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for one in used:
        if one.what in REFUSAL_NAMES:
            found[one.what] += one.calls
    return [(REFUSAL_NAMES[name], number) for name, number in found.most_common()]


def _chart(used: list[Usage], now: datetime) -> Row:
    """Twenty-four bars of calls by the hour, clicks at the foot of each."""
    hours = [hour_of(now) - timedelta(hours=back) for back in range(23, -1, -1)]
    calls = {(one.hour, one.what): one.calls for one in used if one.what in CLASSES}
    totals = [sum(calls.get((hour, name), 0) for name in CLASSES) for hour in hours]
    most = max([*totals, 1])
    bars = [
        _bar(place, hour, total, calls.get((hour, "click"), 0), most)
        for place, (hour, total) in enumerate(zip(hours, totals, strict=True))
    ]
    size = {"width": 24 * (BAR + GAP), "high": HIGH}
    return {"bars": bars, "most": most, "total": sum(totals), "first": hours[0], **size}


def _bar(place: int, hour: datetime, total: int, clicks: int, most: int) -> Row:
    tall, foot = round(HIGH * total / most), round(HIGH * clicks / most)
    return {
        "x": place * (BAR + GAP), "wide": BAR, "tall": tall, "y": HIGH - tall, "foot": foot, "foot_y": HIGH - foot,
        "hour": hour, "total": total, "clicks": clicks,
    }  # fmt: skip
