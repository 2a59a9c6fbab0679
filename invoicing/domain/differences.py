"""Why CRM's amount and the draft's total differ: named parts that add up to the difference.

Each cause is found by computing the draft as CRM would and then changing one thing at a time into Books' way.
"""

from dataclasses import replace
from decimal import Decimal

from invoicing.domain.documents import Basis, Discount, Sale, SaleLine, TaxFacts, TaxRounding
from invoicing.domain.drafting import header_amount
from invoicing.domain.drafts import Difference, DiscountLevel, DraftLine, InvoiceDraft, NamedDifference, Totals
from invoicing.domain.totals import expected_totals
from zbridge.money import Money


def explain_difference(sale: Sale, draft: InvoiceDraft, allowance: Money) -> tuple[NamedDifference, ...]:
    """CRM's amount minus the draft's total (net against net, gross against gross), by cause; empty when equal.

    What nothing explains counts as rounding up to `allowance`, and as unexplained beyond it.
    """
    if sale.amount is None:
        return ()
    in_crm = Money(sale.amount, draft.currency)
    ways = [expected_totals(way) for way in _from_crm_to_books(sale, draft)]
    sold, crm, taxed, rounded_as_books, books = (_figure(way, sale.basis) for way in ways)
    rest = in_crm - sold
    rest_is_rounding = abs(rest) <= allowance
    found = (
        NamedDifference(cause=Difference.PRICE, amount=sold - crm),
        NamedDifference(cause=Difference.TAX, amount=crm - taxed),
        NamedDifference(
            cause=Difference.DISCOUNT, amount=rounded_as_books - books, parts=_tax_parts(ways[3], ways[4], sale.basis)
        ),
        NamedDifference(
            cause=Difference.ROUNDING, amount=taxed - rounded_as_books + (rest if rest_is_rounding else rest - rest)
        ),
        NamedDifference(cause=Difference.UNEXPLAINED, amount=rest - rest if rest_is_rounding else rest),
    )
    return tuple(part for part in found if part.amount)


def rounding_allowance(draft: InvoiceDraft, fixed: Decimal | None) -> Money:
    """The organisation's own allowance, else one smallest unit a line (facts books 5.6)."""
    by_lines = Decimal(1).scaleb(-draft.digits) * len(draft.lines)
    return Money(by_lines if fixed is None else fixed, draft.currency)


def is_beyond(differences: tuple[NamedDifference, ...], allowance: Money) -> bool:
    """Whether finance must look: one of the causes is larger than the allowance."""
    return any(abs(part.amount) > allowance for part in differences)


def _from_crm_to_books(sale: Sale, draft: InvoiceDraft) -> tuple[InvoiceDraft, ...]:
    """The draft with the sale's prices, CRM's taxes, its rounding and its discount after tax; then each as in Books."""
    by_source = {line.source_id: line for line in sale.lines}
    lines = tuple(_as_in_crm(line, by_source[line.source_id]) for line in draft.lines)
    crm = replace(draft, lines=lines, tax_rounding=TaxRounding.ITEM, discount_before_tax=False)
    taxed = replace(crm, lines=draft.lines)
    prices = {line.source_id: line.rate for line in sale.lines}
    offered = tuple(replace(line, rate=prices[line.source_id]) for line in lines)
    sold = replace(crm, lines=offered, header_discount=_header(sale, draft))
    return sold, crm, taxed, replace(taxed, tax_rounding=draft.tax_rounding), draft


def _header(sale: Sale, draft: InvoiceDraft) -> Discount:
    """The document's discount as it was offered: a percentage is one of the sale's own prices."""
    on_document = draft.discount_level is DiscountLevel.ENTITY and sale.header_discount.is_percent
    return Discount(header_amount(sale, draft.digits)) if on_document else draft.header_discount


def _as_in_crm(line: DraftLine, sold: SaleLine) -> DraftLine:
    if sold.tax_percent is None:
        return replace(line, tax=None)
    return replace(line, tax=TaxFacts(books_id="", name=sold.tax_name, percentage=sold.tax_percent))


def _figure(totals: Totals, basis: Basis) -> Money:
    return totals.net if basis is Basis.NET else totals.total


def _tax_parts(after: Totals, before: Totals, basis: Basis) -> tuple[tuple[str, Money], ...]:
    """Per tax, what a discount before tax takes off it."""
    if basis is Basis.NET:
        return ()
    pairs = zip(after.taxes, before.taxes, strict=True)
    return tuple((high.name, high.amount - low.amount) for high, low in pairs if high.amount != low.amount)
