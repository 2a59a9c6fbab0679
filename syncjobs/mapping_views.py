"""Doors of the mapping pages: look, keep, switch, take the suggested one, preview the effect, who owns what."""

import csv
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import audit
from accounts.clients import seams
from accounts.doors import doing, looking, page, person, seen
from accounts.exports import inert
from accounts.models import Connection
from accounts.roles import may
from syncjobs import live_fields, mapping_pages, rule_pages
from syncjobs.domain.pairs import RUN_KINDS
from syncjobs.mapping_changes import keep
from syncjobs.mappings import Refused, suggest, switch
from syncjobs.models import Mapping, Plan, Rules
from syncjobs.services import start_run
from syncjobs.syncing import PLAN_ONLY

RIGHT = "syncjobs.view_mapping"
HEADERS = ("Field", "In CRM", "In Books", "Direction", "Owner", "Rule", "Version", "Date")


def _mapping(request: HttpRequest, pk: int) -> Mapping:
    if not person(request).has_perm(RIGHT):
        raise PermissionDenied
    return seen(request, Mapping, pk=pk)


@looking
def listing(request: HttpRequest) -> HttpResponse:
    """Every pair of kinds of every connection."""
    if not person(request).has_perm(RIGHT):
        raise PermissionDenied
    connections = list(Connection.objects.filter(state=Connection.State.CONNECTED))
    found = mapping_pages.listing([row.pk for row in connections])
    return page(request, "admin/syncjobs/mappings.html", "Mapping and owners", rows=found)


@looking
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One pair: its lines, gaps, an example."""
    return _show(request, mapping_pages.page(_mapping(request, pk)))


def _show(request: HttpRequest, found: dict[str, object], status: int = 200) -> HttpResponse:
    title = f"{found['mapping'].get_pair_display()}: mapping and owners"  # type: ignore[attr-defined]
    answer = page(request, "admin/syncjobs/mapping.html", title, may_map=may(request.user, "map"), **found)
    answer.status_code = status
    return answer


@doing("map")
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the lines, or show what doesn't fit with nothing lost that was typed."""
    mapping = _mapping(request, pk)
    lines, form = mapping_pages.formset(mapping, request.POST), mapping_pages.kind_form(mapping, request.POST)
    if not (form.is_valid() and lines.is_valid()):
        messages.error(request, "Nothing was kept yet: something below doesn't fit.")
        return _show(request, mapping_pages.page(mapping, lines, form), status=400)
    try:
        messages.success(request, keep(mapping, form.cleaned_data, lines.kept(), person(request), seams().clock))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _show(request, mapping_pages.page(mapping, lines, form), status=409)
    return redirect("mapping:detail", pk=pk)


def _deed(request: HttpRequest, pk: int, deed: Callable[[Mapping], str]) -> HttpResponse:
    try:
        messages.success(request, deed(_mapping(request, pk)))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("mapping:detail", pk=pk)


@doing("map")
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch the pair's sync on or off."""
    on = request.POST.get("on") == "yes"

    def deed(mapping: Mapping) -> str:
        switch(mapping, person(request), seams().clock, on=on)
        return "The sync is on: the next run writes." if on else "The sync is off: both sides are only read."

    return _deed(request, pk, deed)


@doing("map")
def take_suggested(request: HttpRequest, pk: int) -> HttpResponse:
    """The suggested mapping in place of this one."""

    def deed(mapping: Mapping) -> str:
        suggest(mapping.connection, mapping.pair, person(request), seams().clock)
        return "The suggested mapping is taken; the sync is off until you switch it on."

    return _deed(request, pk, deed)


@doing("map")
def read_fields(request: HttpRequest, pk: int) -> HttpResponse:
    """Have both systems asked which fields they have."""

    def deed(mapping: Mapping) -> str:
        live_fields.ask(mapping.connection)
        return "Both systems are being asked for their fields; reload in a moment."

    return _deed(request, pk, deed)


@doing("map")
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan of what the mapping would do, and nothing more."""
    mapping = _mapping(request, pk)
    run = start_run(
        mapping.connection, RUN_KINDS[mapping.pair], seams().clock, trigger=PLAN_ONLY, user=person(request)
    )  # fmt: skip
    if run.trigger != PLAN_ONLY:
        messages.warning(request, "This run of the pair was under way already; preview the effect when it has ended.")
    return redirect("admin:syncjobs_run_change", run.pk)


@looking
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """How the rules changed: who, when, field by field."""
    mapping = _mapping(request, pk)
    shown = {"mapping": mapping, "versions": rule_pages.history(mapping)}
    title = f"{mapping.get_pair_display()}: how the rules changed"
    return page(request, "admin/syncjobs/mapping_history.html", title, **shown)


@looking
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules in force when a plan was made."""
    if not person(request).has_perm("syncjobs.view_plan"):
        raise PermissionDenied
    found = rule_pages.rules_in_words(seen(request, Rules, pk=pk))
    plan = Plan.objects.filter(rules=pk).order_by("pk").first()
    mapping = Mapping.objects.filter(connection=plan.connection_id, pair=plan.pair).first() if plan else None
    may_see = mapping if person(request).has_perm(RIGHT) else None
    return page(request, "admin/syncjobs/rules.html", "The rules in force", mapping=may_see, **found)


@looking
def owners(request: HttpRequest, pk: int) -> HttpResponse:
    """Who owns what, to read or to print."""
    mapping = _mapping(request, pk)
    shown = {"mapping": mapping, "rows": mapping_pages.matrix(mapping), "headers": HEADERS[:-2]}
    return page(request, "admin/syncjobs/owners.html", f"{mapping.get_pair_display()}: who owns what", **shown)


@looking
def owners_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as CSV, with version and date on each row."""
    mapping = _mapping(request, pk)
    if not may(request.user, "export"):
        raise PermissionDenied
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="owners-{mapping.pair}-v{mapping.version}.csv"'
    answer.write("\ufeff")
    table = csv.writer(answer)
    table.writerow(HEADERS)
    dated = [str(mapping.version), mapping.changed_at.isoformat()]
    for row in mapping_pages.matrix(mapping):
        table.writerow([inert(cell) for cell in (*row, *dated)])
    said = f"Exported who owns what of {mapping.get_pair_display().lower()}."
    audit.record(person(request), "export", said, connection=mapping.connection, clock=seams().clock)
    return answer
