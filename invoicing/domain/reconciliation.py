"""What was won against what was invoiced in one month: every difference has a cause, and all of them add up.

All amounts of a row are in its currency; won and invoiced are net, paid and outstanding as customers pay: with tax.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zbridge.money import Money, rounded

NOTHING = Decimal(0)


class Cause(StrEnum):
    """Why won and invoiced differ."""

    TIMING = "timing"
    PARTIAL = "partial"
    DISCOUNT = "discount"
    TAX = "tax"
    CURRENCY = "currency"
    MISSING = "missing"
    NOT_BILLABLE = "not_billable"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, kw_only=True)
class Won:
    """A deal that was won in the month; `amount` is net or gross as the terms say.

    `discounted`: its own lines or quotes carry a discount already, so one on the invoice explains nothing.
    """

    id: str
    name: str
    amount: Decimal
    currency: str
    discounted: bool = False
    not_billable: str = ""


@dataclass(frozen=True, kw_only=True)
class Billed:
    """An invoice; `deal` is the id of the deal that it bills, `deal_won_on` when that was won; both may be unknown.

    `net`, `tax` and `discount` are None as long as nobody has read them from Books, whose lists don't tell.
    """

    id: str
    number: str
    issued_on: date | None
    currency: str
    total: Decimal
    balance: Decimal
    is_draft: bool = False
    written_off: Decimal = NOTHING
    net: Decimal | None = None
    tax: Decimal | None = None
    discount: Decimal | None = None
    deal: str = ""
    deal_name: str = ""
    deal_won_on: date | None = None

    @property
    def paid(self) -> Decimal:
        """What payments and credits took off it."""
        return self.total - self.balance - self.written_off


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The month from its first to its last day; whether deal amounts are gross; the usual tax in percent, if any."""

    first: date
    last: date
    gross: bool = False
    percent: Decimal = NOTHING


@dataclass(frozen=True)
class Part:
    """So much of a difference comes from that, in a sentence."""

    cause: Cause
    amount: Decimal
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A deal, or an invoice without one, in one currency. won - invoiced = the sum of its parts."""

    currency: str
    deal: str
    name: str
    invoices: tuple[str, ...]
    won: Decimal
    invoiced: Decimal
    paid: Decimal
    outstanding: Decimal
    parts: tuple[Part, ...] = ()

    def of(self, cause: Cause) -> Decimal:
        """What that cause comes to."""
        return sum((part.amount for part in self.parts if part.cause == cause), NOTHING)


@dataclass(frozen=True, kw_only=True)
class Total:
    """The sums of one currency's rows."""

    won: Decimal
    invoiced: Decimal
    paid: Decimal
    outstanding: Decimal
    causes: dict[Cause, Decimal]


def reconcile(deals: Iterable[Won], invoices: Iterable[Billed], terms: Terms) -> tuple[Row, ...]:
    """Every deal won in the month and every invoice of the month, once each.

    `invoices` are those of the month, and those of any day that bill one of the deals; void ones are left out.
    """
    by_deal: dict[str, list[Billed]] = {}
    for invoice in sorted(invoices, key=lambda one: (one.number, one.id)):
        by_deal.setdefault(invoice.deal, []).append(invoice)
    found: list[Row] = []
    for deal in deals:
        found += _of_deal(deal, by_deal.pop(deal.id, []), terms)
    strays = [one for bills in by_deal.values() for one in bills if _counts(one, terms)]
    return (*found, *(_stray(one, terms) for one in strays))


def totals(rows: Iterable[Row]) -> dict[str, Total]:
    """By currency, in order; currencies are never added."""
    by_currency: dict[str, list[Row]] = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row)
    return {currency: _total(found) for currency, found in sorted(by_currency.items())}


def _total(rows: Sequence[Row]) -> Total:
    return Total(
        won=sum((row.won for row in rows), NOTHING), invoiced=sum((row.invoiced for row in rows), NOTHING),
        paid=sum((row.paid for row in rows), NOTHING), outstanding=sum((row.outstanding for row in rows), NOTHING),
        causes={cause: sum((row.of(cause) for row in rows), NOTHING) for cause in Cause},
    )  # fmt: skip


def net_of(invoice: Billed, terms: Terms) -> Decimal:
    """As Books holds it; not read yet, what the usual tax leaves of the total."""
    return invoice.net if invoice.net is not None else _without_tax(invoice.total, invoice.currency, terms)


def _without_tax(total: Decimal, currency: str, terms: Terms) -> Decimal:
    return rounded(Money(total * 100 / (100 + terms.percent), currency)).amount


def _counts(invoice: Billed, terms: Terms) -> bool:
    """Issued in the month: a draft isn't, whatever its date."""
    issued = invoice.issued_on
    return not invoice.is_draft and issued is not None and terms.first <= issued <= terms.last


def _of_deal(deal: Won, bills: list[Billed], terms: Terms) -> list[Row]:
    own = [one for one in bills if one.currency == deal.currency]
    foreign = [one for one in bills if one.currency != deal.currency]
    counted = [one for one in own if _counts(one, terms)]
    won, invoiced = _won(deal, own, terms), _nets(counted, terms)
    late = [_late(one, deal, terms) for one in own if not _counts(one, terms)]
    rest = won - invoiced - sum((part.amount for part in late), NOTHING)
    parts = (*late, *_rest(rest, deal, own, foreign, terms))
    first = _row(deal.currency, deal.id, deal.name, counted, terms, won=won, parts=parts)
    return [first, *_in_other_currencies(deal, [one for one in foreign if _counts(one, terms)], terms)]


def _won(deal: Won, own: list[Billed], terms: Terms) -> Decimal:
    """The deal's net amount; of a gross one, in the proportion that its invoices have, else less the usual tax."""
    if not terms.gross:
        return deal.amount
    total = sum((one.total for one in own), NOTHING)
    if not total:
        return _without_tax(deal.amount, deal.currency, terms)
    return rounded(Money(deal.amount * _nets(own, terms) / total, deal.currency)).amount


def _nets(invoices: Iterable[Billed], terms: Terms) -> Decimal:
    return sum((net_of(one, terms) for one in invoices), NOTHING)


def _late(invoice: Billed, deal: Won, terms: Terms) -> Part:
    """A bill of the deal that isn't one of the month."""
    if invoice.is_draft or invoice.issued_on is None:
        said = f"{deal.name}: {invoice.number} is still a draft."
    else:
        said = f"{deal.name}: {invoice.number} is of {_day(invoice.issued_on)}."
    return Part(Cause.TIMING, net_of(invoice, terms), said)


def _rest(rest: Decimal, deal: Won, own: list[Billed], foreign: list[Billed], terms: Terms) -> tuple[Part, ...]:
    """What is left when every bill in the deal's currency has been counted, whenever it was issued."""
    if not rest:
        return ()
    numbers = ", ".join(one.number for one in own)
    if not own and not foreign and deal.not_billable:
        return (Part(Cause.NOT_BILLABLE, rest, f"{deal.name}: finance doesn't bill it: {deal.not_billable}"),)
    if not own and not foreign:
        return (Part(Cause.MISSING, rest, f"{deal.name}: no invoice bills it."),)
    if foreign and rest > 0:
        said = ", ".join(f"{one.number} in {one.currency}" for one in foreign)
        return (Part(Cause.CURRENCY, rest, f"{deal.name}: billed as {said}."),)
    if any(one.net is None for one in own):
        return (Part(Cause.UNEXPLAINED, rest, f"{deal.name}: the net amount of {numbers} isn't read from Books yet."),)
    if rest < 0:
        return (Part(Cause.UNEXPLAINED, rest, f"{deal.name}: {numbers} bills more than was won."),)
    return _known(rest, deal, own, numbers)


def _known(rest: Decimal, deal: Won, own: list[Billed], numbers: str) -> tuple[Part, ...]:
    """Won more than billed, all nets known: the whole is the discount or the tax, else what isn't billed yet."""
    off = NOTHING if deal.discounted else sum((one.discount or NOTHING for one in own), NOTHING)
    tax = sum((one.tax or NOTHING for one in own), NOTHING)
    if rest == tax and rest != off:
        return (Part(Cause.TAX, rest, f"{deal.name}: its amount is {numbers} with tax."),)
    given = min(rest, max(off, NOTHING))
    discount = Part(Cause.DISCOUNT, given, f"{deal.name}: {numbers} gives a discount that the deal doesn't have.")
    partial = Part(Cause.PARTIAL, rest - given, f"{deal.name}: {numbers} bills a part of it.")
    return tuple(part for part in (discount, partial) if part.amount)


def _in_other_currencies(deal: Won, counted: list[Billed], terms: Terms) -> list[Row]:
    found = []
    for currency in sorted({one.currency for one in counted}):
        bills = [one for one in counted if one.currency == currency]
        said = f"{deal.name}: won in {deal.currency}, billed as {', '.join(one.number for one in bills)} in {currency}."
        part = Part(Cause.CURRENCY, -_nets(bills, terms), said)
        found.append(_row(currency, deal.id, deal.name, bills, terms, won=NOTHING, parts=(part,)))
    return found


def _stray(invoice: Billed, terms: Terms) -> Row:
    """An invoice of the month whose deal was not won in it."""
    net = net_of(invoice, terms)
    if invoice.deal_won_on is not None:
        said = f"{invoice.number} bills {invoice.deal_name}, won on {_day(invoice.deal_won_on)}."
        part = Part(Cause.TIMING, -net, said)
    elif invoice.deal:
        part = Part(Cause.MISSING, -net, f"{invoice.number} bills {invoice.deal_name}, which isn't won in CRM.")
    else:
        part = Part(Cause.MISSING, -net, f"{invoice.number}: no deal in CRM belongs to it.")
    parts = (part,) if net else ()
    return _row(invoice.currency, invoice.deal, invoice.deal_name, [invoice], terms, won=NOTHING, parts=parts)


def _row(
    currency: str, deal: str, name: str, counted: list[Billed], terms: Terms, *, won: Decimal, parts: tuple[Part, ...]
) -> Row:  # fmt: skip
    return Row(
        currency=currency, deal=deal, name=name, invoices=tuple(one.id for one in counted), won=won,
        invoiced=_nets(counted, terms), paid=sum((one.paid for one in counted), NOTHING),
        outstanding=sum((one.balance for one in counted), NOTHING), parts=parts,
    )  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
