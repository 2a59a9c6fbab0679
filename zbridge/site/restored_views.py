"""The page of a restored copy: what was read, what was taken over, and the release."""

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.clients import seams
from accounts.models import Connection, User
from accounts.roles import AUDITOR, REVOPS, may, role_names
from invoicing import adopting
from invoicing.pages import money
from zbridge.site import restored


@login_required
@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """For RevOps and the auditor."""
    if not {REVOPS, AUDITOR} & set(role_names(_person(request))):
        raise PermissionDenied
    connection = get_object_or_404(Connection, pk=pk)
    found = restored.compared(connection)
    context = {
        "connection": connection, "found": found, "may_release": may(request.user, "stop_writes"),
        "taken": [(row, money(row.total, row.currency)) for row in found.taken],
        "strange": [(row, money(row.total, row.currency)) for row in found.strange],
    }  # fmt: skip
    frame = {**admin.site.each_context(request), "title": "Restored copy"}
    return render(request, "admin/house/restored.html", {**frame, **context})


@login_required
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to Zoho again."""
    connection = _mine_to_stop(request, pk)
    try:
        messages.success(request, restored.release(connection, _person(request), seams().clock))
    except restored.Refused as refusal:
        messages.error(request, str(refusal))
    return _back(pk)


@login_required
@require_POST
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """A person knows why invoices with our keys were not made here."""
    connection = _mine_to_stop(request, pk)
    if adopting.explained(connection, seams().clock):
        messages.success(request, "Noted. You are told again when another one is found.")
    return _back(pk)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not request.user.is_staff:
        raise PermissionDenied
    return request.user


def _mine_to_stop(request: HttpRequest, pk: int) -> Connection:
    if not may(request.user, "stop_writes"):
        raise PermissionDenied
    return get_object_or_404(Connection, pk=pk)


def _back(pk: int) -> HttpResponse:
    answer = redirect("restored", pk=pk)
    answer.status_code = 303
    return answer
