"""Doors of a list price's page: look, accept, take that back; and read Books' price lists now."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import at_hand
from accounts.clients import seams
from accounts.doors import allowed, doing, looking, page, person, seen
from accounts.models import Connection
from invoicing import list_price_deeds, list_price_page, price_lists
from invoicing.deciding import Refused
from invoicing.models import ListPrice
from invoicing.tasks import A_PERSON_WAITS, workbench
from zbridge.zoho.errors import ZohoError

RIGHT = "invoicing.view_listprice"
LIST = "admin:invoicing_listprice_changelist"


def _row(request: HttpRequest, pk: int) -> ListPrice:
    allowed(request, RIGHT)
    return seen(request, ListPrice, pk=pk)


@looking
def list_price(request: HttpRequest, pk: int) -> HttpResponse:
    """Both prices, since when, the open quotes, and the buttons for those who may."""
    row = _row(request, pk)
    shown = list_price_page.page(row, person(request), seams().clock)
    return page(request, "admin/invoicing/list_price.html", str(row), **shown)


def _done(request: HttpRequest, pk: int, deed: Callable[[ListPrice], str]) -> HttpResponse:
    try:
        messages.success(request, deed(_row(request, pk)))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("documents:list_price", pk)


@doing("settle_money")
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The prices may stand, with a reason; those that were seen are those that are accepted."""
    reason, seen_as = request.POST.get("reason", ""), request.POST.get("seen", "")

    def deed(row: ListPrice) -> str:
        if seen_as and seen_as != list_price_deeds.seen_as(row):
            raise Refused("One of the prices has changed since you saw them; look again. Nothing was accepted.")
        return list_price_deeds.accept(row, reason, person(request), seams().clock)

    return _done(request, pk, deed)


@doing("settle_money")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """They count as different again."""
    return _done(request, pk, lambda row: list_price_deeds.take_back(row, person(request), seams().clock))


@doing("settle_money")
def compare_now(request: HttpRequest) -> HttpResponse:
    """Read Books' price lists now, a call for two hundred of them, and compare; then back to the row, if it stands."""
    allowed(request, RIGHT)
    for connection in at_hand.connections(request):
        if connection.state == Connection.State.CONNECTED:
            _read(request, connection)
    pk = request.POST.get("row", "")
    if pk.isdecimal() and ListPrice.objects.filter(pk=int(pk)).exists():
        return redirect("documents:list_price", int(pk))
    return redirect(LIST)


def _read(request: HttpRequest, connection: Connection) -> None:
    try:
        count = price_lists.read(connection, workbench(patience=A_PERSON_WAITS))
    except ZohoError as trouble:
        messages.warning(request, f"{connection}: {trouble.sentence} What you see is as last read.")
        return
    lists = "no active price list" if not count else f"{count} active price list{'' if count == 1 else 's'}"
    messages.success(request, f"{connection}: {lists} for sales in Books, read and compared just now.")
