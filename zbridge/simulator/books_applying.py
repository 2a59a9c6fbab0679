"""Money that closes invoices: payments and credit notes applied, taken off again, refunded (facts Books 7.1, 7.2)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk, Refused, invalid, number, rows
from zbridge.simulator.books_modules import UNSENT, id_key
from zbridge.simulator.books_webhooks import announce

Chosen = Callable[[Row], bool]
COLUMN = {"customerpayments": "payment_made", "creditnotes": "credits_applied"}
WHOLE = {"customerpayments": "amount", "creditnotes": "total"}
LEFT = {"customerpayments": "unused_amount", "creditnotes": "balance"}


def settled(module: str, doc: Row) -> Row:
    """What is left of a payment or credit note after what was applied and refunded."""
    used = sum((Decimal(one["amount_applied"]) for one in doc["_applied"]), Decimal(0)) + Decimal(doc["_refunded"])
    doc[LEFT[module]] = Decimal(0) if doc.get("_state") == "void" else Decimal(doc[WHOLE[module]]) - used
    doc["_invoices"] = [one["invoice_id"] for one in doc["_applied"]]
    return doc


def planned(desk: Desk, module: str, doc: Row, wanted: Any, on: str) -> list[Row]:
    """The applications wanted, checked against what is open and what is left; nothing is written."""
    left, found, taken = Decimal(doc[LEFT[module]]), [], dict[str, Decimal]()
    for row in rows(wanted, "invoices"):
        amount = number(row.get("amount_applied"), "amount_applied")
        invoice = desk.get("invoices", str(row.get("invoice_id", "")))
        invoice["balance"] -= taken.get(invoice["invoice_id"], 0)
        if amount <= 0 or amount > invoice["balance"] or invoice["_state"] == "void":
            raise Refused(400, 24016, "The amount applied is more than the balance of the invoice.")
        if invoice["customer_id"] != doc["customer_id"]:
            raise invalid("invoice_id")
        taken[invoice["invoice_id"]] = taken.get(invoice["invoice_id"], Decimal(0)) + amount
        left -= amount
        found.append(_application(desk, invoice, amount, on))
    if left < 0:
        raise Refused(400, 24017, "The amount applied is more than the amount received.")
    return found


def _application(desk: Desk, invoice: Row, amount: Decimal, on: str) -> Row:
    return {
        "invoice_payment_id": desk.new_id(), "invoice_id": invoice["invoice_id"], "date": on, "amount_applied": amount,
        "invoice_number": invoice["invoice_number"], "invoice_amount": invoice["total"],
        "balance_amount": invoice["balance"] - amount,
    }  # fmt: skip


def apply(desk: Desk, module: str, doc: Row, applications: list[Row]) -> Row:
    """Apply them: the document and its invoices are kept."""
    doc["_applied"] = [*doc["_applied"], *applications]
    desk.save(module, settled(module, doc))
    for one in applications:
        move(desk, module, one["invoice_id"], Decimal(one["amount_applied"]))
    return doc


def move(desk: Desk, module: str, invoice_id: str, amount: Decimal) -> None:
    """Add to what was paid or credited on an invoice; money makes a draft sent."""
    doc = desk.get("invoices", invoice_id)
    column = COLUMN[module]
    doc[column] = doc[column] + amount
    doc["balance"] = doc["balance"] - amount
    doc["_state"] = "sent" if doc["_state"] in UNSENT else doc["_state"]
    doc["_unpaid"] = "1" if doc["_state"] == "sent" and doc["balance"] > 0 else ""
    doc["last_payment_date"] = _last_payment(desk, invoice_id)
    bump = desk.sim.switches["books_payment_bumps_invoice"]
    desk.save("invoices", doc, bump=bump)
    if bump:
        announce(desk, "invoices", doc)


def _last_payment(desk: Desk, invoice_id: str) -> str:
    payments = desk.find("customerpayments", "_invoices", invoice_id)
    return max((str(payment["date"]) for payment in payments), default="")


def detach(desk: Desk, invoice_id: str, modules: tuple[str, ...] = ("customerpayments", "creditnotes")) -> None:
    """Take every payment and credit off an invoice; the money stays with the customer."""
    for module in modules:
        for doc in desk.find(module, "_invoices", invoice_id):
            take_off(desk, module, doc, lambda one: one["invoice_id"] == invoice_id)


def take_off(desk: Desk, module: str, doc: Row, chosen: Chosen) -> Row:
    """Take the chosen applications back."""
    gone = [one for one in doc["_applied"] if chosen(one)]
    doc["_applied"] = [one for one in doc["_applied"] if not chosen(one)]
    desk.save(module, settled(module, doc))
    for one in gone:
        move(desk, module, one["invoice_id"], -Decimal(one["amount_applied"]))
    return doc


def refund(desk: Desk, module: str, id: str, sent: Row) -> Row:
    """Pay unused money back; the refund as answered."""
    doc = desk.get(module, id)
    amount = number(sent.get("amount"), "amount")
    if amount <= 0 or amount > doc[LEFT[module]]:
        raise Refused(400, 24018, "The refund is more than what is left.")
    doc["_refunded"] = doc["_refunded"] + amount
    on = str(sent.get("date") or desk.today.isoformat())
    made = {"refund_id": desk.new_id(), "date": on, "amount": amount, id_key(module): id}
    doc["_refunds"] = [*doc.get("_refunds", []), made]
    desk.save(module, settled(module, doc))
    announce(desk, module, doc)
    return made
