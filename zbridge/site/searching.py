"""The one search: equality or the beginning of a name or number, on indexed key columns, within what one may see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.house_list import begins
from accounts.scope import visible
from invoicing.models import Deal, Invoice, Quote
from syncjobs.domain.normalising import normal_name
from syncjobs.models import Record

MOST = 20
SHORTEST = 2


@dataclass(frozen=True)
class Search:
    """How one kind is looked up, and how a hit reads."""

    title: str
    rows: Callable[[], "QuerySet[Any]"]
    match: Callable[[str], Q]
    page: str
    says: Callable[[Any], str]


@dataclass(frozen=True)
class Hit:
    """One row found."""

    name: str
    says: str
    link: str


def _by_name(text: str) -> Q:
    return begins("name_key", normal_name(text))


def _of_party(kind: str, column: str) -> Callable[[str], Q]:
    """What belongs to the accounts or customers whose names begin so."""

    def match(text: str) -> Q:
        return Q(**{f"{column}__in": Record.objects.filter(_by_name(text), kind=kind).values("remote_id")})

    return match


_of_account = _of_party(Record.Kind.ACCOUNT, "account_id")
_of_customer = _of_party(Record.Kind.CUSTOMER, "customer_id")


def _by_number(column: str) -> Callable[[str], Q]:
    return lambda text: begins(column, text) | begins(column, text.upper())


_searches: list[Search] = []


def search(*found: Search) -> None:
    """Put kinds into the search, in this order."""
    _searches.extend(found)


search(
    Search(
        "Deals", Deal.objects.all, lambda text: _by_name(text) | Q(crm_id=text) | _of_account(text),
        "documents:deal",
        lambda row: f"{row.account_name or row.contact_name} · {row.stage}",
    ),
    Search(
        "Accounts", lambda: Record.objects.filter(kind=Record.Kind.ACCOUNT), _by_name,
        "admin:invoicing_account_change", lambda row: "Account in CRM",
    ),
    Search(
        "Customers", lambda: Record.objects.filter(kind=Record.Kind.CUSTOMER), _by_name,
        "admin:syncjobs_customer_change", lambda row: "Customer in Books",
    ),
    Search(
        "Invoices", Invoice.objects.all,
        lambda text: _by_number("number")(text) | Q(reference=text) | _of_customer(text),
        "documents:invoice", lambda row: f"{row.customer_name} · {row.status}",
    ),
    Search(
        "Quotes", Quote.objects.all, lambda text: _by_number("number")(text) | begins("subject", text),
        "admin:invoicing_quote_change", lambda row: f"{row.subject} · {row.stage}",
    ),
)  # fmt: skip


def search_page(request: HttpRequest) -> dict[str, Any]:
    """The hits per kind, for this person."""
    text = request.GET.get("q", "").strip()[:100]
    found = [(kind.title, _hits(request, kind, text)) for kind in _searches] if len(text) >= SHORTEST else []
    groups = [(title, hits) for title, hits in found if hits]
    return {"title": "Search", "asked": text, "groups": groups, "too_short": 0 < len(text) < SHORTEST}


def _hits(request: HttpRequest, kind: Search, text: str) -> list[Hit]:
    rows: QuerySet[Model] = visible(request.user, kind.rows().filter(kind.match(text)))
    return [Hit(str(row), kind.says(row), _link(kind.page, row)) for row in rows[:MOST]]


def _link(page: str, row: Model) -> str:
    """The row's page; empty where this installation has none."""
    try:
        return reverse(page, args=[row.pk])
    except NoReverseMatch:
        return ""
