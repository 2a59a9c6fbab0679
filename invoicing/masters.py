"""Whose the documents of a record are now: what Zoho shows of a merge, since it tells none."""

from typing import Any

from accounts.models import Connection
from invoicing.models import Conversion, Deal, Invoice
from invoicing.workbench import Workbench
from syncjobs.columns import look_up, text


def billed_to(connection: Connection, customer_id: str) -> str:
    """Whose the last invoice is now, in the mirror, that zbridge made for this customer; empty where it made none."""
    made = Conversion.objects.filter(connection=connection, customer_id=customer_id).exclude(books_invoice_id="")
    rows = Invoice.objects.filter(connection=connection, gone_at=None, books_id__in=made.values("books_invoice_id"))
    return rows.order_by("pk").values_list("customer_id", flat=True).last() or ""


def master_of(connection: Connection, kind: str, remote_id: str, bench: Workbench) -> str:
    """Whose its last document is now, its own id when still its own; empty when it had none, or that is gone too.

    One call, or none. Raises ZohoError.
    """
    clients = bench.clients(connection)
    found: dict[str, Any] | None = None
    if kind == "customer":
        invoice = Invoice.objects.filter(connection=connection, customer_id=remote_id, gone_at=None).last()
        found = clients.books.invoice(invoice.books_id) if invoice else None
        master = text(found.get("customer_id")) if found else billed_to(connection, remote_id)
    else:
        column, field = {"account": ("account_id", "Account_Name"), "contact": ("contact_id", "Contact_Name")}[kind]
        deal = Deal.objects.filter(connection=connection, gone_at=None, **{column: remote_id}).last()
        found = clients.crm.record("Deals", deal.crm_id) if deal else None
        master = look_up(found, field) if found else ""
    return master
