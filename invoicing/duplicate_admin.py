"""The list of duplicates, and the page on which a person decides."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display as column

from accounts import showing
from accounts.house_list import Tab
from invoicing import duplicate_page
from invoicing.paged_admin import PagedAdmin
from syncjobs.domain.normalising import normal_name
from syncjobs.models import Duplicate, DuplicateMember
from syncjobs.models.duplicates import OPEN_STATES
from syncjobs.resources import DuplicateResource
from zbridge.money import Money, display

State = Duplicate.State


@admin.register(Duplicate)
class DuplicateAdmin(PagedAdmin):
    """Records that look like one company, the likest first."""

    page = "duplicates:page"
    resource_class = DuplicateResource
    left_out = ("pairs", "moved")
    list_display = ("who", "count", "place", "likeness", "reasons", "owed", "how_it_stands", "found")
    list_display_links = ("who",)
    list_select_related = ("decided_by",)
    list_filter = ("where",)
    ordering = ("-score", "-pk")
    search_by = (("name_key", normal_name),)
    search_help_text = "Name, from its beginning"
    empty_sentence = "Nobody is in twice, as far as zbridge sees. All are compared each night, changes at once."
    tabs = (
        Tab("open", "To decide", lambda rows: rows.filter(state__in=OPEN_STATES)),
        Tab("merging", "Being merged", lambda rows: rows.filter(state=State.MERGING)),
        Tab("apart", "Not a duplicate", lambda rows: rows.filter(state=State.APART)),
        Tab("settled", "Settled", lambda rows: rows.filter(state__in=[State.MERGED, State.LINKED, State.OVER])),
        Tab("all", "All", lambda rows: rows),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The open balances of the page's clusters in one query, instead of one per row."""
        found = super().get_changelist_instance(request)
        rows = found.result_list = list(found.result_list)
        sums = _owed([row.pk for row in rows])
        for row in rows:
            row.owed = sums[row.pk]
        return found

    @column(description="Name", ordering="name_key")
    def who(self, row: Duplicate) -> str:
        return row.name

    @column(description="Records")
    def count(self, row: Duplicate) -> str:
        return f"{row.in_books} in Books, {row.in_crm} in CRM"

    @column(description="Where", ordering="where")
    def place(self, row: Duplicate) -> str:
        return str(row.get_where_display())

    @column(description="Alike", ordering="score")
    def likeness(self, row: Duplicate) -> str:
        return f"{round(100 * row.score)} %"

    @column(description="Open balance")
    def owed(self, row: Duplicate) -> str:
        return str(getattr(row, "owed", "")) or "–"

    @column(description="State", label={state.value: tone for state, tone in duplicate_page.TONES.items()})
    def how_it_stands(self, row: Duplicate) -> tuple[str, str]:
        return row.state, str(row.get_state_display())

    @column(description="Found", ordering="found_at")
    def found(self, row: Duplicate) -> str:
        return showing.when(row.found_at)


def _owed(pks: list[int]) -> dict[int, str]:
    """What is open with the customers of each cluster, one sum a currency."""
    rows = DuplicateMember.objects.filter(duplicate__in=pks, record__kind="customer").exclude(record__currency="")
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for pk, currency, amount in rows.values_list("duplicate_id", "record__currency", "record__outstanding"):
        sums[pk][currency] += amount or 0
    found = defaultdict[int, str](str)
    for pk, each in sums.items():
        found[pk] = " + ".join(display(Money(amount, currency)) for currency, amount in sorted(each.items()))
    return found
