"""Comparing the rates of Books' price lists with the open quotes that CRM priced by that name. No call to Zoho."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Connection
from invoicing import stakes
from invoicing.domain.list_prices import Accepted, ListStanding, QuoteLine, Rate, Standing, compared, list_key
from invoicing.models import ListPrice, PriceList, SoldProduct
from syncjobs.models import Link, Record

State = ListPrice.State
PAIR = Link.Pair.PRODUCT
AT_A_TIME = 500
# Product, name of the list, currency.
Key = tuple[str, str, str]


def compare(
    connection: Connection, now: datetime, *, products: Collection[str] = (), items: Collection[str] = ()
) -> None:
    """Hold these products and items against the lists; nothing before the lists were read once."""
    if not (products or items) or stakes.check_of(connection).lists_read_at is None:
        return
    for part in _parts(sorted(products)):
        _compare_part(connection, set(part), set(), now)
    for part in _parts(sorted(items)):
        _compare_part(connection, set(), set(part), now)


def compare_all(connection: Connection, now: datetime) -> None:
    """Everything on a list, and every product that a quote was priced by a price book."""
    rows = ListPrice.objects.filter(connection=connection).order_by()
    items = set(rows.exclude(item_id="").values_list("item_id", flat=True).distinct())
    products = set(rows.exclude(product_id="").values_list("product_id", flat=True).distinct())
    sold = SoldProduct.objects.filter(connection=connection).exclude(price_book="").order_by()
    compare(connection, now, items=items)
    compare(connection, now, products=products | set(sold.values_list("product_id", flat=True).distinct()))


def are_compared(connection: Connection) -> bool:
    """Whether any product stands under a list."""
    return ListPrice.objects.filter(connection=connection).exists()


def old(connection: Connection, now: datetime) -> "QuerySet[ListPrice]":
    """On open quotes and compared a while ago: quotes run out and are billed without being read again."""
    return ListPrice.objects.filter(connection=connection, quotes__gt=0, compared_at__lt=now - stakes.OLD)


def refresh_old(connection: Connection, now: datetime) -> None:
    """The same, a few hundred at a time."""
    rows = old(connection, now).order_by("compared_at")[:AT_A_TIME]
    compare(connection, now, products=set(rows.values_list("product_id", flat=True)))


def open_lines(connection: Connection, products: Collection[str], now: datetime) -> list[SoldProduct]:
    """Lines of open quotes that a price book priced."""
    rows = stakes.open_lines(connection, products).filter(quote__isnull=False).exclude(price_book="")
    return stakes.still_valid(connection, rows.defer("quote__raw", "quote__lines"), now)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_A_TIME):
        yield ids[start : start + AT_A_TIME]


def _compare_part(connection: Connection, products: set[str], items: set[str], now: datetime) -> None:
    with transaction.atomic():
        stakes.one_at_a_time(connection)
        work = _Work(connection, products, items, now)
        work.listed()
        work.named_by_quotes()
        work.keep()


@dataclass
class _Work:
    """One transaction's comparing of some products and items, with all that is linked to them."""

    connection: Connection
    products: set[str]
    items: set[str]
    now: datetime
    lines: dict[Key, list[SoldProduct]] = field(default_factory=dict)
    rows: list[ListPrice] = field(default_factory=list)
    made: list[ListPrice] = field(default_factory=list)
    changed: list[ListPrice] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    covered: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        mine = ListPrice.objects.filter(connection=self.connection)
        self.items |= set(mine.filter(product_id__in=self.products, is_listed=True).values_list("item_id", flat=True))
        links = Link.objects.filter(connection=self.connection, pair=PAIR)
        touched = links.filter(Q(crm_id__in=self.products) | Q(books_id__in=self.items))
        self.item_of = dict(touched.values_list("crm_id", "books_id"))
        self.product_of = {item: product for product, item in self.item_of.items()}
        self.products |= set(self.item_of)
        self.items |= set(self.product_of)
        listed = Q(item_id__in=self.items, is_listed=True)
        self.rows = list(mine.filter(Q(product_id__in=self.products) | listed))
        self.lines = self._lines()
        self.records = self._records()

    def _lines(self) -> dict[Key, list[SoldProduct]]:
        found: dict[Key, list[SoldProduct]] = defaultdict(list)
        for row in open_lines(self.connection, self.products, self.now):
            found[row.product_id, list_key(row.price_book), stakes.currency_of(row)].append(row)
        return found

    def _records(self) -> dict[tuple[str, str], Record]:
        ids = [*self.products, *self.items]
        rows = Record.objects.filter(connection=self.connection, kind__in=["product", "item"], remote_id__in=ids)
        return {(row.kind, row.remote_id): row for row in rows.defer("detail", "fields", "raw")}

    def listed(self) -> None:
        """Each item that a list of Books names, with the product that it is linked to now."""
        for row in self.rows:
            if row.is_listed:
                product = self.product_of.get(row.item_id, "")
                self.covered.add((row.price_list_id or 0, product))
                lines = self.lines.get((product, row.list_key, row.currency), [])
                self._judge(row, product, row.item_id, Rate(True, row.books_rate), lines)

    def named_by_quotes(self) -> None:
        """Each product that a quote was priced by a list which Books lacks, or which doesn't name the item."""
        lists: dict[tuple[str, str], list[PriceList | None]] = defaultdict(list)
        for one in PriceList.objects.filter(connection=self.connection) if self.lines else ():
            lists[one.name_key, one.currency].append(one)
        known = {
            (row.price_list_id, row.list_key, row.currency, row.product_id): row
            for row in self.rows if not row.is_listed
        }  # fmt: skip
        for (product, key, currency), lines in self.lines.items():
            for found in lists.get((key, currency), [None]):
                if found is None or (found.pk, product) not in self.covered:
                    row = known.get((found.pk if found else None, key, currency, product))
                    self._unlisted(row or self._new(found, lines[0], key, currency), product, found, lines)

    def _new(self, found: PriceList | None, line: SoldProduct, key: str, currency: str) -> ListPrice:
        name = found.name if found is not None else line.price_book
        return ListPrice(connection=self.connection, price_list=found, list_name=name, list_key=key, currency=currency)

    def _unlisted(
        self, row: ListPrice, product: str, found: PriceList | None, lines: Sequence[SoldProduct]
    ) -> None:  # fmt: skip
        computed = found is not None and found.kind != PriceList.Kind.ITEMS
        self._judge(row, product, self.item_of.get(product, ""), Rate(computed), lines)

    def _judge(self, row: ListPrice, product: str, item: str, rate: Rate, lines: Sequence[SoldProduct]) -> None:
        offered = [
            QuoteLine(stakes.currency_of(one), Decimal(one.quantity), one.rate) for one in lines if one.rate is not None
        ]
        is_new = row._state.adding
        after = compared(None if is_new else standing_of(row), rate, row.currency, offered, self.now)
        values: dict[str, object] = {"product_id": product, "item_id": item}
        values |= {"quotes": len({one.quote_id for one in lines})} | _columns(after) | self._named(row, product, item)
        if is_new:
            self.made.append(row)
        else:
            self.seen.add(row.pk)
            if all(getattr(row, name) == value for name, value in values.items()):
                return
            self.changed.append(row)
        for name, value in values.items():
            setattr(row, name, value)

    def _named(self, row: ListPrice, product: str, item: str) -> dict[str, object]:
        found = self.records.get(("product", product)) or self.records.get(("item", item))
        if found is None:
            return {"name": row.name or item or product}
        code = self.records.get(("item", item), found) if not found.code else found
        return {"name": found.name, "name_key": found.name_key, "code": code.code, "code_key": code.code_key}

    def keep(self) -> None:
        """Write what changed; what no quote names any more, and no list, is forgotten."""
        gone = [row.pk for row in self.rows if row.pk not in self.seen]
        ListPrice.objects.filter(pk__in=gone).delete()
        for row in self.changed:
            row.save()  # one by one: so many columns in one statement take ten times as long
        for row in self.made:
            row.compared_at = self.now
        ListPrice.objects.bulk_create(self.made)
        ListPrice.objects.filter(pk__in=self.seen).update(compared_at=self.now)


def standing_of(row: ListPrice) -> ListStanding:
    """The row as last compared."""
    accepted = None
    if row.reason and None not in (row.accepted_rate, row.accepted_lowest, row.accepted_highest):
        accepted = Accepted(row.accepted_rate, row.accepted_lowest, row.accepted_highest)
    return ListStanding(
        standing=Standing(row.state), rate=row.books_rate, lowest=row.crm_lowest, highest=row.crm_highest,
        since=row.since, accepted=accepted,
    )  # fmt: skip


def _columns(after: ListStanding) -> dict[str, object]:
    """What was accepted for other prices is forgotten with its reason."""
    found: dict[str, object] = {
        "state": State(after.standing), "crm_lowest": after.lowest, "crm_highest": after.highest, "gap": after.gap,
        "since": after.since, "at_stake": after.at_stake.quantize(Decimal("0.0001")),
    }  # fmt: skip
    return found if after.accepted else found | NOT_ACCEPTED


NOT_ACCEPTED: dict[str, object] = {
    "reason": "", "accepted_rate": None, "accepted_lowest": None, "accepted_highest": None, "accepted_by_id": None,
    "accepted_at": None,
}  # fmt: skip
