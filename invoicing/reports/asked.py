"""What a person asked a report for: the filters in its address, read with care and written back into links."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from accounts.models import Connection, User
from zbridge.clock import Clock

NAMES = ("connection", "month", "rep", "currency", "customer", "by", "state", "cause", "deal", "flow")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Filters of one report for one person; an empty text filters nothing. `today` is the organisation's day.

    `first` and `last` are the days of the month asked for; None where none was.
    """

    user: User
    connection: Connection
    today: date
    first: date | None = None
    last: date | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """One filter as it was asked."""
        return self.said.get(name, "")

    def query(self, **other: str) -> str:
        """The same filters as a query, some of them otherwise; an empty one goes."""
        found = {name: value for name, value in {**self.said, **other}.items() if value}
        return f"?{urlencode(found)}"

    @property
    def cause(self) -> str:
        """The cause that only is shown; empty for all."""
        return self.get("cause")

    @property
    def month(self) -> str:
        """The month in words; empty where none was asked for."""
        return f"{self.first:%B %Y}" if self.first else ""


def asked(
    user: User, connection: Connection, query: Mapping[str, str], clock: Clock,
    usual: Callable[[Connection, Clock], date] | None = None,
) -> Asked:  # fmt: skip
    """The filters of a query; a month that makes no sense counts as none, which is `usual` where there is one."""
    said = {name: query.get(name, "").strip()[:100] for name in NAMES if query.get(name, "").strip()}
    first = first_day(said.get("month", "")) or (usual(connection, clock) if usual else None)
    if first is None:
        said.pop("month", None)
    else:
        said["month"] = f"{first:%Y-%m}"
    last = last_day(first) if first else None
    return Asked(
        user=user, connection=connection, today=connection.today(clock), first=first, last=last, said=said
    )  # fmt: skip


def first_day(written: str) -> date | None:
    """Of a month written as 2026-06."""
    try:
        return datetime.strptime(written, "%Y-%m").date()
    except ValueError:
        return None


def last_day(first: date) -> date:
    """Of the month that begins so."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_back(today: date, count: int) -> list[date]:
    """First days of the last months, the present one first."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
