"""Off-peak hours: when bulk work may go on, in the organisation's own zone, over summer time and midnight. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Window:
    """From `opens` until `closes`, wall-clock time in `zone`; past midnight when it closes before it opens.

    The same time twice means all day long.
    """

    opens: time
    closes: time
    zone: str

    def is_open(self, now: datetime) -> bool:
        """Whether bulk work may go on at this (aware) instant."""
        return self.open_until(now) is not None

    def open_until(self, now: datetime) -> datetime | None:
        """When the window that is open now closes, in UTC; None while it is shut. If it never closes: the far end."""
        if self.opens == self.closes:
            return datetime.max.replace(tzinfo=UTC)
        return next((end for start, end in self._around(now) if start <= now < end), None)

    def next_opening(self, now: datetime) -> datetime:
        """When it opens next, in UTC; now when it is open."""
        if self.is_open(now):
            return now
        return min(start for start, _ in self._around(now) if start > now)

    def _around(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """Yesterday's, today's and tomorrow's hours; a day on which the clock skips them all has none."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        found = [self._on(today + timedelta(days=ahead)) for ahead in (-1, 0, 1, 2)]
        return [(start, end) for start, end in found if start < end]

    def _on(self, day: date) -> tuple[datetime, datetime]:
        last = day if self.opens < self.closes else day + timedelta(days=1)
        return self._at(day, self.opens), self._at(last, self.closes)

    def _at(self, day: date, moment: time) -> datetime:
        """That wall-clock time in UTC; one that summer time skips is the first that exists after it."""
        return datetime.combine(day, moment, ZoneInfo(self.zone)).astimezone(UTC)
