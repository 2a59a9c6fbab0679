"""Lists of what both sides came to after bulk work, the records named by it, and what is gone."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin
from accounts.house_list import Tab
from accounts.models import User
from accounts.roles import may
from syncjobs import unlinking
from syncjobs.desk_admin import PageAdmin
from syncjobs.domain.pairs import MODULES
from syncjobs.models import Comparison, Difference, Disappearance, Link, Record
from syncjobs.resources import ComparisonResource, DifferenceResource, DisappearanceResource

What = Difference.What
MOST_NAMED = 50


@admin.register(Comparison)
class ComparisonAdmin(PageAdmin):
    """Both sides counted: linked, only here, only there, different; newest first."""

    page_template = "admin/syncjobs/comparison.html"
    resource_class = ComparisonResource
    list_display = ("what", "verdict", "sentence", "counted")
    list_display_links = ("what",)
    list_filter = ("pair",)
    empty_sentence = "Nothing was compared yet. It comes with an import, and once a day with the runs."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("gaps", "With gaps", lambda rows: rows.filter(complete=False)),
    )

    def shown(self, row: Comparison, user: User) -> dict[str, Any]:
        groups = [(label, *_named(row, what)) for what, label in What.choices]
        return {
            "title": str(row.get_pair_display()), "row": row, "most": MOST_NAMED,
            "groups": [group for group in groups if group[1]],
            "all": f"{reverse('admin:syncjobs_difference_changelist')}?comparison__id__exact={row.pk}",
        }  # fmt: skip

    @display(description="Pair", ordering="pair")
    def what(self, row: Comparison) -> str:
        return str(row.get_pair_display())

    @display(description="Verdict", label={True: "success", False: "warning"})
    def verdict(self, row: Comparison) -> tuple[bool, str]:
        return row.complete, "Complete" if row.complete else "Incomplete"

    @display(description="Counted", ordering="at")
    def counted(self, row: Comparison) -> str:
        return showing.when(row.at)


def _named(comparison: Comparison, what: str) -> tuple[int, list[tuple[Difference, str]]]:
    """How many there are, and the first of them, each with the page on which it is settled."""
    rows = comparison.differences.filter(what=what).order_by("name")
    first = list(rows[:MOST_NAMED])
    if what == What.DIFFERENT:
        links = Link.objects.filter(connection=comparison.connection_id, pair=comparison.pair)
        found = dict(links.filter(crm_id__in=[one.crm_id for one in first]).values_list("books_id", "pk"))
        settled = {one: found.get(one.books_id) for one in first}
        return rows.count(), [(one, _link_page(settled[one])) for one in first]
    gone = what in (What.GONE_CRM, What.GONE_BOOKS, What.UNSEEN)
    there = reverse("admin:syncjobs_disappearance_changelist" if gone else "who:list")
    return rows.count(), [(one, there) for one in first]


def _link_page(pk: int | None) -> str:
    return reverse("admin:syncjobs_link_change", args=[pk]) if pk else ""


@admin.register(Difference)
class DifferenceAdmin(HouseAdmin):
    """Every record that a comparison named; made for its file."""

    resource_class = DifferenceResource
    list_display = ("name", "what", "detail", "fix", "crm_id", "books_id")
    list_filter = ("what", "comparison__pair")
    search_by = (("name", str), ("crm_id", str), ("books_id", str))
    search_help_text = "Name, from its beginning, or id"
    list_select_related = ("comparison",)
    fields = ("name", "what", "detail", "fix", "crm_id", "books_id")
    empty_sentence = "No difference: both sides were equal when they were last compared."

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "comparison__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Disappearance)
class DisappearanceAdmin(PageAdmin):
    """Records that Zoho shows no more, and what became of their links."""

    page_template = "admin/syncjobs/gone.html"
    resource_class = DisappearanceResource
    list_display = ("record", "where", "how_it_stands", "missed", "decision", "decided_by")
    list_display_links = ("record",)
    list_select_related = ("decided_by",)
    list_filter = ("kind",)
    search_by = (("name", str), ("remote_id", str))
    search_help_text = "Name, from its beginning, or id"
    empty_sentence = "Nothing is gone: all that was read is still there."
    tabs = (
        Tab("open", "To decide", lambda rows: rows.filter(ended_at=None)),
        Tab("ended", "Settled", lambda rows: rows.exclude(ended_at=None)),
    )

    def shown(self, row: Disappearance, user: User) -> dict[str, Any]:
        link = unlinking.link_of(row) if row.ended_at is None else None
        here, there = ("CRM", "Books") if row.kind in MODULES else ("Books", "CRM")
        rows = Record.objects.filter(connection=row.connection_id)
        master = rows.filter(kind=row.kind, remote_id=row.merged_into).first() if row.merged_into else None
        return {
            "title": str(row).capitalize(), "row": row, "here": here, "there": there, "link": link, "master": master,
            "may_decide": may(user, "settle") and link is not None and row.state == Disappearance.State.GONE,
        }  # fmt: skip

    @display(description="Record", ordering="name")
    def record(self, row: Disappearance) -> str:
        return row.name or row.remote_id

    @display(description="Was in")
    def where(self, row: Disappearance) -> str:
        side = "CRM" if row.kind in (*MODULES, "deal", "quote") else "Books"
        return f"{side}, {row.kind}"

    @display(
        description="State", label={"gone": "warning", "suspected": "info", "hidden": "warning", "back": "success"}
    )
    def how_it_stands(self, row: Disappearance) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="Missed since", ordering="seen_at")
    def missed(self, row: Disappearance) -> str:
        return showing.when(row.seen_at)
