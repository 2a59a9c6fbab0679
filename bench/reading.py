"""Reading an organisation of 10,000 accounts: calls, records a second, CPU a record, memory, and the second time."""

import resource
import time
from collections import Counter

from bench.stage import Stage
from syncjobs.models import Run
from syncjobs.reading import Reader
from syncjobs.services import KINDS, start_run
from syncjobs.working import work_to_end
from tests.stories.sales_of_storms import read
from zbridge.crash_points import crash_point
from zbridge.zoho.gate import Priority

FLOOR_BOOKS = 325


def measure(size: int = 10_000) -> tuple[list[tuple[str, ...]], list[str]]:
    """Rows per kind, and sentences about calls, memory and the second reading."""
    stage = Stage(str(size))
    last = stage.simulator.log.last
    rows: list[tuple[str, ...]] = []
    peaks = []
    for kind in KINDS:
        began, wall = time.process_time(), time.perf_counter()
        run = read(stage.connection, stage.seams, kind)[0]
        cpu, took = time.process_time() - began, time.perf_counter() - wall
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        per = cpu * 1e6 / run.done if run.done else 0
        rows.append((kind, f"{run.done:,}", f"{run.done / took:,.0f}", f"{per:,.0f}", str(Run.State(run.state).label)))
    sides = Counter(str(entry["path"]).split("/")[1] for entry in stage.simulator.log.since(last))
    return rows, [
        f"Calls: Books {sides['books']} (floor {FLOOR_BOOKS}), CRM {sides['crm']}.",
        f"Peak memory of the process, simulator included, after each kind: {', '.join(map(str, peaks))} MB.",
        _second(stage),
    ]


def _second(stage: Stage) -> str:
    """A full second reading with nothing changed."""
    reader = Reader(lambda row: stage.seams.clients(row, Priority.BULK), stage.clock, crash_point)
    began = time.process_time()
    run = work_to_end(start_run(stage.connection, "customer", stage.clock, full=True, doorbell=False), reader)
    cpu = time.process_time() - began
    per = cpu * 1e6 / max(run.done, 1)
    written = run.created + run.updated
    return f"Full second reading of {run.done:,} customers: {written} rows written, {per:,.0f} us CPU a row."
