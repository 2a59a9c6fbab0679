"""What the pages of quotes and accounts show: what was read, and what hangs on it, scoped to the person."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.scope import visible
from invoicing.models import Account, Conversion, Deal, Invoice, Quote
from invoicing.pages import Line, money
from invoicing.services import live_conversion
from syncjobs import parties
from syncjobs.models import Link, Record

MOST = 50


@dataclass
class QuotePage:
    """A quote with its lines, its deal, and the draft that bills it."""

    quote: Quote
    lines: list[Line] = field(default_factory=list)
    deal: Deal | None = None
    conversion: Conversion | None = None
    total: str = ""
    discount: str = ""
    adjustment: str = ""


@dataclass
class AccountPage:
    """An account with its people, its customers in Books, its deals and invoices."""

    account: Account
    contacts: list[Record] = field(default_factory=list)
    customers: list[tuple[Record, str, str, str]] = field(default_factory=list)
    deals: list[tuple[Deal, str]] = field(default_factory=list)
    invoices: list[tuple[Invoice, str, str]] = field(default_factory=list)


def quote_page(quote: Quote, user: User) -> QuotePage:
    """The page of one quote for this person."""
    deals = (
        Deal.objects.filter(connection=quote.connection, crm_id=quote.deal_id) if quote.deal_id else Deal.objects.none()
    )
    names = _product_names(quote)
    return QuotePage(
        quote=quote,
        lines=[_line(row, quote.currency, names) for row in quote.lines or ()],
        deal=visible(user, deals).first(),
        conversion=live_conversion(quote.connection, None, quote),
        total=money(quote.total, quote.currency),
        discount=money(quote.discount, quote.currency) if quote.discount else "",
        adjustment=money(quote.adjustment, quote.currency) if quote.adjustment else "",
    )


def _product_names(quote: Quote) -> dict[str, str]:
    ids = {str((row.get("Product_Name") or {}).get("id", "")) for row in quote.lines or ()}
    rows = Record.objects.filter(connection=quote.connection, kind="product", remote_id__in=ids)
    return {row.remote_id: f"{row.code} {row.name}".strip() for row in rows}


def _line(row: dict[str, Any], currency: str, names: dict[str, str]) -> Line:
    def amount(name: str) -> str:
        return money(Decimal(str(row[name])), currency) if row.get(name) not in (None, "") else ""

    product = str((row.get("Product_Name") or {}).get("id", ""))
    discount = str(row.get("Discount") or "")
    tax = ", ".join(f"{one['name']}" for one in row.get("Line_Tax") or ())
    shown = discount if discount.endswith("%") else amount("Discount") if discount not in ("", "0") else ""
    return Line(
        names.get(product, product), str(row.get("Quantity") or ""), amount("List_Price"), shown, tax,
        amount("Total_After_Discount"),
    )  # fmt: skip


def account_page(account: Account, user: User) -> AccountPage:
    """The page of one account for this person: all its totals, but only the deals that she may see."""
    rows = Record.objects.filter(connection=account.connection, gone_at=None)
    contacts = rows.filter(kind="contact", parent_id=account.remote_id).order_by("name")[:MOST]
    crm_ids = [account.remote_id, *(row.remote_id for row in contacts)]
    links = Link.objects.filter(connection=account.connection, pair="customer", crm_id__in=crm_ids)
    customers = list(rows.filter(kind="customer", remote_id__in=links.values("books_id"))) or _certain(account)
    deals = visible(
        user, Deal.objects.filter(connection=account.connection, account_id=account.remote_id, gone_at=None)
    )
    ids = [row.remote_id for row in customers]
    invoices = visible(user, Invoice.objects.filter(connection=account.connection, customer_id__in=ids, gone_at=None))
    return AccountPage(
        account=account,
        contacts=list(contacts),
        customers=[
            (row, money(row.outstanding, row.currency), money(row.credits, row.currency), _why(links, row))
            for row in customers
        ],
        deals=[(row, money(row.amount, row.currency)) for row in deals[:MOST]],
        invoices=[
            (row, money(row.total, row.currency), money(row.balance, row.currency))
            for row in invoices.order_by("-issued_on", "-pk")[:MOST]
        ],
    )


def _certain(account: Account) -> list[Record]:
    """Not linked yet, but there is no doubt: the one customer with its e-mail."""
    party = parties.party_of(account.connection, account.remote_id, "", account.currency)
    match = parties.match_in_mirror(account.connection, party) if party else None
    if match is None or match.chosen is None:
        return []
    rows = Record.objects.filter(connection=account.connection, kind="customer")
    return list(rows.filter(remote_id=match.chosen.party.id))


def _why(links: Any, row: Record) -> str:
    found = (str(link.get_how_display()) for link in links if link.books_id == row.remote_id)
    return next(found, "Its e-mail; linked with the first draft")
