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
    ("customer matched for the first time", "Warehouse fit-out", "1-2", "2"),
    ("the same customer again, its persons known", "again", "1", "2"),
    ("the same customer, lines from a quote", "quoted", "1", "3"),
    ("new customer", "Archive move", "2-3", "2"),
    ("contact without account, new customer", "Home studio", "2-3", "2"),
    ("amount only, in dollars, matched", "Lab consulting", "1-2", "2"),
)


ABOVE = (
    "Floors as design 7: a known customer 1-2, a new one 2-3. A customer that Books has but nobody linked yet costs "
    "one more, once: it is looked up afresh and its contact persons are read."
)


def _again(stage: Stage, quoted: bool) -> Deal:
    """One more won deal of Acme, read like the others; its lines are its own or those of an accepted quote."""
    model = Deal.objects.get(name="Warehouse fit-out")
    product = stage.simulator.verbs("crm").rows(stage.simulator, "Products")[0]["id"]
    name = f"Second fit-out{' by quote' if quoted else ''}"
    line = {"Product": {"id": product}, "Quantity": 1, "Rate": 640}
    row = {
        "Deal_Name": name, "Stage": "Closed Won", "Pipeline": "Standard (Standard)", "Amount": 640,
        "Closing_Date": str(model.won_on), "Account_Name": {"id": model.account_id},
        "Contact_Name": {"id": model.contact_id}, "Deal_Lines": [] if quoted else [line],
    }  # fmt: skip
    made = stage.simulator.user_create("crm", "Deals", row)
    if quoted:
        _accept_quote(stage, model.account_id, str(made["id"]), product)
    read(stage.connection, stage.seams, "deal", "quote")
    return Deal.objects.get(name=name)


def _accept_quote(stage: Stage, account_id: str, deal_id: str, product_id: str) -> None:
    line = {"Product_Name": {"id": product_id}, "Quantity": 1, "List_Price": 640}
    row = {
        "Subject": "Second fit-out", "Quote_Stage": "Accepted", "Deal_Name": {"id": deal_id},
        "Account_Name": {"id": account_id}, "Quoted_Items": [line],
    }  # fmt: skip
    stage.simulator.user_create("crm", "Quotes", row)


def _deal(stage: Stage, name: str) -> Deal:
    return _again(stage, name == "quoted") if name in ("again", "quoted") else Deal.objects.get(name=name)


def measure() -> list[tuple[str, ...]]:
    """Rows: what, calls to Books, floor, calls to CRM, floor, state."""
    stage = Stage("small")
    read(stage.connection, stage.seams, *KINDS)
    stage.connection.refresh_from_db()
    bench = Workbench(lambda row: stage.seams.clients(row, Priority.CLICK), stage.clock, crash_point)
    rows: list[tuple[str, ...]] = []
    for what, name, books_floor, crm_floor in CASES:
        deal = _deal(stage, name)
        last = stage.simulator.log.last
        row = request_conversion(Request(stage.connection, deal, None), stage.clock, doorbell=False)
        work(row.pk, bench)
        row.refresh_from_db()
        sides = Counter(str(entry["path"]).split("/")[1] for entry in stage.simulator.log.since(last))
        rows.append(
            (what, str(sides["books"]), books_floor, str(sides["crm"]), crm_floor, Conversion.State(row.state).label)
        )
    return rows
