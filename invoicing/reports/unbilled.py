"""What did we win and not bill yet? Won deals since go-live without an invoice."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.urls import reverse

from accounts.scope import visible
from invoicing.billing import to_invoice
from invoicing.models import Deal
from invoicing.reports.asked import Asked
from invoicing.reports.narrowing import in_month, nearest
from invoicing.reports.shape import Chart, Column, Line, Report, Rows

AGES = ((30, "up to 30 days"), (60, "31–60 days"), (90, "61–90 days"))


def _deals(asked: Asked, *, all_time: bool = False) -> Rows:
    rows: Rows = to_invoice(visible(asked.user, Deal.objects.filter(connection=asked.connection)))
    if asked.get("rep"):
        rows = rows.filter(owner_id=asked.get("rep"))
    if asked.get("currency"):
        rows = rows.filter(currency=asked.get("currency"))
    if asked.get("customer"):
        rows = rows.filter(account_name__istartswith=asked.get("customer"))
    return rows if all_time else in_month(asked, rows, "won_on")


def _rows(asked: Asked) -> Rows:
    columns = ("pk", "name", "account_name", "contact_name", "owner_name", "won_on", "amount", "currency", "stop")
    return _deals(asked).order_by("won_on", "pk").values(*columns)


def _sums(asked: Asked) -> Rows:
    aged = {f"age_{place}": Sum("amount", filter=found) for place, found in enumerate(_ages(asked.today))}
    rows = _deals(asked).order_by("currency").values("currency")
    return rows.annotate(number=Count("pk"), amount_=Sum("amount"), **aged)


def _ages(today: date) -> list[Q]:
    """One condition an age, in order; together they take every deal once."""
    edges = [today - timedelta(days=days) for days, _ in AGES]
    between = [Q(won_on__lt=newer, won_on__gte=older) for newer, older in zip(edges, edges[1:], strict=False)]
    return [Q(won_on__gte=edges[0]), *between, Q(won_on__lt=edges[-1])]


def _chart(asked: Asked, sums: Sequence[Line]) -> Chart:
    labels = [*(name for _, name in AGES), "over 90 days"]
    series = {
        row["currency"]: [row[f"age_{place}"] or Decimal(0) for place in range(len(labels))] for row in sums
    }  # fmt: skip
    return Chart(title="Won and not billed, by age", labels=labels, series=series)


def _columns(asked: Asked) -> Sequence[Column]:
    return (
        Column(title="Deal", name="name", link=lambda row: reverse("documents:deal", args=[row["pk"]])),
        Column(title="Account", name="account", of=lambda row, _: row["account_name"] or row["contact_name"]),
        Column(title="Rep", name="owner_name"),
        Column(title="Won", name="won_on"),
        Column(title="Days", name="age", of=lambda row, asked: (asked.today - row["won_on"]).days, number=True),
        Column(title="Amount", name="amount", money=True),
        Column(title="What stops it", name="stop"),
    )


REPORT = Report(
    name="won-not-invoiced", title="Won, not invoiced", question="What did we win and not bill yet?",
    right="invoicing.view_deal", columns=_columns, rows=_rows, sums=_sums, chart=_chart,
    nearest=lambda asked: nearest(asked, _deals(asked, all_time=True), "won_on"),
    kinds=("deal", "invoice"), filters=("month", "rep", "currency", "customer"),
    how=(
        "Deals in a won stage, won on or after go-live, worth more than nothing, and billed neither by zbridge "
        "(a draft counts as billed) nor by an invoice in Books that names the deal.",
        "Amounts are those of CRM; days are counted from the day it was won to today in the organisation's zone.",
    ),
    empty="Every deal that was won is billed.",
)  # fmt: skip
