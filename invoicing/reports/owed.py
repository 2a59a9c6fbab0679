"""Who owes us, and since when? Open balances by customer, rep or currency, in buckets that add up to the total."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery, Sum
from django.urls import reverse

from accounts.scope import visible
from invoicing.domain.ageing import BUCKETS, OLDEST
from invoicing.models import Invoice, Receivable
from invoicing.receivables import OPEN
from invoicing.reports import reps
from invoicing.reports.asked import Asked
from invoicing.reports.narrowing import of_customers
from invoicing.reports.shape import Chart, Column, Line, Report, Rows

NOT_DUE = "Not due"
LABELS = (NOT_DUE, *(name for _, name in BUCKETS), OLDEST)
GROUPS = {"customer": "Customer", "rep": "Rep", "currency": "Currency"}


def open_invoices(asked: Asked) -> Rows:
    """Open ones that this person sees and that the filters keep; drafts and void ones owe nothing."""
    rows = visible(asked.user, Invoice.objects.filter(OPEN, connection=asked.connection, gone_at=None))
    return of_customers(asked, rows)


def buckets(asked: Asked) -> dict[str, Any]:
    """One sum a bucket: not due, then by days overdue; an invoice without due day isn't due."""
    edges = [asked.today, *(asked.today - timedelta(days=days) for days, _ in BUCKETS)]
    between = [Q(due_on__lt=newer, due_on__gte=older) for newer, older in zip(edges, edges[1:], strict=False)]
    found = [Q(due_on__gte=asked.today) | Q(due_on=None), *between, Q(due_on__lt=edges[-1])]
    return {f"bucket_{place}": Sum("balance", filter=one, default=Decimal(0)) for place, one in enumerate(found)}


def _by(asked: Asked) -> str:
    return asked.get("by") if asked.get("by") in GROUPS else "customer"


def _rows(asked: Asked) -> Rows:
    sums = {"number": Count("pk"), "total_": Sum("balance"), "oldest": Min("due_on"), **buckets(asked)}
    rows = open_invoices(asked).order_by()
    if _by(asked) == "rep":
        rows = rows.annotate(owner=reps.party("owner_id"))
        return rows.values("owner", "currency").annotate(**sums).order_by("currency", "-total_", "owner")
    if _by(asked) == "currency":
        return rows.values("currency").annotate(**sums).order_by("currency")
    grouped = rows.values("customer_id", "currency").annotate(customer_name_=Max("customer_name"), **sums)
    return grouped.order_by("currency", "-total_", "customer_id")


def _sums(asked: Asked) -> Rows:
    rows = open_invoices(asked).order_by("currency").values("currency")
    return rows.annotate(number=Count("pk"), total_=Sum("balance"), **buckets(asked))


def _chart(asked: Asked, sums: Sequence[Line]) -> Chart:
    series = {row["currency"]: [row[f"bucket_{place}"] for place in range(len(LABELS))] for row in sums}
    return Chart(title="Open balances by age", labels=LABELS, series=series)


def _columns(asked: Asked) -> Sequence[Column]:
    who = {
        "customer": Column(title="Customer", name="customer_name_", link=_invoices_of),
        "rep": Column(title="Rep", name="owner", of=_rep),
        "currency": Column(title="Currency", name="currency"),
    }[_by(asked)]
    aged = [
        Column(title=label, name=f"bucket_{place}", money=True) for place, label in enumerate(LABELS)
    ]  # fmt: skip
    days = Column(title="Oldest, days", name="oldest_days", of=_oldest, number=True)
    total = Column(title="Total", name="total_", money=True)
    return (who, Column(title="Invoices", name="number", number=True), *aged, total, days)


def _rep(row: Line, asked: Asked) -> str:
    return reps.names(asked.connection).get(row["owner"] or "", row["owner"] or "No account in CRM")


def _oldest(row: Line, asked: Asked) -> int:
    return max((asked.today - row["oldest"]).days, 0) if row["oldest"] else 0


def _invoices_of(row: Line) -> str:
    return reverse("reports:customer", args=[row["customer_id"]])


REPORT = Report(
    name="receivables", title="Receivables", question="Who owes us, and since when?", right="invoicing.view_invoice",
    columns=_columns, rows=_rows, sums=_sums, chart=_chart, kinds=("invoice",), key="",
    filters=("by", "rep", "currency", "customer"),
    how=(
        "Balances of invoices that are open in Books; drafts, void and written-off amounts count nowhere, and credits "
        "that nobody used yet aren't taken off.",
        "An invoice is overdue from the day after its due day in the organisation's zone. Not due and the four ages "
        "add up to the total; each currency stands by itself.",
        "A customer's rep is who owns its account in CRM.",
    ),
    empty="Nobody owes anything.",
)  # fmt: skip


# -- whom to call ------------------------------------------------------------------------------------------------------


def _overdue(asked: Asked) -> Rows:
    return open_invoices(asked).filter(due_on__lt=asked.today)


def _calls(asked: Asked) -> Rows:
    kept = Receivable.objects.filter(connection=OuterRef("connection"), customer_id=OuterRef("customer_id"))
    rows = _overdue(asked).order_by().values("connection", "customer_id", "currency")
    grouped = rows.annotate(
        customer_name_=Max("customer_name"), number=Count("pk"), amount_=Sum("balance"), oldest=Min("due_on")
    )
    return grouped.annotate(
        account=reps.party("name"), phone=reps.party("phone_key"), owner=reps.party("owner_id"),
        last_paid_on=Subquery(kept.values("last_paid_on")[:1]), last_paid=Subquery(kept.values("last_paid")[:1]),
    ).order_by("oldest", "customer_id", "currency")  # fmt: skip


def _call_sums(asked: Asked) -> Rows:
    rows = _overdue(asked).order_by("currency").values("currency")
    return rows.annotate(number=Count("pk"), amount_=Sum("balance"))


def _call_columns(asked: Asked) -> Sequence[Column]:
    return (
        Column(title="Account", name="account", of=lambda row, _: row["account"] or row["customer_name_"],
               link=_invoices_of),
        Column(title="Phone", name="phone", of=lambda row, _: row["phone"] or ""),
        Column(title="Overdue invoices", name="number", number=True),
        Column(title="Overdue", name="amount_", money=True),
        Column(title="Oldest, days", name="oldest_days", of=_oldest, number=True),
        Column(title="Last payment", name="last_paid_on"),
        Column(title="Last paid", name="last_paid", money=True),
        Column(title="Rep", name="owner", of=_rep),
    )  # fmt: skip


CALLS = Report(
    name="call-list", title="Call list", question="Whom should I call?", right="invoicing.view_invoice",
    columns=_call_columns, rows=_calls, sums=_call_sums, kinds=("invoice", "payment", "account"), key="",
    filters=("rep", "currency", "customer"),
    how=(
        "Accounts with an invoice that is overdue today in the organisation's zone, the oldest first; one line for "
        "each currency.",
        "The phone is the account's in CRM; the last payment is the latest that Books holds for the customer.",
    ),
    empty="Nobody is overdue.",
)  # fmt: skip
