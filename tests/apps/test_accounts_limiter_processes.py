"""I16: however many processes call, no minute has more calls than the ceiling. Real processes, faster minutes."""

import multiprocessing
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections

from accounts import limiter
from accounts.models import Bucket, Connection
from tests.apps.fakes import connected
from zbridge.clock import SteppedClock
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority

PROCESSES, FASTER, MINUTES = 4, 15, 2.2


@dataclass(frozen=True)
class FastClock:
    """The same time in all processes, so many times faster than the wall's."""

    began: float

    def now(self) -> datetime:
        return datetime(2026, 11, 25, 9, tzinfo=UTC) + timedelta(seconds=FASTER * (time.monotonic() - self.began))


def call_all_the_time(pk: int, clock: FastClock, until: datetime, kept: Path) -> None:
    """Another process that takes whatever it gets, and writes down when it got it."""
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("ceiling", "burst"), [(95, 15), (99, 6)])
def test_four_processes_together_never_pass_the_ceiling_and_use_nearly_all_of_it(
    tmp_path: Path, ceiling: int, burst: int
) -> None:
    clock = FastClock(time.monotonic())
    connection = connected(SteppedClock(clock.now()))
    limiter.bucket(connection, "books", clock.now())
    pace = {"ceiling": ceiling, "capacity": burst, "per_minute": ceiling - burst, "tokens": burst}
    Bucket.objects.update(**pace)
    until = clock.now() + timedelta(minutes=MINUTES)
    connections.close_all()
    files = [tmp_path / str(number) for number in range(PROCESSES)]
    fork = multiprocessing.get_context("fork")
    at_work = [fork.Process(target=call_all_the_time, args=(connection.pk, clock, until, file)) for file in files]
    for process in at_work:
        process.start()
    for process in at_work:
        process.join(60)
    times = [float(line) for file in files for line in file.read_text().split()]
    assert in_any_minute(times) <= ceiling
    assert len(times) >= 0.9 * MINUTES * (ceiling - burst)
    assert all(file.read_text() for file in files), "each process got some"
