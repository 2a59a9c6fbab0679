"""Customers and vendors, one table: names taken once, persons, addresses, activity, merging (facts Books 3)."""

from decimal import Decimal
from typing import Any

from zbridge.simulator import books_shapes, books_unique
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk, Refused, invalid, number, rows, text
from zbridge.simulator.books_webhooks import announce

LENGTHS = {"company_name": 200, "contact_number": 200, "payment_terms_label": 200}
PERSON_LENGTHS = {"first_name": 100, "last_name": 100, "email": 100, "phone": 50, "mobile": 50, "salutation": 25}
ADDRESS_LENGTHS = {"address": 500, "street2": 255, "attention": 100, "city": 100, "state": 100, "country": 100}
ADDRESS_LENGTHS |= {"zip": 50, "phone": 50, "fax": 50}
ADDRESS = (*ADDRESS_LENGTHS, "state_code", "country_code")
TEXTS = (
    "contact_name", "company_name", "website", "customer_sub_type", "contact_number", "payment_terms_label", "notes",
    "tax_treatment", "vat_treatment", "vat_reg_no", "gst_treatment", "gst_no", "place_of_contact", "tax_id",
    "pricebook_id", "owner_id", "tax_exemption_id", "zcrm_account_id", "zcrm_contact_id", "zcrm_vendor_id", "source",
)  # fmt: skip
PERSON = ("salutation", "first_name", "last_name", "email", "phone", "mobile", "designation", "department")


def create(desk: Desk, sent: Row) -> Row:
    """A new contact."""
    doc: Row = dict.fromkeys(TEXTS, "") | {
        "contact_type": "customer", "customer_sub_type": "business", "status": "active", "payment_terms": 0,
        "payment_terms_label": "Due on Receipt", "source": "user" if desk.person else "api", "contact_persons": [],
        "credit_limit": 0, "opening_balance_amount": 0, "is_taxable": True, "_open": Decimal(0), "_unused": Decimal(0),
        "currency_id": desk.base_currency["currency_id"],
    }  # fmt: skip
    for name in ("billing_address", "shipping_address"):
        doc[name] = {"address_id": desk.new_id()} | dict.fromkeys(ADDRESS, "")
    doc = _changed(desk, doc, sent, None)
    made = desk.add("contacts", doc)
    announce(desk, "contacts", made)
    return made


def update(desk: Desk, id: str, sent: Row) -> Row:
    """Some fields changed; `contact_persons` replaces all persons."""
    before = desk.get("contacts", id)
    doc = _changed(desk, dict(before), sent, before)
    desk.save("contacts", doc)
    if doc["contact_name"] != before["contact_name"]:
        _rename(desk, doc)
    announce(desk, "contacts", doc)
    return doc


def _changed(desk: Desk, doc: Row, sent: Row, before: Row | None) -> Row:
    """The document with what was sent, checked as a whole."""
    check_lengths(sent, LENGTHS)
    doc |= {name: text(sent, name).strip() for name in TEXTS if name in sent}
    if not doc["contact_name"]:
        raise Refused(400, 4, "Invalid value passed for Contact Name")
    if before is None or doc["contact_name"] != before["contact_name"]:
        _check_name(desk, doc)
    _terms(doc, sent)
    _currency(desk, doc, sent)
    if sent.get("contact_type"):
        doc["contact_type"] = _one_of(sent, "contact_type", ("customer", "vendor"))
    for name in ("credit_limit", "opening_balance_amount"):
        if sent.get(name) not in (None, ""):
            doc[name] = number(sent[name], name)
    for name in ("billing_address", "shipping_address"):
        if isinstance(sent.get(name), dict):
            doc[name] = doc[name] | address(sent[name])
    if "contact_persons" in sent:
        doc["contact_persons"] = persons(desk, sent["contact_persons"] or [], doc["contact_persons"])
    doc["_cf"] = books_unique.stored(desk, "contacts", sent, before)
    return with_primary(doc)


def _one_of(sent: Row, name: str, allowed: tuple[str, ...]) -> str:
    if sent[name] not in allowed:
        raise invalid(name)
    return str(sent[name])


def check_lengths(sent: Row, lengths: dict[str, int]) -> None:
    """Refuse a text that is too long, with code 15."""
    for name, most in lengths.items():
        if len(text(sent, name)) > most:
            raise Refused(400, 15, f"Please ensure that the {name} has less than {most} characters.")


def _check_name(desk: Desk, doc: Row) -> None:
    """Customers and vendors share one space of names; inactive ones hold theirs."""
    if desk.org.get("duplicate_names") or desk.sim.switches["books_duplicate_contact_name"] == "accepted":
        return
    others = desk.find("contacts", "contact_name", doc["contact_name"].casefold())
    if any(other["contact_id"] != doc.get("contact_id") for other in others):
        kind = doc["contact_type"]
        message = f'The {kind} "{doc["contact_name"]}" already exists. Please specify a different name.'
        raise Refused(400, 3062, message)


def _terms(doc: Row, sent: Row) -> None:
    if sent.get("payment_terms") in (None, ""):
        return
    doc["payment_terms"] = int(number(sent["payment_terms"], "Payment Terms"))
    if "payment_terms_label" not in sent:
        doc["payment_terms_label"] = f"Net {doc['payment_terms']}"


def _currency(desk: Desk, doc: Row, sent: Row) -> None:
    wanted = sent.get("currency_id") or doc["currency_id"]
    code = sent.get("currency_code") if not sent.get("currency_id") else None
    found = desk.currency(str(wanted), str(code or ""))
    doc |= {name: found[name] for name in ("currency_id", "currency_code", "currency_symbol")}
    doc["_rate"] = found["exchange_rate"]


def address(sent: Row) -> Row:
    """The parts of an address that were sent."""
    check_lengths(sent, ADDRESS_LENGTHS)
    return {name: text(sent, name) for name in ADDRESS if name in sent}


def persons(desk: Desk, sent: Any, before: list[Row]) -> list[Row]:
    """The persons sent, and no others; one of them is the primary one."""
    known = {row["contact_person_id"]: row for row in before}
    wanted = rows(sent, "contact_persons")
    people = [person(desk, row, known.get(str(row.get("contact_person_id")))) for row in wanted]
    primary = next((row for row in people if row["is_primary_contact"]), people[0] if people else None)
    return [row | {"is_primary_contact": row is primary} for row in people]


def person(desk: Desk, sent: Row, before: Row | None) -> Row:
    """One contact person."""
    check_lengths(sent, PERSON_LENGTHS)
    row: Row = before or {"contact_person_id": desk.new_id(), "is_primary_contact": False} | dict.fromkeys(PERSON, "")
    row = row | {name: text(sent, name) for name in PERSON if name in sent}
    if "is_primary_contact" in sent:
        row["is_primary_contact"] = sent["is_primary_contact"] is True
    return row


def with_primary(doc: Row) -> Row:
    """The primary person's name, e-mail and phones stand on the contact."""
    first: Row = next((row for row in doc["contact_persons"] if row["is_primary_contact"]), {})
    doc |= {name: first.get(name, "") for name in ("first_name", "last_name", "email", "phone", "mobile")}
    ids = [row["contact_person_id"] for row in doc["contact_persons"]]
    return doc | {"primary_contact_id": first.get("contact_person_id", ""), "_persons": ids}


def _rename(desk: Desk, doc: Row) -> None:
    for module in ("invoices", "estimates", "creditnotes", "customerpayments"):
        for row in desk.find(module, "customer_id", doc["contact_id"]):
            desk.save(module, row | {"customer_name": doc["contact_name"]}, bump=False)


def set_status(desk: Desk, id: str, status: str) -> Row:
    """active or inactive."""
    doc = desk.save("contacts", desk.get("contacts", id) | {"status": status})
    announce(desk, "contacts", doc)
    return doc


def delete(desk: Desk, id: str) -> Row:
    """Gone; refused when anything was ever written to it."""
    doc = desk.get("contacts", id)
    if books_shapes.has_documents(desk, id):
        raise Refused(400, 3009, "Contacts that have transactions can't be deleted. Mark them as inactive instead.")
    return desk.remove("contacts", doc)


def merge(desk: Desk, loser: str, master: str) -> Row:
    """Everything of the loser becomes the master's; the loser just disappears, or is left inactive (facts 3.1).

    Customers of one currency only, and a vendor only into a vendor, as Books' own tool.
    """
    if loser == master:
        raise Refused(400, 4, "A contact can't be merged into itself.")
    gone, kept = desk.get("contacts", loser), desk.get("contacts", master)
    if (gone["currency_id"], gone["contact_type"]) != (kept["currency_id"], kept["contact_type"]):
        raise Refused(400, 4, "Only contacts of one currency and one type can be merged.")
    for module in ("invoices", "estimates", "creditnotes", "customerpayments"):
        for row in desk.find(module, "customer_id", loser):
            desk.save(module, row | {"customer_id": master, "customer_name": kept["contact_name"]}, bump=False)
    if desk.sim.switches["books_merged_contact"] == "gone":
        desk.remove("contacts", gone)
    else:
        desk.save("contacts", desk.get("contacts", loser) | {"status": "inactive"})
    return desk.save("contacts", desk.get("contacts", master))
