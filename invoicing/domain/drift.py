"""What no longer agrees with a draft that was made: in Books, or on the deal. Pure; nothing here mends anything.

zbridge never edits, voids or deletes an invoice: finance and the rep are told, and a difference that ends is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from zbridge.money import Money, display


class Drift(StrEnum):
    """In what way."""

    VOIDED = "voided"
    DELETED = "deleted"
    TOTAL = "total"
    CURRENCY = "currency"
    CUSTOMER = "customer"
    DEAL_LOST = "deal_lost"
    DEAL_OPEN = "deal_open"
    DEAL_GONE = "deal_gone"
    DEAL_AMOUNT = "deal_amount"
    DEAL_MOVED = "deal_moved"
    QUOTE_OPEN = "quote_open"
    QUOTE_GONE = "quote_gone"
    QUOTE_REPLACED = "quote_replaced"
    QUOTE_EDITED = "quote_edited"


# After these the sale has no live invoice any more, and may be billed anew.
ENDED = frozenset({Drift.VOIDED, Drift.DELETED})


@dataclass(frozen=True, kw_only=True)
class Made:
    """The draft as it was recorded; the deal's amount and account as they were frozen (None, "": not known)."""

    number: str
    total: Money | None
    customer_id: str
    customer_name: str
    deal_amount: Money | None = None
    account_id: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceNow:
    """The invoice as last read from Books; `gone` once it is no longer there."""

    status: str
    total: Money
    customer_id: str
    customer_name: str
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class DealNow:
    """The deal as last read from CRM; `outcome` is open, won or lost."""

    name: str
    outcome: str
    stage: str
    amount: Money | None
    account_id: str
    account_name: str
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class QuoteNow:
    """The quote that was billed, as last read; `changes`: what differs from what was billed, in words."""

    name: str
    stage: str
    accepted: bool = True
    replaced: bool = False
    gone: bool = False
    changes: str = ""


@dataclass(frozen=True)
class Departure:
    """One way in which they disagree, and its sentence."""

    drift: Drift
    sentence: str


def departures(
    made: Made, invoice: InvoiceNow | None, deal: DealNow | None, quote: QuoteNow | None = None
) -> tuple[Departure, ...]:
    """All of them, those of Books first; a draft that is voided or gone has no others worth telling."""
    of_books = tuple(_of_invoice(made, invoice)) if invoice is not None else ()
    if any(one.drift in ENDED for one in of_books):
        return of_books
    of_crm = (*(_of_deal(made, deal) if deal is not None else ()), *(_of_quote(quote) if quote is not None else ()))
    return of_books + of_crm


def _of_invoice(made: Made, now: InvoiceNow) -> Iterator[Departure]:
    if now.gone:
        yield Departure(Drift.DELETED, f"{made.number} was deleted in Books.")
        return
    if now.status == "void":
        yield Departure(Drift.VOIDED, f"{made.number} was voided in Books.")
        return
    if made.total is not None and now.total.currency != made.total.currency:
        was, found = made.total.currency, now.total.currency
        yield Departure(Drift.CURRENCY, f"In Books {made.number} is in {found} now; it was made in {was}.")
    elif made.total is not None and now.total != made.total:
        was, found = display(made.total), display(now.total)
        yield Departure(Drift.TOTAL, f"In Books {made.number} comes to {found} now; it was made over {was}.")
    if made.customer_id and now.customer_id != made.customer_id:
        was = made.customer_name or "another customer"
        yield Departure(Drift.CUSTOMER, f"In Books {made.number} is {now.customer_name}'s now; it was made for {was}.")


def _of_deal(made: Made, now: DealNow) -> Iterator[Departure]:
    if now.gone:
        yield Departure(Drift.DEAL_GONE, f"The deal {now.name} is no longer in CRM; its invoice stands.")
        return
    if now.outcome == "lost":
        yield Departure(Drift.DEAL_LOST, f"{now.name} is lost in CRM now (“{now.stage}”), and its invoice stands.")
    elif now.outcome == "open":
        yield Departure(Drift.DEAL_OPEN, f"{now.name} is open again in CRM (“{now.stage}”), and its invoice stands.")
    if made.deal_amount is not None and now.amount is not None and now.amount != made.deal_amount:
        was, found = display(made.deal_amount), display(now.amount)
        yield Departure(Drift.DEAL_AMOUNT, f"{now.name} is {found} in CRM now; it was billed when it was {was}.")
    if made.account_id and now.account_id and now.account_id != made.account_id:
        yield Departure(Drift.DEAL_MOVED, f"{now.name} belongs to {now.account_name} in CRM now.")


def _of_quote(now: QuoteNow) -> Iterator[Departure]:
    if now.gone:
        yield Departure(Drift.QUOTE_GONE, f"The quote {now.name} is no longer in CRM; its invoice stands.")
        return
    if not now.accepted:
        yield Departure(
            Drift.QUOTE_OPEN, f"{now.name} is no longer accepted in CRM (“{now.stage}”), and its invoice stands."
        )
    if now.replaced:
        yield Departure(Drift.QUOTE_REPLACED, f"{now.name} was replaced by another quote in CRM after it was billed.")
    if now.changes:
        yield Departure(Drift.QUOTE_EDITED, f"{now.name} was changed in CRM after it was billed: {now.changes}.")
