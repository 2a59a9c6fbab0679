"""How one customer stands in one currency on one day, and what an account's customers come to; currencies apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from invoicing.domain.ageing import Ageing
from zbridge.money import Money, total

OVERDUE, OPEN, PAID, NONE = "Overdue", "Open", "Paid", "No invoice"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One Books customer. All amounts are in `currency`; `ageing` is of the day it was asked for.

    `outstanding` and `credits` are Books' own figures, unnetted; None where Books told none. `opening` is what is
    outstanding on no invoice: the opening balance. Drafts count nowhere else. `read_at`: when its oldest figure was
    read. `others`: its open invoices in further currencies, where the organisation bills one customer in several.
    """

    customer_id: str
    name: str
    currency: str
    outstanding: Money | None
    credits: Money | None
    opening: Money
    drafts: Money
    draft_count: int
    ageing: Ageing
    last_paid: Money | None
    last_paid_on: date | None
    days_to_pay: Decimal | None
    in_base: Money | None
    read_at: datetime
    others: tuple["Standing", ...] = ()

    @property
    def status(self) -> str:
        """Overdue before open before paid; a customer that never had an invoice has none of them."""
        if self.ageing.overdue_count:
            return OVERDUE
        if self.ageing.outstanding or self.outstanding:
            return OPEN
        return PAID if self.last_paid_on else NONE


def flat(standings: Iterable[Standing]) -> list[Standing]:
    """Each customer and currency by itself."""
    return [one for standing in standings for one in (standing, *standing.others)]


def worst(standings: Iterable[Standing]) -> str:
    """The status of an account by its customers' worst."""
    found = {one.status for one in flat(standings)}
    return next((status for status in (OVERDUE, OPEN, PAID) if status in found), NONE)


def by_currency(standings: Iterable[Standing]) -> dict[str, list[Standing]]:
    """An account's customers by currency, in order of its name; amounts of two currencies are never added."""
    found: dict[str, list[Standing]] = {}
    for one in sorted(flat(standings), key=lambda one: (one.currency, one.name, one.customer_id)):
        found.setdefault(one.currency, []).append(one)
    return found


def outstanding(standings: Iterable[Standing], currency: str) -> Money:
    """Books' own figures of one currency, added."""
    return total([one.outstanding for one in standings if one.outstanding is not None], currency)


def last_payment(standings: Iterable[Standing]) -> tuple[date, Money] | None:
    """The latest payment across them: its day and amount."""
    paid = [(one.last_paid_on, one.last_paid) for one in standings if one.last_paid_on and one.last_paid]
    return max(paid, key=lambda pair: pair[0], default=None)


def opening_balance(outstanding: Money | None, on_invoices: Money) -> Money:
    """What Books counts as outstanding beyond the open invoices; never less than nothing."""
    beyond = (outstanding - on_invoices).amount if outstanding is not None else Decimal(0)
    return Money(max(beyond, Decimal(0)), on_invoices.currency)
