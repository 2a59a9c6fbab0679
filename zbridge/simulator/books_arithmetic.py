"""What a Books document adds up to (facts/simulator-defaults.md): Decimals, half up, the currency's places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO, HUNDRED = Decimal(0), Decimal(100)


def rounded(amount: Decimal, places: int) -> Decimal:
    """Half up, to that many places."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True)
class Discount:
    """An amount, or percent of something."""

    value: Decimal = ZERO
    percent: bool = False

    def of(self, base: Decimal, places: int) -> Decimal:
        """What is taken off the base."""
        return rounded(base * self.value / HUNDRED if self.percent else self.value, places)


@dataclass(frozen=True)
class Tax:
    """One tax; a tax group is several of them on one line."""

    id: str
    name: str
    percentage: Decimal


Due = tuple[Tax, Decimal]


@dataclass(frozen=True)
class Line:
    """What a line says."""

    rate: Decimal
    quantity: Decimal
    discount: Discount = Discount()
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True)
class Header:
    """What the document and its organisation say."""

    places: int = 2
    item_level: bool = False
    inclusive: bool = False
    discount: Discount = Discount()
    discount_first: bool = True
    shipping: Decimal = ZERO
    shipping_taxes: tuple[Tax, ...] = ()
    adjustment: Decimal = ZERO


@dataclass(frozen=True)
class LineSum:
    """A line, added up; its taxes rounded for show."""

    item_total: Decimal
    discount: Decimal
    taxes: tuple[Due, ...]


@dataclass(frozen=True)
class Sums:
    """The document, added up."""

    lines: tuple[LineSum, ...]
    sub_total: Decimal
    discount: Decimal
    taxes: tuple[Due, ...]
    tax_total: Decimal
    total: Decimal


@dataclass(frozen=True)
class _Charge:
    charged: Decimal
    taken_off: Decimal
    base: Decimal
    taxes: tuple[Tax, ...]
    inclusive: bool


def spread(amount: Decimal, over: Sequence[Decimal], places: int) -> list[Decimal]:
    """The amount in shares of the weights; what rounding leaves goes to the largest."""
    whole = sum(over, ZERO)
    if not amount or not whole:
        return [ZERO for _ in over]
    shares = [rounded(amount * one / whole, places) for one in over]
    shares[over.index(max(over))] += amount - sum(shares, ZERO)
    return shares


def sums(lines: Sequence[Line], header: Header) -> Sums:
    """Totals of a document."""
    places = header.places
    taken_off = [line.discount.of(line.rate * line.quantity, places) for line in lines]
    charged = [rounded(line.rate * line.quantity - off, places) for line, off in zip(lines, taken_off, strict=True)]
    before = header.discount.of(sum(charged, ZERO), places) if header.discount_first else ZERO
    shares = spread(before, charged, places)
    charges = [
        _Charge(full, off, full - share, line.taxes, header.inclusive)
        for line, full, off, share in zip(lines, charged, taken_off, shares, strict=True)
    ]
    return _added_up(charges, header, before)


def _added_up(charges: list[_Charge], header: Header, before: Decimal) -> Sums:
    places = header.places
    shipping = _Charge(header.shipping, ZERO, header.shipping, header.shipping_taxes, inclusive=False)
    taxes = _taxes([*charges, shipping], header)
    tax_total = sum((amount for _, amount in taxes), ZERO)
    included = sum((amount for _, amount in _taxes(charges, header)), ZERO) if header.inclusive else ZERO
    sub_total = sum((one.charged for one in charges), ZERO) - included
    discount = before if header.discount_first else header.discount.of(sub_total + tax_total, places)
    total = sub_total - discount + tax_total + header.shipping + header.adjustment
    off = sum((one.taken_off for one in charges), ZERO)
    lines = tuple(_line_sum(one, places) for one in charges)
    return Sums(lines, sub_total, discount or off, taxes, tax_total, rounded(total, places))


def _exact(charge: _Charge, tax: Tax) -> Decimal:
    whole = HUNDRED + sum((one.percentage for one in charge.taxes), ZERO) if charge.inclusive else HUNDRED
    return charge.base * tax.percentage / whole


def _taxes(charges: Iterable[_Charge], header: Header) -> tuple[Due, ...]:
    """By tax: summed exactly and rounded once, or rounded line by line."""
    found: dict[Tax, Decimal] = {}
    for charge in charges:
        for tax in charge.taxes:
            exact = _exact(charge, tax)
            found[tax] = found.get(tax, ZERO) + (rounded(exact, header.places) if header.item_level else exact)
    return tuple((tax, rounded(amount, header.places)) for tax, amount in found.items())


def _line_sum(charge: _Charge, places: int) -> LineSum:
    taxes = tuple((tax, rounded(_exact(charge, tax), places)) for tax in charge.taxes)
    whole = HUNDRED + sum((tax.percentage for tax in charge.taxes), ZERO) if charge.inclusive else HUNDRED
    return LineSum(rounded(charge.charged * HUNDRED / whole, places), charge.taken_off, taxes)
