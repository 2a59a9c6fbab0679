"""How far a deal is billed and paid: its amount as one bar, in the deal's own terms (net or gross)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from zbridge.money import Money, total, zero

WHOLE = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class BilledPart:
    """One invoice of the deal that stands. `billed`: what of the deal's amount it bills; None: nobody knows yet."""

    gross: Money
    open_: Money
    written_off: Money
    billed: Money | None
    is_draft: bool


@dataclass(frozen=True, kw_only=True)
class SaleBar:
    """`value`, `billed` and `left` in the deal's terms; `invoiced`, `paid` and `outstanding` as the invoices say.

    The three shares are of the value, 0 to 100; None where what was billed isn't known in the deal's terms.
    """

    value: Money
    invoiced: Money
    paid: Money
    outstanding: Money
    drafts: Money
    billed: Money | None
    left: Money | None
    shares: tuple[Decimal, Decimal, Decimal] | None


def sale_bar(value: Money, parts: Sequence[BilledPart]) -> SaleBar:
    """Invoices of another currency than the deal's are left out by the caller; nothing is converted."""
    currency = value.currency
    sent = [one for one in parts if not one.is_draft]
    known = [one.billed for one in parts if one.billed is not None]
    billed = total(known, currency) if len(known) == len(parts) else None
    return SaleBar(
        value=value,
        invoiced=total([one.gross for one in parts], currency),
        paid=total([_paid(one) for one in sent], currency),
        outstanding=total([one.open_ for one in sent], currency),
        drafts=total([one.gross for one in parts if one.is_draft], currency),
        billed=billed,
        left=_at_least_nothing(value - billed) if billed is not None else None,
        shares=_shares(value, parts) if billed is not None and value.amount > 0 else None,
    )


def _paid(part: BilledPart) -> Money:
    return part.gross - part.open_ - part.written_off


def _at_least_nothing(money: Money) -> Money:
    return max(money, zero(money.currency))


def _shares(value: Money, parts: Sequence[BilledPart]) -> tuple[Decimal, Decimal, Decimal]:
    """Paid, open, left: never beyond the whole, whatever was billed too much."""
    billed = sum((one.billed.amount for one in parts if one.billed), Decimal(0)) * WHOLE / value.amount
    paid = sum((_paid_of_value(one) for one in parts), Decimal(0)) * WHOLE / value.amount
    billed = round(min(max(billed, Decimal(0)), WHOLE), 1)
    paid = round(min(max(paid, Decimal(0)), billed), 1)
    return paid, billed - paid, WHOLE - billed


def _paid_of_value(part: BilledPart) -> Decimal:
    if part.is_draft or part.billed is None or part.gross.amount <= 0:
        return Decimal(0)
    return part.billed.amount * _paid(part).amount / part.gross.amount
