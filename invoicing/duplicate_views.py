"""Doors of *Duplicates*: look, say that they are not the same, link, open the guide, say that it is merged."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import allowed, doing, looking, person, seen
from accounts.doors import page as drawn
from accounts.models import Connection
from invoicing import duplicate_page, merge_guide
from syncjobs import duplicate_decisions, duplicates
from syncjobs.mappings import Refused
from syncjobs.models import Duplicate, Record

RIGHT = "syncjobs.view_duplicate"


@looking
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The cluster's records side by side."""
    row, written = seen(request, Duplicate, pk=pk), request.GET.get("p", "")
    number = int(written) if written.isdecimal() and len(written) < 6 else 1
    found = duplicate_page.page(row, allowed(request, RIGHT), number)
    return drawn(request, "admin/invoicing/duplicate.html", **found)


def _said(request: HttpRequest, pk: int, deed: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, deed())
    except Refused as refusal:
        messages.error(request, str(refusal))
    answer = redirect("duplicates:page", pk)
    answer.status_code = 303
    return answer


def _ticked(request: HttpRequest) -> list[int]:
    return [int(one) for one in request.POST.getlist("member") if one.isdecimal() and len(one) < 19]


@doing("decide")
def apart(request: HttpRequest, pk: int) -> HttpResponse:
    """They are not the same: all of them, or the ticked ones and the others."""
    row, only = seen(request, Duplicate, pk=pk), _ticked(request) if "ticked" in request.POST else []
    if "ticked" in request.POST and not only:
        return _said(request, pk, _nothing_ticked)
    return _said(request, pk, lambda: duplicate_decisions.tell_apart(row, person(request), seams().clock, only))


def _nothing_ticked() -> str:
    raise Refused("Tick the ones that are not the same as the others first; nothing was changed.")


@doing("decide")
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that they are not the same."""
    row = seen(request, Duplicate, pk=pk)
    return _said(request, pk, lambda: duplicate_decisions.compare_again(row, person(request), seams().clock))


@doing("decide")
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """One of CRM and one of Books are the same thing."""
    row = seen(request, Duplicate, pk=pk)
    crm, books = (_member(row, request.POST.get(side, "")) for side in ("crm", "books"))
    return _said(request, pk, lambda: duplicate_decisions.link(row, crm, books, person(request), seams().clock))


def _member(row: Duplicate, written: str) -> Record | None:
    if not written.isdecimal() or len(written) > 18:
        return None
    found = row.members.filter(pk=int(written)).select_related("record").first()
    return found.record if found else None


@doing("decide")
def guide(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the merge guide for a side."""
    row, side = seen(request, Duplicate, pk=pk), request.POST.get("side", "")
    return _said(request, pk, lambda: merge_guide.start(row, side, _ticked(request), person(request), seams().clock))


@doing("decide")
def stop_guide(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the guide without merging."""
    row = seen(request, Duplicate, pk=pk)
    return _said(request, pk, lambda: merge_guide.stop(row, person(request), seams().clock))


@doing("decide")
def merged(request: HttpRequest, pk: int) -> HttpResponse:
    """She says that it is merged: a worker looks."""
    row = seen(request, Duplicate, pk=pk)
    return _said(request, pk, lambda: merge_guide.say_merged(row, person(request), seams().clock))


@looking
def moving(request: HttpRequest, pk: int) -> JsonResponse:
    """Whether the look has ended; from the database."""
    allowed(request, RIGHT)
    row = seen(request, Duplicate, pk=pk)
    looking_now = row.ask_at is not None
    said = row.said or "zbridge is asking for each of them by its id."
    return JsonResponse({"state": "looking" if looking_now else "done", "moving": looking_now, "sentence": said})


@doing("decide")
def look_now(request: HttpRequest) -> HttpResponse:
    """Compare everything at once, by a worker."""
    for connection in Connection.objects.filter(state=Connection.State.CONNECTED):
        duplicates.ask(connection)
    messages.success(request, "A worker compares all records now; the list shows what it finds.")
    answer = redirect("admin:syncjobs_duplicate_changelist")
    answer.status_code = 303
    return answer
