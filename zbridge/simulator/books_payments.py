"""Payments of customers, credit notes and estimates (facts Books 7.1, 7.2, 7.3)."""

from decimal import Decimal
from typing import Any

from zbridge.simulator import books_applying, books_documents
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk, Refused, day, invalid, number, text
from zbridge.simulator.books_webhooks import announce

TEXTS = ("payment_mode", "reference_number", "description", "notes", "account_id")


def create_payment(desk: Desk, sent: Row) -> Row:
    """Money received, applied to invoices as far as the call says; the rest is the customer's credit."""
    customer = desk.look("contacts", text(sent, "customer_id"))
    if customer is None:
        raise invalid("customer_id", 4)
    amount = number(sent.get("amount"), "amount")
    if amount <= 0:
        raise invalid("amount", 4)
    on = day(sent.get("date") or desk.today.isoformat(), "date")
    doc: Row = {name: text(sent, name) for name in TEXTS} | {
        "customer_id": customer["contact_id"], "customer_name": customer["contact_name"], "amount": amount,
        "date": on,
        "currency_id": customer["currency_id"], "currency_code": customer["currency_code"], "unused_amount": amount,
        "currency_symbol": customer["currency_symbol"], "account_name": "Undeposited Funds", "_cf": {}, "_applied": [],
        "exchange_rate": number(sent.get("exchange_rate") or customer["_rate"], "exchange_rate"),
        "_refunded": Decimal(0),
    }  # fmt: skip
    books_documents.check_lock(desk, doc)
    wanted = books_applying.planned(desk, "customerpayments", doc, sent.get("invoices") or [], on)
    doc["payment_number"] = str(desk.sim.store.next_number(f"{desk.name} customerpayments"))
    doc["payment_mode"] = doc["payment_mode"] or "cash"
    desk.add("customerpayments", books_applying.settled("customerpayments", doc))
    books_applying.apply(desk, "customerpayments", doc, wanted)
    if desk.sim.switches["books_payment_bumps_contact"]:
        desk.save("contacts", desk.get("contacts", doc["customer_id"]))
    announce(desk, "customerpayments", doc)
    return doc


def update_payment(desk: Desk, id: str, sent: Row) -> Row:
    """Texts changed; `invoices` replaces what was applied."""
    doc = desk.get("customerpayments", id) | {name: text(sent, name) for name in TEXTS if name in sent}
    if "date" in sent:
        doc["date"] = day(sent["date"], "date")
    if isinstance(sent.get("invoices"), list):
        books_applying.take_off(desk, "customerpayments", doc, lambda one: True)
        wanted = books_applying.planned(desk, "customerpayments", doc, sent["invoices"], doc["date"])
        books_applying.apply(desk, "customerpayments", doc, wanted)
    desk.save("customerpayments", doc)
    announce(desk, "customerpayments", doc)
    return doc


def delete_payment(desk: Desk, id: str) -> Row:
    """Gone; its invoices are open again."""
    doc = desk.get("customerpayments", id)
    return desk.remove("customerpayments", books_applying.take_off(desk, "customerpayments", doc, lambda one: True))


def create_credit(desk: Desk, sent: Row, *, own_number: bool = False) -> Row:
    """A credit note, open at once."""
    doc = books_documents.build(desk, "creditnotes", sent, None, own_number)
    doc |= {"_state": "open", "_applied": [], "_refunded": Decimal(0)}
    made = desk.add("creditnotes", books_applying.settled("creditnotes", doc))
    announce(desk, "creditnotes", made)
    return made


def update_credit(desk: Desk, id: str, sent: Row) -> Row:
    """Some fields changed."""
    doc = books_documents.build(desk, "creditnotes", sent, desk.get("creditnotes", id), own_number=False)
    desk.save("creditnotes", books_applying.settled("creditnotes", doc))
    announce(desk, "creditnotes", doc)
    return doc


def void_credit(desk: Desk, id: str) -> Row:
    """Void; refused while it is applied."""
    doc = desk.get("creditnotes", id)
    if doc["_applied"]:
        raise Refused(400, 4, "Credit notes that are applied can't be voided.")
    return desk.save("creditnotes", books_applying.settled("creditnotes", doc | {"_state": "void"}))


def delete_credit(desk: Desk, id: str) -> Row:
    """Gone; refused while it is applied."""
    doc = desk.get("creditnotes", id)
    if doc["_applied"]:
        raise Refused(400, 4, "Credit notes that are applied can't be deleted.")
    return desk.remove("creditnotes", doc)


def apply_credit(desk: Desk, id: str, rows: Any) -> list[Row]:
    """Apply a credit note to invoices; the applications."""
    doc = desk.get("creditnotes", id)
    wanted = books_applying.planned(desk, "creditnotes", doc, rows, desk.today.isoformat())
    books_applying.apply(desk, "creditnotes", doc, wanted)
    announce(desk, "creditnotes", doc)
    return wanted


def apply_payment(desk: Desk, id: str, rows: Any) -> list[Row]:
    """Apply what is unused of a payment to invoices."""
    doc = desk.get("customerpayments", id)
    wanted = books_applying.planned(desk, "customerpayments", doc, rows, desk.today.isoformat())
    books_applying.apply(desk, "customerpayments", doc, wanted)
    return wanted


def create_estimate(desk: Desk, sent: Row, *, own_number: bool = False) -> Row:
    """A quote of Books, a draft."""
    doc = books_documents.build(desk, "estimates", sent, None, own_number)
    return desk.add("estimates", doc | {"balance": doc["total"]})


def update_estimate(desk: Desk, id: str, sent: Row) -> Row:
    """Some fields changed."""
    doc = books_documents.build(desk, "estimates", sent, desk.get("estimates", id), own_number=False)
    return desk.save("estimates", doc | {"balance": doc["total"]})


def set_estimate(desk: Desk, id: str, status: str) -> Row:
    """sent, accepted, declined."""
    return desk.save("estimates", desk.get("estimates", id) | {"_state": status})


def delete_estimate(desk: Desk, id: str) -> Row:
    """Gone."""
    return desk.remove("estimates", desk.get("estimates", id))
