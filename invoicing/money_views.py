"""Doors of the pages of a payment and of a credit note."""

from django.http import HttpRequest, HttpResponse

from accounts.scope import visible
from invoicing.doors import looking, page, person, seen
from invoicing.freshness import listed_at
from invoicing.models import Account, CreditNote, Invoice, Payment
from invoicing.owing import accounts_of
from invoicing.pages import money


def _account(request: HttpRequest, row: Payment | CreditNote) -> Account | None:
    """The CRM account of its customer, if this person may see it."""
    found = accounts_of(row.connection, [row.customer_id]).get(row.customer_id, "")
    return visible(person(request), Account.objects.filter(connection=row.connection, remote_id=found)).first()


@looking
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """One payment with the invoices it pays."""
    row = seen(request, Payment, pk=pk)
    parts = list(row.allocations.order_by("pk"))
    bills = Invoice.objects.filter(connection=row.connection, books_id__in=[one.invoice_id for one in parts])
    there = {one.books_id: one for one in visible(person(request), bills).defer("raw", "lines")}
    home = row.connection.currency
    return page(
        request, "admin/invoicing/payment.html", f"Payment {row.number}", row=row, account=_account(request, row),
        amount=money(row.amount, row.currency), unused=money(row.unused, row.currency),
        refunded=money(row.refunded, row.currency),
        in_base=money(row.base_amount, home) if row.base_amount is not None and row.currency != home else "",
        parts=[(one, money(one.amount, row.currency), there.get(one.invoice_id)) for one in parts],
        age=max(at for at in (row.read_at, listed_at(row.connection, "payment")) if at),
    )  # fmt: skip


@looking
def credit_note(request: HttpRequest, pk: int) -> HttpResponse:
    """One credit note: what of it can still be used."""
    row = seen(request, CreditNote, pk=pk)
    return page(
        request, "admin/invoicing/credit_note.html", row.number, row=row, account=_account(request, row),
        total=money(row.total, row.currency), usable=money(row.balance, row.currency),
        used=money(row.total - row.balance, row.currency),
        age=max(at for at in (row.read_at, listed_at(row.connection, "creditnote")) if at),
    )  # fmt: skip
