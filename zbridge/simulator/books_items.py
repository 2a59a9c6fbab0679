"""Items of Books: name and SKU taken once, taxes, prices, activity (facts Books 4)."""

from zbridge.simulator import books_unique
from zbridge.simulator.app import Row
from zbridge.simulator.books_contacts import check_lengths
from zbridge.simulator.books_desk import Desk, Refused, invalid, number, text, truth
from zbridge.simulator.books_webhooks import announce

LENGTHS = {"name": 100, "description": 2000, "unit": 100, "sku": 100}
TEXTS = (
    "name", "sku", "unit", "description", "product_type", "item_type", "account_id", "tax_exemption_id", "hsn_or_sac",
    "zcrm_product_id",
)  # fmt: skip


def create(desk: Desk, sent: Row) -> Row:
    """A new item; needs name and rate."""
    if sent.get("rate") in (None, ""):
        raise Refused(400, 4, "Invalid value passed for Rate")
    doc: Row = dict.fromkeys(TEXTS, "") | {
        "product_type": "service", "item_type": "sales", "status": "active", "is_taxable": True, "rate": 0,
        "source": "user" if desk.person else "api", "purchase_rate": 0, "account_name": "Sales", "tax_id": "",
        "tax_name": "", "tax_percentage": 0, "crm_owner_id": "", "is_linked_with_zohocrm": False,
    }  # fmt: skip
    made = desk.add("items", _changed(desk, doc, sent, None))
    announce(desk, "items", made)
    return made


def update(desk: Desk, id: str, sent: Row) -> Row:
    """Some fields changed."""
    before = desk.get("items", id)
    doc = desk.save("items", _changed(desk, dict(before), sent, before))
    announce(desk, "items", doc)
    return doc


def _changed(desk: Desk, doc: Row, sent: Row, before: Row | None) -> Row:
    check_lengths(sent, LENGTHS)
    doc |= {name: text(sent, name).strip() for name in TEXTS if name in sent}
    if not doc["name"]:
        raise Refused(400, 4, "Invalid value passed for Item Name")
    for name in ("rate", "purchase_rate"):
        if sent.get(name) not in (None, ""):
            doc[name] = number(sent[name], name)
    if "is_taxable" in sent:
        doc["is_taxable"] = truth(sent["is_taxable"])
    if "tax_id" in sent:
        _tax(desk, doc, text(sent, "tax_id"))
    doc["is_linked_with_zohocrm"] = bool(doc["zcrm_product_id"])
    _check_twins(desk, doc)
    doc["_cf"] = books_unique.stored(desk, "items", sent, before)
    return doc


def _tax(desk: Desk, doc: Row, id: str) -> None:
    tax = desk.look("taxes", id) if id else {"tax_name": "", "tax_percentage": 0}
    if tax is None:
        raise invalid("tax_id")
    doc |= {"tax_id": id, "tax_name": tax["tax_name"], "tax_percentage": tax["tax_percentage"]}


def _check_twins(desk: Desk, doc: Row) -> None:
    own = doc.get("item_id")
    if any(other["item_id"] != own for other in desk.find("items", "name", doc["name"].casefold())):
        raise Refused(400, 1001, f'Item "{doc["name"]}" already exists.')
    if not doc["sku"] or desk.sim.switches["books_duplicate_sku"] == "accepted":
        return
    if any(other["item_id"] != own for other in desk.find("items", "sku", doc["sku"].casefold())):
        raise Refused(400, 1001, f'An item with the SKU "{doc["sku"]}" already exists.')


def set_status(desk: Desk, id: str, status: str) -> Row:
    """active or inactive."""
    doc = desk.save("items", desk.get("items", id) | {"status": status})
    announce(desk, "items", doc)
    return doc


def delete(desk: Desk, id: str) -> Row:
    """Gone; refused when a document uses it."""
    doc = desk.get("items", id)
    for module in ("invoices", "estimates", "creditnotes"):
        if desk.sim.store.page(desk.name, module, key=("_items", id), limit=1):
            raise Refused(400, 1006, "Items that are part of transactions can't be deleted.")
    return desk.remove("items", doc)
