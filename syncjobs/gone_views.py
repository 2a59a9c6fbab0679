"""Doors of gone records: what becomes of the link, and a merge that is followed."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import doing, person, seen
from syncjobs import unlinking
from syncjobs.mappings import Refused
from syncjobs.models import Disappearance


def _said(request: HttpRequest, pk: int, deed: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, deed())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:syncjobs_disappearance_change", pk)


@doing("settle")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Unlink, make again, or leave as it is."""
    row, decision = seen(request, Disappearance, pk=pk), request.POST.get("decision", "")
    return _said(request, pk, lambda: unlinking.decide_gone(row, decision, person(request), seams().clock))


@doing("settle")
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Link to the record into which it was merged."""
    row = seen(request, Disappearance, pk=pk)
    return _said(request, pk, lambda: unlinking.follow_merge(row, person(request), seams().clock))
