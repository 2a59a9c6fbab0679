"""What planning costs: the pure rules over 20,000 linked pairs of the suggested customer mapping; calls of a run."""

import time
from typing import Any

from bench.stage import Stage
from syncjobs.default_mapping import CUSTOMER
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.planning import Pair, Seen, plan
from syncjobs.domain.transforms import make
from syncjobs.mappings import mapping_of, switch
from syncjobs.models import Link, Mapping, Record, Run
from syncjobs.reading import Reader
from syncjobs.services import start_run
from syncjobs.working import work_to_end
from zbridge.crash_points import crash_point
from zbridge.zoho.gate import Priority

PAIRS = 20_000
HEAD = ("changed of 20,000", "us CPU a record", "writes")
CALLS = ("what", "Books", "floor", "CRM", "floor", "ended")
GOAL = 10


def measure() -> list[tuple[str, ...]]:
    """CPU of the plan alone, with none, one in a hundred and all records changed."""
    fields = tuple(
        FieldMap(name=one.name, label=one.label, crm=one.crm, books=one.books, owner=one.owner,
                 transform=make(one.transform, one.settings), direction=one.direction)
        for one in CUSTOMER
    )  # fmt: skip
    return [_planned(fields, changed) for changed in (0, PAIRS // 100, PAIRS)]


def _planned(fields: tuple[FieldMap, ...], changed: int) -> tuple[str, ...]:
    base = {one.name: "as it was" for one in fields}
    pairs = [_pair(number, base, "name" if number < changed else "") for number in range(PAIRS)]
    began = time.process_time()
    found = plan(pairs, fields)
    spent = (time.process_time() - began) / PAIRS * 1e6
    return f"{changed:,}", f"{spent:.1f}", f"{len(found.writes):,}"


def _pair(number: int, base: dict[str, str], edited: str) -> Pair:
    crm = base | {edited: "edited"} if edited else dict(base)
    return Pair(str(number), "a record", Seen(f"c{number}", crm), Seen(f"b{number}", dict(base)), dict(base))


def calls() -> list[tuple[str, ...]]:
    """Calls of runs over the demo's 38 linked customers and its products, against their floors."""
    stage = Stage("small")
    mapping = mapping_of(stage.connection, "customer", stage.clock)
    products = mapping_of(stage.connection, "product", stage.clock)
    for one in (mapping, products):
        switch(one, stage.user, stage.clock, on=True)
    first = _run(stage, "customer", "account", "contact", "customers")
    linked = Link.objects.filter(connection=stage.connection, pair="customer").count()
    rows = [_row(f"first meeting: {linked} details", first, linked + 2, 1)]
    rows.append(_row("nothing changed", _run(stage, "customer", "account", "contact", "customers"), 0, 0))
    _edit(stage, "Accounts", "account", {"Billing_City": "Celle"}, 10)
    rows.append(_row("10 accounts edited", _run(stage, "customer", "account", "contact", "customers"), 20, 0))
    Mapping.objects.filter(pk=products.pk).update(creates_in_crm=True)
    _run(stage, "item", "product", "products")
    for number in range(45):
        row = {"name": f"Bench shelf {number}", "sku": f"BENCH-{number}", "rate": 9}
        stage.simulator.user_create("books", "items", row)
    rows.append(_row("45 items only in Books", _run(stage, "item", "product", "products"), 0, 1))
    return rows


def _edit(stage: Stage, module: str, kind: str, values: dict[str, Any], number: int) -> None:
    linked = Link.objects.filter(connection=stage.connection, crm_kind=kind).values("crm_id")
    rows = Record.objects.filter(connection=stage.connection, kind=kind, remote_id__in=linked).order_by("pk")
    for row in rows[:number]:
        stage.simulator.user_update("crm", module, row.remote_id, values)


def _run(stage: Stage, *kinds: str) -> Run:
    """Read, then bring into step; the last of the runs."""
    stage.clock.advance(400)
    reader = Reader(lambda row: stage.seams.clients(row, Priority.BULK), stage.clock, crash_point)
    for kind in kinds:
        run = start_run(stage.connection, kind, stage.clock, doorbell=False)
        work_to_end(run, reader, patience=3600)
        run.refresh_from_db()
    return run


def _row(what: str, run: Run, books: int, crm: int) -> tuple[str, ...]:
    return what, str(run.calls_books), str(books), str(run.calls_crm), str(crm), run.get_state_display()
