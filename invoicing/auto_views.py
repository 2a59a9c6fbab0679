"""Doors of *Automatic drafts*: finance and the auditor read, RevOps starts, RevOps and finance stop."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person
from accounts.models import Connection
from invoicing import auto_page, auto_switch
from invoicing.deciding import Refused
from syncjobs import pages_of_connections

TEMPLATE, TITLE = "admin/invoicing/automatic.html", "Automatic drafts"


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Of the first connection; the page names the others."""
    return pages_of_connections.home(request, auto_switch.RIGHT, "documents:automatic_of", TEMPLATE, TITLE)


@looking
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """The switches of one connection; with ?plan= the plan of one of them."""
    connection, others = pages_of_connections.chosen(request, auto_switch.RIGHT, pk)
    found = auto_page.page(connection, person(request), seams().clock, request.GET.get("plan"))
    return page(request, TEMPLATE, TITLE, others=others, **found)


@doing("automate")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The second press, below the plan."""
    row = _connection(pk)
    try:
        said = auto_switch.start(row, request.POST.get("what", ""), person(request), seams().clock)
        messages.success(request, said)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(pk)


@doing("stop_automatic")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """One press, from wherever the button stands; without a name everything stops."""
    row = _connection(pk)
    try:
        messages.success(request, auto_switch.stop(row, person(request), seams().clock, request.POST.get("what", "")))
    except Refused as refusal:
        messages.info(request, str(refusal))
    return _back(pk)


def _connection(pk: int) -> Connection:
    return get_object_or_404(Connection.objects.exclude(state=Connection.State.DRAFT), pk=pk)


def _back(pk: int) -> HttpResponse:
    answer = redirect("documents:automatic_of", pk=pk)
    answer.status_code = 303
    return answer
