"""What Books will make of a draft: line totals, discounts, taxes (facts/simulator-defaults.md, Arithmetic)."""

from collections.abc import Sequence
from decimal import Decimal

from invoicing.domain.documents import ZERO, Discount, TaxPart, TaxRounding
from invoicing.domain.drafts import DraftLine, InvoiceDraft, TaxTotal, Totals
from zbridge.money import Money, allocate, round_to

HUNDRED = Decimal(100)


def less(amount: Decimal, discount: Discount) -> Decimal:
    """An amount less its discount, unrounded."""
    return amount - (amount * discount.value / HUNDRED if discount.is_percent else discount.value)


def line_amount(line: DraftLine, digits: int) -> Decimal:
    """Rate times quantity less the line's discount, half up; with its tax where rates are inclusive."""
    return round_to(less(line.rate * line.quantity, line.discount), digits)


def expected_totals(draft: InvoiceDraft) -> Totals:
    """The totals in the draft's currency, as that organisation computes them; a header discount is an amount here.

    Inclusive rates: the tax is taken out of what the customer pays, so that the price itself stays.
    """
    amounts = [line_amount(line, draft.digits) for line in draft.lines]
    nets = [_without_tax(line, amount, draft) for line, amount in zip(draft.lines, amounts, strict=True)]
    contained = _taxes(draft, nets) if draft.is_inclusive_tax else {}
    sub_total = sum(amounts, ZERO) - sum(contained.values(), ZERO)
    taxes = _taxes(draft, _taxable(draft, nets))
    tax = sum(taxes.values(), ZERO)
    total = sub_total - draft.header_discount.value + tax + draft.adjustment
    return Totals(
        lines=tuple(_money(round_to(net, draft.digits), draft) for net in nets),
        sub_total=_money(sub_total, draft),
        discount=_money(draft.header_discount.value, draft),
        taxes=_tax_totals(draft, taxes),
        tax=_money(tax, draft),
        adjustment=_money(draft.adjustment, draft),
        total=_money(total, draft),
    )


def _money(amount: Decimal, draft: InvoiceDraft) -> Money:
    return Money(amount, draft.currency)


def _without_tax(line: DraftLine, amount: Decimal, draft: InvoiceDraft) -> Decimal:
    """Unrounded, so that the contained tax is exact."""
    if not draft.is_inclusive_tax or line.tax is None:
        return amount
    return amount / (1 + sum((part.percentage for part in line.tax.components), ZERO) / HUNDRED)


def _taxable(draft: InvoiceDraft, nets: Sequence[Decimal]) -> Sequence[Decimal]:
    """A header discount before tax is spread over the lines by their net, the remainder to the largest."""
    if not draft.discount_before_tax or not draft.header_discount:
        return nets
    discount = _money(draft.header_discount.value, draft)
    shares = allocate(discount, [max(net, ZERO) for net in nets], draft.digits)
    return [net - share.amount for net, share in zip(nets, shares, strict=True)]


def _taxes(draft: InvoiceDraft, taxable: Sequence[Decimal]) -> dict[TaxPart, Decimal]:
    """Tax by component: rounded on each line, or summed exactly and rounded once."""
    found: dict[TaxPart, Decimal] = {}
    for line, base in zip(draft.lines, taxable, strict=True):
        for part in line.tax.components if line.tax else ():
            tax = base * part.percentage / HUNDRED
            on_line = round_to(tax, draft.digits) if draft.tax_rounding is TaxRounding.ITEM else tax
            found[part] = found.get(part, ZERO) + on_line
    return {part: round_to(tax, draft.digits) for part, tax in found.items()}


def _tax_totals(draft: InvoiceDraft, taxes: dict[TaxPart, Decimal]) -> tuple[TaxTotal, ...]:
    ordered = sorted(taxes.items(), key=lambda entry: (entry[0].name, entry[0].percentage))
    return tuple(
        TaxTotal(name=part.name, percentage=part.percentage, amount=_money(amount, draft)) for part, amount in ordered
    )
