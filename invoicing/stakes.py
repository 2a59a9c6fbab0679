"""Which open quotes and deals carry which product, and what a price that differs puts at stake on them. No call."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Connection
from invoicing import sales
from invoicing.columns import TRUNCATED
from invoicing.domain.list_prices import list_key
from invoicing.domain.price_drift import Offered, at_stake
from invoicing.domain.source_lines import QUOTE_COLUMNS, LineColumns, line
from invoicing.models import Conversion, Deal, ListPrice, PriceCheck, PriceDrift, PriceList, Quote, SoldProduct
from invoicing.models.conversions import LIVE
from syncjobs.absorbing import ODD

State = PriceDrift.State
OLD = timedelta(minutes=10)
AT_A_TIME = 500
# CRM's own name for a quote that came to nothing.
LOST = ("Closed Lost",)


def check_of(connection: Connection) -> PriceCheck:
    """The counts and the place of this connection's comparing."""
    return PriceCheck.objects.get_or_create(connection=connection)[0]


def one_at_a_time(connection: Connection) -> PriceCheck:
    """Until the transaction ends, nobody else compares, stakes or accepts prices of this connection."""
    check = check_of(connection)
    return PriceCheck.objects.select_for_update().get(pk=check.pk)


def keep_quotes(connection: Connection, crm_ids: Collection[str], now: datetime) -> set[str]:
    """Index the lines of these quotes anew, and stake what they carry; in the transaction that stored them.

    The products that they carry or carried by a price book.
    """
    rows = list(Quote.objects.filter(connection=connection, crm_id__in=crm_ids).only("pk", "lines"))
    priced = SoldProduct.objects.filter(quote__in=[row.pk for row in rows]).exclude(price_book="")
    before = set(priced.values_list("product_id", flat=True)) if rows else set()
    _index(connection, "quote", rows, QUOTE_COLUMNS, now)
    return before | set(priced.values_list("product_id", flat=True)) if rows else set()


def keep_deals(connection: Connection, crm_ids: Collection[str], now: datetime) -> None:
    """The same for deals with lines of their own."""
    rows = list(Deal.objects.filter(connection=connection, crm_id__in=crm_ids).only("pk", "lines"))
    _index(connection, "deal", rows, sales.subform_columns(connection), now)


def index_all(connection: Connection) -> None:
    """Once: the lines of all that was read before there was an index."""
    kinds: tuple[tuple[str, Any, LineColumns], ...] = (
        ("quote", Quote, QUOTE_COLUMNS), ("deal", Deal, sales.subform_columns(connection))
    )  # fmt: skip
    for name, model, columns in kinds:
        rows = model.objects.filter(connection=connection, gone_at=None).exclude(lines=None).only("pk", "lines")
        chunk: list[Any] = []
        for row in rows.order_by("pk").iterator(AT_A_TIME):
            chunk.append(row)
            if len(chunk) == AT_A_TIME:
                _index(connection, name, chunk, columns, None)
                chunk = []
        _index(connection, name, chunk, columns, None)


def _index(
    connection: Connection, name: str, rows: Sequence[Any], columns: LineColumns, now: datetime | None
) -> None:  # fmt: skip
    if not rows:
        return
    old = SoldProduct.objects.filter(**{f"{name}__in": [row.pk for row in rows]})
    before = set(old.values_list("product_id", flat=True))
    found = [
        SoldProduct(connection=connection, **{f"{name}_id": row.pk}, **sold)
        for row in rows
        for sold in _sold(row.lines or (), columns)
    ]
    old.delete()
    SoldProduct.objects.bulk_create(found, batch_size=AT_A_TIME)
    if now is not None:
        refresh_of_products(connection, before | {one.product_id for one in found}, now)


def _sold(lines: Iterable[dict[str, Any]], columns: LineColumns) -> Iterable[dict[str, Any]]:
    """Product, quantity and unit price of each line that names a product; odd lines are left to the preflight."""
    for place, row in enumerate(lines, start=1):
        if row.get(TRUNCATED):
            continue
        try:
            found = line(row, place, columns)
            rate = found.rate.quantize(Decimal("0.0001"))
        except ODD:
            continue
        if found.product_id and abs(rate) < Decimal(10) ** 14:
            yield {
                "product_id": found.product_id[:30], "quantity": f"{found.quantity:f}"[:40], "rate": rate,
                "price_book": found.price_book[:200],
            }  # fmt: skip


def open_lines(connection: Connection, product_ids: Collection[str]) -> "QuerySet[SoldProduct]":
    """Lines of these products on quotes and deals that are still to be billed, in any currency."""
    of_quote = Conversion.objects.filter(quote=OuterRef("quote"), state__in=LIVE)
    of_its_deal = Conversion.objects.filter(
        connection=OuterRef("connection"), deal__crm_id=OuterRef("quote__deal_id"), state__in=LIVE
    )  # fmt: skip
    lost = Deal.objects.filter(
        Q(outcome=Deal.Outcome.LOST) | ~Q(not_billable=""), connection=OuterRef("connection"),
        crm_id=OuterRef("quote__deal_id"),
    )  # fmt: skip
    of_deal = Conversion.objects.filter(deal=OuterRef("deal"), state__in=LIVE)
    rows = SoldProduct.objects.filter(connection=connection, product_id__in=product_ids)
    quotes = (
        Q(quote__isnull=False, quote__gone_at=None, quote__replaced_by_id="")
        & ~Q(quote__stage__in=LOST) & ~Exists(of_quote) & ~Exists(of_its_deal) & ~Exists(lost)
    )  # fmt: skip
    deals: Any = (
        Q(deal__isnull=False, deal__gone_at=None, deal__not_billable="")
        & ~Q(deal__outcome=Deal.Outcome.LOST) & ~Exists(of_deal)
    )  # fmt: skip
    if connection.go_live is not None:
        deals &= Q(deal__won_on=None) | Q(deal__won_on__gte=connection.go_live)
    return rows.filter(quotes | deals).select_related("quote", "deal")


def still_valid(connection: Connection, rows: Iterable[SoldProduct], now: datetime) -> list[SoldProduct]:
    """Without quotes that ran out before anybody accepted them."""
    today = now.astimezone(ZoneInfo(connection.time_zone)).date()
    return [
        row for row in rows
        if row.quote is None or row.quote.accepted_seen_at or not row.quote.valid_till or row.quote.valid_till >= today
    ]  # fmt: skip


def refresh_of_products(connection: Connection, product_ids: Collection[str], now: datetime) -> None:
    """What is at stake on these products, where their prices differ."""
    rows = PriceDrift.objects.filter(connection=connection, product_id__in=product_ids, state__in=DIFFERING)
    refresh(connection, list(rows), now)


DIFFERING = (State.DIFFERENT, State.ACCEPTED)


def old(connection: Connection, now: datetime) -> "QuerySet[PriceDrift]":
    """Those that differ and were staked a while ago: quotes run out and are billed without being read again."""
    rows = PriceDrift.objects.filter(connection=connection, state__in=DIFFERING)
    return rows.filter(Q(staked_at=None) | Q(staked_at__lt=now - OLD))


def refresh_old(connection: Connection, now: datetime) -> None:
    """The same, a few hundred at a time."""
    refresh(connection, list(old(connection, now).order_by("staked_at")[:AT_A_TIME]), now)


def refresh(connection: Connection, prices: Sequence[PriceDrift] | None, now: datetime) -> None:
    """Count the open quotes and deals of these prices and what is at stake; None: of all that differ."""
    if prices is None:
        prices = list(PriceDrift.objects.filter(connection=connection, state__in=DIFFERING))
    if not prices:
        return
    lines: dict[str, list[SoldProduct]] = defaultdict(list)
    found = open_lines(connection, {one.product_id for one in prices})
    valid = still_valid(connection, found.defer("quote__raw", "quote__lines", "deal__raw", "deal__lines"), now)
    otherwise = _priced_by_lists(connection, valid)
    for row in valid:
        if row.pk not in otherwise:
            lines[row.product_id].append(row)
    for one in prices:
        _stake(one, lines[one.product_id], now)
    with transaction.atomic():
        one_at_a_time(connection)
        PriceDrift.objects.bulk_update(prices, ["quotes", "deals", "at_stake", "staked_at"], batch_size=200)


def _priced_by_lists(connection: Connection, lines: Sequence[SoldProduct]) -> set[int]:
    """Lines that a price list of Books prices: held against its rate (list_prices), not against the item's own."""
    booked = [row for row in lines if row.price_book]
    if not booked:
        return set()
    lists = PriceList.objects.filter(connection=connection).exclude(kind=PriceList.Kind.ITEMS)
    computed = set(lists.values_list("name_key", "currency"))
    listed = ListPrice.objects.filter(connection=connection, is_listed=True).order_by()
    mine = listed.filter(product_id__in=[row.product_id for row in booked])
    named = set(mine.values_list("list_key", "currency", "product_id"))
    keys = {row.pk: (list_key(row.price_book), currency_of(row)) for row in booked}
    return {row.pk for row in booked if keys[row.pk] in computed or (*keys[row.pk], row.product_id) in named}


def _stake(price: PriceDrift, lines: Sequence[SoldProduct], now: datetime) -> None:
    """A deal's own lines go before those of its quotes: it is billed once."""
    own = {row.deal.crm_id for row in lines if row.deal is not None}
    counted = [row for row in lines if row.quote is None or row.quote.deal_id not in own]
    comparable = [row for row in counted if currency_of(row) in ("", price.currency)]
    of_quotes = {row.quote.deal_id for row in lines if row.quote is not None and row.quote.deal_id}
    price.quotes = len({row.quote_id for row in lines if row.quote_id})
    price.deals = len(own | of_quotes)
    offered = [Offered(Decimal(row.quantity), row.rate) for row in comparable]
    price.at_stake, price.staked_at = at_stake(offered, price.books_price).quantize(Decimal("0.0001")), now


def currency_of(row: SoldProduct) -> str:
    """The currency of the sale that the line is on."""
    return row.quote.currency if row.quote is not None else row.deal.currency if row.deal is not None else ""
