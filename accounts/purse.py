"""Calls set aside for one piece of work, so that it isn't stopped between two of them and begun anew each time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from accounts import limiter
from accounts.models import Connection
from zbridge.clock import Clock
from zbridge.zoho.gate import Priority


class Purse:
    """What is set aside now, by connection and side; one per worker, asked by the gate before it takes of the rest."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: Counter[tuple[int, str]] = Counter()

    @contextmanager
    def set_aside(
        self, connection: Connection, calls: Mapping[str, int], priority: Priority = Priority.CLICK
    ) -> Iterator[None]:
        """Keep so many calls by side for the block, all or none (raises Waits); what is left goes back."""
        try:
            for side, number in calls.items():
                limiter.set_aside(connection, side, number, priority, self._clock.now())
                self._left[connection.pk, side] += number
            yield
        finally:
            self._give_back(connection)

    def has(self, connection: Connection, side: str) -> bool:
        """Whether a call of that side is set aside."""
        return self._left[connection.pk, side] > 0

    def spend(self, connection: Connection, side: str) -> None:
        """One of them was taken."""
        self._left[connection.pk, side] -= 1

    def _give_back(self, connection: Connection) -> None:
        for key in [key for key in self._left if key[0] == connection.pk]:
            left = self._left.pop(key)
            if left > 0:
                limiter.give_back(connection, key[1], left)
