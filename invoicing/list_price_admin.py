"""The list of prices by price list: what CRM's open quotes were priced at, against Books' rates."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display

from accounts import at_hand, showing
from accounts.house_list import Tab
from accounts.roles import may
from invoicing import list_price_page
from invoicing.list_price_deeds import on_quotes
from invoicing.models import ListPrice, PriceList
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import ListPriceResource
from syncjobs.domain.normalising import normal_name, normal_sku

State = ListPrice.State
MOST_LISTS = 200
BASE = "admin:invoicing_pricedrift_changelist"


class ByList(admin.SimpleListFilter):
    """The price list, by the name that both sides share."""

    title, parameter_name = "price list", "list"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Those of Books, and those that only CRM's quotes name."""
        ids = [row.pk for row in at_hand.connections(request)]
        rows = PriceList.objects.filter(connection__in=ids).values_list("name_key", "name")[:MOST_LISTS]
        missing = ListPrice.objects.filter(state=State.MISSING, connection__in=ids).order_by()
        named = missing.values_list("list_key", "list_name").distinct()[:MOST_LISTS]
        return sorted({**dict(named), **dict(rows)}.items())

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(list_key=self.value()) if self.value() else queryset


class ByCurrency(admin.SimpleListFilter):
    """The currency of the list."""

    title, parameter_name = "currency", "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Those that the organisation has in Books; no table is read for it."""
        rows = at_hand.connections(request)
        codes = {row.currency for row in rows} | {one["code"] for row in rows for one in row.currencies}
        return [(code, code) for code in sorted(codes - {""})]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(currency=self.value()) if self.value() else queryset


@admin.register(ListPrice)
class ListPriceAdmin(PagedAdmin):
    """Prices by price list, the most at stake on top."""

    page = "documents:list_price"
    resource_class = ListPriceResource
    list_display = ("what", "of_list", "standing", "in_crm", "in_books", "apart", "since_when", "touched", "stake")
    list_display_links = ("what",)
    list_filter = (ByList, ByCurrency)
    search_by = (("name_key", normal_name), ("code_key", normal_sku))
    search_help_text = "Name or SKU, from its beginning"
    ordering = ("-at_stake", "-gap", "-pk")
    empty_sentence = "No price here."
    tabs = (
        Tab("different", "Different", lambda rows: rows.filter(state=State.DIFFERENT)),
        Tab("missing", "Missing in Books", lambda rows: rows.filter(state=State.MISSING)),
        Tab("accepted", "Accepted", lambda rows: rows.filter(state=State.ACCEPTED)),
        Tab("same", "Identical", lambda rows: rows.filter(state=State.SAME)),
        Tab("all", "All", lambda rows: rows),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With how they stand, the way to the base prices, and the button that reads Books' lists now."""
        shown: dict[str, Any] = {
            "verdict": list_price_page.verdict(request), "top_links": [("Base prices", reverse(BASE))],
            "top_note": "Price lists are compared and never written: a rate is changed in Zoho. zbridge reads Books' "
            "price lists, and of CRM the price book and price on each line of an open quote.",
        }  # fmt: skip
        if may(request.user, "settle_money"):
            shown["top_action"] = ("Compare now", reverse("documents:compare_lists"))
        return super().changelist_view(request, shown | (extra_context or {}))

    @display(description="Product", ordering="name_key")
    def what(self, row: ListPrice) -> str:
        return f"{row.code} {row.name}".strip()

    @display(description="Price list", ordering="list_key")
    def of_list(self, row: ListPrice) -> str:
        return f"{row.list_name} ({row.currency})"

    @display(
        description="Standing", ordering="state",
        label={"different": "danger", "missing": "danger", "accepted": "warning", "same": "success", "unused": "",
               "unpriced": "info"},
    )  # fmt: skip
    def standing(self, row: ListPrice) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="On CRM's quotes", ordering="crm_lowest")
    def in_crm(self, row: ListPrice) -> str:
        return on_quotes(row) if row.crm_lowest is not None else "–"

    @display(description="In Books' list", ordering="books_rate")
    def in_books(self, row: ListPrice) -> str:
        return showing.money(row.books_rate, row.currency)

    @display(description="Apart by", ordering="gap")
    def apart(self, row: ListPrice) -> str:
        return showing.money(row.gap, row.currency) if row.gap else "–"

    @display(description="Since", ordering="since")
    def since_when(self, row: ListPrice) -> str:
        return showing.when(row.since)

    @display(description="Touches", ordering="quotes")
    def touched(self, row: ListPrice) -> str:
        return list_price_page.counted(row)

    @display(description="At stake", ordering="at_stake")
    def stake(self, row: ListPrice) -> str:
        return showing.money(row.at_stake, row.currency) if row.state in list_price_page.DRIFTING else "–"
