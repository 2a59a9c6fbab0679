"""Doors of *Import*: look, choose the off-peak hours, start, stop."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person
from accounts.models import Connection
from syncjobs import import_page, importing, pages_of_connections
from syncjobs.import_form import HoursForm, keep_hours
from syncjobs.mappings import Refused
from syncjobs.models import Import

RIGHT = "syncjobs.view_import"
TEMPLATE = "admin/syncjobs/import.html"


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Of the first connection; the page names the others."""
    return pages_of_connections.home(request, RIGHT, "import:page", TEMPLATE, "Import")


@looking
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The import of one connection: how far it is, or how the last one ended."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, form: HoursForm | None = None, status: int = 200) -> HttpResponse:
    connection, others = pages_of_connections.chosen(request, RIGHT, pk)
    found = import_page.page(connection, person(request), seams().clock, others=others, form=form)
    answer = page(request, TEMPLATE, "Import", **found)
    answer.status_code = status
    return answer


@doing("run")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it, at once or only in the off-peak hours."""
    row, in_window = get_object_or_404(Connection, pk=pk), request.POST.get("when") == "off_peak"
    try:
        importing.start_import(row, person(request), seams().clock, in_window=in_window)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The import has begun. You can close this page; it goes on by itself.")
    return redirect("import:page", pk=pk)


@doing("run")
def hours(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the off-peak hours."""
    row, form = get_object_or_404(Connection, pk=pk), HoursForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: give both hours, such as 21:00 and 06:00, or none.")
        return _show(request, pk, form, status=400)
    messages.success(request, keep_hours(row, form, person(request), seams().clock))
    return redirect("import:page", pk=pk)


@doing("run")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the import that is under way; what was read stays."""
    row = get_object_or_404(Import, pk=pk)
    try:
        importing.stop_import(row, person(request), seams().clock)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Stopped. What was read stays, and nothing was written.")
    return redirect("import:page", pk=row.connection_id)
