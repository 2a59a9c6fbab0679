"""Reading an organisation of 10,000 accounts: calls, records a second, CPU a record, memory, and the second time."""

import resource
import time
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

    def __init__(self, simulator: Simulator, clock: Clock, calls: Counter[str], spent: list[float]) -> None:
        super().__init__(simulator, clock)
        self.calls, self.spent = calls, spent

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        began = time.process_time()
        found = super().send(request, *args, **kwargs)
        self.spent[0] += time.process_time() - began
        self.calls.update(str(entry["path"]).split("/")[1] for entry in self.simulator.log.rows)
        self.simulator.log.rows.clear()
        return found


class Readings:
    """A simulated organisation that is read kind by kind."""

    def __init__(self, size: int) -> None:
        self.stage = stage = Stage(str(size))
        self.calls: Counter[str] = Counter()
        self.spent = [0.0]
        stage.simulator.log.clear()
        wire = Wire(lambda: Counted(stage.simulator, stage.clock, self.calls, self.spent))
        self.seams = replace(stage.seams, wire=wire)
        self.books_floor = 0
        self.peaks = [_peak()]

    def first(self, kind: str) -> tuple[str, ...]:
        """Kind, records, records a second, microseconds of CPU a record without the simulator's, how it ended."""
        cpu, wall, spent = time.process_time(), time.perf_counter(), self.spent[0]
        run = read(self.stage.connection, self.seams, kind)[0]
        took, ours = time.perf_counter() - wall, time.process_time() - cpu - (self.spent[0] - spent)
        self.peaks.append(_peak())
        if kind in ("customer", "item", "invoice"):
            self.books_floor += ceil(run.done / PAGE)
        per = ours * 1e6 / max(run.done, 1)
        return kind, f"{run.done:,}", f"{run.done / took:,.0f}", f"{per:,.0f}", str(Run.State(run.state).label)

    def second(self) -> str:
        """A full second reading with nothing changed."""
        reader = Reader(lambda row: self.seams.clients(row, Priority.BULK), self.stage.clock, crash_point)
        cpu, spent = time.process_time(), self.spent[0]
        run = work_to_end(
            start_run(self.stage.connection, "customer", self.stage.clock, full=True, doorbell=False), reader
        )
        ours = time.process_time() - cpu - (self.spent[0] - spent)
        per = ours * 1e6 / max(run.done, 1)
        return (
            f"Full second reading of {run.done:,} customers: {run.created + run.updated} rows written, "
            f"{per:,.0f} us CPU a row."
        )


def _peak() -> int:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(size: int = 10_000) -> tuple[list[tuple[str, ...]], list[str]]:
    """Rows per kind, and sentences about calls, memory and the second reading."""
    found = Readings(size)
    rows = [found.first(kind) for kind in KINDS]
    books = found.calls["books"]
    return rows, [
        f"Calls: Books {books}, CRM {found.calls['crm']}. Floor for so many rows: Books {found.books_floor}, "
        f"pages of {PAGE} (325 for exactly 10,000, 5,000 and 50,000; the demo's own rows come on top).",
        "Peak memory of the process in MB, before and after each kind; the simulated organisation is held in it, "
        f"its log is emptied: {', '.join(map(str, found.peaks))}.",
        found.second(),
    ]
