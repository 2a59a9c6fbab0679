"""How long from a yes to the money? Each step of a sale: median and worst per week, and the rows behind them."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.scope import visible
from invoicing.domain.lead_times import Flow, lead_time, median, spoken, weekly
from invoicing.models import Conversion
from invoicing.reports.asked import Asked
from invoicing.reports.shape import Chart, Column, Line, Report, Rows

WEEKS = 12
FLOWS = {
    Flow.ACCEPTED: "Quote accepted to draft", Flow.WON: "Deal won to draft", Flow.SENT: "Draft to sent",
    Flow.PAID: "Sent to paid",
}  # fmt: skip
COLUMNS = {
    Flow.ACCEPTED: ("accepted_seen_at", "stood_at"), Flow.WON: ("won_seen_at", "stood_at"),
    Flow.SENT: ("stood_at", "sent_seen_at"), Flow.PAID: ("sent_seen_at", "paid_seen_at"),
}  # fmt: skip
UNITS = {
    Flow.ACCEPTED: ("Minutes", 60), Flow.WON: ("Minutes", 60), Flow.SENT: ("Hours", 3600), Flow.PAID: ("Days", 86400),
}  # fmt: skip


def flow_of(asked: Asked) -> Flow:
    """The step asked for; the first where none was."""
    return Flow(asked.get("flow")) if asked.get("flow") in set(Flow) else Flow.ACCEPTED


def _conversions(asked: Asked, *, all_time: bool = False) -> Rows:
    """Drafts that went this step, narrowed by the filters; a month takes what ended in it."""
    start, end = COLUMNS[flow_of(asked)]
    rows = visible(asked.user, Conversion.objects.filter(connection=asked.connection))
    rows = rows.exclude(stood_at=None).exclude(**{start: None}).exclude(**{end: None})
    if asked.get("rep"):
        rows = rows.filter(Q(deal__owner_id=asked.get("rep")) | Q(deal=None, quote__owner_id=asked.get("rep")))
    if asked.get("customer"):
        rows = rows.filter(customer_name__istartswith=asked.get("customer"))
    if all_time or asked.first is None or asked.last is None:
        return rows
    zone = ZoneInfo(asked.connection.time_zone)
    first = datetime.combine(asked.first, time(), zone)
    after = datetime.combine(asked.last + timedelta(days=1), time(), zone)
    return rows.filter(**{f"{end}__gte": first, f"{end}__lt": after})


def _rows(asked: Asked) -> Rows:
    start, end = COLUMNS[flow_of(asked)]
    rows = _conversions(asked).order_by(f"-{end}", "-pk").annotate(
        start=F(start), end=F(end), deal_name=F("deal__name"), quote_number=F("quote__number"), touches=_touches(),
    )  # fmt: skip
    return rows.values(
        "pk", "deal_name", "quote_number", "invoice_number", "customer_name", "start", "end", "touches", "currency"
    )


def _touches() -> Any:
    """Deeds of people about the draft or its deal, in the audit."""
    return _number("conversion", "pk") + _number("deal", "deal_id")


def _number(kind: str, column: str) -> Coalesce:
    """How many deeds are about what that column of the row names."""
    named = Cast(OuterRef(column), CharField())
    found = AuditEvent.objects.exclude(user=None).filter(subject_kind=kind, subject_id=named).order_by()
    counted = found.values("subject_kind").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _sums(asked: Asked) -> Sequence[Line]:
    """One line for all rows: median, worst, touches an invoice."""
    rows = list(_conversions(asked).annotate(touches=_touches()).values_list(*COLUMNS[flow_of(asked)], "touches"))
    if not rows:
        return []
    times = [lead_time(start, end) for start, end, _ in rows]
    touches = Decimal(sum(one for _, _, one in rows)) / len(rows)
    said = f"median {spoken(median(times))}, worst {spoken(max(times))}, {touches:.1f} touches an invoice"
    return [{"currency": said, "number": len(rows)}]


def _chart(asked: Asked, sums: Sequence[Line]) -> Chart:
    """The last weeks in which something ended, up to the end of the month asked for."""
    flow, zone = flow_of(asked), ZoneInfo(asked.connection.time_zone)
    start, end = COLUMNS[flow]
    until = datetime.combine((asked.last or asked.today) + timedelta(days=1), time(), zone)
    rows = _conversions(asked, all_time=True).filter(
        **{f"{end}__lt": until, f"{end}__gte": until - timedelta(weeks=WEEKS)}
    )
    weeks = weekly(rows.values_list(start, end), zone)
    unit, seconds = UNITS[flow]
    series = {
        f"{unit}, median": [_in(week.median, seconds) for week in weeks],
        f"{unit}, worst": [_in(week.worst, seconds) for week in weeks],
    }
    labels = [f"{week.monday:%-d %b} ({week.count})" for week in weeks]
    return Chart(title=f"{FLOWS[flow]}, by week", labels=labels, series=series)


def _in(time_: timedelta, seconds: int) -> Decimal:
    return round(Decimal(time_.total_seconds()) / seconds, 1)


def _columns(asked: Asked) -> Sequence[Column]:
    begun, ended = FLOWS[flow_of(asked)].split(" to ")
    return (
        Column(title="Sale", name="sale", of=lambda row, _: row["deal_name"] or row["quote_number"] or "–",
               link=lambda row: reverse("documents:conversion", args=[row["pk"]])),
        Column(title="Customer", name="customer_name"),
        Column(title="Invoice", name="invoice_number"),
        Column(title=begun, name="start", of=lambda row, asked: _when(row["start"], asked)),
        Column(title=ended.capitalize(), name="end", of=lambda row, asked: _when(row["end"], asked)),
        Column(title="It took", name="took", of=lambda row, _: spoken(lead_time(row["start"], row["end"]))),
        Column(title="Minutes", name="minutes", of=_minutes, number=True),
        Column(title="Touches", name="touches", number=True),
    )  # fmt: skip


def _when(moment: datetime, asked: Asked) -> str:
    return f"{moment.astimezone(ZoneInfo(asked.connection.time_zone)):%-d %b %Y %H:%M}"


def _minutes(row: Line, asked: Asked) -> int:
    return round(lead_time(row["start"], row["end"]).total_seconds() / 60)


REPORT = Report(
    name="lead-times", title="Lead times", question="How long from a yes to the money?",
    right="invoicing.view_conversion",
    columns=_columns, rows=_rows, sums=_sums, chart=_chart, kinds=("quote", "deal", "invoice"),
    filters=("flow", "month", "rep", "customer"),
    how=(
        "Accepted, won, sent and paid count from when zbridge saw it in CRM or Books; how often it looks, Schedules "
        "says. A draft counts from when it stood in Books.",
        "Accepted and won are measured to the first draft of a sale: further parts and drafts billed again waited for "
        "a person. A week begins on Monday in the organisation's zone and takes what ended in it.",
        "Touches are the deeds of people that the audit holds about the draft or its deal: asking, answering, "
        "linking, deciding. What people do in Books isn't seen here; a draft that made itself has none.",
    ),
    empty="No sale went this way yet.",
)  # fmt: skip
