"""The marked records that a self-test makes in Books: customer, item, drafts; each noted for a person to delete."""

from typing import Any

from accounts.selftest.bench import NAME, NOTE, Bench
from zbridge.zoho.probing import Seen

Row = dict[str, Any]
SECOND = f"{NAME} 2"
DRAFTS = "/books/v3/invoices"
SKU = "ZBRIDGE-SELF-TEST"


def customer(bench: Bench, name: str = NAME) -> str:
    """The id of the marked customer, made when it isn't there; empty when Books refused it."""
    return bench.once(f"customer {name}", lambda: _found_customer(bench, name) or _made_customer(bench, name))


def _found_customer(bench: Bench, name: str) -> str:
    rows = bench.books("/books/v3/contacts", {"contact_name": name, "filter_by": "Status.All"}).rows("contacts")
    return next((str(row["contact_id"]) for row in rows if row.get("contact_name") == name), "")


def _made_customer(bench: Bench, name: str) -> str:
    body = {"contact_name": name, "contact_type": "customer", "notes": NOTE}
    made = bench.create("books", "/books/v3/contacts", body).one("contact")
    if made:
        bench.leave("Books, customers", name)
    return str(made.get("contact_id") or "")


def item(bench: Bench, name: str = NAME) -> str:
    """The id of the marked item; empty when Books refused it."""
    return bench.once(f"item {name}", lambda: _found_item(bench, name) or _made_item(bench, name))


def _found_item(bench: Bench, name: str) -> str:
    rows = bench.books("/books/v3/items", {"name": name, "filter_by": "Status.All"}).rows("items")
    return next((str(row["item_id"]) for row in rows if row.get("name") == name), "")


def _made_item(bench: Bench, name: str) -> str:
    made = bench.create("books", "/books/v3/items", item_body(name, SKU if name == NAME else f"{SKU}-2")).one("item")
    if made:
        bench.leave("Books, items", name)
    return str(made.get("item_id") or "")


def item_body(name: str, sku: str) -> Row:
    """A marked item."""
    return {"name": name, "rate": 1, "sku": sku, "description": NOTE}


def body(bench: Bench, **changed: Any) -> Row:
    """A draft over 1.00 for the marked customer, with a key of its own unless told otherwise."""
    found: Row = {
        "customer_id": customer(bench), "reference_number": f"{NAME} {bench.marks['tag']}-{bench.number()}",
        "line_items": [{"name": NOTE, "rate": 1, "quantity": 1}],
    }  # fmt: skip
    field = bench.connection.invoice_key_field
    if field and "key" not in changed:
        changed["key"] = bench.key()
    if field:
        found["custom_fields"] = [{"customfield_id": field, "value": changed.pop("key")}]
    return found | changed


def draft(bench: Bench, sent: Row, **params: str) -> Seen:
    """Try to make a draft; what was made is noted."""
    seen = bench.create("books", DRAFTS, sent, {"send": "false", **params})
    note(bench, seen.one("invoice"))
    return seen


def note(bench: Bench, invoice: Row) -> None:
    """A draft that stands in Books."""
    if invoice.get("invoice_id"):
        bench.leave("Books, invoices", f"draft {invoice.get('invoice_number')} of {NAME}")


def by_reference(bench: Bench, reference: str) -> list[Row]:
    """The invoices with exactly this reference, as the list shows them."""
    asked = {"reference_number": reference, "filter_by": "Status.All"}
    rows = bench.books(DRAFTS, asked).rows("invoices")
    return [row for row in rows if row.get("reference_number") == reference]
