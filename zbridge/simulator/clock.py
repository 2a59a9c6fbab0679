"""The simulated clock: real time plus an offset that people move; delays never follow it."""

from datetime import UTC, datetime

from zbridge.clock import Clock
from zbridge.simulator.store import Store

OFFSET = "clock_offset"


class SimulatedClock:
    """`now` is business time of both systems; `real` is the machine's, for lags and delays."""

    def __init__(self, base: Clock, store: Store) -> None:
        self.base = base
        self._store = store

    def now(self) -> datetime:
        """Business time, UTC, whole seconds."""
        at = datetime.fromtimestamp(self.base.now().timestamp() + self._offset(), UTC)
        return at.replace(microsecond=0)

    def real(self) -> float:
        """Seconds on the machine's clock."""
        return self.base.now().timestamp()

    def move_to(self, at: datetime) -> None:
        """Make it that time now; it runs on."""
        self._store.set(OFFSET, at.timestamp() - self.base.now().timestamp())

    def advance(self, seconds: float) -> None:
        """Move it on."""
        offset = self._offset() + seconds
        datetime.fromtimestamp(self.base.now().timestamp() + offset, UTC)  # a time that no calendar holds is refused
        self._store.set(OFFSET, offset)

    def _offset(self) -> float:
        return float(self._store.setting(OFFSET, 0))
