"""What Books is asked to create as a customer, and how its key is read back (facts Books 3.4). Pure over rows."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Connection
from syncjobs import columns
from syncjobs.absorbing import raw_row
from syncjobs.domain.keys import customer_key
from syncjobs.models import Record


def key_of_party(connection: Connection, record: Record, currency: str) -> str:
    """The key that Books' unique field holds for the customer of this account, or contact alone, in that currency."""
    whose = f"{record.kind}:{record.remote_id}"
    return customer_key(connection.crm_org_id, connection.books_org_id, whose, currency)


def key_of(row: dict[str, Any], name: str) -> str:
    """The value of zbridge's unique field on a customer's row; empty when it has none."""
    if columns.text(row.get(name)):
        return columns.text(row.get(name))
    fields = row.get("custom_fields") or ()
    return next((columns.text(field.get("value")) for field in fields if field.get("api_name") == name), "")


def customer_body(
    connection: Connection, record: Record, contacts: Sequence[Record], currency: str, key: str
) -> dict[str, Any]:
    """What Books is asked to create (facts Books 3.4): e-mail and phone go on the primary contact person."""
    raw = raw_row(record.raw)
    person = contacts[0] if contacts else record if record.kind == "contact" else None
    body: dict[str, Any] = {
        "contact_name": record.name[:200],
        "company_name": record.name[:200] if record.kind == "account" else "",
        "contact_type": "customer",
        "customer_sub_type": "business" if record.kind == "account" else "individual",
        "billing_address": _address(raw, "Billing" if record.kind == "account" else "Mailing"),
        "website": columns.text(raw.get("Website")),
    }
    if person is not None:
        body["contact_persons"] = [_person(raw_row(person.raw), person)]
    currency = next((one["id"] for one in connection.currencies if one["code"] == currency), "")
    if currency:
        body["currency_id"] = currency
    if columns.text(raw.get("VAT_ID")):
        body["vat_reg_no"] = columns.text(raw.get("VAT_ID"))
    if connection.customer_key_field:
        body["custom_fields"] = [{"customfield_id": connection.customer_key_field, "value": key}]
    return body


def _person(raw: dict[str, Any], person: Record) -> dict[str, Any]:
    return {
        "first_name": columns.text(raw.get("First_Name"))[:100],
        "last_name": (columns.text(raw.get("Last_Name")) or person.name)[:100],
        "email": person.email_key[:100],
        "phone": columns.text(raw.get("Phone"))[:50],
        "is_primary_contact": True,
    }


def _address(raw: dict[str, Any], prefix: str) -> dict[str, str]:
    names = {"address": "Street", "city": "City", "state": "State", "country": "Country"}
    found = {ours: columns.text(raw.get(f"{prefix}_{theirs}")) for ours, theirs in names.items()}
    return found | {"zip": columns.text(raw.get(f"{prefix}_Code")) or columns.text(raw.get(f"{prefix}_Zip"))}
