"""Doors of *Schedules*: finance and the auditor read, RevOps sets."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person
from accounts.models import Connection
from syncjobs import schedule_page
from syncjobs.mappings import Refused
from syncjobs.schedule_form import ScheduleForm, form_of
from syncjobs.schedules import keep, standings

RIGHT = "syncjobs.view_schedule"


def _connections() -> list[Connection]:
    return list(Connection.objects.exclude(state=Connection.State.DRAFT).order_by("pk"))


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Of the first connection; the page names the others."""
    if not person(request).has_perm(RIGHT):
        raise PermissionDenied
    found = _connections()
    if found:
        return redirect("schedule:page", pk=found[0].pk)
    return page(request, "admin/syncjobs/schedules.html", "Schedules", connection=None)


@looking
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The schedules of one connection."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, form: ScheduleForm | None = None, status: int = 200) -> HttpResponse:
    if not person(request).has_perm(RIGHT):
        raise PermissionDenied
    rows = {row.pk: row for row in _connections()}
    if pk not in rows:
        raise Http404("connection")
    others = [row for row in rows.values() if row.pk != pk]
    found = schedule_page.page(rows[pk], person(request), seams().clock, others=others, form=form)
    answer = page(request, "admin/syncjobs/schedules.html", "Schedules", **found)
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
        said = keep(connection, form.wanted(), form.cleaned_data["seen"], person(request), seams().clock)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _show(request, pk, form, status=409)
    messages.success(request, said)
    return redirect("schedule:page", pk=pk)
