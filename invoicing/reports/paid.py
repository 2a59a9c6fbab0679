"""What was paid, by whom? Payments as Books holds them, by the day they were made."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse

from accounts.scope import visible
from invoicing.models import Payment
from invoicing.reports.asked import Asked, months_back
from invoicing.reports.narrowing import in_month, nearest, of_customers
from invoicing.reports.shape import Chart, Column, Line, Report, Rows

MONTHS = 12


def _payments(asked: Asked, *, all_time: bool = False) -> Rows:
    rows = visible(asked.user, Payment.objects.filter(connection=asked.connection, gone_at=None))
    found = of_customers(asked, rows)
    return found if all_time else in_month(asked, found, "paid_on")


def _rows(asked: Asked) -> Rows:
    columns = (
        "pk", "paid_on", "number", "customer_id", "customer_name", "invoice_numbers", "mode", "reference", "amount",
        "unused", "refunded", "currency",
    )  # fmt: skip
    return _payments(asked).order_by("-paid_on", "-pk").values(*columns)


def _sums(asked: Asked) -> Rows:
    rows = _payments(asked).order_by("currency").values("currency")
    return rows.annotate(number=Count("pk"), amount_=Sum("amount"), unused_=Sum("unused"), refunded_=Sum("refunded"))


def _chart(asked: Asked, sums: Sequence[Line]) -> Chart:
    """The twelve months up to the one asked for, or to this one."""
    months = months_back(asked.last or asked.today, MONTHS)[::-1]
    rows = _payments(asked, all_time=True).filter(paid_on__gte=months[0], paid_on__lte=asked.last or asked.today)
    found: dict[str, dict[date, Decimal]] = {}
    grouped = rows.order_by().values("currency", month=TruncMonth("paid_on")).annotate(paid=Sum("amount"))
    for row in grouped.order_by("currency"):
        found.setdefault(row["currency"], {})[row["month"]] = row["paid"]
    series = {name: [paid.get(one, Decimal(0)) for one in months] for name, paid in found.items()}
    return Chart(title="Paid by month", labels=[f"{one:%b %Y}" for one in months], series=series)


def _columns(asked: Asked) -> Sequence[Column]:
    return (
        Column(title="Paid on", name="paid_on"),
        Column(title="Payment", name="number"),
        Column(
            title="Customer",
            name="customer_name",
            link=lambda row: reverse("reports:customer", args=[row["customer_id"]]),
        ),
        Column(title="Invoices", name="invoice_numbers"),
        Column(title="How", name="mode"),
        Column(title="Reference", name="reference"),
        Column(title="Amount", name="amount", money=True),
        Column(title="Not used yet", name="unused", money=True),
        Column(title="Refunded", name="refunded", money=True),
    )


REPORT = Report(
    name="payments", title="Payments received", question="What was paid, by whom?", right="invoicing.view_payment",
    columns=_columns, rows=_rows, sums=_sums, chart=_chart,
    nearest=lambda asked: nearest(asked, _payments(asked, all_time=True), "paid_on"), kinds=("payment",),
    filters=("month", "rep", "currency", "customer"),
    how=(
        "Payments as Books holds them, by the day on which they were paid, in the currency of the payment.",
        "What isn't used yet is part of the amount: it waits as the customer's credit. Refunded amounts aren't taken "
        "off.",
    ),
    empty="Nothing was paid.",
)  # fmt: skip
