"""Calls counted by the hour, a row per connection, side, hour and class (or kind of refusal): no page scans the log."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet, Sum

from accounts.models import Connection, Usage

CLASSES = ("click", "push", "poll", "bulk")
DAY = timedelta(hours=24)


def hour_of(at: datetime) -> datetime:
    """The beginning of its hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def count(connection: Connection, side: str, what: str, credits: int, now: datetime) -> None:
    """One more of it in this hour: a class of work with what it cost, or a refusal by its kind."""
    rows = Usage.objects.filter(connection=connection, side=side, hour=hour_of(now), what=what)
    if not _add(rows, credits):
        Usage.objects.get_or_create(connection=connection, side=side, hour=hour_of(now), what=what)
        _add(rows, credits)


def _add(rows: "QuerySet[Usage]", credits: int) -> int:
    return rows.update(calls=F("calls") + 1, credits=F("credits") + credits)


def credits_since(connection: Connection, side: str, since: datetime) -> int:
    """What our own calls of the hours since then cost."""
    rows = Usage.objects.filter(connection=connection, side=side, hour__gte=hour_of(since), what__in=CLASSES)
    return int(rows.aggregate(total=Sum("credits"))["total"] or 0)
