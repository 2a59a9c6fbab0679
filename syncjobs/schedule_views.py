"""Doors of *Schedules*: finance and the auditor read, RevOps sets."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person
from accounts.models import Connection
from syncjobs import pages_of_connections, schedule_page
from syncjobs.mappings import Refused
from syncjobs.schedule_form import ScheduleForm, form_of
from syncjobs.schedules import keep, standings

RIGHT = "syncjobs.view_schedule"
TEMPLATE = "admin/syncjobs/schedules.html"


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Of the first connection; the page names the others."""
    return pages_of_connections.home(request, RIGHT, "schedule:page", TEMPLATE, "Schedules")


@looking
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The schedules of one connection."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, form: ScheduleForm | None = None, status: int = 200) -> HttpResponse:
    connection, others = pages_of_connections.chosen(request, RIGHT, pk)
    found = schedule_page.page(connection, person(request), seams().clock, others=others, form=form)
    answer = page(request, TEMPLATE, "Schedules", **found)
    answer.status_code = status
    return answer


@doing("schedule")
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the intervals, or say why they can't be kept with nothing lost that was chosen."""
    connection = get_object_or_404(Connection.objects.exclude(state=Connection.State.DRAFT), pk=pk)
    form = form_of(standings(connection), request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: choose an interval for each list.")
        return _show(request, pk, form, status=400)
    try:
        said = keep(
            connection, form.wanted(), form.cleaned_data["seen"], person(request), seams().clock, form.targets()
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _show(request, pk, form, status=409)
    messages.success(request, said)
    return redirect("schedule:page", pk=pk)
