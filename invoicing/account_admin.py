"""The list of accounts: who owes what, and since when; for the page's rows only."""

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display

from accounts.clients import seams
from accounts.house_list import DayTab, Tab, zoho_id
from invoicing import receivables
from invoicing.domain import panel
from invoicing.domain.receivables import Standing
from invoicing.models import Account
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import AccountResource
from syncjobs.domain.normalising import normal_name

Accounts = QuerySet[Account]


def overdue(rows: Accounts, days: Mapping[int, date]) -> Accounts:
    """Those whose customers have an open invoice that was due before today."""
    late = (Q(connection=pk, owed_since__lt=day) for pk, day in days.items())
    return rows.filter(reduce(or_, late, Q(pk=None)), open_count__gt=0)


@admin.register(Account)
class AccountAdmin(PagedAdmin):
    """CRM accounts with what their customers owe, as last read."""

    page = "documents:account"
    resource_class = AccountResource
    left_out = ("raw", "fields", "detail")
    list_display = ("name", "late", "outstanding_", "usable", "last_paid", "currency")
    list_select_related = ("connection",)
    search_by = (("name_key", normal_name), ("remote_id", zoho_id))
    search_help_text = "Name of the account"
    empty_sentence = "No account is here. Accounts appear once they were read from CRM."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        DayTab("overdue", "Overdue", overdue),
        Tab("owing", "Owing", lambda rows: rows.filter(open_count__gt=0)),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What the page's accounts owe, in a handful of queries instead of some per row."""
        found = super().get_changelist_instance(request)
        rows = found.result_list = list(found.result_list)
        for connection in {row.connection for row in rows}:
            mine = [row for row in rows if row.connection_id == connection.pk]
            today = connection.today(seams().clock)
            standings = receivables.standings_of(connection, [row.remote_id for row in mine], today)
            for row in mine:
                row.standings = standings.get(row.remote_id, [])
                row.owed = panel.owed(row.standings, connection.currency)
        return found

    @display(description="Overdue")
    def late(self, row: Account) -> str:
        said = panel.banner(_owed(row))
        # Our own mark: unfold's label renders a template for every row, also where nothing is late.
        return format_html('<span class="house-tone danger">{}</span>', said) if said else "–"

    @display(description="Outstanding")
    def outstanding_(self, row: Account) -> str:
        return " + ".join(str(one.outstanding) for one in _owed(row)) or "–"

    @display(description="Usable credits")
    def usable(self, row: Account) -> str:
        return " + ".join(str(one.credits) for one in _owed(row) if one.credits) or "–"

    @display(description="Last payment")
    def last_paid(self, row: Account) -> str:
        return panel.last_paid(_standings(row)).removeprefix("Last paid ") or "–"


def _standings(row: Account) -> list[Standing]:
    """As the list found them."""
    found: list[Standing] = getattr(row, "standings", [])
    return found


def _owed(row: Account) -> list[panel.Owed]:
    found: list[panel.Owed] = getattr(row, "owed", [])
    return found
