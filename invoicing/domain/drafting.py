"""From a case to the draft that Books will be asked to make (design 5, Totals and Document)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from invoicing.domain.documents import (
    NO_DISCOUNT,
    BothDiscounts,
    CustomerFacts,
    Discount,
    ReferenceFrom,
    Sale,
)
from invoicing.domain.drafts import Case, DiscountLevel, DraftLine, InvoiceDraft
from invoicing.domain.keys import conversion_key
from invoicing.domain.lines import draft_lines, plain
from invoicing.domain.problems import Cause, Fix, Problem, Who, is_waived
from invoicing.domain.totals import HUNDRED, less
from zbridge.money import Money, display, minor_digits, round_to

REFERENCE_LIMIT = 100


@dataclass(frozen=True)
class _Discounting:
    """Where the document's discount goes."""

    level: DiscountLevel
    header: Discount
    adjustment: Decimal
    description: str


def draft(case: Case) -> InvoiceDraft | tuple[Problem, ...]:
    """The draft, or what stops it; never both. Same case, same draft. Lines keep the sale's order."""
    lines, found = draft_lines(case)
    problems = tuple(problem for problem in found if not is_waived(problem, case.waived))
    discounting = _discounting(case)
    if isinstance(discounting, Problem):
        problems = (*problems, discounting)
    if problems or isinstance(discounting, Problem) or case.customer is None or not lines:
        return problems
    return _draft(case, case.customer, lines, discounting)


def _draft(
    case: Case, customer: CustomerFacts, lines: tuple[DraftLine, ...], discounting: _Discounting
) -> InvoiceDraft:
    sale, organisation, rules = case.sale, case.organisation, case.rules
    key = conversion_key(organisation.crm_org_id, organisation.books_org_id, sale.root, case.generation, case.part)
    return InvoiceDraft(
        key=key,
        key_field_id=rules.key_field_id,
        location_id=rules.location_id,
        customer_id=customer.books_id,
        customer_name=customer.name,
        currency=sale.currency,
        digits=_digits(case),
        lines=lines,
        discount_level=discounting.level,
        header_discount=discounting.header,
        discount_before_tax=bool(discounting.header) and organisation.discount_before_tax_always,
        adjustment=discounting.adjustment,
        adjustment_description=discounting.description,
        is_inclusive_tax=sale.prices_include_tax and organisation.tax_regime != "none",
        tax_rounding=organisation.tax_rounding,
        reference=reference(sale, rules.reference_from, "" if rules.key_field_id else key),
        issued_on=case.today,
        due_on=due_day(case.today, customer.terms_days),
        terms_days=customer.terms_days,
        terms_label=customer.terms_label,
        contact_person_ids=customer.contact_person_ids,
        deal_id=sale.deal_id,
    )


def _digits(case: Case) -> int:
    return case.organisation.currencies.get(case.sale.currency, minor_digits(case.sale.currency))


def due_day(issued_on: date, terms_days: int | None) -> date | None:
    """None where Books' own rule (a negative number) or default decides."""
    return None if terms_days is None or terms_days < 0 else issued_on + timedelta(days=terms_days)


def reference(sale: Sale, chosen: ReferenceFrom, key: str) -> str:
    """What the customer reads on the invoice, at most 100 characters; with the key only where no field can hold it."""
    deal_name = sale.deal_name or sale.name
    text = sale.quote_number or deal_name if chosen is ReferenceFrom.QUOTE else deal_name
    return " ".join(f"{key} {text}".split())[:REFERENCE_LIMIT].rstrip()


def _discounting(case: Case) -> _Discounting | Problem:
    """Header only: on the document. Lines only: on the lines. Both: on the lines, the header's in the adjustment."""
    sale = case.sale
    on_lines = any(line.discount for line in sale.lines)
    header = Discount(header_amount(sale, _digits(case)))
    if not on_lines or not header:
        level = DiscountLevel.ITEM if on_lines else DiscountLevel.ENTITY if header else DiscountLevel.NONE
        return _Discounting(level, header or NO_DISCOUNT, sale.adjustment, sale.adjustment_description)
    amount = display(Money(header.value, sale.currency))
    if case.organisation.both_discounts is BothDiscounts.STOP:
        values = {"discount": amount}
        fixes = (Fix.ASK_FINANCE,)
        return Problem(cause=Cause.BOTH_DISCOUNTS, subject=sale.name, who=Who.FINANCE, fixes=fixes, values=values)
    described = "; ".join(part for part in (f"Discount {amount}", _other(sale)) if part)
    return _Discounting(DiscountLevel.ITEM, NO_DISCOUNT, sale.adjustment - header.value, described)


def _other(sale: Sale) -> str:
    """What the adjustment was before the discount joined it."""
    amount = f"{plain(sale.adjustment)} {sale.currency}" if sale.adjustment else ""
    return f"{sale.adjustment_description or 'Adjustment'} {amount}" if amount else ""


def header_amount(sale: Sale, digits: int) -> Decimal:
    """The document's discount in the sale's currency; a percentage counts on the lines after their own discounts."""
    if not sale.header_discount.is_percent:
        return sale.header_discount.value
    net = sum((round_to(less(line.rate * line.quantity, line.discount), digits) for line in sale.lines), Decimal(0))
    return round_to(net * sale.header_discount.value / HUNDRED, digits)
