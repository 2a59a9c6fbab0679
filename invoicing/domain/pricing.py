"""Which price a line is billed at where the sale's and Books' differ: by rule, by a person's word, or stop. Pure.

A part of a sale is always billed at the sale's price: what is left of the sale is counted in it.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from invoicing.domain.documents import AMOUNT_PRODUCT, ItemFacts, PricePolicy, SaleLine
from invoicing.domain.drafts import Case
from invoicing.domain.priced import PricedLine, Why
from invoicing.domain.problems import Cause


def priced_lines(case: Case) -> tuple[PricedLine, ...]:
    """The lines of the case's sale (or part) whose price differs from their item's in Books, in its order."""
    return tuple(found for sold in case.sale.lines if (found := of_line(sold, case)) is not None)


def of_line(sold: SaleLine, case: Case) -> PricedLine | None:
    """How the line's price is weighed; None where it is Books', or where the two can't be compared."""
    item = case.items.get(sold.product_id) if sold.product_id else None
    if item is None or item.rate is None or not _is_comparable(sold, case):
        return None
    rate = sold.rate if sold.whole_rate is None else sold.whole_rate
    if rate == item.rate:
        return None
    follows, why, reason = _verdict(sold, rate, item, case)
    return PricedLine(
        source_id=sold.source_id, product_id=sold.product_id, name=sold.product_name or item.name,
        quantity=sold.quantity, sale=rate, books=item.rate, follows=follows, why=why, reason=reason,
    )  # fmt: skip


def _is_comparable(sold: SaleLine, case: Case) -> bool:
    """Books' rate is net and in the organisation's currency; the line of a bare amount has no price of its own."""
    own = case.sale.currency == case.organisation.currency
    return own and not case.sale.prices_include_tax and sold.product_id != AMOUNT_PRODUCT


def _verdict(sold: SaleLine, rate: Decimal, item: ItemFacts, case: Case) -> tuple[PricePolicy, Why, str]:
    accepted = case.accepted_prices.get(sold.product_id)
    if case.price_choice is not None:
        wanted, why, reason = case.price_choice, Why.CHOSEN, ""
    elif accepted is not None and (accepted.sale, accepted.books) == (rate, item.rate):
        wanted, why, reason = PricePolicy.SALE, Why.ACCEPTED, accepted.reason
    else:
        wanted, why, reason = case.rules.price_policy, Why.RULE, ""
    if wanted is PricePolicy.BOOKS and not _can_be_moved(sold, item, case):
        return PricePolicy.STOP, Why.PART, ""
    return wanted, why, reason


def _can_be_moved(sold: SaleLine, item: ItemFacts, case: Case) -> bool:
    """Not a part of a sale, and not where the line's discount would be more than the line."""
    less = Decimal(0) if sold.discount.is_percent else sold.discount.value
    return case.portion is None and (item.rate or Decimal(0)) * sold.quantity >= less


def at_prices(case: Case) -> Case:
    """The case with the sale's lines at the prices that are billed."""
    moved = {one.source_id: one.books for one in priced_lines(case) if one.follows is PricePolicy.BOOKS}
    if not moved:
        return case
    lines = tuple(replace(line, rate=moved.get(line.source_id, line.rate)) for line in case.sale.lines)
    return replace(case, sale=replace(case.sale, lines=lines))


def kept_prices(case: Case) -> Iterator[PricedLine]:
    """What the invoice's trail keeps: each differing line as it is billed, also where a person waved it through."""
    for one in priced_lines(case):
        waved = one.follows is PricePolicy.STOP and Cause.PRICE_DRIFT in case.waived
        yield replace(one, follows=PricePolicy.SALE, why=Why.CHOSEN) if waved else one
