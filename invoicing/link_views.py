"""Doors of repairing a link: what a button would change, and the deed. The link's own page says what is wrong."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person, seen
from accounts.roles import may
from invoicing import link_repair
from syncjobs.link_repairs import RIGHTS, SIGN, crm_name, names_of
from syncjobs.mappings import Refused
from syncjobs.models import Link


@looking
def repair(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """What it would change; one more press does it."""
    _allowed(request, deed)
    row = seen(request, Link, pk=pk)
    try:
        found = link_repair.preview(row, deed)
    except Refused as refusal:
        messages.info(request, str(refusal))
        return redirect("admin:syncjobs_link_change", pk)
    title = f"{crm_name(row, names_of([row]))}: {found.button}"
    return page(request, "admin/invoicing/link_repair.html", title=title, row=row, deed=deed, found=found)


@doing("decide")
def carry_out(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Do it; a second press changes nothing."""
    _allowed(request, deed)
    if not Link.objects.filter(pk=pk).exists():
        messages.info(request, "That link was undone already; nothing was changed.")
        return _to_the_list()
    row = seen(request, Link, pk=pk)
    if deed == SIGN:
        return _to_the_plan(request, row)
    _said(request, lambda: link_repair.carry_out(row, deed, person(request), seams().clock))
    if Link.objects.filter(pk=pk).exists():
        answer = redirect("admin:syncjobs_link_change", pk)
        answer.status_code = 303
        return answer
    return _to_the_list()


def _allowed(request: HttpRequest, deed: str) -> None:
    right = RIGHTS.get(deed)
    if right is None:
        raise Http404("deed")
    if not may(request.user, right):
        raise PermissionDenied


def _to_the_plan(request: HttpRequest, row: Link) -> HttpResponse:
    try:
        plan = link_repair.plan_sign(row, person(request), seams().clock)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:syncjobs_link_change", row.pk)
    messages.success(request, "The plan is made; nothing is written yet. Apply it here.")
    return redirect("admin:syncjobs_plan_change", plan.pk)


def _to_the_list() -> HttpResponse:
    answer = redirect("admin:syncjobs_link_changelist")
    answer.status_code = 303
    answer["Location"] += "?tab=repair"
    return answer


def _said(request: HttpRequest, deed: Callable[[], str]) -> None:
    try:
        messages.success(request, deed())
    except Refused as refusal:
        messages.error(request, str(refusal))
