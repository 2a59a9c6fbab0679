"""Reading an organisation of 10,000 accounts: calls, records a second, CPU a record, memory, and the second time."""

import time
import tracemalloc
from collections import Counter
from dataclasses import replace
from math import ceil
from typing import Any

import requests

from bench.stage import Stage
from syncjobs.models import Run
from syncjobs.reading import Reader
from syncjobs.services import KINDS, start_run
from syncjobs.working import work_to_end
from tests.in_process import InProcess
from tests.stories.sales_of_storms import read
from zbridge.clock import Clock
from zbridge.crash_points import crash_point
from zbridge.simulator.app import Simulator
from zbridge.zoho.gate import Priority
from zbridge.zoho.wire import Wire

PAGE = 200


class Counted(InProcess):
    """Counts calls and the simulator's own time, and empties its log, whose kept answers would look like our memory."""

    def __init__(
        self, simulator: Simulator, clock: Clock, calls: Counter[str], spent: list[float], peaks: list[int]
    ) -> None:
        super().__init__(simulator, clock)
        self.calls, self.spent, self.peaks = calls, spent, peaks

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        began = time.process_time()
        found = super().send(request, *args, **kwargs)
        self.spent[0] += time.process_time() - began
        self.calls.update(str(entry["path"]).split("/")[1] for entry in self.simulator.log.rows)
        self.simulator.log.rows.clear()
        if tracemalloc.is_tracing():
            self.peaks.append(tracemalloc.get_traced_memory()[1])
        return found


class Readings:
    """A simulated organisation that is read kind by kind."""

    def __init__(self, size: int) -> None:
        self.stage = stage = Stage(str(size))
        self.calls: Counter[str] = Counter()
        self.spent = [0.0]
        self.peaks: list[int] = []
        stage.simulator.log.clear()
        wire = Wire(lambda: Counted(stage.simulator, stage.clock, self.calls, self.spent, self.peaks))
        self.seams = replace(stage.seams, wire=wire)
        self.books_floor = 0

    def first(self, kind: str) -> tuple[str, ...]:
        """Kind, records, records a second, microseconds of CPU a record without the simulator's, how it ended."""
        cpu, wall, spent = time.process_time(), time.perf_counter(), self.spent[0]
        run = read(self.stage.connection, self.seams, kind)[0]
        took, ours = time.perf_counter() - wall, time.process_time() - cpu - (self.spent[0] - spent)
        if kind in ("customer", "item", "invoice"):
            self.books_floor += ceil(run.done / PAGE)
        per = ours * 1e6 / max(run.done, 1)
        return kind, f"{run.done:,}", f"{run.done / took:,.0f}", f"{per:,.0f}", str(Run.State(run.state).label)

    def second(self) -> str:
        """A full second reading with nothing changed."""
        cpu, spent = time.process_time(), self.spent[0]
        run = self._full("customer")
        ours = time.process_time() - cpu - (self.spent[0] - spent)
        per = ours * 1e6 / max(run.done, 1)
        return (
            f"Full second reading of {run.done:,} customers: {run.created + run.updated} rows written, "
            f"{per:,.0f} us CPU a row."
        )

    def memory(self) -> str:
        """Python's own memory while all invoices are read once more; a traced run is slow, so it is not timed.

        The peak of the process would tell nothing: laying the world takes more than reading ever does.
        """
        self.peaks.clear()
        tracemalloc.start()
        self._full("invoice")
        tracemalloc.stop()
        early, late = self.peaks[len(self.peaks) // 5] / 1e6, self.peaks[-1] / 1e6
        return (
            f"Peak of traced memory while {len(self.peaks)} pages of unchanged invoices are read: {early:.1f} MB after "
            f"a fifth, {late:.1f} MB at the end, growth {late - early:.1f} MB (goal: at most 15)."
        )

    def _full(self, kind: str) -> Run:
        reader = Reader(lambda row: self.seams.clients(row, Priority.BULK), self.stage.clock, crash_point)
        return work_to_end(start_run(self.stage.connection, kind, self.stage.clock, full=True, doorbell=False), reader)


def measure(size: int = 10_000) -> tuple[list[tuple[str, ...]], list[str]]:
    """Rows per kind, and sentences about calls, memory and the second reading."""
    found = Readings(size)
    rows = [found.first(kind) for kind in KINDS]
    books = found.calls["books"]
    return rows, [
        f"Calls: Books {books}, CRM {found.calls['crm']}. Floor for so many rows: Books {found.books_floor}, "
        f"pages of {PAGE} (325 for exactly 10,000, 5,000 and 50,000; the demo's own rows come on top).",
        found.second(),
        found.memory(),
    ]
