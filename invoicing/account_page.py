"""What the account's page shows: what the customer owes before a call, from our own tables; scoped to the person."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, F, Q, QuerySet, When
from django.utils import timezone

from accounts.models import Connection, User
from accounts.scope import visible
from invoicing import freshness, receivables
from invoicing.domain import panel
from invoicing.domain.invoice_states import InvoiceFacts, state_of
from invoicing.domain.receivables import Standing
from invoicing.in_books import books_customer_link
from invoicing.models import Account, CreditNote, Deal, Invoice, Payment
from invoicing.pages import money
from syncjobs import parties
from syncjobs.models import Link, Record
from zbridge.clock import Clock

MOST = 25
# What is owed comes first, the one due longest ago on top; then drafts and what is settled, newest first.
OLDEST_OWED = Case(When(Q(balance__gt=0) & ~Q(status="draft"), then=F("due_on"))).asc(nulls_last=True)
Rows = "QuerySet[Record]"


@dataclass(frozen=True)
class Bill:
    """An invoice as a row: its word for how it stands, and its amounts."""

    invoice: Invoice
    state: str
    total: str
    balance: str


@dataclass(frozen=True)
class Known:
    """A customer in Books, why it is this account's, and where to open it and its link."""

    customer: Record
    how: str
    books: str
    link: Link | None


@dataclass
class AccountPage:
    """From top to bottom; lists are cut after 25 rows, and `more` says which."""

    account: Account
    banner: str = ""
    last_paid: str = ""
    owed: tuple[panel.Owed, ...] = ()
    age: freshness.Age | None = None
    lag: freshness.Lag | None = None
    summary: str = ""
    customers: list[Known] = field(default_factory=list)
    invoices: list[Bill] = field(default_factory=list)
    payments: list[tuple[Payment, str, str]] = field(default_factory=list)
    credits: list[tuple[CreditNote, str, str]] = field(default_factory=list)
    deals: list[tuple[Deal, str]] = field(default_factory=list)
    contacts: list[Record] = field(default_factory=list)


def account_page(account: Account, user: User, clock: Clock) -> AccountPage:
    """The page of one account for this person: all its totals, but only the deals that she may see."""
    connection, today = account.connection, account.connection.today(clock)
    contacts = list(_contacts(account).defer("raw", "fields", "detail"))
    customers, links = _customers_with(account, [one.remote_id for one in contacts])
    ids = [row.remote_id for row in customers]
    found = list(receivables.standings(connection, ids, today, customers).values())
    page = AccountPage(
        account, age=freshness.age_of(connection, ids), lag=freshness.lag_of(connection, clock),
        owed=panel.owed(found, connection.currency), last_paid=panel.last_paid(found),
        customers=[_known(connection, row, links) for row in customers], contacts=contacts[:MOST],
    )  # fmt: skip
    page.banner = panel.banner(page.owed)
    page.summary = _summary(page, found)
    _documents(page, ids, today, user)
    return page


def _summary(page: AccountPage, found: list[Standing]) -> str:
    at = page.age.read_at if page.age else None
    local = timezone.localtime(at) if at else None
    return panel.summary(page.account.name, found, page.account.connection.currency, local) if found else ""


def _contacts(account: Account) -> "QuerySet[Record]":
    rows = Record.objects.filter(connection=account.connection, gone_at=None)
    return rows.filter(kind="contact", parent_id=account.remote_id).order_by("name")


def customers_of(account: Account) -> tuple[list[Record], dict[str, Link]]:
    """Its customers in Books (linked, or else the one of which there is no doubt), and the links by customer."""
    return _customers_with(account, list(_contacts(account).values_list("remote_id", flat=True)))


def _customers_with(account: Account, contacts: list[str]) -> tuple[list[Record], dict[str, Link]]:
    crm_ids = [account.remote_id, *contacts]
    links = Link.objects.filter(connection=account.connection, pair="customer", crm_id__in=crm_ids)
    by_customer = {link.books_id: link for link in links}
    rows = Record.objects.filter(connection=account.connection, gone_at=None, kind="customer")
    linked = list(rows.filter(remote_id__in=by_customer).defer("raw", "detail"))
    return linked or _certain(account, rows), by_customer


def _certain(account: Account, rows: "QuerySet[Record]") -> list[Record]:
    """Not linked yet, but there is no doubt: the one customer with its e-mail."""
    party = parties.party_of(account.connection, account.remote_id, "", account.currency)
    match = parties.match_in_mirror(account.connection, party) if party else None
    chosen = match.chosen if match is not None else None
    return list(rows.filter(remote_id=chosen.party.id)) if chosen else []


def _known(connection: Connection, row: Record, links: dict[str, Link]) -> Known:
    link = links.get(row.remote_id)
    how = str(link.get_how_display()) if link else "Its e-mail; linked with the first draft"
    return Known(row, how, books_customer_link(connection.data_centre, row.remote_id), link)


def _documents(page: AccountPage, ids: list[str], today: date, user: User) -> None:
    connection = page.account.connection
    own = Q(connection=connection, customer_id__in=ids, gone_at=None)
    bills = visible(user, Invoice.objects.filter(own)).defer("raw", "lines")
    page.invoices = bill_rows(bills.order_by(OLDEST_OWED, "-issued_on", "-pk"), today)
    payments = visible(user, Payment.objects.filter(own)).defer("raw").order_by("-paid_on", "-pk")
    page.payments = [
        (row, money(row.amount, row.currency), money(row.unused, row.currency) if row.unused else "")
        for row in payments[:MOST]
    ]
    notes = visible(user, CreditNote.objects.filter(own)).defer("raw").order_by("-issued_on", "-pk")
    page.credits = [
        (row, money(row.total, row.currency), money(row.balance, row.currency)) for row in notes[:MOST]
    ]  # fmt: skip
    deals = Deal.objects.filter(connection=connection, account_id=page.account.remote_id, gone_at=None)
    rows = visible(user, deals).defer("raw", "lines")
    page.deals = [(row, money(row.amount, row.currency)) for row in rows[:MOST]]


def bill_rows(rows: "QuerySet[Invoice]", today: date) -> list[Bill]:
    """The first of these invoices as rows."""
    return [
        Bill(row, state_of(facts(row), today), money(row.total, row.currency), money(row.balance, row.currency))
        for row in rows[:MOST]
    ]


def facts(row: Invoice) -> InvoiceFacts:
    """The invoice as the pure rules see it."""
    return InvoiceFacts(
        status=row.status, total=row.total, balance=row.balance, written_off=row.written_off, due_on=row.due_on
    )
