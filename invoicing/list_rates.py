"""The price lists of Books that a sale's lines name, as the gate at conversion weighs them. No call to Zoho."""

from collections.abc import Iterable

from accounts.models import Connection
from invoicing.domain.documents import Sale
from invoicing.domain.list_prices import ListRates, list_key
from invoicing.list_prices import standing_of
from invoicing.models import ListPrice, PriceList


def of_sale(connection: Connection, sale: Sale) -> dict[str, ListRates]:
    """By the key of their name; of the sale's currency only. Two of one name say nothing: which one is meant?"""
    names = {list_key(line.price_book) for line in sale.lines} - {""}
    if not names:
        return {}
    lists = PriceList.objects.filter(connection=connection, name_key__in=names, currency=sale.currency)
    found: dict[str, list[PriceList]] = {}
    for one in lists:
        found.setdefault(one.name_key, []).append(one)
    rows = ListPrice.objects.filter(price_list__in=list(lists), product_id__in={line.product_id for line in sale.lines})
    prices = list(rows.filter(is_listed=True))
    return {
        key: _rates(same[0], [row for row in prices if row.price_list_id == same[0].pk])
        if len(same) == 1 else ListRates(same[0].name, {}, {}, is_whole=False)
        for key, same in found.items()
    }  # fmt: skip


def _rates(found: PriceList, rows: Iterable[ListPrice]) -> ListRates:
    rates, accepted = {}, {}
    for row in rows:
        rates[row.product_id] = row.books_rate
        kept = standing_of(row).accepted
        if kept is not None:
            accepted[row.product_id] = (kept, row.reason)
    return ListRates(found.name, rates, accepted, is_whole=found.kind == PriceList.Kind.ITEMS)
