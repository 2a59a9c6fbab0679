"""Books' price lists, read whole once a day and when a person asks: one call for two hundred. Never written."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Connection
from invoicing import list_prices, stakes
from invoicing.domain.list_prices import list_key
from invoicing.models import ListPrice, PriceCheck, PriceList
from invoicing.workbench import Workbench
from syncjobs.absorbing import ODD
from syncjobs.columns import amount, text
from syncjobs.off_peak import window_of
from zbridge.clock import Clock
from zbridge.zoho.errors import Waits, ZohoError

Kind = PriceList.Kind
Row = Mapping[str, Any]
Rates = dict[str, Decimal | None]
EVERY, LATEST = timedelta(days=1), timedelta(days=2)
AT_A_TIME = 500


def due(connection: Connection, clock: Clock) -> bool:
    """Whether a day went by since Books answered; in the off-peak hours where there are any, unless that is long ago.

    Not before the base prices were compared once.
    """
    check = stakes.check_of(connection)
    if connection.state != Connection.State.CONNECTED or check.whole_at is None:
        return False
    if check.lists_tried_at is None:
        return True
    now, window = connection.now(clock), window_of(connection)
    ago = now - check.lists_tried_at
    return ago >= EVERY and (window is None or window.is_open(now) or ago >= LATEST)


def read(connection: Connection, bench: Workbench) -> int:
    """Read them now; how many there are. What Books answers instead is kept for the page. Raises ZohoError."""
    now = connection.now(bench.clock)
    check = PriceCheck.objects.filter(pk=stakes.check_of(connection).pk)
    try:
        rows = bench.clients(connection).books.price_lists()
    except Waits:
        raise  # it was not asked, or can't answer now: the next sweep asks again
    except ZohoError as trouble:
        check.update(lists_tried_at=now, lists_trouble=trouble.sentence[:400])
        raise
    keep(connection, rows, now)
    return PriceList.objects.filter(connection=connection).count()


def keep(connection: Connection, rows: list[dict[str, Any]], now: datetime) -> None:
    """The lists as they are in Books, and each price held against the open quotes anew."""
    wanted = {text(row.get("pricebook_id")): row for row in rows if _is_for_sales(row)}
    with transaction.atomic():
        stakes.one_at_a_time(connection)
        PriceList.objects.filter(connection=connection).exclude(books_id__in=wanted).delete()
        known = {one.books_id: one for one in PriceList.objects.filter(connection=connection)}
        for books_id, row in wanted.items():
            found = known.get(books_id) or PriceList(connection=connection, books_id=books_id)
            _keep_list(found, row, now)
    check = PriceCheck.objects.filter(connection=connection)
    check.update(lists_read_at=now, lists_tried_at=now, lists_trouble="")
    list_prices.compare_all(connection, now)


def _is_for_sales(row: Row) -> bool:
    """Active and not for purchases; what a list doesn't say of itself, it is."""
    kind, status = (text(row.get(name)).casefold() for name in ("sales_or_purchase_type", "status"))
    named = text(row.get("pricebook_id")) and text(row.get("name")) and text(row.get("currency_code"))
    return bool(named) and kind != "purchases" and status in ("", "active")


def _keep_list(found: PriceList, row: Row, now: datetime) -> None:
    name, currency = text(row.get("name"))[:200], text(row.get("currency_code"))[:3]
    rates = rates_of(row)
    shown = (name, currency, str(_kind(row)))
    if (found.name, found.currency, found.kind) != shown:
        found.name, found.currency, found.kind = shown
        found.name_key = list_key(name)
        found.save()
        named = {"list_name": name, "list_key": found.name_key, "currency": currency}
        ListPrice.objects.filter(price_list=found).update(**named)
    _keep_rates(found, rates, now)


def _kind(row: Row) -> Kind:
    if text(row.get("pricebook_type")) == "fixed_percentage":
        return Kind.PERCENTAGE
    return Kind.ITEMS if isinstance(row.get("pricebook_items"), list) else Kind.UNTOLD


def rates_of(row: Row) -> Rates:
    """Item -> rate as a list's row tells; None where the item has no single one (by quantity, or with a discount)."""
    found: Rates = {}
    if _kind(row) is not Kind.ITEMS:
        return found
    by_quantity = text(row.get("pricing_scheme")) == "volume"
    for one in row["pricebook_items"]:
        item = text(one.get("item_id"))[:30]
        rate = None if by_quantity else _single(one)
        found[item] = rate if found.get(item, rate) == rate else None
    found.pop("", None)
    return found


def _single(one: Row) -> Decimal | None:
    less = text(one.get("pricebook_discount")).rstrip("% ")
    try:
        if one.get("price_brackets") or text(one.get("pricing_scheme")) == "volume" or Decimal(less or 0):
            return None
        return amount(one.get("pricebook_rate"))
    except ODD:
        return None


def _keep_rates(found: PriceList, rates: Rates, now: datetime) -> None:
    """One row an item; a rate that moved keeps what it was before."""
    rows = {row.item_id: row for row in ListPrice.objects.filter(price_list=found) if row.item_id}
    dropped = [row.pk for item, row in rows.items() if row.is_listed and item not in rates]
    for start in range(0, len(dropped), AT_A_TIME):
        ListPrice.objects.filter(pk__in=dropped[start : start + AT_A_TIME]).delete()
    made, moved = [], []
    for item, rate in rates.items():
        row = rows.get(item)
        if row is None:
            made.append(_new(found, item, rate, now))
        elif not row.is_listed or row.books_rate != rate:
            row.was_rate, row.books_rate = row.books_rate if row.is_listed else None, rate
            row.is_listed, row.rate_since = True, now
            moved.append(row)
    ListPrice.objects.bulk_create(made, batch_size=AT_A_TIME)
    ListPrice.objects.bulk_update(moved, ["was_rate", "books_rate", "is_listed", "rate_since"], batch_size=100)


def _new(found: PriceList, item: str, rate: Decimal | None, now: datetime) -> ListPrice:
    row = ListPrice(
        connection=found.connection, price_list=found, is_listed=True, list_name=found.name, list_key=found.name_key,
        currency=found.currency, item_id=item, name=item, state=ListPrice.State.UNUSED, rate_since=now,
        compared_at=now,
    )  # fmt: skip
    row.books_rate = rate
    return row
