"""The off-peak hours of a connection, and the runs that keep to them."""

from datetime import datetime, timedelta

from accounts.models import Connection
from syncjobs.domain.windows import Window
from syncjobs.models import Run
from zbridge.clock import Clock


def window_of(connection: Connection) -> Window | None:
    """The hours for bulk work; None where nobody set any: then it may go on at any time."""
    if connection.bulk_opens is None or connection.bulk_closes is None:
        return None
    return Window(connection.bulk_opens, connection.bulk_closes, connection.time_zone)


def opens_at(run: Run, clock: Clock) -> datetime | None:
    """When this run may go on, on our own clock; None when it may now."""
    window, now = _window(run), run.connection.now(clock)
    if window is None or window.is_open(now):
        return None
    return clock.now() + (window.next_opening(now) - now)


def closes_at(run: Run, clock: Clock) -> datetime | None:
    """When this run must stop, on our own clock; None when it need not."""
    window, now = _window(run), run.connection.now(clock)
    closes = window.open_until(now) if window else None
    ahead = closes - now if closes else timedelta(0)
    return clock.now() + ahead if closes and ahead < timedelta(days=2) else None


def _window(run: Run) -> Window | None:
    return window_of(run.connection) if run.in_window else None
