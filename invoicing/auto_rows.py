"""The rows that billing by itself goes by: accepted quotes, won deals, and which of them have a live claim."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Connection
from invoicing import billing, stages
from invoicing.claims import due
from invoicing.models import Conversion, Deal, Quote
from invoicing.models.conversions import LIVE
from zbridge.clock import Clock

VIA = "auto"
# What stops a quote may be mended where nobody tells, such as in a setting: it is weighed anew each hour.
LOOK_AGAIN = timedelta(hours=1)


def accepted(connection: Connection) -> "QuerySet[Quote]":
    """Quotes in an accepted stage whose acceptance was noted."""
    rows = Quote.objects.filter(connection=connection, stage__in=connection.accepted_stages, gone_at=None)
    return rows.exclude(accepted_seen_at=None).select_related("connection")


def live_of_quote() -> "QuerySet[Conversion]":
    """Of the quote of the outer query."""
    return Conversion.objects.filter(quote=OuterRef("pk"), state__in=LIVE)


def live_of_its_deal() -> "QuerySet[Conversion]":
    """Of the deal of the outer query's quote, or of another quote of that deal."""
    mine = Q(deal__crm_id=OuterRef("deal_id")) | Q(quote__deal_id=OuterRef("deal_id"), quote__deal_id__gt="")
    return Conversion.objects.filter(mine, connection=OuterRef("connection"), state__in=LIVE)


def unbilled(connection: Connection) -> "QuerySet[Quote]":
    """Accepted quotes without a live claim of their own; `sale_billed`: their deal has one.

    `taken_off`: finance took their deal off the list of sales to bill.
    """
    rows = accepted(connection).filter(~Exists(live_of_quote()))
    deals = Deal.objects.filter(connection=OuterRef("connection"), crm_id=OuterRef("deal_id")).exclude(not_billable="")
    return rows.annotate(sale_billed=Exists(live_of_its_deal()), taken_off=Exists(deals))


def won_deals(connection: Connection) -> "QuerySet[Deal]":
    """Deals of pipelines that bill themselves, seen being won since, and billed neither here nor by hand."""
    since = Q(pk=None)
    for pipeline in connection.bill_pipelines:
        since |= Q(pipeline=pipeline, won_change_at__gte=stages.since_of(connection, pipeline))
    return billing.to_invoice(Deal.objects.filter(since, connection=connection)).select_related("connection")


def due_since(connection: Connection, since: datetime, now: datetime) -> list[tuple[int, datetime | None]]:
    """The connection, with the time since which one of its automatic drafts goes on; at most one."""
    rows = Conversion.objects.filter(due(now), connection=connection, requested_via=VIA, next_at__gt=since)
    first = rows.order_by("next_at").values_list("next_at", flat=True).first()
    return [(connection.pk, first)] if first else []


def is_due(connection: Connection, clock: Clock) -> bool:
    """Whether there is anything to judge, to ask for, or to work."""
    waiting = Conversion.objects.filter(due(clock.now()), connection=connection, requested_via=VIA)
    fresh = Quote.objects.filter(connection=connection, stage__in=connection.accepted_stages, accepted_seen_at=None)
    return (
        waiting.exists()
        or fresh.filter(gone_at=None).exists()
        or stale(connection, clock).exists()
        or bool(connection.bill_pipelines and won_deals(connection).exists())
    )


def stale(connection: Connection, clock: Clock) -> "QuerySet[Quote]":
    """Accepted quotes to be weighed anew: new ones, and all when something that matters was read or linked since."""
    changed_at = billing.changed_at(connection)
    old = Q(judged_at=None) | Q(judged_at__lt=clock.now() - LOOK_AGAIN) & ~Q(stop="")
    return unbilled(connection).filter(old | Q(judged_at__lt=changed_at) if changed_at else old)
