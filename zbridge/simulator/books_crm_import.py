"""The native integration of Books with CRM: accounts, contacts, vendors and products taken over (facts Books 3.5)."""

from collections.abc import Callable

from zbridge.simulator import books_contacts, books_items
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Refused, text
from zbridge.simulator.books_envelope import Call, answer
from zbridge.simulator.wire import Response

MODULES = {"account": "Accounts", "contact": "Contacts", "vendor": "Vendors", "item": "Products"}
LINKS = {"account": "zcrm_account_id", "contact": "zcrm_contact_id", "vendor": "zcrm_vendor_id"}
LINKS |= {"item": "zcrm_product_id"}


def import_record(call: Call, kind: str, id: str) -> Response:
    """POST /crm/{kind}/{id}/import: get or import; taken over again when it is there already."""
    if not call.org.get("native_integration"):
        raise Refused(400, 110301, "The integration with Zoho CRM is not enabled.")
    record = call.sim.store.get("crm", MODULES[kind], id)
    if record is None:
        raise Refused(404, 1002, f"{kind.capitalize()} does not exist.")
    module, row = ("items", _item(record)) if kind == "item" else ("contacts", _contact(kind, record))
    row[LINKS[kind]] = id
    found = next(iter(call.find(module, LINKS[kind], id)), None)
    made = _kept(call, module, found, row)
    if module == "items":
        return answer(data={"item_id": made["item_id"]})
    return answer(data={"customer_id" if kind != "vendor" else "vendor_id": made["contact_id"]})


def _kept(call: Call, module: str, found: Row | None, row: Row) -> Row:
    makers: dict[str, tuple[Callable[..., Row], Callable[..., Row]]] = {
        "contacts": (books_contacts.create, books_contacts.update),
        "items": (books_items.create, books_items.update),
    }
    create, update = makers[module]
    if found is None:
        return create(call, row)
    return update(call, str(found["contact_id" if module == "contacts" else "item_id"]), row)


def _contact(kind: str, record: Row) -> Row:
    name = text(record, "Account_Name") or text(record, "Full_Name") or text(record, "Vendor_Name")
    row: Row = {
        "contact_name": name, "company_name": text(record, "Account_Name")[:200], "website": text(record, "Website"),
        "contact_type": "vendor" if kind == "vendor" else "customer",
        "billing_address": {
            "address": text(record, "Billing_Street"), "city": text(record, "Billing_City"),
            "zip": text(record, "Billing_Code"), "country": text(record, "Billing_Country"),
        },
    }  # fmt: skip
    if kind == "contact":
        names = {"first_name": text(record, "First_Name"), "last_name": text(record, "Last_Name")}
        row["contact_persons"] = [names | {"email": text(record, "Email"), "is_primary_contact": True}]
    return row


def _item(record: Row) -> Row:
    return {
        "name": text(record, "Product_Name"), "rate": record.get("Unit_Price") or 0,
        "sku": text(record, "Product_Code"), "unit": text(record, "Usage_Unit"),
        "description": text(record, "Description"),
    }  # fmt: skip
