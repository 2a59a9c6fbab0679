"""Calls that move a record on: statuses, mails, credits, refunds, activity (facts Books 5.1, 5.5, 7)."""

from collections.abc import Callable
from functools import partial

from zbridge.simulator import books_applying, books_contacts, books_invoices, books_items, books_payments
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk, rows
from zbridge.simulator.books_envelope import Call, answer
from zbridge.simulator.wire import Response

INVOICE_STEPS: dict[str, tuple[Callable[[Desk, str], Row], str]] = {
    "sent": (books_invoices.mark_sent, "Invoice status has been changed to Sent."),
    "void": (books_invoices.void, "Invoice status has been changed to Void."),
    "draft": (books_invoices.back_to_draft, "Status of invoice changed from void to draft"),
    "submit": (books_invoices.submit, "The invoice has been submitted for approval successfully."),
    "approve": (books_invoices.approve, "You have approved the invoice."),
}


def invoice_status(call: Call, id: str, status: str) -> Response:
    step, message = INVOICE_STEPS[status]
    step(call, id)
    return answer(message)


def email(call: Call, id: str) -> Response:
    books_invoices.email(call, id, call.body())
    return answer("Your invoice has been sent.")


def write_off(call: Call, id: str) -> Response:
    books_invoices.write_off(call, id)
    return answer("Invoice has been written off.")


def cancel_write_off(call: Call, id: str) -> Response:
    books_invoices.cancel_write_off(call, id)
    return answer("The writeoff done for this invoice has been cancelled.")


def payments(call: Call, id: str) -> Response:
    """What was paid on an invoice."""
    call.get("invoices", id)
    return answer(payments=[_of_invoice(doc, one) for doc, one in _applied(call, "customerpayments", id)])


def _applied(call: Call, module: str, id: str) -> list[tuple[Row, Row]]:
    docs = call.find(module, "_invoices", id)
    return [(doc, one) for doc in docs for one in doc["_applied"] if one["invoice_id"] == id]


def _of_invoice(doc: Row, one: Row) -> Row:
    named = ("payment_id", "payment_number", "payment_mode", "reference_number", "date", "description")
    applied = {name: one[name] for name in ("invoice_payment_id", "invoice_id")}
    return {name: doc[name] for name in named} | applied | {"amount": one["amount_applied"]}


def remove_payment(call: Call, id: str, applied: str) -> Response:
    """Take one payment off an invoice."""

    def meant(payment: Row, one: Row) -> bool:
        return one["invoice_id"] == id and applied in (one["invoice_payment_id"], payment["payment_id"])

    for doc in call.find("customerpayments", "_invoices", id):
        books_applying.take_off(call, "customerpayments", doc, partial(meant, doc))
    return answer("The payment has been deleted.")


def credits_applied(call: Call, id: str) -> Response:
    """Credit notes applied to an invoice."""
    found = [
        {
            "creditnote_id": doc["creditnote_id"], "creditnotes_number": doc["creditnote_number"],
            "creditnotes_invoice_id": one["invoice_payment_id"], "credited_date": one["date"],
            "amount_applied": one["amount_applied"],
        }
        for doc, one in _applied(call, "creditnotes", id)
    ]  # fmt: skip
    return answer(credits=found)


def apply_credits(call: Call, id: str) -> Response:
    """Credit notes and unused payments, from the invoice's side."""
    sent = call.body()
    for row in rows(sent.get("apply_creditnotes") or [], "apply_creditnotes"):
        wanted = {"invoice_id": id, "amount_applied": row.get("amount_applied")}
        books_payments.apply_credit(call, str(row.get("creditnote_id", "")), [wanted])
    for row in rows(sent.get("invoice_payments") or [], "invoice_payments"):
        wanted = {"invoice_id": id, "amount_applied": row.get("amount_applied")}
        books_payments.apply_payment(call, str(row.get("payment_id", "")), [wanted])
    return answer("Credits have been applied to the invoice(s).")


def apply_credit_note(call: Call, id: str) -> Response:
    applied = books_payments.apply_credit(call, id, call.body().get("invoices") or [])
    return answer("Credits have been applied to the invoice(s).", apply_to_invoices={"invoices": applied})


def credited_invoices(call: Call, id: str) -> Response:
    return answer(invoices_credited=call.get("creditnotes", id)["_applied"])


def refund(call: Call, module: str, id: str) -> Response:
    made = books_applying.refund(call, module, id, call.body())
    single = "payment_refund" if module == "customerpayments" else "creditnote_refund"
    return answer("The refund information for this record has been saved.", 201, **{single: made})


def refunds(call: Call, module: str, id: str) -> Response:
    plural = "payment_refunds" if module == "customerpayments" else "creditnote_refunds"
    return answer(**{plural: call.get(module, id).get("_refunds", [])})


def activity(call: Call, module: str, id: str, status: str) -> Response:
    if module == "contacts":
        books_contacts.set_status(call, id, status)
        return answer(f"The contact has been marked as {status}.")
    books_items.set_status(call, id, status)
    return answer(f"The item has been marked as {status}.")


def estimate_status(call: Call, id: str, status: str) -> Response:
    books_payments.set_estimate(call, id, status)
    return answer(f"Estimate status has been changed to {status.capitalize()}.")


def credit_status(call: Call, id: str) -> Response:
    books_payments.void_credit(call, id)
    return answer("The credit note has been marked as Void.")


_MONEY = "<any(customerpayments, creditnotes):module>"
ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("POST", "invoices/<id>/status/<any(sent, void, draft):status>", invoice_status),
    ("POST", "invoices/<id>/<any(submit, approve):status>", invoice_status),
    ("POST", "invoices/<id>/email", email),
    ("POST", "invoices/<id>/writeoff", write_off),
    ("POST", "invoices/<id>/writeoff/cancel", cancel_write_off),
    ("GET", "invoices/<id>/payments", payments),
    ("DELETE", "invoices/<id>/payments/<applied>", remove_payment),
    ("GET", "invoices/<id>/creditsapplied", credits_applied),
    ("POST", "invoices/<id>/credits", apply_credits),
    ("POST", "creditnotes/<id>/invoices", apply_credit_note),
    ("GET", "creditnotes/<id>/invoices", credited_invoices),
    ("POST", "creditnotes/<id>/void", credit_status),
    ("POST", f"{_MONEY}/<id>/refunds", refund),
    ("GET", f"{_MONEY}/<id>/refunds", refunds),
    ("POST", "<any(contacts, items):module>/<id>/<any(active, inactive):status>", activity),
    ("POST", "estimates/<id>/status/<any(sent, accepted, declined):status>", estimate_status),
)
