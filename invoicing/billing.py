"""Which deals are still to be billed, and what the last look said of each: ready, or what stops it."""

import logging
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from accounts.clients import seams
from accounts.models import Connection
from invoicing import previews
from invoicing.domain.drafts import Stopped
from invoicing.domain.wording import sentence
from invoicing.models import Conversion, Deal, Invoice
from invoicing.models.conversions import LIVE
from syncjobs.absorbing import ODD
from syncjobs.models import Link, Run
from zbridge.clock import Clock

log = logging.getLogger(__name__)
MOST_AT_ONCE = 200


def live_conversions() -> "QuerySet[Conversion]":
    """Of the deal of the outer query."""
    return Conversion.objects.filter(deal=OuterRef("pk"), state__in=LIVE)


def live_conversions_of_quotes() -> "QuerySet[Conversion]":
    """Of quotes that are now linked to the deal of the outer query; they bill the same sale."""
    quotes = {"quote__connection": OuterRef("connection"), "quote__deal_id": OuterRef("crm_id")}
    return Conversion.objects.filter(state__in=LIVE, **quotes)


def billed_outside() -> "QuerySet[Invoice]":
    """Invoices made by hand that name the deal of the outer query."""
    rows = Invoice.objects.filter(connection=OuterRef("connection"), potential_id=OuterRef("crm_id"), gone_at=None)
    return rows.exclude(status="void")


def to_invoice(rows: "QuerySet[Deal]") -> "QuerySet[Deal]":
    """Won since go-live, worth something, billed neither here nor by hand, and not taken off the list by finance."""
    since = Q(pk=None)
    for connection in Connection.objects.exclude(go_live=None):
        since |= Q(connection=connection, won_on__gte=connection.go_live)
    found = rows.filter(since, outcome=Deal.Outcome.WON, gone_at=None, amount__gt=0, not_billable="")
    billed = (live_conversions(), live_conversions_of_quotes(), billed_outside())
    return found.filter(*(~Exists(rows) for rows in billed))


def overdue(rows: "QuerySet[Invoice]") -> "QuerySet[Invoice]":
    """Open and due before today in the organisation's zone; due today isn't overdue."""
    late = Q(pk=None)
    for connection in Connection.objects.all():
        late |= Q(connection=connection, due_on__lt=connection.today(seams().clock))
    return rows.filter(late, balance__gt=0, gone_at=None).exclude(status__in=["draft", "void"])


def judge(connection: Connection, clock: Clock) -> int:
    """Weigh what is to be billed anew, if anything that matters was read or linked since; how many were weighed."""
    now, moved_at = clock.now(), changed_at(connection)
    rows = to_invoice(Deal.objects.filter(connection=connection)).select_related("connection")
    stale = rows.filter(Q(judged_at=None) | Q(judged_at__lt=moved_at)) if moved_at else rows.filter(judged_at=None)
    count = 0
    for deal in stale.order_by("-won_on")[:MOST_AT_ONCE]:
        judge_one(deal, clock, now)
        count += 1
    return count


def judge_one(deal: Deal, clock: Clock, now: datetime) -> None:
    """Keep what the deal's own page would say; lists show it without weighing each row again."""
    try:
        verdict = previews.preview(deal.connection, deal, None, clock).verdict
        stop = sentence(verdict.problems[0]) if isinstance(verdict, Stopped) else ""
    except ODD:
        log.exception("deal %s could not be weighed", deal.pk)
        stop = "zbridge can't make sense of this deal as it was read; the log has the details."
    Deal.objects.filter(pk=deal.pk).update(stop=stop[:300], judged_at=now)


def changed_at(connection: Connection) -> datetime | None:
    """When something that a verdict rests on last changed."""
    runs = Run.objects.filter(connection=connection).exclude(created=0, updated=0)
    times = (
        runs.aggregate(last=Max("ended_at"))["last"],
        Link.objects.filter(connection=connection).aggregate(last=Max("made_at"))["last"],
    )
    return max((at for at in times if at), default=None)
