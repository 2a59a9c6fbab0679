"""The list of accounts: who owes what, and since when; for the page's rows only."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.clients import seams
from accounts.house_admin import Tab
from accounts.models import Connection
from invoicing import receivables
from invoicing.domain import panel
from invoicing.domain.receivables import Standing
from invoicing.models import Account, Receivable
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import AccountResource
from syncjobs.domain.normalising import normal_name
from syncjobs.models import Link, Record

Accounts = QuerySet[Account]


def _whose(customers: "QuerySet[Receivable]", connection: Connection) -> Q:
    """Accounts of these customers: linked themselves, or through a contact of theirs."""
    links = Link.objects.filter(connection=connection, pair="customer", books_id__in=customers.values("customer_id"))
    contacts = Record.objects.filter(
        connection=connection, kind="contact", remote_id__in=links.filter(crm_kind="contact").values("crm_id")
    )
    own = Q(remote_id__in=links.filter(crm_kind="account").values("crm_id"))
    return Q(connection=connection) & (own | Q(remote_id__in=contacts.values("parent_id")))


def _with(condition: Callable[[Connection], Q]) -> Callable[[Accounts], Accounts]:
    def kept(rows: Accounts) -> Accounts:
        found = Q(pk=None)
        for connection in Connection.objects.all():
            customers = Receivable.objects.filter(condition(connection), connection=connection)
            found |= _whose(customers, connection)
        return rows.filter(found)

    return kept


overdue = _with(lambda connection: Q(oldest_due_on__lt=connection.today(seams().clock)))
owing = _with(lambda connection: Q(open_count__gt=0))


@admin.register(Account)
class AccountAdmin(PagedAdmin):
    """CRM accounts with what their customers owe, as last read."""

    page = "documents:account"
    resource_class = AccountResource
    left_out = ("raw", "fields", "detail")
    list_display = ("name", "late", "outstanding_", "usable", "last_paid", "currency")
    list_select_related = ("connection",)
    search_by = (("name_key", normal_name), ("remote_id", str))
    search_help_text = "Name of the account"
    empty_sentence = "No account is here. Accounts appear once they were read from CRM."
    tabs = (
        Tab("all", "All", lambda rows: rows),
        Tab("overdue", "Overdue", overdue),
        Tab("owing", "Owing", owing),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What the page's accounts owe, in a handful of queries instead of some per row."""
        found = super().get_changelist_instance(request)
        rows = found.result_list = list(found.result_list)
        for connection in {row.connection for row in rows}:
            mine = [row for row in rows if row.connection_id == connection.pk]
            customers = receivables.customers_of(connection, [row.remote_id for row in mine])
            ids = [one for group in customers.values() for one in group]
            standing = receivables.standings(connection, ids, connection.today(seams().clock))
            for row in mine:
                row.standings = [standing[one] for one in customers.get(row.remote_id, ()) if one in standing]
        return found

    @display(description="Overdue", label={"late": "danger"})
    def late(self, row: Account) -> tuple[str, str] | str:
        said = panel.banner(panel.owed(_standings(row), row.connection.currency))
        return ("late", said) if said else "–"

    @display(description="Outstanding")
    def outstanding_(self, row: Account) -> str:
        return " + ".join(str(one.outstanding) for one in panel.owed(_standings(row), row.connection.currency)) or "–"

    @display(description="Usable credits")
    def usable(self, row: Account) -> str:
        found = panel.owed(_standings(row), row.connection.currency)
        return " + ".join(str(one.credits) for one in found if one.credits) or "–"

    @display(description="Last payment")
    def last_paid(self, row: Account) -> str:
        return panel.last_paid(_standings(row)).removeprefix("Last paid ") or "–"


def _standings(row: Account) -> list[Standing]:
    """As the list found them."""
    found: list[Standing] = getattr(row, "standings", [])
    return found
