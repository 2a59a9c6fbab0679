"""From a sale's lines to the draft's: each needs an item and a certain tax; a line is never dropped."""

from collections.abc import Sequence
from decimal import Decimal

from invoicing.domain.documents import (
    AMOUNT_PRODUCT,
    ItemFacts,
    ItemSuggestion,
    PricePolicy,
    SaleLine,
    Supply,
    TaxFacts,
)
from invoicing.domain.drafts import Case, DraftLine
from invoicing.domain.places import fitting, one_supply, placed, supply_of
from invoicing.domain.priced import PricedLine, Why
from invoicing.domain.pricing import of_line
from invoicing.domain.problems import Cause, Fix, Problem, Who
from invoicing.domain.treatments import treated
from zbridge.money import Money, display

NAME_LIMIT, DESCRIPTION_LIMIT = 100, 2000


def draft_lines(case: Case) -> tuple[tuple[DraftLine, ...], tuple[Problem, ...]]:
    """The draft's lines in the sale's order, and what stands in the way; lines are whole only without problems."""
    lines: list[DraftLine] = []
    supply = supply_of(case)
    problems: list[Problem] = [supply] if isinstance(supply, Problem) else []
    for sold in case.sale.lines:
        item = item_of(sold, case)
        tax = treated(tax_of(sold, item if isinstance(item, ItemFacts) else None, case, supply), sold, case)
        problems += [found for found in (item, tax) if isinstance(found, Problem)]
        problems += _odd_figures(sold, item, case)
        if isinstance(item, ItemFacts) and not isinstance(tax, Problem):
            lines.append(_line(sold, item, tax, case))
    return tuple(lines), tuple(problems)


def item_of(sold: SaleLine, case: Case) -> ItemFacts | Problem:
    """The Books item of a line, or why it has none that can be billed."""
    item = case.items.get(sold.product_id) if sold.product_id else None
    if item is None:
        return _without_item(sold, case)
    if not item.active:
        values = {"item": item.name}
        return Problem(
            cause=Cause.ITEM_INACTIVE,
            subject=sold.product_name,
            who=Who.FINANCE,
            fixes=(Fix.ASK_FINANCE,),
            values=values,
        )
    return item


def _without_item(sold: SaleLine, case: Case) -> Problem:
    if sold.product_id == AMOUNT_PRODUCT:
        return Problem(cause=Cause.NO_AMOUNT_ITEM, subject=case.sale.name, who=Who.REVOPS, fixes=(Fix.OPEN_CONNECTION,))
    if not sold.product_id:
        return Problem(
            cause=Cause.LINE_WITHOUT_PRODUCT,
            subject=sold.product_name or sold.description or "a line",
            who=Who.REP,
            fixes=(Fix.CHECK_CRM,),
            values={"quantity": plain(sold.quantity), "rate": display(Money(sold.rate, case.sale.currency))},
        )
    return _unmapped(sold, case.suggestions.get(sold.product_id), case)


def _unmapped(sold: SaleLine, best: ItemSuggestion | None, case: Case) -> Problem:
    values = {"product_id": sold.product_id}
    if best is None:
        fixes: tuple[Fix, ...] = (Fix.CHOOSE_ITEM, Fix.ASK_FINANCE)
    else:
        fixes = (Fix.LINK_PRODUCT, Fix.ASK_FINANCE)
        values |= {"item": best.item.name, "item_id": best.item.books_id, "reason": best.reason}
        if best.item.rate is not None:
            values["rate"] = display(Money(best.item.rate, case.organisation.currency))
    subject = sold.product_code or sold.product_name or f"product {sold.product_id}"
    return Problem(cause=Cause.PRODUCT_UNMAPPED, subject=subject, who=Who.REP, fixes=fixes, values=values)


def tax_of(sold: SaleLine, item: ItemFacts | None, case: Case, supply: Supply | Problem) -> TaxFacts | Problem | None:
    """The line's own tax, else its item's, else the connection's default; as the place of supply has it.

    None: this organisation charges none, or where it is supplied isn't known, which is told once for all lines.
    """
    if case.organisation.tax_regime == "none" or isinstance(supply, Problem):
        return None
    if sold.tax_count > 1:
        return _tax_problem(Cause.TAX_SEVERAL, sold, sold.tax_name)
    if sold.tax_percent is not None:
        return _tax_at(sold, sold.tax_percent, case.taxes, supply)
    if sold.tax_name:
        return _tax_called(sold, fitting(case.taxes, supply))
    wanted = (item.tax_id if item else "") or case.rules.default_tax_id
    found = [tax for tax in case.taxes if tax.books_id == wanted and tax.active]
    return placed(found[0], supply, case) if found else _tax_problem(Cause.TAX_MISSING, sold, sold.tax_name)


def _has_its_name(tax: TaxFacts, sold: SaleLine) -> bool:
    return tax.active and tax.name.strip().casefold() == sold.tax_name.strip().casefold()


def _tax_called(sold: SaleLine, taxes: Sequence[TaxFacts]) -> TaxFacts | Problem:
    named = [tax for tax in taxes if _has_its_name(tax, sold)]
    return named[0] if len(named) == 1 else _tax_problem(Cause.TAX_MISSING, sold, sold.tax_name)


def _tax_at(sold: SaleLine, percent: Decimal, taxes: Sequence[TaxFacts], supply: Supply) -> TaxFacts | Problem:
    """By percentage where one tax of this supply has it; where several share it, only by its name too."""
    alike = [tax for tax in fitting(taxes, supply) if tax.active and tax.percentage == percent]
    sharing = one_supply(alike, supply)
    named = [tax for tax in alike if _has_its_name(tax, sold)]
    if len(sharing) == 1 or len(named) == 1:
        return sharing[0] if len(sharing) == 1 else named[0]
    written = f"{plain(percent)} %"
    if not sharing:
        return _tax_problem(Cause.TAX_MISSING, sold, written)
    return _tax_problem(Cause.TAX_AMBIGUOUS, sold, written, ", ".join(sorted(tax.name for tax in sharing)))


def _tax_problem(cause: Cause, sold: SaleLine, tax: str, choices: str = "") -> Problem:
    values = {"tax": tax, "choices": choices}
    return Problem(cause=cause, subject=sold.product_name, who=Who.FINANCE, fixes=(Fix.ASK_FINANCE,), values=values)


def _odd_figures(sold: SaleLine, item: ItemFacts | Problem, case: Case) -> list[Problem]:
    if sold.quantity <= 0:
        values = {"quantity": plain(sold.quantity)}
        return [
            Problem(
                cause=Cause.QUANTITY_INVALID,
                subject=sold.product_name,
                who=Who.REP,
                fixes=(Fix.CHECK_CRM,),
                values=values,
            )
        ]
    priced = of_line(sold, case) if isinstance(item, ItemFacts) else None
    return [_price_problem(priced, case)] if priced and priced.follows is PricePolicy.STOP else []


def _price_problem(priced: PricedLine, case: Case) -> Problem:
    sale, books = (display(Money(rate, case.sale.currency)) for rate in (priced.sale, priced.books))
    choices = (Fix.BILL_SALE_PRICE,) if case.portion else (Fix.BILL_SALE_PRICE, Fix.BILL_BOOKS_PRICE)
    kind = "part" if priced.why is Why.PART else ""
    values = {"sale": sale, "books": books, "kind": kind, "price_list": priced.price_list}
    fixes = (*choices, Fix.ASK_FINANCE)
    return Problem(cause=Cause.PRICE_DRIFT, subject=priced.name, who=Who.FINANCE, fixes=fixes, values=values)


def _line(sold: SaleLine, item: ItemFacts, tax: TaxFacts | None, case: Case) -> DraftLine:
    return DraftLine(
        source_id=sold.source_id,
        item_id=item.books_id,
        name=item.name[:NAME_LIMIT],
        quantity=sold.quantity,
        rate=sold.rate,
        discount=sold.discount,
        tax=tax,
        description=sold.description[:DESCRIPTION_LIMIT],
        unit=item.unit,
        exemption_id=case.customer.exemption_id if case.customer and not case.customer.taxable else "",
    )


def plain(number: Decimal) -> str:
    """A quantity or percentage without trailing zeros: 19, 2.5."""
    return f"{number.normalize():f}"
