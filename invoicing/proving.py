"""Proof that no sale is billed twice and none is lost: both sides scanned, what contradicts the promise named."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import Connection
from invoicing import columns, feeds
from invoicing.models import Conversion, Invoice
from invoicing.workbench import Workbench
from syncjobs.columns import text

State = Conversion.State


@dataclass(frozen=True)
class Violation:
    kind: str
    key: str
    detail: str


@dataclass(frozen=True)
class Proof:
    """How many keys, conversions and invoices were looked at, and what was wrong."""

    keys: int
    conversions: int
    invoices: int
    violations: tuple[Violation, ...]


def prove(connection: Connection, bench: Workbench) -> Proof:
    """Read every invoice of Books anew and hold it against every conversion."""
    rows = list(_all_invoices(connection, bench))
    live = [row for row in rows if text(row.get("status")) != "void"]
    by_key: dict[str, list[dict[str, Any]]] = {}
    for row in live:
        key = columns.invoice_key(row, connection.invoice_key_name)
        if key.startswith("ZB-"):
            by_key.setdefault(key, []).append(row)
    conversions = list(Conversion.objects.filter(connection=connection))
    found = [*_doubled(by_key), *_orphans(by_key, conversions), *_lost(conversions, live)]
    return Proof(len(by_key), len(conversions), len(rows), tuple(found))


def _all_invoices(connection: Connection, bench: Workbench) -> Iterable[dict[str, Any]]:
    """All pages; the mirror takes them along, so that lists show what the proof saw."""
    for page in bench.clients(connection).books.invoice_pages():
        with transaction.atomic():
            feeds.INVOICES.absorb(connection, list(page.rows), connection.now(bench.clock))
        yield from page.rows


def _doubled(by_key: dict[str, list[dict[str, Any]]]) -> Iterable[Violation]:
    for key, rows in by_key.items():
        if len(rows) > 1:
            numbers = ", ".join(text(row.get("invoice_number")) for row in rows)
            yield Violation("doubled", key, f"Live invoices {numbers} carry one key.")


def _orphans(by_key: dict[str, list[dict[str, Any]]], conversions: list[Conversion]) -> Iterable[Violation]:
    known = {row.key for row in conversions}
    for key, rows in by_key.items():
        if key not in known:
            number = text(rows[0].get("invoice_number"))
            yield Violation("orphan", key, f"Invoice {number} carries a key that no conversion here has.")


def _lost(conversions: list[Conversion], live: list[dict[str, Any]]) -> Iterable[Violation]:
    ids = {text(row["invoice_id"]) for row in live}
    for row in conversions:
        has_one = row.books_invoice_id in ids
        voided = Invoice.objects.filter(connection_id=row.connection_id, books_id=row.books_invoice_id, status="void")
        if row.state in (State.DRAFTED, State.DONE) and not has_one and not row.drift and not voided.exists():
            yield Violation(
                "lost", row.key, f"Conversion {row.pk} says {row.invoice_number}, which Books doesn't have."
            )
