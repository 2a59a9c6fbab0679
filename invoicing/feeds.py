"""Feeds of the documents: deals with their subform's lines, quotes with lines, invoices without."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.clients import Clients
from accounts.models import Connection
from invoicing import adopting, columns, drifting, list_prices, moments, receivables, stages, stakes
from invoicing.columns import LINES, PRICE_BOOK, TRUNCATED
from invoicing.models import Deal, Invoice, Quote
from syncjobs.absorbing import ODD, Absorbed, absorb, understood, with_own_digest
from zbridge.zoho.errors import Rejected
from zbridge.zoho.paging import Page

Rows = list[dict[str, Any]]

# COQL takes at most 50 values in `in` on the safe side (facts CRM 2.9).
PARENTS_PER_QUERY = 50
QUOTED_ITEM_COLUMNS = (
    "Parent_Id", "Product_Name", "Quantity", "List_Price", "Discount", "Tax", "Line_Tax", "Description",
    "Sequence_Number", "Total_After_Discount", PRICE_BOOK,
)  # fmt: skip
DEMO_COLUMNS = ("Product", "Quantity", "Rate", "Discount", "Tax", "Sequence_Number")


def line_columns(connection: Connection) -> tuple[str, ...]:
    """What is asked of the subform's rows; the names differ in every CRM."""
    return ("Parent_Id", *(connection.subform_columns.values() or DEMO_COLUMNS))


def deal_fields(connection: Connection) -> tuple[str, ...]:
    """What is asked of a deal in a listing."""
    return columns.DEAL_FIELDS + ((connection.bill_to_field,) if connection.bill_to_field else ())


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PARENTS_PER_QUERY):
        yield ids[start : start + PARENTS_PER_QUERY]


def _with_lines(clients: Clients, rows: Rows, module: str, names: Sequence[str], wanted: Sequence[str]) -> None:
    """Put the lines of the wanted records on their rows: one query per fifty records, never one GET per record."""
    found: dict[str, list[Any]] = {}
    for ids in _chunks(wanted):
        try:
            lines = _queried(clients, module, names, ids)
        except Rejected as refusal:
            if PRICE_BOOK not in names or refusal.code != "INVALID_QUERY":
                raise
            # Where CRM doesn't let it be queried, prices by price book aren't compared; all else goes on.
            names = [name for name in names if name != PRICE_BOOK]
            lines = _queried(clients, module, names, ids)
        found.update(columns.lines_by_parent(lines, names))
    for row in rows:
        if row["id"] in wanted:
            row[LINES] = found.get(row["id"], [])


def _queried(clients: Clients, module: str, names: Sequence[str], ids: Sequence[str]) -> Rows:
    quoted = ", ".join(f"'{identity}'" for identity in ids)
    query = f"select {', '.join(names)} from {module} where Parent_Id in ({quoted}) limit 2000"  # noqa: S608
    return clients.crm.coql(query)


def take_lines(row: dict[str, Any], subform: str, names: Sequence[str]) -> None:
    """Lines of a record read by id take the place of those a listing reads by query (facts CRM 2.2: `$has_more`)."""
    more = row.get("$has_more") or {}
    lines = [columns.line(line, names) for line in row.get(subform) or ()] if subform else None
    if lines and isinstance(more, dict) and more.get(subform):
        lines.append({TRUNCATED: True})
    row[LINES] = lines


def _known(model: type[Deal | Quote | Invoice], connection: Connection, column: str) -> set[str]:
    rows = model._default_manager.filter(connection=connection, gone_at=None)
    return set(rows.values_list(column, flat=True))


@dataclass(frozen=True)
class DealFeed:
    kind: str = "deal"
    side: str = "crm"
    label: str = "Deals"
    raw_id: str = "id"
    told_alike: bool = True

    def count(self, clients: Clients) -> int:
        return clients.crm.count("Deals")

    def known_ids(self, connection: Connection) -> set[str]:
        return _known(Deal, connection, "crm_id")

    def one(self, clients: Clients, identity: str) -> dict[str, Any] | None:
        row = clients.crm.record("Deals", identity)
        connection = clients.connection
        if row is not None and connection.subform and _is_billable(row, connection):
            take_lines(row, connection.subform, line_columns(connection))
        return row

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        drifting.deals_gone(connection, ids, now)

    def list_page(self, clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Page:
        connection = clients.connection
        pages = clients.crm.pages("Deals", deal_fields(connection), modified_since=since, checkpoint=place)
        page = next(iter(pages))
        rows = list(page.rows)
        wanted = [row["id"] for row in rows if connection.subform and _is_billable(row, connection)]
        _with_lines(clients, rows, connection.subform, line_columns(connection), wanted)
        return Page(rows, page.checkpoint, page.more)

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        def to_columns(row: dict[str, Any]) -> dict[str, Any]:
            lines = row.pop(LINES, None)
            bill_to = connection.bill_to_field
            found = columns.deal(row, connection.stage_types, connection.currency, bill_to) | {"lines": lines}
            return with_own_digest(found, row, now)

        seen = stages.Reading(connection, rows, now)
        columned, failed = understood(rows, to_columns)
        known = seen.deals_before()
        absorbed = replace(absorb(Deal, connection, "crm_id", columned), failed=failed)
        stages.note_deals(seen, known, absorbed)
        moments.after_deals(connection, absorbed.created + absorbed.updated, now)
        drifting.after_deals(connection, absorbed.updated, now)
        stakes.keep_deals(connection, absorbed.created + absorbed.updated, now)
        return absorbed


def _is_billable(row: dict[str, Any], connection: Connection) -> bool:
    """Only a deal won since go-live needs its lines before a person opens it."""
    try:
        found = columns.deal(row, connection.stage_types, connection.currency)
    except ODD:
        return False
    return bool(found["won_on"] and connection.go_live and found["won_on"] >= connection.go_live)


@dataclass(frozen=True)
class QuoteFeed:
    kind: str = "quote"
    side: str = "crm"
    label: str = "Quotes"
    raw_id: str = "id"
    told_alike: bool = True

    def count(self, clients: Clients) -> int:
        return clients.crm.count("Quotes")

    def known_ids(self, connection: Connection) -> set[str]:
        return _known(Quote, connection, "crm_id")

    def one(self, clients: Clients, identity: str) -> dict[str, Any] | None:
        row = clients.crm.record("Quotes", identity)
        if row is not None:
            take_lines(row, "Quoted_Items", QUOTED_ITEM_COLUMNS)
        return row

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        Quote.objects.filter(connection=connection, crm_id__in=ids, gone_at=None).update(gone_at=now)
        drifting.after_quotes(connection, ids, now)

    def list_page(self, clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Page:
        fields = columns.QUOTE_FIELDS + (("Replaced_By",) if "Replaced_By" in clients.connection.crm_fields else ())
        page = next(iter(clients.crm.pages("Quotes", fields, modified_since=since, checkpoint=place)))
        rows = list(page.rows)
        _with_lines(clients, rows, "Quoted_Items", QUOTED_ITEM_COLUMNS, [row["id"] for row in rows])
        return Page(rows, page.checkpoint, page.more)

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        def to_columns(row: dict[str, Any]) -> dict[str, Any]:
            lines = row.pop(LINES, None)
            return with_own_digest(columns.quote(row, connection.currency) | {"lines": lines}, row, now)

        seen = stages.Reading(connection, rows, now)
        columned, failed = understood(rows, to_columns)
        known = seen.quotes_before()
        absorbed = replace(absorb(Quote, connection, "crm_id", columned), failed=failed)
        stages.note_quotes(seen, known, absorbed)
        drifting.after_quotes(connection, absorbed.updated, now)
        priced = stakes.keep_quotes(connection, absorbed.created + absorbed.updated, now)
        list_prices.compare(connection, now, products=priced)
        return absorbed


@dataclass(frozen=True)
class InvoiceFeed:
    kind: str = "invoice"
    side: str = "books"
    label: str = "Invoices"
    raw_id: str = "invoice_id"
    told_alike: bool = True

    def count(self, clients: Clients) -> int:
        return 0

    def known_ids(self, connection: Connection) -> set[str]:
        return _known(Invoice, connection, "books_id")

    def one(self, clients: Clients, identity: str) -> dict[str, Any] | None:
        return clients.books.invoice(identity)

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        Invoice.objects.filter(connection=connection, books_id__in=ids, gone_at=None).update(gone_at=now)
        drifting.after_invoices(connection, list(ids), now)
        receivables.after(connection, Invoice, list(ids), now)

    def list_page(self, clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Page:
        return next(iter(clients.books.invoice_pages(modified_since=since, checkpoint=place)))

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        name = connection.invoice_key_name
        columned, failed = understood(rows, lambda row: with_own_digest(columns.invoice(row, name), row, now))
        before = receivables.owners(connection, Invoice, [row["books_id"] for row in columned])
        absorbed = replace(absorb(Invoice, connection, "books_id", columned), failed=failed)
        drifting.after_invoices(connection, absorbed.created + absorbed.updated, now)
        adopting.after_invoices(connection, absorbed.created + absorbed.updated, now)
        receivables.after(connection, Invoice, absorbed.created + absorbed.updated, now, before)
        return absorbed


DEALS = DealFeed()
QUOTES = QuoteFeed()
INVOICES = InvoiceFeed()
