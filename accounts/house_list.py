"""A list as a page of the admin shows it: its tabs, its search by key columns, counted within bounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from accounts import at_hand, exports
from accounts.clients import seams

COUNTED = 1000
MANY = 9_999_999_999
OWN_PARAMETERS = ("tab", "format")
# Key columns, each with how its text is normalised when stored.
SearchBy = Sequence[tuple[str, Callable[[str], str]]]


@dataclass(frozen=True)
class Tab:
    """A link above a list: its place in ?tab=, its title, and which of the visible rows it keeps."""

    slug: str
    title: str
    rows: Callable[["QuerySet[Any]"], "QuerySet[Any]"]

    def kept(self, rows: "QuerySet[Any]", request: HttpRequest) -> "QuerySet[Any]":
        """The rows of this tab."""
        return self.rows(rows)


@dataclass(frozen=True)
class DayTab:
    """One whose rows depend on the day, which another organisation's zone may have another of."""

    slug: str
    title: str
    rows: Callable[["QuerySet[Any]", Mapping[int, date]], "QuerySet[Any]"]

    def kept(self, rows: "QuerySet[Any]", request: HttpRequest) -> "QuerySet[Any]":
        """The rows of this tab on the day that it is for each connection."""
        clock = seams().clock
        return self.rows(rows, {one.pk: one.today(clock) for one in at_hand.connections(request)})


def zoho_id(text: str) -> str:
    """The text, if it may be an id of Zoho's, else nothing; for `search_by`."""
    return text if text.isdecimal() else ""


def begins(column: str, text: str) -> Q:
    """The column begins with the text, as a range that an index serves on both databases."""
    return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\uffff"}) if text else Q(pk=None)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to a thousand rows; beyond that there are simply many, and the next page is still one press away."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        found = rows.order_by().values("pk")[: COUNTED + 1].count() if isinstance(rows, QuerySet) else len(rows)
        return found if found <= COUNTED else MANY

    @property
    def many(self) -> bool:
        """Whether there are more rows than are counted."""
        return self.count == MANY


class HouseList(ChangeList):
    """A list that knows its tabs."""

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in OWN_PARAMETERS}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> "QuerySet[Any]":
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        tab = self.tab
        return tab.kept(rows, request) if tab else rows

    def get_ordering(self, request: HttpRequest, queryset: "QuerySet[Any]") -> list[str]:
        """What was searched in one key column comes in its order, which the very index that finds it has."""
        columns = self.model_admin.searched(self.query)
        if columns and len(columns) == 1 and ORDER_VAR not in self.params:
            return [*columns, "-pk"]
        return list(super().get_ordering(request, queryset))

    @cached_property
    def tab(self) -> Tab | DayTab | None:
        """The tab that is open: the one asked for, else the first."""
        tabs: Sequence[Tab | DayTab] = self.model_admin.tabs
        asked = (self.filter_params.get("tab") or [""])[-1]
        return next((tab for tab in tabs if tab.slug == asked), tabs[0] if tabs else None)

    @property
    def tab_links(self) -> list[dict[str, Any]]:
        """The tabs as links; the search stays, the page number doesn't."""
        return [
            {"title": tab.title, "open": tab is self.tab, "query": self.get_query_string({"tab": tab.slug}, ["p"])}
            for tab in self.model_admin.tabs
        ]

    @property
    def export_links(self) -> list[tuple[str, str]]:
        """The list as it is filtered now, in each form."""
        return [(form.upper(), f"export/{self.get_query_string({'format': form}, ['p'])}") for form in exports.FORMATS]

    @property
    def shown(self) -> str:
        """“1-25 of 340”, or “of many”."""
        first = (self.page_num - 1) * self.list_per_page + 1
        last = first + len(self.result_list) - 1
        if not len(self.result_list):
            return "None"
        return f"{first}–{last} of {'many' if self.paginator.many else self.result_count}"

    @property
    def empty_sentence(self) -> str:
        """What an empty list says."""
        return str(self.model_admin.empty_sentence)

    @property
    def before(self) -> str:
        """The query of the page before; empty on the first."""
        return self.get_query_string({"p": self.page_num - 1}) if self.page_num > 1 else ""

    @property
    def after(self) -> str:
        """The query of the next page; empty on the last."""
        full = len(self.result_list) == self.list_per_page
        return (
            self.get_query_string({"p": self.page_num + 1}) if full and self.page_num < self.paginator.num_pages else ""
        )
