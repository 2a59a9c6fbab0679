"""The database's time: one clock for all processes, whatever the machines' own clocks say or do (F31)."""

import time
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, connection

# Between two looks the machine's monotonic clock carries the time on; it can't be set.
LOOK_AGAIN_SECONDS = 10.0


class DatabaseClock:
    """A Clock. SQLite runs on this machine, so its time is the machine's; PostgreSQL is asked now and then."""

    def __init__(self) -> None:
        self._there: datetime | None = None
        self._looked_at = 0.0

    def now(self) -> datetime:
        """The current instant by the database, aware, in UTC."""
        if connection.vendor == "sqlite":
            return datetime.now(UTC)
        passed = time.monotonic() - self._looked_at
        if self._there is None or passed > LOOK_AGAIN_SECONDS:
            self._there = self._asked(passed)
            self._looked_at, passed = time.monotonic(), 0.0
        return self._there + timedelta(seconds=passed)

    def _asked(self, passed: float) -> datetime:
        """What the database says; while it can't be asked, the last answer goes on."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                found: datetime = cursor.fetchone()[0]
                return found.astimezone(UTC)
        except DatabaseError:
            return datetime.now(UTC) if self._there is None else self._there + timedelta(seconds=passed)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        time.sleep(seconds)
