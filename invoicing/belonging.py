"""Which deal an invoice bills: by its conversion, else by CRM's id on it, else by its reference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Connection
from invoicing.models import Conversion, Deal, Invoice, Quote
from invoicing.models.conversions import LIVE
from syncjobs.domain.normalising import normal_name

AT_A_TIME = 500
# What is needed of an invoice to say whose it is.
NAMING = ("books_id", "potential_id", "reference", "customer_name")
Named = Mapping[str, Any]


@dataclass(frozen=True)
class Sale:
    """A deal as far as an invoice can name it."""

    crm_id: str
    name: str
    account_name: str


def bills_of(connection: Connection, deals: "QuerySet[Deal]") -> "QuerySet[Invoice]":
    """Every invoice that may bill one of these deals; whose each really is, `deals_of` says."""
    quotes = Quote.objects.filter(connection=connection, deal_id__in=deals.values("crm_id"))
    made = Conversion.objects.filter(Q(deal__in=deals) | Q(quote__in=quotes), connection=connection, state__in=LIVE)
    named = (
        Q(books_id__in=made.exclude(books_invoice_id="").values("books_invoice_id")),
        Q(potential_id__in=deals.values("crm_id")),
        Q(reference__in=deals.exclude(name="").values("name")),
        Q(reference__in=deals.values("crm_id")),
        Q(reference__in=quotes.exclude(number="").values("number")),
    )
    rows, found = Invoice.objects.filter(connection=connection), Invoice.objects.none()
    for one in named:
        found = found.union(rows.filter(one).order_by().values("pk"), all=True)
    return rows.filter(pk__in=list(found.values_list("pk", flat=True)))


def deals_of(connection: Connection, invoices: Iterable[Named]) -> dict[str, str]:
    """By Books' id: the CRM id of the deal that the invoice bills; without those that name none, or none clearly."""
    found, wanted = dict[str, str](), list(invoices)
    for start in range(0, len(wanted), AT_A_TIME):
        some = wanted[start : start + AT_A_TIME]
        made = _by_conversion(connection, [row["books_id"] for row in some])
        found |= {row["books_id"]: row["potential_id"] for row in some if row["potential_id"]} | made
        left = [row for row in some if row["books_id"] not in found and row["reference"]]
        found |= _by_reference(connection, left) if left else {}
    return found


def _by_conversion(connection: Connection, ids: list[str]) -> dict[str, str]:
    rows = Conversion.objects.filter(connection=connection, books_invoice_id__in=ids, state__in=LIVE)
    columns = rows.values_list("books_invoice_id", "deal__crm_id", "quote__deal_id")
    return {books_id: deal or quoted for books_id, deal, quoted in columns if deal or quoted}


def _by_reference(connection: Connection, invoices: list[Named]) -> dict[str, str]:
    """A quote's number, a deal's id, or its name; of several deals of one name the one of the invoice's customer."""
    said = {row["reference"] for row in invoices}
    quotes = Quote.objects.filter(connection=connection, number__in=said).exclude(deal_id="")
    numbers = dict(quotes.values_list("number", "deal_id"))
    named = Q(name_key__in={normal_name(one) for one in said}) | Q(crm_id__in=said)
    deals: dict[str, list[Sale]] = {}
    for crm_id, name, account in Deal.objects.filter(named, connection=connection, gone_at=None).values_list(
        "crm_id", "name", "account_name"
    ):
        deals.setdefault(crm_id, []).append(Sale(crm_id, name, account))
        deals.setdefault(name, []).append(Sale(crm_id, name, account))
    found = {}
    for row in invoices:
        one = numbers.get(row["reference"]) or _only(deals.get(row["reference"], []), row["customer_name"])
        if one:
            found[row["books_id"]] = one
    return found


def _only(sales: list[Sale], customer: str) -> str:
    own = [one for one in sales if normal_name(one.account_name) == normal_name(customer)]
    chosen = sales if len(sales) == 1 else own
    return chosen[0].crm_id if len(chosen) == 1 else ""
