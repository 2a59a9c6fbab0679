"""Lists of this room: runs, what was read, what belongs together, how far each listing got, and who must act."""

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin, ProgressMixin, SearchBy, Tab
from accounts.models import User
from accounts.roles import may
from syncjobs import attempt_admin, desk, desk_admin, link_admin, problem_admin  # noqa: F401  (they register their lists)
from syncjobs.domain.normalising import normal_email, normal_name
from syncjobs.models import Checkpoint, Customer, Item, Product, Record, Run
from syncjobs.resources import CustomerResource, ProductResource, RunResource

ENDED = (Run.State.COMPLETE, Run.State.INCOMPLETE, Run.State.REFUSED, Run.State.FAILED)
TONES = {
    Run.State.COMPLETE: "success", Run.State.WAITING: "info", Run.State.RUNNING: "info", Run.State.PAUSED: "warning",
    Run.State.INCOMPLETE: "warning", Run.State.REFUSED: "danger", Run.State.FAILED: "danger",
}  # fmt: skip
COUNTS = ("created", "updated", "unchanged", "refused", "skipped", "failed", "conflicts")
RECENT_PAGES, MOST_ENTRIES = 20, 100


@admin.register(Run)
class RunAdmin(ProgressMixin, HouseAdmin):
    """Every execution of a sync, newest first."""

    resource_class = RunResource
    ended_states = ENDED
    list_display = ("what", "how_it_stands", "what_happened", "counted", "calls", "started")
    list_display_links = ("what",)
    list_select_related = ("connection",)
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

    @display(description="Read", ordering="done")
    def counted(self, row: Run) -> str:
        return str(row.done)

    @display(description="Calls")
    def calls(self, row: Run) -> str:
        return f"{row.calls_crm} CRM, {row.calls_books} Books"

    @display(description="Started", ordering="started_at")
    def started(self, row: Run) -> str:
        return showing.when(row.started_at or row.requested_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One run: the verdict first, then counts, failures by cause, changes, pages and calls."""
        self.change_form_template = "admin/syncjobs/run.html"
        row = self.get_object(request, object_id)
        shown = run_page(row) if isinstance(row, Run) else {}
        plan = row.plans.first() if isinstance(row, Run) else None
        if plan is not None and isinstance(request.user, User):
            shown = desk.plan_page(plan, request.user) | shown
        answer: HttpResponse = super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})
        return answer


def run_page(run: Run) -> dict[str, Any]:
    """What the run's page shows, from our own tables."""
    failed = run.entries.filter(outcome__in=["failed", "refused", "skipped", "conflict"])
    causes = failed.values("cause").annotate(number=Count("pk")).order_by("-number")[:20]
    percent = min(100, round(100 * run.done / run.total)) if run.total else 0
    return {
        "title": str(run).capitalize(), "run": run, "tone": TONES[Run.State(run.state)],
        "moving": run.state not in ENDED,
        "counts": [(name, getattr(run, name)) for name in COUNTS], "causes": causes, "percent": percent,
        "entries": run.entries.order_by("pk")[:MOST_ENTRIES], "most": MOST_ENTRIES,
        "pages": run.pages.order_by("-number")[:RECENT_PAGES],
    }  # fmt: skip


class RecordAdmin(HouseAdmin):
    """Records of one kind as last read."""

    left_out = ("raw", "fields")
    list_select_related = ("connection",)
    search_by: SearchBy = (("name_key", normal_name), ("email_key", normal_email))
    search_help_text = "Name or e-mail, from its beginning"
    ordering = ("name",)
    tabs = (
        Tab("active", "Active", lambda rows: rows.filter(active=True, gone_at=None)),
        Tab("gone", "Inactive or gone", lambda rows: rows.exclude(active=True, gone_at=None)),
        Tab("all", "All", lambda rows: rows),
    )
    fields: tuple[str, ...] = ("name", "email", "remote_id", "currency", "active", "changed_at", "read_at", "gone_at")

    @display(description="As of", ordering="read_at")
    def read(self, row: Record) -> str:
        return showing.when(row.read_at)

    @display(description="Price", ordering="price")
    def listed(self, row: Record) -> str:
        return showing.money(row.price, row.currency or row.connection.currency)

    @display(description="Outstanding", ordering="outstanding")
    def owed(self, row: Record) -> str:
        return showing.money(row.outstanding, row.currency or row.connection.currency)

    @display(description="Credit", ordering="credits")
    def credit(self, row: Record) -> str:
        return showing.money(row.credits, row.currency or row.connection.currency)


@admin.register(Customer)
class CustomerAdmin(RecordAdmin):
    """Customers in Books."""

    resource_class = CustomerResource
    list_display = ("name", "email", "owed", "credit", "read")
    fields = ("name", "email", "remote_id", "owed", "credit", "active", "changed_at", "read_at", "gone_at")
    readonly_fields = ("owed", "credit")
    empty_sentence = "No customer was read from Books yet."


class PricedAdmin(RecordAdmin):
    """Products and items."""

    resource_class = ProductResource
    list_display = ("name", "code", "listed", "read")
    search_by = (("name_key", normal_name), ("code_key", str.lower))
    search_help_text = "Name or SKU, from its beginning"
    fields = ("name", "code", "remote_id", "listed", "active", "changed_at", "read_at", "gone_at")
    readonly_fields = ("listed",)


@admin.register(Product)
class ProductAdmin(PricedAdmin):
    """Products in CRM."""

    empty_sentence = "No product was read from CRM yet."


@admin.register(Item)
class ItemAdmin(PricedAdmin):
    """Items in Books."""

    empty_sentence = "No item was read from Books yet."


@admin.register(Checkpoint)
class CheckpointAdmin(HouseAdmin):
    """How far each listing got: the age of every figure."""

    list_display = ("kind", "read", "dealt_with", "under_way")
    fields = ("kind", "read_at", "watermark", "since", "until")
    ordering = ("kind",)
    empty_sentence = "Nothing was read yet."

    @display(description="Read to the end", ordering="read_at")
    def read(self, row: Checkpoint) -> str:
        return showing.when(row.read_at)

    @display(description="All changes dealt with up to", ordering="watermark")
    def dealt_with(self, row: Checkpoint) -> str:
        return showing.when(row.watermark)

    @display(description="Listing under way", boolean=True)
    def under_way(self, row: Checkpoint) -> bool:
        return row.place is not None
