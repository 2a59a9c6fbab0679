"""The modules of Books: names, ids, words, and what their records are found by."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Module:
    """One module; `entity` is what settings call it, `single` the key of one record in an answer."""

    name: str
    entity: str
    id_key: str
    single: str
    title: str
    created: str
    updated: str
    deleted: str
    found_by: tuple[str, ...] = ()
    number: str = ""
    prefix: str = ""


_DOCUMENT = ("customer_id", "reference_number", "zcrm_potential_id")
_ALL = (
    Module(
        "contacts", "contact", "contact_id", "contact", "Contact", "The contact has been created",
        "Contact has been updated successfully", "The contact has been deleted.",
        ("contact_name", "email", "zcrm_account_id", "zcrm_contact_id", "zcrm_vendor_id", "status", "_persons"),
    ),
    Module(
        "items", "item", "item_id", "item", "Item", "The item has been added.", "Item details have been saved.",
        "The item has been deleted.", ("name", "sku", "zcrm_product_id", "status"),
    ),
    Module(
        "invoices", "invoice", "invoice_id", "invoice", "Invoice", "The invoice has been created.",
        "Invoice information has been updated.", "The invoice has been deleted.",
        (*_DOCUMENT, "invoice_number", "_state", "_unpaid", "_items"), "invoice_number", "INV-",
    ),
    Module(
        "estimates", "estimate", "estimate_id", "estimate", "Estimate", "The estimate has been created.",
        "The estimate has been updated.", "The estimate has been deleted.", (*_DOCUMENT, "estimate_number", "_items"),
        "estimate_number", "QT-",
    ),
    Module(
        "creditnotes", "creditnote", "creditnote_id", "creditnote", "Credit Note", "The credit note has been created.",
        "The credit note has been updated.", "The credit note has been deleted.",
        (*_DOCUMENT, "creditnote_number", "_items", "_invoices"), "creditnote_number", "CN-",
    ),
    Module(
        "customerpayments", "customerpayment", "payment_id", "payment", "Payment", "The payment has been created.",
        "The payment details have been updated.", "The payment has been deleted.",
        ("customer_id", "reference_number", "_invoices"), "payment_number",
    ),
)  # fmt: skip
MODULES: Mapping[str, Module] = {module.name: module for module in _ALL}
SETTINGS_IDS = {
    "taxes": "tax_id", "currencies": "currency_id", "pricebooks": "pricebook_id", "fields": "field_id",
    "webhooks": "webhook_id", "chartofaccounts": "account_id", "taxexemptions": "tax_exemption_id",
}  # fmt: skip
UNSENT = ("draft", "pending_approval", "approved")
BY_ENTITY = {module.entity: module.name for module in _ALL}


def id_key(module: str) -> str:
    """The name of a module's id."""
    return MODULES[module].id_key if module in MODULES else SETTINGS_IDS[module]


def look_up_keys(module: str, doc: Row) -> dict[str, str | list[str]]:
    """What a record is found by; texts without their case."""
    if module not in MODULES:
        return {"entity": str(doc["entity"])} if module == "fields" else {}
    keys: dict[str, str | list[str]] = {}
    for name in MODULES[module].found_by:
        value = doc.get(name)
        keys[name] = [str(one) for one in value] if isinstance(value, list) else str(value or "").casefold()
    for name, value in doc.get("_cf", {}).items():
        keys[f"cf:{name}"] = str(value)
    return keys


def share(module: str, doc: Row) -> Row:
    """What a document counts for in its customer's balances: open receivables, unused credit."""
    counted = {"customer": str(doc.get("customer_id", "")), "open": Decimal(0), "unused": Decimal(0)}
    if module == "invoices" and doc["_state"] == "sent":
        counted["open"] = Decimal(doc["balance"])
    if module == "creditnotes" and doc["_state"] == "open":
        counted["unused"] = Decimal(doc["balance"])
    if module == "customerpayments":
        counted["unused"] = Decimal(doc["unused_amount"])
    return counted
