"""What happened, record by record: what each reading brought, and what each run wrote to Zoho."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin
from accounts.house_list import Tab
from accounts.models import User
from syncjobs import write_page
from syncjobs.desk_admin import PageAdmin
from syncjobs.domain.normalising import normal_name
from syncjobs.list_filters import ByCause, ByEntryField, ByWrittenField, OfPair, OfPlan, OfRun, OnSide, WrittenInRun
from syncjobs.models import Entry, MappedField, PlannedWrite
from syncjobs.resources import EntryResource, PlannedWriteResource
from syncjobs.words import NOWHERE, RULES, SIDES

TONES = {
    "created": "success", "updated": "success", "refused": "warning", "skipped": "info", "failed": "danger",
    "conflict": "warning",
}  # fmt: skip
ENDS = {"written": "success", "moved": "warning", "refused": "danger", "held": "warning", "left": "info", "": "info"}
FAILED = (PlannedWrite.Outcome.REFUSED, PlannedWrite.Outcome.MOVED, PlannedWrite.Outcome.HELD)


def arrows(changes: list[tuple[str, str, str]]) -> SafeString:
    """“Price: 95.00 → 99.00”, one a line."""
    rows = [(label, before or NOWHERE, after or NOWHERE) for label, before, after in changes]
    return format_html_join("", "<div><small>{}</small> {} → {}</div>", rows)


@admin.register(Entry)
class EntryAdmin(HouseAdmin):
    """What each reading brought: records that were new, changed, or made no sense."""

    resource_class = EntryResource
    list_display = ("record", "how", "changed", "cause", "in_run", "time")
    list_display_links = ("record",)
    list_select_related = ("run",)
    list_filter = (OfRun, "outcome", ByEntryField)
    ordering = ("-pk",)
    search_by = (("name_key", normal_name), ("remote_id", str))
    search_help_text = "Record's name, from its beginning, or its id"
    fields = ("record", "how", "changed", "cause", "in_run", "at")
    readonly_fields = ("record", "how", "changed", "in_run")
    empty_sentence = "No reading has brought a change yet: what is read for the first time is only counted."

    @display(description="Record", ordering="name_key")
    def record(self, row: Entry) -> str:
        return f"{row.name or row.remote_id} ({row.kind})"

    @display(description="Outcome", label=TONES, ordering="outcome")
    def how(self, row: Entry) -> tuple[str, str]:
        return row.outcome, row.get_outcome_display()

    @display(description="Before → after")
    def changed(self, row: Entry) -> str:
        return arrows([(name, row.before.get(name, ""), after) for name, after in row.after.items()])

    @display(description="Run")
    def in_run(self, row: Entry) -> str:
        link = '<a href="{}">{}</a>'
        return format_html(link, reverse("admin:syncjobs_run_change", args=[row.run_id]), str(row.run).capitalize())

    @display(description="When", ordering="at")
    def time(self, row: Entry) -> str:
        return showing.when(row.at)


@admin.register(PlannedWrite)
class WriteAdmin(PageAdmin):
    """What runs meant to write to Zoho, record by record, and how each write ended."""

    page_template = "admin/syncjobs/write.html"
    resource_class = PlannedWriteResource
    list_display = ("record", "where", "changed", "rule", "end", "why", "in_run", "time")
    list_display_links = ("record",)
    list_select_related = ("plan__run",)
    list_filter = (WrittenInRun, OfPlan, OfPair, OnSide, "outcome", ByCause, ByWrittenField)
    ordering = ("-pk",)
    search_by = (("name_key", normal_name), ("remote_id", str))
    search_help_text = "Record's name, from its beginning, or its id"
    empty_sentence = "Nothing was to be written yet."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("written", "Written", lambda rows: rows.filter(outcome=PlannedWrite.Outcome.WRITTEN)),
        Tab("failed", "Did not go through", lambda rows: rows.filter(outcome__in=FAILED)),
        Tab("open", "Not settled since", lambda rows: rows.filter(failing=True)),
        Tab("waiting", "Not tried yet", lambda rows: rows.filter(outcome="")),
    )

    def shown(self, row: PlannedWrite, user: User) -> dict[str, Any]:
        return write_page.page(row, user)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The labels of all mapped fields in one query, instead of one per row."""
        found = super().get_changelist_instance(request)
        rows = found.result_list = list(found.result_list)
        labels = dict(MappedField.objects.values_list("name", "label"))
        for row in rows:
            row.labels = labels
        return found

    @display(description="Record", ordering="name_key")
    def record(self, row: PlannedWrite) -> str:
        return f"{row.name}{'' if row.remote_id else ' (new)'}"

    @display(description="In", ordering="side")
    def where(self, row: PlannedWrite) -> str:
        return SIDES.get(row.side, row.side)

    @display(description="Before → after")
    def changed(self, row: PlannedWrite) -> str:
        labels: dict[str, str] = getattr(row, "labels", {})
        return arrows([(labels.get(one["field"], one["field"]), one["before"], one["after"]) for one in row.changes])

    @display(description="Rule")
    def rule(self, row: PlannedWrite) -> str:
        return ", ".join(dict.fromkeys(RULES.get(one["rule"], one["rule"]) for one in row.changes))

    @display(description="End", label=ENDS, ordering="outcome")
    def end(self, row: PlannedWrite) -> tuple[str, str]:
        return row.outcome, row.get_outcome_display() or "Not tried yet"

    @display(description="Why")
    def why(self, row: PlannedWrite) -> str:
        return row.sentence

    @display(description="Run")
    def in_run(self, row: PlannedWrite) -> str:
        if row.plan.run is None:
            return str(row.plan)
        link = '<a href="{}">{}</a>'
        there = reverse("admin:syncjobs_run_change", args=[row.plan.run_id])
        return format_html(link, there, str(row.plan.run).capitalize())

    @display(description="When", ordering="ended_at")
    def time(self, row: PlannedWrite) -> str:
        return showing.when(row.ended_at or row.plan.made_at)
