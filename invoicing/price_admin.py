"""The list of prices: which differ between CRM and Books, since when, and what is at stake."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action, display

from accounts import showing
from accounts.clients import seams
from accounts.doors import person
from accounts.house_list import Tab
from accounts.roles import may
from invoicing import price_deeds, price_page
from invoicing.deciding import Refused
from invoicing.models import PriceDrift
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import PriceResource
from invoicing.stakes import DIFFERING
from syncjobs.domain.normalising import normal_name, normal_sku

State = PriceDrift.State
LISTS = "admin:invoicing_listprice_changelist"
LONE = [State.ONLY_CRM, State.ONLY_BOOKS]


@admin.register(PriceDrift)
class PriceDriftAdmin(PagedAdmin):
    """Prices of products and items, those that differ first, the most at stake on top."""

    page = "documents:price"
    resource_class = PriceResource
    list_display = ("what", "standing", "in_crm", "in_books", "apart", "since_when", "by", "touched", "stake")
    list_display_links = ("what",)
    list_filter = ("currency",)
    search_by = (("name_key", normal_name), ("code_key", normal_sku))
    search_help_text = "Name or SKU, from its beginning"
    ordering = ("-at_stake", "-gap", "-pk")
    empty_sentence = "No price here: every linked product costs the same in CRM and in Books."
    actions = ("align_crm", "align_books")
    tabs = (
        Tab("different", "Different", lambda rows: rows.filter(state=State.DIFFERENT)),
        Tab("accepted", "Accepted", lambda rows: rows.filter(state=State.ACCEPTED)),
        Tab("same", "Identical", lambda rows: rows.filter(state=State.SAME)),
        Tab("alone", "On one side only", lambda rows: rows.filter(state__in=LONE)),
        Tab("all", "All", lambda rows: rows),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With how many are identical, and the ways to the weeks and to the rule."""
        links = [("By product and week", reverse("documents:price_weeks")), ("Price lists", reverse(LISTS))]
        if request.user.has_perm("syncjobs.view_problem"):
            links.append(("What is billed when prices differ", reverse("connection:summary_home")))
        verdict = price_page.verdict(request)
        return super().changelist_view(request, {"verdict": verdict, "top_links": links, **(extra_context or {})})

    @display(description="Product", ordering="name_key")
    def what(self, row: PriceDrift) -> str:
        return str(row)

    @display(
        description="Standing", ordering="state",
        label={"different": "danger", "accepted": "warning", "same": "success", "only_crm": "info",
               "only_books": "info", "off": ""},
    )  # fmt: skip
    def standing(self, row: PriceDrift) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="In CRM", ordering="crm_price")
    def in_crm(self, row: PriceDrift) -> str:
        return showing.money(row.crm_price, row.currency)

    @display(description="In Books", ordering="books_price")
    def in_books(self, row: PriceDrift) -> str:
        return showing.money(row.books_price, row.currency)

    @display(description="Apart by", ordering="gap")
    def apart(self, row: PriceDrift) -> str:
        return showing.money(row.gap, row.currency) if row.gap else "–"

    @display(description="Since", ordering="since")
    def since_when(self, row: PriceDrift) -> str:
        return showing.when(row.since)

    @display(description="Changed by")
    def by(self, row: PriceDrift) -> str:
        return price_page.moved_by(row)

    @display(description="Touches")
    def touched(self, row: PriceDrift) -> str:
        return price_page.touched(row)

    @display(description="At stake", ordering="at_stake")
    def stake(self, row: PriceDrift) -> str:
        return showing.money(row.at_stake, row.currency) if row.state in DIFFERING else "–"

    @action(description="Align CRM to Books (a plan first)", permissions=["view"])
    def align_crm(self, request: HttpRequest, rows: "QuerySet[PriceDrift]") -> HttpResponse | None:
        """CRM takes Books' prices."""
        return self._align(request, rows, "crm")

    @action(description="Align Books to CRM (a plan first)", permissions=["view"])
    def align_books(self, request: HttpRequest, rows: "QuerySet[PriceDrift]") -> HttpResponse | None:
        """Books takes CRM's prices."""
        return self._align(request, rows, "books")

    def _align(self, request: HttpRequest, rows: "QuerySet[PriceDrift]", target: str) -> HttpResponse | None:
        if not may(request.user, "settle_money"):
            messages.error(request, "Finance or a RevOps administrator aligns prices. Nothing was planned.")
            return None
        try:
            plan = price_deeds.align(list(rows[:500]), target, person(request), seams().clock)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return None
        return redirect("admin:syncjobs_plan_change", plan.pk)
