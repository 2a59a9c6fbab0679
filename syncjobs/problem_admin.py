"""The error desk: what a person must act on, each with the page on which it is settled."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from unfold.decorators import display

from accounts import showing
from accounts.house_list import Tab
from accounts.models import User
from accounts.roles import ROLES
from syncjobs.desk_admin import PageAdmin
from syncjobs.models import Problem
from syncjobs.resources import ProblemResource

# Where what a problem is about is settled, and what the button to there says.
PAGES = {
    "conversion": ("documents:conversion", "Open the draft invoice"),
    "deal": ("documents:deal", "Open the deal"),
    "gone record": ("admin:syncjobs_disappearance_change", "Say what becomes of the link"),
    "mapping": ("mapping:detail", "Open the mapping"),
    "proof": ("admin:invoicing_proof_change", "Open the proof"),
    "connection": ("connection:page", "Open the connection"),
}


@admin.register(Problem)
class ProblemAdmin(PageAdmin):
    """The error desk: what a person must act on, oldest first, with who that is."""

    page_template = "admin/syncjobs/problem.html"
    resource_class = ProblemResource
    list_display = ("subject", "sentence", "who_acts", "opened")
    list_display_links = ("subject",)
    left_out = ("detail",)
    ordering = ("opened_at",)
    search_by = (("subject_name", str), ("cause", str.lower), ("subject_id", str))
    search_help_text = "Name, from its beginning"
    fields = ("sentence",)
    empty_sentence = "No problem is open."
    tabs = (
        Tab("open", "Open", lambda rows: rows.filter(closed_at=None)),
        Tab("closed", "Closed", lambda rows: rows.exclude(closed_at=None)),
    )

    def shown(self, row: Problem, user: User) -> dict[str, Any]:
        address, deed = PAGES.get(row.subject_kind, ("", ""))
        identity = row.subject_id.split(":")[0]
        there = reverse(address, args=[identity]) if address and identity.isdecimal() else ""
        return {"row": row, "who": self.who_acts(row), "there": there, "deed": deed}

    @display(description="About", ordering="subject_name")
    def subject(self, row: Problem) -> str:
        return row.subject_name or f"{row.subject_kind} {row.subject_id}"

    @display(description="Who must act", ordering="who")
    def who_acts(self, row: Problem) -> str:
        role = ROLES.get(row.who)
        return role.title if role else row.who.capitalize()

    @display(description="Since", ordering="opened_at")
    def opened(self, row: Problem) -> str:
        return showing.when(row.opened_at)
