"""Feeds of what closes invoices: customers' payments with the invoices they pay, and credit notes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from accounts.clients import Clients, seams
from accounts.models import Connection
from invoicing import columns, receivables
from invoicing.models import Allocation, CreditNote, Payment
from syncjobs.absorbing import Absorbed, absorb, understood, with_own_digest
from syncjobs.columns import text
from syncjobs.models import Record
from zbridge.zoho.paging import Page

Rows = list[dict[str, Any]]
PAID = "zbridge_allocations"
AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class PaymentFeed:
    kind: str = "payment"
    side: str = "books"
    label: str = "Payments"
    raw_id: str = "payment_id"
    told_alike: bool = True

    def count(self, clients: Clients) -> int:
        return 0

    def known_ids(self, connection: Connection) -> set[str]:
        rows = Payment.objects.filter(connection=connection, gone_at=None)
        return set(rows.values_list("books_id", flat=True))

    def one(self, clients: Clients, identity: str) -> dict[str, Any] | None:
        return clients.books.payment(identity)

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        rows = Payment.objects.filter(connection=connection, books_id__in=ids, gone_at=None)
        rows.update(gone_at=now)
        Allocation.objects.filter(connection=connection, payment__books_id__in=ids).delete()
        receivables.after(connection, Payment, list(ids), now)

    def list_page(self, clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Page:
        return next(iter(clients.books.payment_pages(created_since=since, checkpoint=place)))

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        """With the allocations in the digest: money moved from one invoice to another is a change."""
        known = currencies(connection, [text(row.get("customer_id")) for row in rows])

        def to_columns(row: dict[str, Any]) -> dict[str, Any]:
            paid = columns.allocations(row)
            found = columns.payment(row, known.get(text(row.get("customer_id")), connection.currency))
            kept = with_own_digest(found | {PAID: [str(sorted(one.items())) for one in paid]}, row, now)
            return kept | {PAID: paid}

        columned, failed = understood(rows, to_columns)
        paid = {one["books_id"]: one.pop(PAID) for one in columned}
        before = receivables.owners(connection, Payment, list(paid))
        absorbed = replace(absorb(Payment, connection, "books_id", columned), failed=failed)
        moved = absorbed.created + absorbed.updated
        _keep_allocations(connection, {key: paid[key] for key in moved}, now)
        receivables.after(connection, Payment, moved, now, before)
        return absorbed


def honours_changes(clients: Clients, module: str) -> bool:
    """Whether that list of Books knows the filter by change: asked once per connection, since it may be ignored."""
    connection = clients.connection
    if module not in connection.lists_by_change:
        ahead = connection.now(seams().clock) + AHEAD
        connection.lists_by_change[module] = clients.books.tells_changes(module, ahead)
        connection.save(update_fields=["lists_by_change"])
    return bool(connection.lists_by_change[module])


def currencies(connection: Connection, customer_ids: Iterable[str]) -> dict[str, str]:
    """The currencies of these customers, as far as they were read."""
    rows = Record.objects.filter(connection=connection, kind="customer", remote_id__in=set(customer_ids))
    return dict(rows.values_list("remote_id", "currency"))


def _keep_allocations(connection: Connection, paid: dict[str, list[dict[str, Any]]], now: datetime) -> None:
    """Exactly what the payments pay now; the invoices' customers are known by the payments'."""
    if not paid:
        return
    rows = Payment.objects.filter(connection=connection, books_id__in=paid)
    ids = dict(rows.values_list("books_id", "pk"))
    Allocation.objects.filter(payment__in=ids.values()).delete()
    Allocation.objects.bulk_create(
        Allocation(connection=connection, payment_id=ids[key], **one) for key, parts in paid.items() for one in parts
    )


@dataclass(frozen=True)
class CreditNoteFeed:
    kind: str = "creditnote"
    side: str = "books"
    label: str = "Credit notes"
    raw_id: str = "creditnote_id"
    told_alike: bool = True

    def count(self, clients: Clients) -> int:
        return 0

    def known_ids(self, connection: Connection) -> set[str]:
        rows = CreditNote.objects.filter(connection=connection, gone_at=None)
        return set(rows.values_list("books_id", flat=True))

    def one(self, clients: Clients, identity: str) -> dict[str, Any] | None:
        return clients.books.creditnote(identity)

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        CreditNote.objects.filter(connection=connection, books_id__in=ids, gone_at=None).update(gone_at=now)
        receivables.after(connection, CreditNote, list(ids), now)

    def list_page(self, clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Page:
        asked = since if since and honours_changes(clients, "creditnotes") else None
        return next(iter(clients.books.creditnote_pages(modified_since=asked, checkpoint=place)))

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        columned, failed = understood(rows, lambda row: with_own_digest(columns.credit_note(row), row, now))
        before = receivables.owners(connection, CreditNote, [row["books_id"] for row in columned])
        absorbed = replace(absorb(CreditNote, connection, "books_id", columned), failed=failed)
        receivables.after(connection, CreditNote, absorbed.created + absorbed.updated, now, before)
        return absorbed


PAYMENTS = PaymentFeed()
CREDIT_NOTES = CreditNoteFeed()
