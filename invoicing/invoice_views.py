"""Doors of the invoice's page: look, read it anew with its lines, and fetch its PDF from Books."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.roles import may
from invoicing import balances, invoice_page
from invoicing.doors import doing, looking, page, person, seen
from invoicing.models import Invoice
from invoicing.tasks import A_PERSON_WAITS, workbench
from zbridge.zoho.errors import ZohoError


@looking
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """One invoice as last read from Books; its lines are read when a person asks for them."""
    row = seen(request, Invoice, pk=pk)
    shown = invoice_page.invoice_page(row, person(request), seams().clock)
    return page(
        request, "admin/invoicing/invoice.html", row.number, row=row, shown=shown,
        has_books=not may(request.user, "convert") or may(request.user, "decide"),
        may_refresh=may(request.user, "refresh"),
    )  # fmt: skip


@doing("refresh")
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it from Books with its lines: one call."""
    row = seen(request, Invoice, pk=pk)
    try:
        there = balances.read_invoice(row, workbench(patience=A_PERSON_WAITS))
        said = f"{row.number} was read from Books just now." if there else f"Books has no {row.number} any more."
        messages.success(request, said)
    except ZohoError as trouble:
        messages.warning(request, f"Books could not be read just now: {trouble.sentence} What you see is as last read.")
    return _back(row)


@doing("refresh")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF as Books prints it, fetched now and kept nowhere."""
    row = seen(request, Invoice, pk=pk)
    try:
        bench = workbench(patience=A_PERSON_WAITS)
        found = bench.clients(row.connection).books.invoice_pdf(row.books_id)
    except ZohoError as trouble:
        said = f"The PDF could not be fetched from Books: {trouble.sentence} The invoice below is as last read."
        messages.warning(request, said)
        return _back(row)
    answer = HttpResponse(found, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_plain(row.number)}.pdf"'
    return answer


def _plain(number: str) -> str:
    """The number as a file's name: whatever a file system or a header may take amiss is a dash."""
    return "".join(one if one.isalnum() or one in "-_." else "-" for one in number) or "invoice"


def _back(row: Invoice) -> HttpResponse:
    answer = redirect("documents:invoice", pk=row.pk)
    answer.status_code = 303
    return answer
