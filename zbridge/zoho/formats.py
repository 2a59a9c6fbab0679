"""Dates and times as each side writes them; the `+` of an offset is percent-encoded when it goes into a query."""

from datetime import UTC, datetime


def crm_instant(at: datetime) -> str:
    """ISO with a colon in the offset, whole seconds, UTC (facts CRM 7)."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def books_instant(at: datetime) -> str:
    """ISO without a colon in the offset, whole seconds, UTC (facts Books 7.6)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S%z")


def instant(text: object) -> datetime | None:
    """A time as either side writes it, in UTC; None for an empty or odd one."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
