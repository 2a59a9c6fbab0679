"""Invoices from draft to void: writing, sending, mailing, writing off, deleting (facts Books 5)."""

from decimal import Decimal

from zbridge.simulator import books_applying, books_documents
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk, Refused
from zbridge.simulator.books_modules import UNSENT
from zbridge.simulator.books_webhooks import announce
from zbridge.simulator.store import stamp

NOTHING = {"payment_made": 0, "credits_applied": 0, "write_off_amount": 0}
MOST_MAILS = 1000


def create(desk: Desk, sent: Row, *, own_number: bool = False, send: bool = False) -> Row:
    """A new invoice, a draft unless it is sent at once."""
    doc = books_documents.build(desk, "invoices", sent, None, own_number) | NOTHING
    estimate = sent.get("invoiced_estimate_id")
    if estimate:
        doc["estimate_id"] = str(estimate)
        desk.save("estimates", desk.get("estimates", str(estimate)) | {"_state": "invoiced"})
    if send:
        doc |= {"_state": "sent", "is_emailed": True}
    made = desk.add("invoices", balanced(doc))
    if send:
        mail(desk, made, {})
    announce(desk, "invoices", made)
    return made


def update(desk: Desk, id: str, sent: Row) -> Row:
    """Some fields changed; `line_items` replaces all lines."""
    before = desk.get("invoices", id)
    books_documents.check_lock(desk, before)
    if before["_state"] == "void":
        raise Refused(400, 4, "A void invoice can't be changed.")
    return kept(desk, books_documents.build(desk, "invoices", sent, before, own_number=False))


def kept(desk: Desk, doc: Row, *, bump: bool = True) -> Row:
    """Save an invoice with its balance, and tell the hooks."""
    desk.save("invoices", balanced(doc), bump=bump)
    announce(desk, "invoices", doc)
    return doc


def balanced(doc: Row) -> Row:
    """Balance = total - payments - credits - written off; a void invoice has none."""
    gone = sum((Decimal(doc[name]) for name in NOTHING), Decimal(0))
    doc["balance"] = Decimal(0) if doc["_state"] == "void" else doc["total"] - gone
    doc["_unpaid"] = "1" if doc["_state"] == "sent" and doc["balance"] > 0 else ""
    return doc


def mark_sent(desk: Desk, id: str) -> Row:
    """From draft to sent."""
    doc = desk.get("invoices", id)
    if doc["_state"] == "void":
        raise Refused(400, 4, "A void invoice can't be marked as sent.")
    return kept(desk, doc | {"_state": "sent"})


def submit(desk: Desk, id: str) -> Row:
    """A draft waits for approval."""
    return _approval(desk, id, "draft", "pending_approval")


def approve(desk: Desk, id: str) -> Row:
    """What waited is approved, and still unsent."""
    return _approval(desk, id, "pending_approval", "approved")


def _approval(desk: Desk, id: str, before: str, after: str) -> Row:
    doc = desk.get("invoices", id)
    if doc["_state"] != before:
        raise Refused(400, 4, f"Only a {before} invoice can become {after}.")
    return kept(desk, doc | {"_state": after})


def void(desk: Desk, id: str) -> Row:
    """Payments and credits go back to the customer's credit."""
    books_documents.check_lock(desk, desk.get("invoices", id))
    books_applying.detach(desk, id)
    return kept(desk, desk.get("invoices", id) | {"_state": "void"} | NOTHING)


def back_to_draft(desk: Desk, id: str) -> Row:
    """Only from void."""
    doc = desk.get("invoices", id)
    if doc["_state"] != "void":
        raise Refused(400, 4, "Only a void invoice can be changed back to draft.")
    return kept(desk, doc | {"_state": "draft"})


def write_off(desk: Desk, id: str) -> Row:
    """The open balance is given up."""
    doc = desk.get("invoices", id)
    if doc["_state"] != "sent" or doc["balance"] <= 0:
        raise Refused(400, 4, "Only open invoices can be written off.")
    return kept(desk, doc | {"write_off_amount": doc["write_off_amount"] + doc["balance"]})


def cancel_write_off(desk: Desk, id: str) -> Row:
    """The balance is open again."""
    return kept(desk, desk.get("invoices", id) | {"write_off_amount": 0})


def email(desk: Desk, id: str, sent: Row) -> Row:
    """Mail it, which marks a draft as sent."""
    doc = desk.get("invoices", id)
    if doc["_state"] in UNSENT:
        doc["_state"] = "sent"
    mail(desk, doc, sent)
    return kept(desk, doc | {"is_emailed": True})


def mail(desk: Desk, doc: Row, sent: Row) -> None:
    """What Books mails, for `/_sim/mails`."""
    to = sent.get("to_mail_ids") or ([doc["email"]] if doc["email"] else [])
    subject = sent.get("subject") or f"Invoice - {doc['invoice_number']} from {desk.org['name']}"
    letter = {
        "to": to, "cc": sent.get("cc_mail_ids") or [], "subject": subject, "body": sent.get("body") or "",
        "invoice_id": doc["invoice_id"], "invoice_number": doc["invoice_number"], "time": stamp(desk.sim.clock.now()),
    }  # fmt: skip
    desk.sim.store.set("mails", [*desk.sim.store.setting("mails", []), letter][-MOST_MAILS:])


def delete(desk: Desk, id: str) -> Row:
    """Gone without a trace; refused when payments or credits are applied."""
    doc = desk.get("invoices", id)
    books_documents.check_lock(desk, doc)
    if doc["payment_made"] or doc["credits_applied"]:
        raise Refused(400, 4, "Invoices with payments or credits applied can't be deleted.")
    return desk.remove("invoices", doc)
