"""Doors of the desk: settle a conflict, the same for all alike, make it the rule, restore a value, apply a plan."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.clients import seams
from accounts.doors import doing, person, seen
from syncjobs import desk, settling
from syncjobs.mappings import Refused
from syncjobs.models import Conflict, KeptValue, Plan

BOTH_SIDES = ("crm", "books")


def _said(request: HttpRequest, deed: Callable[[], str]) -> None:
    try:
        messages.success(request, deed())
    except Refused as refusal:
        messages.error(request, str(refusal))


def _may_settle(request: HttpRequest, row: Conflict | KeptValue) -> None:
    line = desk.line_of(row.connection_id, row.pair, row.field)
    if not desk.may_settle(person(request), row.pair, line, row.field):
        raise PermissionDenied


@login_required
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep CRM, keep Books or a typed value; with `alike`, the same side for every open question about this field."""
    row = seen(request, Conflict, pk=pk)
    _may_settle(request, row)
    decision = request.POST.get("decision", "")
    everywhere = request.POST.get("alike") == "yes" and decision in BOTH_SIDES

    def deed() -> str:
        clock, user = seams().clock, person(request)
        value = settling.settle(row, decision, user, clock, value=request.POST.get("value", ""))
        others = settling.settle_alike(desk.alike(row), decision, user, clock) if everywhere else 0
        more = f" The same was decided for {others} more." if others else ""
        return f"It will be “{value or 'empty'}” on both sides with the next run.{more}"

    _said(request, deed)
    return redirect("admin:syncjobs_conflict_change", pk)


@doing("map")
def remember(request: HttpRequest, pk: int) -> HttpResponse:
    """Make what was decided the rule of this field."""
    row = seen(request, Conflict, pk=pk)

    def deed() -> str:
        owner = settling.remember(row, person(request), seams().clock)
        return f"{'CRM' if owner == 'crm' else 'Books'} owns this field from now on; it won't ask again."

    _said(request, deed)
    return redirect("admin:syncjobs_conflict_change", pk)


@login_required
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a kept value the value of both sides again."""
    row = seen(request, KeptValue, pk=pk)
    _may_settle(request, row)
    _said(
        request,
        lambda: f"“{settling.restore(row, person(request), seams().clock)}” goes to both sides with the next run.",
    )
    return redirect("admin:syncjobs_keptvalue_change", pk)


@login_required
@require_POST
def set_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what counts over the refused edit."""
    row = seen(request, KeptValue, pk=pk)
    _may_settle(request, row)
    side = "CRM" if row.side == "crm" else "Books"
    _said(
        request,
        lambda: f"“{settling.set_back(row, person(request), seams().clock)}” is written to {side} with the next run.",
    )
    return redirect("admin:syncjobs_keptvalue_change", pk)


@login_required
@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply exactly this plan."""
    row = seen(request, Plan, pk=pk)
    if not desk.may_apply(person(request), row):
        raise PermissionDenied

    def deed() -> str:
        settling.apply_plan(row, person(request), seams().clock)
        return "The plan is being applied, exactly as it stands here; what moved meanwhile is left alone."

    _said(request, deed)
    return redirect("admin:syncjobs_plan_change", pk)
