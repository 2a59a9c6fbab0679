"""Doors of the account's page: look, and read its money anew from Books."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import at_hand
from accounts.clients import seams
from accounts.roles import may
from invoicing import account_page, balances
from invoicing.doors import doing, looking, page, person, seen
from invoicing.models import Account
from invoicing.tasks import A_PERSON_WAITS, workbench
from zbridge.zoho.errors import ZohoError


@looking
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account with what its customers owe, and all that hangs on it."""
    row = seen(request, Account, pk=pk)
    row.connection = next(one for one in at_hand.connections(request) if one.pk == row.connection_id)
    shown = account_page.account_page(row, person(request), seams().clock)
    return page(
        request, "admin/invoicing/account.html", row.name, shown=shown, row=row,
        may_refresh=may(request.user, "refresh"),
        has_books=not may(request.user, "convert") or may(request.user, "decide"),
    )  # fmt: skip


@doing("refresh")
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Read its customers' figures and documents from Books now: four calls a customer."""
    row = seen(request, Account, pk=pk)
    customers, _ = account_page.customers_of(row)
    try:
        balances.refresh(row.connection, [one.remote_id for one in customers], workbench(patience=A_PERSON_WAITS))
        messages.success(request, f"The figures of {row.name} were read from Books just now.")
    except ZohoError as trouble:
        messages.warning(request, f"Books could not be read just now: {trouble.sentence} What you see is as last read.")
    answer = redirect("documents:account", pk=row.pk)
    answer.status_code = 303
    return answer
