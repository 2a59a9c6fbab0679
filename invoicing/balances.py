"""Books' own figures of customers whose documents moved: Books' lists don't tell when a balance did (facts 7.6).

The figure comes by one call; where payments and credit notes don't explain it, the customer's are listed, too.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Subquery, Sum

from accounts.clients import Clients
from accounts.models import Connection
from invoicing import columns, netting, receivables
from invoicing.budgets import Budget
from invoicing.domain import balances as rule
from invoicing.feeds import INVOICES
from invoicing.models import Allocation, CreditNote, Invoice, Payment, Receivable
from invoicing.money_feeds import CREDIT_NOTES, PAYMENTS
from invoicing.workbench import Workbench
from syncjobs.columns import amount
from syncjobs.feeds import Feed
from syncjobs.models import Checkpoint, Record
from syncjobs.services import start_run, under_way_or_none

LOOKS = "looks"
MOST_A_TURN = 40
MOST_ASKED = 20
WORK_SECONDS = 45.0
Row = dict[str, Any]


def waiting(connection: Connection) -> "QuerySet[Receivable]":
    """Customers to be looked at, who waited longest first."""
    return Receivable.objects.filter(connection=connection).exclude(look_since=None).order_by("look_since")


def look(connection: Connection, bench: Workbench) -> int:
    """Look at those that wait, one call each, or list all customers where that costs less; how many were looked at.

    What the day's share for it doesn't pay waits until it does. Raises ZohoError, with all that was read before kept.
    """
    if under_way_or_none(connection, "customer") is not None:
        return 0  # it may be the list that tells of them
    now = connection.now(bench.clock)
    customers = Record.objects.filter(connection=connection, kind="customer", gone_at=None).order_by().count()
    budget = Budget(connection, LOOKS, rule.LOOK_SHARE, now, rule.pages(customers))
    looks = Looks(connection, bench, bench.clients(connection), now)
    try:
        looks.work(customers, budget.left)
    finally:
        budget.spend(looks.spent())
    return looks.looked


class Looks:
    """One turn: those whom a list has shown since they wait, then those for whom there are calls."""

    def __init__(self, connection: Connection, bench: Workbench, clients: Clients, now: datetime) -> None:
        self.connection, self.bench, self.clients, self.now = connection, bench, clients, now
        self.until = bench.clock.monotonic() + WORK_SECONDS
        self.looked = self.pages = 0
        listed = Checkpoint.objects.filter(connection=connection, kind="customer").values_list("listed_at", flat=True)
        self.listed = listed.first()

    def spent(self) -> int:
        """Calls to Books, those of a list that was asked for included."""
        return self.pages + self.clients.tally.take("books")

    def work(self, customers: int, left: float) -> None:
        """Raises ZohoError."""
        rows = waiting(self.connection)
        if self.listed is not None:
            self._each(rows.filter(look_since__lte=self.listed - rule.SLACK), MOST_A_TURN)
        ripe = rows.filter(look_since__lte=self.now - rule.SLACK).count()
        turn = rule.turn(rows.count(), ripe, customers, left)
        if turn.listing:
            start_run(self.connection, "customer", self.bench.clock, full=True, trigger="balances")
            self.pages = rule.pages(customers)
        self._each(rows, min(turn.singles, MOST_A_TURN))

    def _each(self, rows: "QuerySet[Receivable]", most: int) -> None:
        for row in rows[:most]:
            if self.bench.clock.monotonic() > self.until:
                return
            look_at(row, self.clients, self.now, self.listed)
            self.looked += 1


def look_at(row: Receivable, clients: Clients, now: datetime, listed: datetime | None) -> None:
    """One customer as Books shows it now, unless all were `listed` since it waits; its payments and credit notes only
    if they don't explain the figures."""
    if rule.is_older(listed, row.look_since):
        keep_figures(row.connection, row.customer_id, clients.books.contact(row.customer_id), now)
    if not rule.adds_up(money_of(row.connection, row.customer_id)):
        read_money(row.connection, row.customer_id, clients, now)
    seen = Receivable.objects.filter(pk=row.pk, look_since=row.look_since)
    seen.update(look_since=None, looked_at=now)


def keep_figures(connection: Connection, customer_id: str, found: Row | None, now: datetime) -> None:
    """What Books says is outstanding and usable; a customer that is gone is noticed elsewhere."""
    if found is None:
        return
    figures = {
        "outstanding": amount(found.get("outstanding_receivable_amount")),
        "credits": amount(found.get("unused_credits_receivable_amount")),
        "outstanding_base": amount(found.get("outstanding_receivable_amount_bcy")),
    }
    mine = Record.objects.filter(connection=connection, kind="customer", remote_id=customer_id)
    with transaction.atomic():
        if mine.exclude(**figures).update(**figures, read_at=now):
            receivables.touch(connection, [customer_id], now)


def money_of(connection: Connection, customer_id: str) -> rule.Money:
    """What the mirror says of the customer's money."""
    own = {"connection": connection, "customer_id": customer_id, "gone_at": None}
    billed = Invoice.objects.filter(**own).exclude(status__in=["draft", "void"])
    paid = Payment.objects.filter(**own)
    notes = CreditNote.objects.filter(**own).exclude(status__in=["draft", "void"])
    row = Record.objects.filter(connection=connection, kind="customer", remote_id=customer_id).first()
    left = _sum(notes, "balance")
    return rule.Money(
        closed=_sum(billed, "total") - _sum(billed, "balance") - _sum(billed, "written_off"),
        paid=_sum(Allocation.objects.filter(payment__in=paid), "amount"), credited=_sum(notes, "total") - left,
        unused=_sum(paid, "unused") + left, usable=row.credits if row else None,
    )  # fmt: skip


def _sum(rows: "QuerySet[Any]", column: str) -> Decimal:
    return rows.order_by().aggregate(found=Sum(column))["found"] or Decimal(0)


def read_money(connection: Connection, customer_id: str, clients: Clients, now: datetime) -> None:
    """All payments and credit notes of one customer: those that Books no longer has are gone; two calls."""
    paid = clients.books.customer_payments(customer_id)
    notes = clients.books.customer_creditnotes(customer_id)
    own = Q(connection=connection, customer_id=customer_id, gone_at=None)
    _keep(connection, PAYMENTS, paid, Payment.objects.filter(own), clients, now)
    _keep(connection, CREDIT_NOTES, notes, CreditNote.objects.filter(own), clients, now)


def read_invoices(connection: Connection, customer_id: str, clients: Clients, now: datetime) -> None:
    """The customer's newest 200 invoices, and by their ids those open here that are not among them."""
    found = clients.books.customer_invoices(customer_id)
    own = Invoice.objects.filter(receivables.OPEN, connection=connection, customer_id=customer_id, gone_at=None)
    _keep(connection, INVOICES, found, own, clients, now)


def _keep(
    connection: Connection, feed: Feed, rows: list[Row], known: "QuerySet[Any]", clients: Clients, now: datetime
) -> None:
    """Store the rows; what is known and not among them is asked for by its id before it counts as gone."""
    listed = [str(row.get(feed.raw_id)) for row in rows]
    absent = rule.missing(list(known.values_list("books_id", flat=True)), listed, MOST_ASKED)
    keep_rows(connection, feed, rows, now)
    ask_each(connection, feed, absent, clients, now)


def keep_rows(connection: Connection, feed: Feed, rows: list[Row], now: datetime) -> None:
    """Store rows as a reading would, without a run of their own."""
    with transaction.atomic():
        feed.absorb(connection, list(rows), now)


def ask_each(connection: Connection, feed: Feed, ids: Iterable[str], clients: Clients, now: datetime) -> None:
    """Each by its id, one call each: stored as it is now, or kept as gone when Books has none."""
    for identity in ids:
        found = feed.one(clients, identity)
        if found is not None:
            keep_rows(connection, feed, [found], now)
            continue
        with transaction.atomic():
            feed.forget(connection, [identity], now)


def read_invoice(row: Invoice, bench: Workbench) -> bool:
    """One invoice by its id, with its lines: one call; False when Books has none any more. Raises ZohoError."""
    now = row.connection.now(bench.clock)
    found = bench.clients(row.connection).books.invoice(row.books_id)
    if found is None:
        with transaction.atomic():
            INVOICES.forget(row.connection, [row.books_id], now)
        return False
    keep_rows(row.connection, INVOICES, [found], now)
    kept = Invoice.objects.filter(connection=row.connection, books_id=row.books_id)
    told = columns.invoice_detail(found) | netting.split(found)
    kept.update(**told, detail_of=Subquery(kept.values("digest")[:1]), read_at=now)
    return True


def refresh(connection: Connection, customer_ids: Iterable[str], bench: Workbench) -> None:
    """All of these customers anew, four calls each: figures, invoices, payments, credit notes. Raises ZohoError."""
    clients, now = bench.clients(connection), connection.now(bench.clock)
    for customer_id in customer_ids:
        read_invoices(connection, customer_id, clients, now)
        read_money(connection, customer_id, clients, now)
        keep_figures(connection, customer_id, clients.books.contact(customer_id), now)
        Receivable.objects.update_or_create(
            connection=connection, customer_id=customer_id, defaults={"look_since": None, "looked_at": now},
            create_defaults={"look_since": None, "looked_at": now, "changed_at": now},
        )  # fmt: skip
