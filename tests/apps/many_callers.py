"""Real processes that take whatever calls they get, on a clock that they share and that runs faster than the wall's."""

import multiprocessing
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connections

from accounts import limiter
from accounts.models import Bucket, Connection
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority


@dataclass(frozen=True)
class FastClock:
    """The same time in all processes, so many times faster than the wall's."""

    began: float
    faster: float

    def now(self) -> datetime:
        return datetime(2026, 11, 25, 9, tzinfo=UTC) + timedelta(seconds=self.faster * (time.monotonic() - self.began))


@dataclass(frozen=True)
class Callers:
    """So many processes for so many minutes of the clock."""

    processes: int
    minutes: float
    faster: float

    def take_all(self, connection: Connection, ceiling: int, burst: int, folder: Path) -> list[list[float]]:
        """When each process got its calls, in seconds of the clock."""
        clock = FastClock(time.monotonic(), self.faster)
        limiter.bucket(connection, "books", clock.now())
        rows = Bucket.objects.filter(connection=connection, side="books")
        rows.update(ceiling=ceiling, capacity=burst, per_minute=ceiling - burst, tokens=burst)
        until = clock.now() + timedelta(minutes=self.minutes)
        connections.close_all()
        files = [folder / f"{ceiling} {number}" for number in range(self.processes)]
        fork = multiprocessing.get_context("fork")
        at_work = [fork.Process(target=_call, args=(connection.pk, clock, until, file)) for file in files]
        for process in at_work:
            process.start()
        for process in at_work:
            process.join()
        return [[float(line) for line in file.read_text().split()] for file in files]


def _call(pk: int, clock: FastClock, until: datetime, kept: Path) -> None:
    """In another process: takes, and writes down when."""
    connection, took = Connection.objects.get(pk=pk), []
    while (now := clock.now()) < until:
        try:
            limiter.take(connection, "books", Priority.CLICK, now)
            took.append(now.timestamp())
        except RateLimited:
            time.sleep(0.01)
    kept.write_text("\n".join(map(str, took)))
    connections.close_all()
    os._exit(0)


def in_any_minute(times: list[float]) -> int:
    """The most calls in any sliding minute."""
    return max(sum(1 for other in times if start <= other < start + 60) for start in times)
