"""Doors of *Figures in CRM*: where Books' figures go on CRM's accounts and deals."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts import audit, figure_fields, own_fields
from accounts.clients import seams
from accounts.figure_fields import ACCOUNT, DEAL
from accounts.figure_form import FiguresForm, figures_form, stamp
from accounts.models import AuditEvent, Connection, User
from accounts.organisations import PATIENCE, CannotConnect
from accounts.roles import may
from accounts.views import changing, looking, person, show
from zbridge.zoho.errors import ZohoError

MOST_CHANGES = 10
CHANGED = "figures"


@looking
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Which figure goes into which field."""
    connection = get_object_or_404(Connection, pk=pk)
    return _show(request, connection, figures_form(connection))


def _show(request: HttpRequest, connection: Connection, form: FiguresForm, status: int = 200) -> HttpResponse:
    changes = AuditEvent.objects.filter(verb=CHANGED, subject_kind="connection", subject_id=str(connection.pk))
    found: dict[str, Any] = {
        "title": "Figures in CRM", "connection": connection, "form": form, "may_connect": may(request.user, "connect"),
        "check": figure_fields.judge(connection), "read_at": figure_fields.read_at(connection, "Accounts"),
        "groups": [
            ("On the account", [form[one.key] for one in ACCOUNT]), ("On the deal", [form[one.key] for one in DEAL]),
        ],
        "changes": changes.order_by("-pk")[:MOST_CHANGES],
    }  # fmt: skip
    return show(request, "admin/accounts/figures.html", found, status)


@changing("connect")
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the choice; the next minute fills fields that are new."""
    connection = get_object_or_404(Connection, pk=pk)
    form = figures_form(connection, request.POST)
    if request.POST.get("seen") != stamp(connection):
        messages.error(request, "Nothing was kept: somebody changed this meanwhile. Look again, then choose.")
        return redirect("connection:figures", pk=pk)
    if not form.is_valid():
        messages.error(request, "Nothing was kept yet: something below doesn't fit.")
        return _show(request, connection, form, status=400)
    messages.success(request, _kept(connection, form, person(request)))
    return redirect("connection:figures", pk=pk)


def _kept(connection: Connection, form: FiguresForm, user: User) -> str:
    wanted, fire = form.wanted(), bool(form.cleaned_data["fire_workflows"])
    before = connection.crm_fields
    changed = [
        one.title for one in (*ACCOUNT, *DEAL) if one.key in wanted and wanted[one.key] != before.get(one.key)
    ]  # fmt: skip
    changed += ["Fire CRM's workflows" + (" on" if fire else " off")] if fire != connection.fire_workflows else []
    if not changed:
        return "Nothing was changed."
    connection.crm_fields, connection.fire_workflows = before | wanted, fire
    with transaction.atomic():
        connection.save(update_fields=["crm_fields", "fire_workflows"])
        audit.record(
            user, CHANGED, f"Figures in CRM of {connection} changed: {', '.join(changed)}.", connection=connection,
            subject=("connection", str(connection.pk)), detail={"before": before, "after": connection.crm_fields},
            clock=seams().clock,
        )  # fmt: skip
    figure_fields.note_in_readiness(connection)
    return "Kept. New fields are filled within minutes; a field that is no longer chosen keeps what it shows."


@changing("connect")
def create(request: HttpRequest, pk: int) -> HttpResponse:
    """*Create the fields for me*."""

    def deed(connection: Connection) -> str:
        own_fields.make_fields(connection, person(request), seams())
        return "The fields stand in CRM; they are filled within minutes."

    return _trying(request, pk, deed)


@changing("connect")
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask CRM which fields it has now."""

    def deed(connection: Connection) -> str:
        found = seams()
        figure_fields.read(connection, found.clients(connection, patience=PATIENCE), found.clock)
        figure_fields.note_in_readiness(connection)
        return "CRM's fields were read again."

    return _trying(request, pk, deed)


def _trying(request: HttpRequest, pk: int, deed: Callable[[Connection], str]) -> HttpResponse:
    """Do it and say what happened, in words; then back to the page."""
    try:
        messages.success(request, deed(get_object_or_404(Connection, pk=pk)))
    except CannotConnect as refusal:
        messages.error(request, str(refusal))
    except ZohoError as trouble:
        messages.error(request, trouble.sentence)
    return redirect("connection:figures", pk=pk)
