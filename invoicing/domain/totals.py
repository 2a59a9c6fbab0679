"""What Books will make of a draft: line totals, discounts, taxes, rounding (facts/simulator-defaults.md, Arithmetic)."""

from decimal import Decimal

from invoicing.domain.documents import ZERO, DraftLine, InvoiceDraft, OrganisationFacts, Totals
from zbridge.money import ONE_HUNDRED, allocate, minor_digits, rounded


def line_total(line: DraftLine, digits: int) -> Decimal:
    """Rate times quantity less the line's discount, rounded."""
    gross = line.rate * line.quantity
    if line.discount_percent is not None:
        return rounded(gross - gross * line.discount_percent / ONE_HUNDRED, digits)
    return rounded(gross - line.discount_amount, digits)


def expected_totals(draft: InvoiceDraft, organisation: OrganisationFacts) -> Totals:
    """The totals in the invoice's currency, rounded as that organisation rounds."""
    digits = minor_digits(draft.currency)
    before_tax = draft.discount_before_tax or organisation.discount_before_tax_always
    nets = [_net(line, line_total(line, digits), draft.inclusive, digits) for line in draft.lines]
    taxable = _less_discount(nets, draft.discount if before_tax else ZERO, digits)
    taxes = _taxes(draft.lines, taxable, organisation.tax_rounding, digits)
    sub_total, tax = sum(nets, ZERO), sum(taxes.values(), ZERO)
    total = sub_total - draft.discount + tax + draft.adjustment
    return Totals(sub_total, draft.discount, tax, draft.adjustment, total, tuple(sorted(taxes.items())))


def _net(line: DraftLine, amount: Decimal, inclusive: bool, digits: int) -> Decimal:
    if not inclusive or line.tax is None:
        return amount
    return rounded(amount / (1 + sum(line.tax.rates, ZERO) / ONE_HUNDRED), digits)


def _less_discount(nets: list[Decimal], discount: Decimal, digits: int) -> list[Decimal]:
    """A header discount before tax is spread over the lines by their net, the remainder to the largest."""
    if not discount:
        return nets
    return [net - part for net, part in zip(nets, allocate(discount, nets, digits), strict=True)]


def _taxes(lines: tuple[DraftLine, ...], taxable: list[Decimal], rounding: str, digits: int) -> dict[str, Decimal]:
    """Tax by tax name; at entity level summed unrounded per component and rounded once, at item level line by line."""
    exact: dict[tuple[str, int], Decimal] = {}
    for line, base in zip(lines, taxable, strict=True):
        for place, rate in enumerate(line.tax.rates if line.tax else ()):
            part = base * rate / ONE_HUNDRED
            name = (line.tax.name if line.tax else "", place)
            exact[name] = exact.get(name, ZERO) + (rounded(part, digits) if rounding == "item_level" else part)
    found: dict[str, Decimal] = {}
    for (name, _), amount in exact.items():
        found[name] = found.get(name, ZERO) + rounded(amount, digits)
    return found
