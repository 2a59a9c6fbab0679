"""Comparing prices: of what was just read, of what was just linked, and once of all that is there. No call to Zoho."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import Connection
from invoicing import list_prices, stakes
from invoicing.domain.price_drift import SidePrice, Standing, Standpoint, compared
from invoicing.models import PriceCheck, PriceDrift, PriceStep
from invoicing.stakes import check_of
from syncjobs import aligning
from syncjobs.absorbing import raw_row
from syncjobs.models import Link, PlannedWrite, Record

State = PriceDrift.State
PAIR = Link.Pair.PRODUCT
KINDS = {"product": "product_id", "item": "item_id"}
AT_A_TIME, MOST_LINKS = 500, 5000
STANDPOINT = ("crm_since", "books_since", "crm_by", "was_crm", "was_books", "agreed", "since")


def compare(connection: Connection, kind: str, ids: Collection[str], now: datetime) -> None:
    """Compare what was just read of a kind (product or item) with the other side; `now` in business time."""
    for part in _parts(sorted(ids)):
        column = "crm_id" if kind == "product" else "books_id"
        links = list(Link.objects.filter(connection=connection, pair=PAIR, **{f"{column}__in": part}))
        with transaction.atomic():
            work = _Work(connection, now)
            work.pairs(links)
            linked = {getattr(link, column) for link in links}
            work.lone(kind, [one for one in part if one not in linked])
            work.keep()


def compare_links(connection: Connection, links: Sequence[Link], now: datetime) -> None:
    """Compare the two prices of these links; what counted as one side's alone counts so no more."""
    with transaction.atomic():
        work = _Work(connection, now)
        work.pairs(links)
        alone = PriceDrift.objects.filter(connection=connection, state__in=[State.ONLY_CRM, State.ONLY_BOOKS])
        mine = Q(product_id__in=[one.crm_id for one in links]) | Q(item_id__in=[one.books_id for one in links])
        work.forget(alone.filter(mine))
        work.keep()


def compare_all(connection: Connection, now: datetime) -> None:
    """Once: everything that was read before prices were compared. It may be repeated at any time."""
    links = Link.objects.filter(connection=connection, pair=PAIR).order_by("pk")
    for part in _parts(list(links)):
        compare_links(connection, part, now)
    for kind, column in (("product", "crm_id"), ("item", "books_id")):
        rows = Record.objects.filter(connection=connection, kind=kind, gone_at=None)
        alone = rows.exclude(remote_id__in=links.values(column)).values_list("remote_id", flat=True)
        for ids in _parts(list(alone)):
            compare(connection, kind, ids, now)
    stakes.index_all(connection)
    stakes.refresh(connection, None, now)
    last = links.values_list("pk", flat=True).last() or 0
    PriceCheck.objects.filter(pk=check_of(connection).pk).update(whole_at=now, last_link=last)


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether a sweep would find something; a few queries by index."""
    if connection.state != Connection.State.CONNECTED:
        return False
    check = check_of(connection)
    return (
        check.whole_at is None
        or _new_links(connection, check).exists()
        or _unlinked(connection).exists()
        or stakes.old(connection, now).exists()
        or list_prices.old(connection, now).exists()
    )


def sweep(connection: Connection, now: datetime) -> None:
    """New links, links that are gone, and what is at stake as of now."""
    check = check_of(connection)
    if check.whole_at is None:
        compare_all(connection, now)
        return
    found = list(_new_links(connection, check).order_by("pk")[:MOST_LINKS])
    for part in _parts(found):
        compare_links(connection, part, now)
        PriceCheck.objects.filter(pk=check.pk).update(last_link=part[-1].pk)
        _compare_lists(connection, {one.crm_id for one in part}, {one.books_id for one in part}, now)
    _end_unlinked(connection, now)
    stakes.refresh_old(connection, now)
    list_prices.refresh_old(connection, now)


def _compare_lists(connection: Connection, products: set[str], items: set[str], now: datetime) -> None:
    """What was linked, or is so no longer, stands elsewhere under the price lists."""
    if products | items and list_prices.are_compared(connection):
        list_prices.compare(connection, now, products=products, items=items)


def _new_links(connection: Connection, check: PriceCheck) -> "QuerySet[Link]":
    return Link.objects.filter(connection=connection, pair=PAIR, pk__gt=check.last_link)


def _unlinked(connection: Connection) -> "QuerySet[PriceDrift]":
    rows = PriceDrift.objects.filter(connection=connection, link=None).exclude(state=State.OFF)
    return rows.exclude(product_id="").exclude(item_id="")


def _end_unlinked(connection: Connection, now: datetime) -> None:
    """No longer one thing: nothing to compare, and each may be one side's alone."""
    rows = list(_unlinked(connection)[:MOST_LINKS])
    with transaction.atomic():
        work = _Work(connection, now)
        for row in rows:
            work.turn_off(row)
        work.keep()
    compare(connection, "product", {row.product_id for row in rows}, now)
    compare(connection, "item", {row.item_id for row in rows}, now)
    _compare_lists(connection, {row.product_id for row in rows}, {row.item_id for row in rows}, now)


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), AT_A_TIME):
        yield rows[start : start + AT_A_TIME]


@dataclass
class _Work:
    """One transaction's comparing: rows to make, to change, to forget, the steps taken, and how the counts move."""

    connection: Connection
    now: datetime
    made: list[PriceDrift] = field(default_factory=list)
    changed: list[PriceDrift] = field(default_factory=list)
    steps: list[PriceStep] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.check = stakes.one_at_a_time(self.connection)

    def pairs(self, links: Sequence[Link]) -> None:
        """Each link's two prices."""
        if not links:
            return
        products = self._records("product", [one.crm_id for one in links])
        items = self._records("item", [one.books_id for one in links])
        rows = PriceDrift.objects.filter(connection=self.connection, product_id__in=[one.crm_id for one in links])
        known = {(row.product_id, row.item_id): row for row in rows}
        written = aligning.last_written([one.pk for one in links]) if known else {}
        for link in links:
            product, item = products.get(link.crm_id), items.get(link.books_id)
            row = known.get((link.crm_id, link.books_id))
            if product is None or item is None:
                if row is not None:
                    self.turn_off(row)
                continue
            ours = {side: written.get((link.pk, side)) for side in ("crm", "books")}
            self._pair(row, link, product, item, ours)

    def _records(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        rows = Record.objects.filter(
            connection=self.connection, kind=kind, remote_id__in=list(ids), gone_at=None, active=True
        ).defer("detail", "fields")  # fmt: skip
        return {row.remote_id: row for row in rows}

    def _pair(
        self, row: PriceDrift | None, link: Link, product: Record, item: Record, ours: dict[str, PlannedWrite | None]
    ) -> None:  # fmt: skip
        before = _standpoint(row) if row else None
        crm = SidePrice(product.price, product.changed_at, _who(product, ours["crm"]))
        after = compared(before, crm, SidePrice(item.price, item.changed_at))
        named = {"link_id": link.pk, "currency": self.connection.currency, **_named(product, item)}
        if row is None:
            row = PriceDrift(connection=self.connection, product_id=product.remote_id, item_id=item.remote_id)
            self.made.append(row)
        elif after is before and all(getattr(row, name) == value for name, value in named.items()):
            return
        else:
            self.changed.append(row)
        self._move(row, after.standing)
        for name, value in named.items():
            setattr(row, name, value)
        if after is not before:
            self._step(row, before, after, _movers(crm.by, ours["books"], item))

    def _step(self, row: PriceDrift, before: Standpoint | None, after: Standpoint, movers: dict[str, str]) -> None:
        """Keep the new standpoint and how it came about; what was accepted held for other prices."""
        moved = {
            "crm": before is None or before.crm != after.crm, "books": before is None or before.books != after.books,
        }  # fmt: skip
        row.crm_price, row.books_price, row.gap = after.crm, after.books, after.gap
        for name in STANDPOINT:
            setattr(row, name, getattr(after, name))
        row.reason, row.accepted_by, row.accepted_at = "", None, None
        row.staked_at = None
        if after.standing is Standing.SAME:
            row.quotes, row.deals, row.at_stake = 0, 0, 0
        times = [at for side, at in (("crm", after.crm_since), ("books", after.books_since)) if moved[side] and at]
        who = ", ".join(dict.fromkeys(movers[side] for side in movers if moved[side] and movers[side]))
        prices: dict[str, Any] = {"crm_price": after.crm, "books_price": after.books}
        if before is not None:
            prices |= {"was_crm": before.crm, "was_books": before.books}
        step = PriceStep(price=row, at=max(times, default=self.now), seen_at=self.now, state=after.standing, **prices)
        step.crm_moved, step.books_moved, step.who = moved["crm"], moved["books"], who[:200]
        self.steps.append(step)

    def lone(self, kind: str, ids: Sequence[str]) -> None:
        """What only that side sells, of these ids that have no link; inactive or gone ones count no more."""
        column, state = KINDS[kind], State.ONLY_CRM if kind == "product" else State.ONLY_BOOKS
        rows = PriceDrift.objects.filter(connection=self.connection, state=state, **{f"{column}__in": ids})
        known = {getattr(row, column): row for row in rows}
        records = self._records(kind, ids)
        for one, record in records.items():
            row = known.pop(one, None)
            if row is None:
                row = PriceDrift(connection=self.connection, **{column: one})
                self.made.append(row)
            else:
                self.changed.append(row)
            self._move(row, state)
            price = {"crm_price": record.price} if kind == "product" else {"books_price": record.price}
            for name, value in {**price, **_named(record, record), "currency": self.connection.currency}.items():
                setattr(row, name, value)
        self.forget(PriceDrift.objects.filter(pk__in=[row.pk for row in known.values()]))

    def forget(self, rows: "QuerySet[PriceDrift]") -> None:
        """They stand for nothing any more."""
        for pk, state in list(rows.values_list("pk", "state")):
            self.counts[state] = self.counts.get(state, 0) - 1
            PriceDrift.objects.filter(pk=pk).delete()

    def turn_off(self, row: PriceDrift) -> None:
        """Its two records are no longer both there, or no longer one thing; its history stays."""
        if row.state != State.OFF:
            self._move(row, State.OFF)
            row.quotes, row.deals, row.at_stake, row.since = 0, 0, 0, None
            self.changed.append(row)

    def _move(self, row: PriceDrift, state: str) -> None:
        if row.pk is not None:
            self.counts[row.state] = self.counts.get(row.state, 0) - 1
        self.counts[state] = self.counts.get(state, 0) + 1
        row.state = str(state)

    def keep(self) -> None:
        """Write it all; what differs now is staked anew."""
        for row in (*self.made, *self.changed):
            row.compared_at = self.now
        PriceDrift.objects.bulk_create(self.made)
        for row in self.changed:
            row.save()  # one by one: so many columns in one statement take ten times as long
        PriceStep.objects.bulk_create(self.steps)
        moved = {name: number for name, number in self.counts.items() if number}
        if moved:
            PriceCheck.objects.filter(pk=self.check.pk).update(
                **{name: F(name) + number for name, number in moved.items()}
            )
        differing = [one.price for one in self.steps if one.state == Standing.DIFFERENT]
        stakes.refresh(self.connection, differing, self.now)


def _standpoint(row: PriceDrift) -> Standpoint:
    kept = {name: getattr(row, name) for name in STANDPOINT}
    return Standpoint(standing=Standing(row.state), crm=row.crm_price, books=row.books_price, **kept)


def _named(product: Record, item: Record) -> dict[str, str]:
    code, key = (product.code, product.code_key) if product.code else (item.code, item.code_key)
    return {"name": product.name, "name_key": product.name_key, "code": code, "code_key": key}


def _who(product: Record, ours: PlannedWrite | None) -> str:
    """Who changed the product last in CRM: that side tells; where zbridge wrote this price, who had it written."""
    if ours is not None and _wrote(ours, product):
        return _by_us(ours)
    found = raw_row(product.raw).get("Modified_By") or {}
    return str(found.get("name") or "")[:150]


def _movers(crm: str, ours: PlannedWrite | None, item: Record) -> dict[str, str]:
    return {"crm": crm, "books": _by_us(ours) if ours is not None and _wrote(ours, item) else ""}


def _wrote(write: PlannedWrite, record: Record) -> bool:
    """Whether the record's price is the one that was written last, and nothing was written by others since."""
    after = next((one["after"] for one in write.changes if one["field"] == "price"), "")
    try:
        return bool(after) and Decimal(after) == record.price
    except ArithmeticError:
        return False


def _by_us(write: PlannedWrite) -> str:
    who = write.plan.applied_by
    return f"zbridge for {who.get_full_name() or who.username}" if who else "zbridge"
