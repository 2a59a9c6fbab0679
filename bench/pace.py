"""What a call costs in our own limiter, and how much of the ceiling several processes use together."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bench.stage import START, empty  # isort: skip  (sets Django up)
from accounts import counting, limiter
from accounts.models import Bucket, Connection
from tests.apps.many_callers import Callers, in_any_minute
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority

CALLS = 500
FOUR = Callers(processes=4, minutes=3, faster=10)
HEAD = ("what", "us CPU", "us wall")


def measure() -> tuple[list[tuple[str, ...]], list[str]]:
    """Rows of what a call costs, and sentences about the ceiling."""
    empty()
    connection = Connection.objects.create(name="Bench", data_centre="eu")
    limiter.bucket(connection, "books", START)
    Bucket.objects.update(tokens=1e9, capacity=1e9)
    steps = (
        ("take one call", _take), ("be refused one", _refused), ("lease a slot and free it", _slot),
        ("count it", _count), ("set three aside and give them back", _aside),
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [(name, *_cost(step, connection)) for name, step in steps]
    return rows, [_ceiling(connection, ceiling, burst) for ceiling, burst in ((95, 15), (99, 6))]


def _cost(step: Callable[[Connection], None], connection: Connection) -> tuple[str, str]:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(CALLS):
        step(connection)
    return f"{(time.process_time() - cpu) / CALLS * 1e6:.0f}", f"{(time.perf_counter() - wall) / CALLS * 1e6:.0f}"


def _take(connection: Connection) -> None:
    limiter.take(connection, "books", Priority.CLICK, START)


def _refused(connection: Connection) -> None:
    try:
        limiter.set_aside(connection, "books", 2_000_000_000, Priority.CLICK, START)
    except RateLimited:
        return


def _slot(connection: Connection) -> None:
    limiter.free_slot(limiter.lease_slot(connection, "books", "bench", START), START)


def _count(connection: Connection) -> None:
    counting.count(connection, "books", "bulk", 1, START + timedelta(minutes=1))


def _aside(connection: Connection) -> None:
    limiter.set_aside(connection, "books", 3, Priority.CLICK, START)
    limiter.give_back(connection, "books", 3)


def _ceiling(connection: Connection, ceiling: int, burst: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        times = [at for found in FOUR.take_all(connection, ceiling, burst, Path(folder)) for at in found]
    most, each = in_any_minute(times), len(times) / FOUR.minutes
    return (
        f"Ceiling {ceiling}, {burst} of them at once: {FOUR.processes} processes took {each:.1f} a minute over "
        f"{FOUR.minutes} minutes and at most {most} in any sliding minute of the 100 that Books allows."
    )
