"""A small organisation with many won deals, all alike, for storms to be let loose on."""

from decimal import Decimal
from typing import Any

from accounts.clients import Seams
from accounts.models import Connection
from syncjobs import linking
from syncjobs.models import Run
from syncjobs.reading import Reader
from syncjobs.services import start_run
from syncjobs.working import work_to_end
from zbridge.crash_points import crash_point
from zbridge.simulator.app import Simulator
from zbridge.zoho.gate import Priority


def lay_master_data(simulator: Simulator, tax_id: str) -> dict[str, str]:
    """One account with its contact and customer, one product with its item."""
    account = simulator.user_create("crm", "Accounts", {"Account_Name": "Acme Ltd"})["id"]
    contact = simulator.user_create(
        "crm", "Contacts", {"Last_Name": "Fox", "Email": "fox@acme.example", "Account_Name": {"id": account}}
    )["id"]
    shelf = {"Product_Name": "Shelf", "Product_Code": "SHF", "Unit_Price": 100}
    product = simulator.user_create("crm", "Products", shelf)
    person = {"last_name": "Fox", "email": "fox@acme.example", "is_primary_contact": True}
    simulator.user_create("books", "contacts", {"contact_name": "Acme Ltd", "contact_persons": [person]})
    simulator.user_create("books", "items", {"name": "Shelf", "sku": "SHF", "rate": 100, "tax_id": tax_id})
    return {"account": account, "contact": contact, "product": product["id"]}


def lay_deal(simulator: Simulator, ids: dict[str, str], name: str, closing: str) -> str:
    """A won deal of two shelves; its id."""
    line = {"Product": {"id": ids["product"]}, "Quantity": 2, "Rate": Decimal(100)}
    row: dict[str, Any] = {
        "Deal_Name": name, "Stage": "Closed Won", "Pipeline": "Standard (Standard)", "Amount": 200,
        "Closing_Date": closing, "Account_Name": {"id": ids["account"]}, "Contact_Name": {"id": ids["contact"]},
        "Deal_Lines": [line],
    }  # fmt: skip
    return str(simulator.user_create("crm", "Deals", row)["id"])


def read(connection: Connection, seams: Seams, *kinds: str) -> list[Run]:
    """One reading of each kind, in this process."""
    reader = Reader(lambda row: seams.clients(row, Priority.BULK), seams.clock, crash_point)
    runs = []
    for kind in kinds:
        run = start_run(connection, kind, seams.clock, trigger="test", doorbell=False)
        runs.append(work_to_end(run, reader))
    linking.link_products(connection, seams.clock)
    return runs
