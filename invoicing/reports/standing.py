"""How do our invoices stand? Every invoice in exactly one state, as of today."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When
from django.urls import reverse

from accounts.scope import visible
from invoicing.domain.ageing import UNCOUNTED
from invoicing.models import Invoice
from invoicing.reports.asked import Asked
from invoicing.reports.narrowing import in_month, nearest, of_customers
from invoicing.reports.shape import Chart, Column, Line, Report, Rows

STATES = {
    "draft": "Draft", "open": "Open, not due", "partial": "Paid in part, not due", "overdue": "Overdue", "paid": "Paid",
    "void": "Void",
}  # fmt: skip


def condition(state: str, today: date) -> Q:
    """Which invoices are in that state; each is in one."""
    counted = ~Q(status__in=UNCOUNTED)
    due = Q(due_on__gte=today) | Q(due_on=None)
    return {
        "void": Q(status="void"),
        "draft": Q(status__in=UNCOUNTED - {"void"}),
        "paid": counted & Q(balance__lte=0),
        "overdue": counted & Q(balance__gt=0, due_on__lt=today),
        "partial": counted & Q(balance__gt=0, balance__lt=F("total")) & due,
        "open": counted & Q(balance__gt=0, balance__gte=F("total")) & due,
    }[state]


def _state(today: date) -> Case:
    whens = [When(condition(name, today), then=Value(name)) for name in STATES]
    return Case(*whens, default=Value("draft"), output_field=CharField())


def _invoices(asked: Asked, *, all_time: bool = False) -> Rows:
    rows = visible(asked.user, Invoice.objects.filter(connection=asked.connection, gone_at=None))
    found = of_customers(asked, rows)
    if asked.get("state") in STATES:
        found = found.filter(condition(asked.get("state"), asked.today))
    return found if all_time else in_month(asked, found, "issued_on")


def _rows(asked: Asked) -> Rows:
    columns = ("pk", "number", "customer_name", "issued_on", "due_on", "total", "balance", "currency", "reference")
    rows = _invoices(asked).order_by("-issued_on", "-pk")
    return rows.annotate(how=_state(asked.today)).values(*columns, "how")


def _sums(asked: Asked) -> Rows:
    by_state = {f"is_{name}": Sum("total", filter=condition(name, asked.today), default=Decimal(0)) for name in STATES}
    rows = _invoices(asked).order_by("currency").values("currency")
    return rows.annotate(number=Count("pk"), total_=Sum("total"), balance_=Sum("balance"), **by_state)


def _chart(asked: Asked, sums: Sequence[Line]) -> Chart:
    series = {row["currency"]: [row[f"is_{name}"] for name in STATES] for row in sums}
    return Chart(title="Invoice totals by state", labels=list(STATES.values()), series=series)


def _columns(asked: Asked) -> Sequence[Column]:
    return (
        Column(title="Invoice", name="number", link=lambda row: reverse("documents:invoice", args=[row["pk"]])),
        Column(title="Customer", name="customer_name"),
        Column(title="State", name="how", of=lambda row, _: STATES[row["how"]]),
        Column(title="Date", name="issued_on"),
        Column(title="Due", name="due_on"),
        Column(title="Reference", name="reference"),
        Column(title="Total", name="total", money=True),
        Column(title="Balance", name="balance", money=True),
    )


REPORT = Report(
    name="invoices", title="Invoices by state", question="How do our invoices stand?", right="invoicing.view_invoice",
    columns=_columns, rows=_rows, sums=_sums, chart=_chart,
    nearest=lambda asked: nearest(asked, _invoices(asked, all_time=True), "issued_on"), kinds=("invoice",),
    filters=("month", "state", "rep", "currency", "customer"),
    how=(
        "Invoices in Books by their date; each is in one state: what waits for approval is a draft, and an open one is "
        "overdue from the day after its due day in the organisation's zone, whether a part was paid or not.",
        "Totals and balances are with tax; void invoices have a total and owe nothing.",
    ),
    empty="No invoice.",
)  # fmt: skip
