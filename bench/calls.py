"""Calls per conversion, counted in the simulator's log."""

from collections import Counter

from bench.stage import Stage
from invoicing.conversion import work
from invoicing.models import Conversion, Deal
from invoicing.services import Request, request_conversion
from invoicing.workbench import Workbench
from syncjobs.services import KINDS
from tests.stories.sales_of_storms import read
from zbridge.crash_points import crash_point
from zbridge.zoho.gate import Priority

CASES = (
    ("customer matched for the first time", "Warehouse fit-out", "2-3", "2"),
    ("the same customer again", "again", "1", "2"),
    ("new customer", "Archive move", "2-3", "2"),
    ("contact without account, new customer", "Home studio", "2-3", "2"),
    ("amount only, in dollars, matched", "Lab consulting", "2-3", "2"),
)


def _again(stage: Stage) -> Deal:
    """One more won deal of Acme, read like the others."""
    model = Deal.objects.get(name="Warehouse fit-out")
    product = stage.simulator.verbs("crm").rows(stage.simulator, "Products")[0]["id"]
    row = {
        "Deal_Name": "Second fit-out", "Stage": "Closed Won", "Pipeline": "Standard (Standard)", "Amount": 640,
        "Closing_Date": str(model.won_on), "Account_Name": {"id": model.account_id},
        "Contact_Name": {"id": model.contact_id},
        "Deal_Lines": [{"Product": {"id": product}, "Quantity": 1, "Rate": 640}],
    }  # fmt: skip
    stage.simulator.user_create("crm", "Deals", row)
    read(stage.connection, stage.seams, "deal")
    return Deal.objects.get(name="Second fit-out")


def measure() -> list[tuple[str, ...]]:
    """Rows: what, calls to Books, floor, calls to CRM, floor, state."""
    stage = Stage("small")
    read(stage.connection, stage.seams, *KINDS)
    stage.connection.refresh_from_db()
    bench = Workbench(lambda row: stage.seams.clients(row, Priority.CLICK), stage.clock, crash_point)
    rows: list[tuple[str, ...]] = []
    for what, name, books_floor, crm_floor in CASES:
        deal = _again(stage) if name == "again" else Deal.objects.get(name=name)
        last = stage.simulator.log.last
        row = request_conversion(Request(stage.connection, deal, None), stage.clock, doorbell=False)
        work(row.pk, bench)
        row.refresh_from_db()
        sides = Counter(str(entry["path"]).split("/")[1] for entry in stage.simulator.log.since(last))
        rows.append(
            (what, str(sides["books"]), books_floor, str(sides["crm"]), crm_floor, Conversion.State(row.state).label)
        )
    return rows
