"""Lists of health runs and of what ends; looked at here, changed on pages of their own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from accounts import expiries, showing
from accounts.clients import seams
from accounts.house_admin import HouseAdmin
from accounts.house_list import Tab
from accounts.models import Expiry, HealthRun
from accounts.resources import ExpiryResource, HealthRunResource
from accounts.roles import may

STATES = {"ok": "success", "amber": "warning", "red": "danger"}
MARKS = {"ok": "✓", "amber": "!", "red": "✗"}


@admin.register(HealthRun)
class HealthRunAdmin(HouseAdmin):
    """Every health run, newest first, with what it found."""

    resource_class = HealthRunResource
    list_display = ("of_system", "how", "found", "calls", "because", "time")
    list_select_related = ("connection",)
    fields = ("connection", "system", "started_at", "ended_at", "because", "calls", "state", "what")
    readonly_fields = ("because", "what")
    empty_sentence = "Health has not been checked yet; the workers do it once a day."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("trouble", "Failed or warned", lambda rows: rows.exclude(state="ok")),
        Tab("books", "Books", lambda rows: rows.filter(system="books")),
        Tab("crm", "CRM", lambda rows: rows.filter(system="crm")),
        Tab("login", "Log-in", lambda rows: rows.filter(system="login")),
    )

    @display(description="System", ordering="system")
    def of_system(self, row: HealthRun) -> str:
        return f"{row.connection}, {row.get_system_display()}"

    @display(description="State", ordering="state", label=STATES)
    def how(self, row: HealthRun) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="What was found", ordering="sentence")
    def found(self, row: HealthRun) -> str:
        return row.sentence

    @display(description="Asked by")
    def because(self, row: HealthRun) -> str:
        return "A person" if row.trigger == "person" else "The clock"

    @display(description="When", ordering="started_at")
    def time(self, row: HealthRun) -> str:
        return showing.when(row.started_at)

    @display(description="What was looked at")
    def what(self, row: HealthRun) -> str:
        found = ((MARKS[one.state], one.name, one.sentence) for one in row.results.all())
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} <strong>{}</strong>: {}</li>", found))


@admin.register(Expiry)
class ExpiryAdmin(HouseAdmin):
    """What ends, soonest first."""

    resource_class = ExpiryResource
    list_display = ("name", "of_kind", "day", "left", "who", "note", "deed")
    list_select_related = ("connection",)
    fields = ("kind", "name", "ends_on", "connection", "who", "note", "added_by", "done_at")
    ordering = ("ends_on", "pk")
    empty_sentence = "Nothing is known to end. Add client secrets, certificates, trials and channels here."
    empty_link = ("Add something that ends", "/admin/accounts/expiry/new/")
    tabs = (
        Tab("open", "Ending", lambda rows: rows.filter(done_at=None)),
        Tab("all", "All", lambda rows: rows),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        links = [("Calendar (.ics)", reverse("health:calendar"))]
        if may(request.user, "connect"):
            links.insert(0, ("Add something that ends", reverse("health:new_expiry")))
        own = {"title": "What ends when", "top_links": links}
        return super().changelist_view(request, {**own, **(extra_context or {})})

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Without the column of deeds for those who only look."""
        return self.list_display if may(request.user, "connect") else self.list_display[:-1]

    @display(description="Kind", ordering="kind")
    def of_kind(self, row: Expiry) -> str:
        return row.get_kind_display()

    @display(description="Last day", ordering="ends_on")
    def day(self, row: Expiry) -> str:
        return f"{row.ends_on:%-d %b %Y}"

    @display(description="Ends", label={"soon": "danger", "month": "warning", "later": "success", "done": "info"})
    def left(self, row: Expiry) -> tuple[str, str]:
        if row.done_at:
            return "done", "Needs nobody"
        days = expiries.days_left(row, seams().clock)
        return ("soon" if days <= 7 else "month" if days <= 30 else "later"), expiries.in_words(days)

    @display(description="")
    def deed(self, row: Expiry) -> str:
        link = '<a class="house-button" href="{}">Change</a>'
        return format_html(link, reverse("health:expiry", args=[row.pk]))
