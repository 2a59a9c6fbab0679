"""How an invoice stands, in one word: from Books' status, its balance and the organisation's day, never from a wish."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from invoicing.domain.ageing import UNCOUNTED

DRAFT, SENT, OVERDUE, PART, PAID, VOID, WRITTEN_OFF = (
    "Draft", "Sent", "Overdue", "Partly paid", "Paid", "Void", "Written off",
)  # fmt: skip
WAITING = {"pending_approval": "Waits for approval", "approved": "Approved", "rejected": "Rejected"}


@dataclass(frozen=True, kw_only=True)
class InvoiceFacts:
    """What Books says of it; amounts in its currency, `due_on` in the organisation's zone."""

    status: str
    total: Decimal
    balance: Decimal
    written_off: Decimal = Decimal(0)
    due_on: date | None = None


def state_of(invoice: InvoiceFacts, today: date) -> str:
    """Due today isn't overdue. Overdue comes before partly paid: that is what a caller must know."""
    if invoice.status in UNCOUNTED:
        return {"draft": DRAFT, "void": VOID}.get(invoice.status) or WAITING[invoice.status]
    if invoice.balance <= 0:
        return WRITTEN_OFF if invoice.written_off >= invoice.total > 0 else PAID
    if invoice.due_on is not None and invoice.due_on < today:
        return OVERDUE
    return PART if invoice.balance + invoice.written_off < invoice.total else SENT


def paid(invoice: InvoiceFacts) -> Decimal:
    """What payments and credits took off it; a void invoice or a draft was paid nothing."""
    if invoice.status in UNCOUNTED:
        return Decimal(0)
    return invoice.total - invoice.balance - invoice.written_off
