"""Into what a gone record was merged: a document of its own, asked for by its id, names the one that took its place.

Zoho tells no merges: Books moves the loser's invoices, CRM the loser's deals, and then the loser is just not there.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Connection
from invoicing import receivables
from invoicing.models import Deal, Invoice
from invoicing.workbench import Workbench
from syncjobs.columns import look_up, text
from syncjobs.models import Disappearance, Record

MOST_A_LOOK = 20


def due(connection: Connection) -> "QuerySet[Disappearance]":
    """Gone records about which a person is asked and of which no document was asked for yet."""
    rows = Disappearance.objects.filter(connection=connection, state=Disappearance.State.GONE, ended_at=None)
    return rows.filter(followed_at=None, kind__in=["customer", "account", "contact"]).order_by("pk")


def follow(connection: Connection, bench: Workbench) -> int:
    """One call each, at most so many; how many were merged. Raises ZohoError."""
    found = 0
    for row in due(connection)[:MOST_A_LOOK]:
        master = _master_of(row, bench)
        known = Record.objects.filter(connection=connection, kind=row.kind, remote_id=master, gone_at=None)
        row.followed_at, row.merged_into = connection.now(bench.clock), master if known.exists() else ""
        with transaction.atomic():
            row.save(update_fields=["followed_at", "merged_into"])
            if row.merged_into and row.kind == "customer":
                receivables.moved(connection, row.remote_id, row.merged_into, connection.now(bench.clock))
        found += bool(row.merged_into)
    return found


def _master_of(row: Disappearance, bench: Workbench) -> str:
    """Whose its last document is now; empty when it had none, or when that is still its own."""
    clients = bench.clients(row.connection)
    found: dict[str, Any] | None = None
    if row.kind == "customer":
        invoice = Invoice.objects.filter(connection=row.connection, customer_id=row.remote_id, gone_at=None).last()
        found = clients.books.invoice(invoice.books_id) if invoice else None
        master = text(found.get("customer_id")) if found else ""
    else:
        column, field = {"account": ("account_id", "Account_Name"), "contact": ("contact_id", "Contact_Name")}[row.kind]
        deal = Deal.objects.filter(connection=row.connection, gone_at=None, **{column: row.remote_id}).last()
        found = clients.crm.record("Deals", deal.crm_id) if deal else None
        master = look_up(found, field) if found else ""
    return master if master != row.remote_id else ""
