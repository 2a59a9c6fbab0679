"""Lists of what a sync asks, keeps and means to write."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin
from accounts.house_list import Tab
from accounts.models import User
from syncjobs import desk
from syncjobs.models import Conflict, KeptValue, Plan
from syncjobs.resources import ConflictResource, KeptValueResource, PlanResource
from syncjobs.words import SIDES

TONES = {"made": "info", "stopped": "danger", "applying": "warning", "applied": "success", "dropped": "info"}


class PageAdmin(HouseAdmin):
    """A list whose rows open a composed page."""

    page_template = ""

    def shown(self, row: Any, user: User) -> dict[str, Any]:
        """What the page shows."""
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.change_form_template = self.page_template
        row = self.get_object(request, object_id)
        found = self.shown(row, request.user) if row is not None and isinstance(request.user, User) else {}
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**found, **(extra_context or {})})
        return answer


@admin.register(Conflict)
class ConflictAdmin(PageAdmin):
    """Fields on which both sides differ and that wait for a person, oldest first."""

    page_template = "admin/syncjobs/conflict.html"
    resource_class = ConflictResource
    list_display = ("name", "about", "agreed", "in_crm", "in_books", "since", "decided")
    list_display_links = ("name",)
    list_select_related = ("decided_by",)
    ordering = ("opened_at",)
    search_by = (("name", str),)
    search_help_text = "Record, from its beginning"
    list_filter = ("pair",)
    empty_sentence = "Both sides agree: nothing waits for a decision."
    tabs = (
        Tab("open", "Open", lambda rows: rows.filter(closed_at=None)),
        Tab("closed", "Settled", lambda rows: rows.exclude(closed_at=None).order_by("-closed_at")),
    )

    def shown(self, row: Conflict, user: User) -> dict[str, Any]:
        return desk.conflict_page(row, user)

    @display(description="Field", ordering="field")
    def about(self, row: Conflict) -> str:
        return row.field.replace("_", " ").capitalize()

    @display(description="Last agreed")
    def agreed(self, row: Conflict) -> str:
        return row.base or "never"

    @display(description="In CRM")
    def in_crm(self, row: Conflict) -> str:
        return row.crm or "empty"

    @display(description="In Books")
    def in_books(self, row: Conflict) -> str:
        return row.books or "empty"

    @display(description="Since", ordering="opened_at")
    def since(self, row: Conflict) -> str:
        return showing.when(row.opened_at)

    @display(description="Settled")
    def decided(self, row: Conflict) -> str:
        return f"{row.get_decision_display()}{f', {row.decided_by}' if row.decided_by else ''}" if row.closed_at else ""


@admin.register(KeptValue)
class KeptValueAdmin(PageAdmin):
    """Values that were refused or overwritten; none is ever lost."""

    page_template = "admin/syncjobs/kept.html"
    resource_class = KeptValueResource
    list_display = ("name", "about", "where", "value", "instead", "why", "kept_at", "back")
    list_display_links = ("name",)
    list_select_related = ("restored_by",)
    search_by = (("name", str),)
    search_help_text = "Record, from its beginning"
    list_filter = ("pair", "why")
    empty_sentence = "Nothing was refused or overwritten yet."
    tabs = (
        Tab("kept", "Kept", lambda rows: rows.filter(restored_at=None)),
        Tab("restored", "Restored", lambda rows: rows.exclude(restored_at=None)),
    )

    def shown(self, row: KeptValue, user: User) -> dict[str, Any]:
        return desk.kept_page(row, user)

    @display(description="Field", ordering="field")
    def about(self, row: KeptValue) -> str:
        return row.field.replace("_", " ").capitalize()

    @display(description="Typed in", ordering="side")
    def where(self, row: KeptValue) -> str:
        return SIDES.get(row.side, row.side)

    @display(description="Kept", ordering="at")
    def kept_at(self, row: KeptValue) -> str:
        return showing.when(row.at)

    @display(description="Restored")
    def back(self, row: KeptValue) -> str:
        return f"{row.restored_by}" if row.restored_at else ""


@admin.register(Plan)
class PlanAdmin(PageAdmin):
    """What syncs meant to write: shown before, and kept after."""

    page_template = "admin/syncjobs/plan.html"
    resource_class = PlanResource
    list_display = ("what", "how_it_stands", "alarm", "costs", "made")
    list_display_links = ("what",)
    list_filter = ("pair", "state")
    empty_sentence = "Nothing was planned yet. A plan comes with each run that keeps two kinds in step."

    def shown(self, row: Plan, user: User) -> dict[str, Any]:
        return desk.plan_page(row, user)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("connection", "run", "made_by", "applied_by")

    @display(description="Plan")
    def what(self, row: Plan) -> str:
        return str(row)

    @display(description="State", label=TONES, ordering="state")
    def how_it_stands(self, row: Plan) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="Why it stopped")
    def alarm(self, row: Plan) -> str:
        return row.alarms[0] if row.alarms else ""

    @display(description="Calls it costs")
    def costs(self, row: Plan) -> str:
        return f"{row.calls_crm} CRM, {row.calls_books} Books"

    @display(description="Made", ordering="made_at")
    def made(self, row: Plan) -> str:
        return showing.when(row.made_at)
