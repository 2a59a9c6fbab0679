"""Doors of *Near real time*: the auditor reads, RevOps switches, sees the secrets and changes them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person
from accounts.models import Connection
from syncjobs import channels, hooks, near_page, pages_of_connections
from syncjobs.models import HookAddress
from syncjobs.tasks import keep_channels
from zbridge.zoho.errors import ZohoError
from zbridge.zoho.gate import Priority

RIGHT = "syncjobs.view_hint"
TEMPLATE = "admin/syncjobs/near.html"
TITLE = "Near real time"
PATIENCE = 8.0
SECRETS = (HookAddress.Sort.BOOKS, HookAddress.Sort.CONVERT)


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Of the first connection; the page names the others."""
    return pages_of_connections.home(request, RIGHT, "near:page", TEMPLATE, TITLE)


@looking
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How one connection hears of changes."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, *, shown: bool = False) -> HttpResponse:
    connection, others = pages_of_connections.chosen(request, RIGHT, pk)
    found = near_page.page(connection, person(request), seams().clock, others=others, shown=shown)
    return page(request, TEMPLATE, TITLE, **found)


@doing("connect")
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Subscribe CRM's modules, at once or, where CRM doesn't answer, by the sweep."""
    connection, clock = _connection(pk), seams().clock
    if why_not := hooks.unreachable(connection):
        messages.error(request, f"Nothing was switched on. {why_not}")
        return redirect("near:page", pk=pk)
    channels.switch(connection, person(request), clock, on=True)
    keep_channels(connection.pk)
    messages.success(request, "Notifications are wanted. What CRM said for each module stands below.")
    return redirect("near:page", pk=pk)


@doing("connect")
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    """CRM is told to say nothing more; nothing that still comes is believed."""
    connection, found = _connection(pk), seams()
    channels.switch(connection, person(request), found.clock, on=False)
    try:
        channels.silence(connection, found.clients(connection, Priority.CLICK, patience=PATIENCE), found.clock)
    except ZohoError as trouble:
        said = f"Switched off here. CRM wasn't told: {trouble.sentence} Its channels end by themselves within a week."
        messages.warning(request, said)
    else:
        messages.success(request, "Switched off. Changes are seen when the lists are read.")
    return redirect("near:page", pk=pk)


@doing("connect")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The page with addresses and secrets in it, this once; who looked goes to the audit trail."""
    connection, clock = _connection(pk), seams().clock
    if not hooks.unreachable(connection):
        for sort in SECRETS:
            hooks.address_of(connection, sort, clock)
    hooks.note_shown(connection, person(request), clock)
    return _show(request, pk, shown=True)


@doing("connect")
def change(request: HttpRequest, pk: int, sort: str) -> HttpResponse:
    """Another secret; the one before is good for a day."""
    if sort not in SECRETS:
        raise Http404
    hooks.change_secret(_connection(pk), sort, person(request), seams().clock)
    messages.success(request, "This one is new. The old one is good for 24 hours: enter the new one in Zoho by then.")
    return _show(request, pk, shown=True)


def _connection(pk: int) -> Connection:
    return get_object_or_404(Connection.objects.exclude(state=Connection.State.DRAFT), pk=pk)
