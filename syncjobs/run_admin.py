"""Runs: every execution of a sync, with who or what set it off, how long it took, and its page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin, ProgressMixin
from accounts.house_list import Tab
from accounts.models import User
from accounts.roles import may
from syncjobs.list_filters import ByPerson, ByTrigger, OfKind
from syncjobs.models import Run
from syncjobs.resources import RunResource
from syncjobs.run_page import ENDED, TONES, run_page, set_off_by
from syncjobs.words import lasted


@admin.register(Run)
class RunAdmin(ProgressMixin, HouseAdmin):
    """Every execution of a sync, newest first."""

    resource_class = RunResource
    ended_states = ENDED
    list_display = ("what", "how_it_stands", "what_happened", "who", "counted", "calls", "took", "started")
    list_display_links = ("what",)
    list_select_related = ("connection", "user")
    list_filter = (OfKind, ByTrigger, "state", ByPerson)
    search_by = (("kind", str.lower),)
    search_help_text = "Kind, such as deal"
    empty_sentence = "Nothing was read yet. Reading starts when a connection is connected."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("moving", "Under way", lambda rows: rows.exclude(state__in=ENDED)),
        Tab(
            "trouble",
            "Did not finish",
            lambda rows: rows.filter(state__in=["failed", "refused", "incomplete", "paused"]),
        ),
        Tab("changed", "Changed something", lambda rows: rows.filter(created__gt=0) | rows.filter(updated__gt=0)),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        top = ("Read Zoho now", reverse("read_now")) if may(request.user, "run") else None
        return super().changelist_view(request, {"top_action": top, **(extra_context or {})})

    @display(description="What", ordering="kind")
    def what(self, row: Run) -> str:
        return f"{row.title}{', full' if row.full else ''}"

    @display(description="State", label=TONES, ordering="state")
    def how_it_stands(self, row: Run) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="What happened")
    def what_happened(self, row: Run) -> str:
        return row.sentence

    @display(description="Set off by", ordering="trigger")
    def who(self, row: Run) -> str:
        return set_off_by(row)

    @display(description="Read", ordering="done")
    def counted(self, row: Run) -> str:
        return str(row.done)

    @display(description="Calls")
    def calls(self, row: Run) -> str:
        return f"{row.calls_crm} CRM, {row.calls_books} Books"

    @display(description="Took")
    def took(self, row: Run) -> str:
        return lasted(row.took) or "–"

    @display(description="Started", ordering="started_at")
    def started(self, row: Run) -> str:
        return showing.when(row.started_at or row.requested_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One run: the verdict first, then counts, failures by cause, what was written, what was read, calls."""
        self.change_form_template = "admin/syncjobs/run.html"
        row = self.get_object(request, object_id)
        known = isinstance(row, Run) and isinstance(request.user, User)
        shown = run_page(row, request.user) if known else {}  # type: ignore[arg-type]
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})
        return answer
