"""The CRM side of bulk worlds: many invented companies laid straight into the store, as CRM keeps its rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_fields import ORG
from zbridge.simulator.store import stamp
from zbridge.simulator.world_names import Invented, Inventor

CHUNK = 2_000
OLDEST_DAYS = 700


@dataclass(frozen=True)
class Bulk:
    """How much is laid, from which seed, and who owns it in CRM."""

    sim: Simulator
    accounts: int
    inventor: Inventor
    today: date
    owner: Row = field(default_factory=dict)

    def chunks(self, count: int) -> Iterator[tuple[range, str]]:
        """Stretches of places, each with the stamp of the day on which it was typed, oldest first."""
        for start in range(0, count, CHUNK):
            age = timedelta(days=OLDEST_DAYS - start * (OLDEST_DAYS - 100) // count)
            typed = datetime.combine(self.today - age, time(8), UTC)
            yield range(start, min(count, start + CHUNK)), stamp(typed)

    def price(self, place: int) -> Decimal:
        """The net price in EUR of the good at that place."""
        return Decimal(5 + place * 7 % 900) + Decimal(place % 4) / 4


def lay_crm(bulk: Bulk) -> None:
    """N accounts with a contact each, and N/2 products."""
    for places, at in bulk.chunks(bulk.accounts):
        ids = bulk.sim.store.new_ids("crm", len(places))
        found = [(bulk.inventor.company(place), id) for place, id in zip(places, ids, strict=True)]
        rows = [
            (id, _account(bulk, company, id, at), {"Account_Name": company.name.casefold()}) for company, id in found
        ]
        bulk.sim.store.save_many(ORG, "Accounts", rows, created=at, modified=at)
        _lay_contacts(bulk, found, at)
    for places, at in bulk.chunks(bulk.accounts // 2):
        ids = bulk.sim.store.new_ids("crm", len(places))
        products = [_product(bulk, place, id, at) for place, id in zip(places, ids, strict=True)]
        keyed = [(str(row["id"]), row, {"Product_Name": str(row["Product_Name"]).casefold()}) for row in products]
        bulk.sim.store.save_many(ORG, "Products", keyed, created=at, modified=at)


def _lay_contacts(bulk: Bulk, found: list[tuple[Invented, str]], at: str) -> None:
    rows = []
    ids = bulk.sim.store.new_ids("crm", len(found))
    for (company, account), id in zip(found, ids, strict=True):
        keys = {"Email": company.email, "Account_Name": account}
        rows.append((id, _contact(bulk, company, account, id, at), keys))
    bulk.sim.store.save_many(ORG, "Contacts", rows, created=at, modified=at)


def _system(bulk: Bulk, id: str, at: str) -> Row:
    return {
        "Currency": "EUR", "Exchange_Rate": 1, "Owner": bulk.owner, "id": id, "Created_Time": at, "Modified_Time": at,
        "Created_By": bulk.owner, "Modified_By": bulk.owner, "$approval_state": "approved",
    }  # fmt: skip


def _account(bulk: Bulk, company: Invented, id: str, at: str) -> Row:
    return {
        "Account_Name": company.name, "Phone": company.phone, "Website": f"https://{company.domain}",
        "Billing_Street": company.street, "Billing_Code": company.code, "Billing_City": company.city,
        "Billing_Country": "Germany", "VAT_ID": company.vat,
    } | _system(bulk, id, at)  # fmt: skip


def _contact(bulk: Bulk, company: Invented, account: str, id: str, at: str) -> Row:
    return {
        "First_Name": company.first_name, "Last_Name": company.last_name, "Email": company.email,
        "Full_Name": f"{company.first_name} {company.last_name}", "Phone": company.phone,
        "Account_Name": {"id": account},
    } | _system(bulk, id, at)  # fmt: skip


def good_name(place: int) -> str:
    """The name of the good at that place, the same on both sides."""
    return f"Catalogue part {place + 1:06}"


def good_code(place: int) -> str:
    """Its Product_Code and SKU."""
    return f"CAT-{place + 1:06}"


def _product(bulk: Bulk, place: int, id: str, at: str) -> Row:
    row = {
        "Product_Name": good_name(place), "Product_Code": good_code(place), "Unit_Price": bulk.price(place),
        "Usage_Unit": "pcs", "Taxable": True, "Product_Active": True,
    }  # fmt: skip
    system = {name: value for name, value in _system(bulk, "", at).items() if name not in ("Currency", "Exchange_Rate")}
    return row | system | {"id": id}
