"""Which price a line is billed at where the sale's and Books' differ: by rule, by a person's word, or stop. Pure.

A part of a sale is always billed at the sale's price: what is left of the sale is counted in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from invoicing.domain.documents import AMOUNT_PRODUCT, ItemFacts, PricePolicy, SaleLine
from invoicing.domain.drafts import Case
from invoicing.domain.list_prices import ListRates, list_key
from invoicing.domain.priced import PricedLine, Why
from invoicing.domain.problems import Cause


def priced_lines(case: Case) -> tuple[PricedLine, ...]:
    """The lines of the case's sale (or part) whose price differs from their item's in Books, in its order."""
    return tuple(found for sold in case.sale.lines if (found := of_line(sold, case)) is not None)


def of_line(sold: SaleLine, case: Case) -> PricedLine | None:
    """How the line's price is weighed; None where it is Books', or where the two can't be compared."""
    item = case.items.get(sold.product_id) if sold.product_id else None
    books = _in_books(sold, item, case) if item is not None else None
    if item is None or books is None:
        return None
    rate = sold.rate if sold.whole_rate is None else sold.whole_rate
    if rate == books.rate:
        return None
    follows, why, reason = _verdict(sold, rate, books, case)
    return PricedLine(
        source_id=sold.source_id, product_id=sold.product_id, name=sold.product_name or item.name,
        quantity=sold.quantity, sale=rate, books=books.rate, follows=follows, why=why, reason=reason,
        price_list=books.price_list.name if books.price_list else "",
    )  # fmt: skip


@dataclass(frozen=True)
class _BooksPrice:
    """What Books would bill: the item's own rate, or that of the price list that the line names."""

    rate: Decimal
    price_list: ListRates | None = None


def _in_books(sold: SaleLine, item: ItemFacts, case: Case) -> _BooksPrice | None:
    """None where they can't be compared: gross prices, the line of a bare amount, no rate in the sale's currency."""
    if case.sale.prices_include_tax or sold.product_id == AMOUNT_PRODUCT:
        return None
    listed = case.price_lists.get(list_key(sold.price_book)) if sold.price_book else None
    if listed is not None and (sold.product_id in listed.rates or not listed.is_whole):
        rate = listed.rates.get(sold.product_id)
        return None if rate is None else _BooksPrice(rate, listed)
    if item.rate is None or case.sale.currency != case.organisation.currency:
        return None
    return _BooksPrice(item.rate)


def _verdict(sold: SaleLine, rate: Decimal, books: _BooksPrice, case: Case) -> tuple[PricePolicy, Why, str]:
    accepted = _accepted(sold, rate, books, case)
    if case.price_choice is not None:
        wanted, why, reason = case.price_choice, Why.CHOSEN, ""
    elif accepted is not None:
        wanted, why, reason = PricePolicy.SALE, Why.ACCEPTED, accepted
    else:
        wanted, why, reason = case.rules.price_policy, Why.RULE, ""
    if wanted is PricePolicy.BOOKS and not _can_be_moved(sold, books.rate, case):
        return PricePolicy.STOP, Why.PART, ""
    return wanted, why, reason


def _accepted(sold: SaleLine, rate: Decimal, books: _BooksPrice, case: Case) -> str | None:
    """The reason for which a person let these two prices differ, of the list or of the item itself."""
    if books.price_list is not None:
        prices, reason = books.price_list.accepted.get(sold.product_id, (None, ""))
        return reason if prices is not None and prices.covers(books.rate, rate, rate) else None
    found = case.accepted_prices.get(sold.product_id)
    return found.reason if found is not None and (found.sale, found.books) == (rate, books.rate) else None


def _can_be_moved(sold: SaleLine, books: Decimal, case: Case) -> bool:
    """Not a part of a sale, and not where the line's discount would be more than the line."""
    less = Decimal(0) if sold.discount.is_percent else sold.discount.value
    return case.portion is None and books * sold.quantity >= less


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
