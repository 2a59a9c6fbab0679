"""Importing a world of so many companies on both sides: records a second, CPU a record, memory, calls."""

import resource
import time
from collections import deque
from typing import Any

from bench.stage import Stage  # isort: skip  (sets Django up)
from syncjobs import importing
from syncjobs.mappings import mapping_of
from syncjobs.models import Import, Run
from syncjobs.reading import Reader
from tests.stories.bringing_over import to_its_end
from tests.stories.small_trade import Trade
from tests.stories.test_imports_under_trouble import lay_both_sides
from zbridge.crash_points import crash_point
from zbridge.simulator.app import Simulator
from zbridge.simulator.wire import Request, Response
from zbridge.zoho.gate import Priority

# CRM lists no more than 100,000 records of a module by its page tokens (facts CRM 2.1).
SIZES = (1_000, 10_000, 90_000)
PER_PAGE = 200
HEAD = ("companies on each side", "records", "a second", "us CPU a record", "MB more", "calls", "floor", "ended")


def measure(sizes: tuple[int, ...] = SIZES) -> tuple[list[tuple[str, ...]], list[str]]:
    """A first import, then a second one of the same world, in which nothing changed."""
    rows: list[tuple[str, ...]] = []
    costs: list[float] = []
    for size in sizes:
        stage = Stage("small")
        trade = Trade(stage.connection, stage.simulator, stage.clock, stage.seams)
        lay_both_sides(trade, size)
        for pair in ("customer", "person", "product"):
            mapping_of(stage.connection, pair, stage.clock).lines.exclude(name="name").delete()
        for what in ("first", "again, nothing changed"):
            row, cost = _imported(stage, f"{size:,}, {what}")
            rows.append(row)
            costs.append(cost)
    flat = costs[-2] / costs[2] if len(costs) > 4 else 1.0
    return rows, [f"A record's first import costs {flat:.2f} times as much at the largest size as at the middle one."]


def _imported(stage: Stage, what: str) -> tuple[tuple[str, ...], float]:
    # What it logs of so many answers is no memory of ours.
    stage.simulator.log.rows = deque(maxlen=10)
    reader = Reader(lambda row: stage.seams.clients(row, Priority.BULK), stage.clock, crash_point)
    stage.buckets_full()
    theirs = _Watched(stage.simulator)
    before, cpu, wall = _memory(), time.process_time(), time.perf_counter()
    row = to_its_end(importing.start_import(stage.connection, stage.user, stage.clock), reader, stage.clock)
    cpu = time.process_time() - cpu - theirs.cpu
    wall = time.perf_counter() - wall - theirs.wall
    runs = list(row.runs.filter(kind__in=importing.READ))
    read, asked = sum(run.done for run in runs), theirs.calls
    cost = cpu / max(1, read) * 1e6
    found = (
        what, f"{read:,}", f"{read / wall:,.0f}", f"{cost:.0f}", f"{_memory() - before:.0f}", str(asked),
        str(_floor(row, runs)), row.state,
    )  # fmt: skip
    return found, cost


class _Watched:
    """What the simulated Zoho itself takes, which is not ours to count."""

    def __init__(self, simulator: Simulator) -> None:
        self.cpu = self.wall = 0.0
        self.calls = 0
        self._respond = simulator.respond
        simulator.respond = self.respond  # type: ignore[method-assign]

    def respond(self, request: Request) -> Response:
        cpu, wall = time.process_time(), time.perf_counter()
        self.calls += "/oauth" not in request.path
        try:
            return self._respond(request)
        finally:
            self.cpu += time.process_time() - cpu
            self.wall += time.perf_counter() - wall


def _memory() -> float:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _floor(row: Import, runs: list[Run]) -> int:
    """One call a page of each list; CRM's own counts, Books' taxes and currencies come on top of it."""
    pages: list[Any] = [max(1, -(-run.done // PER_PAGE)) for run in runs]
    return sum(pages)
