"""When a sale was seen accepted or won, its draft stood, was seen sent and paid: business time, kept on the conversion.

Seen means read by zbridge: how late that may be, *Schedules* says.
"""

import json
from collections.abc import Collection
from datetime import datetime

from accounts.models import Connection
from invoicing.domain.ageing import UNCOUNTED
from invoicing.models import Conversion, Deal, Invoice, Quote

Moments = dict[str, datetime]


def after_deals(connection: Connection, crm_ids: Collection[str], now: datetime) -> None:
    """Deals were read that are new or changed: those that are won now and weren't before; in the caller's turn."""
    rows = Deal.objects.filter(connection=connection, crm_id__in=crm_ids)
    rows.filter(outcome=Deal.Outcome.WON, won_seen_at=None).update(won_seen_at=now)
    rows.exclude(outcome=Deal.Outcome.WON).exclude(won_seen_at=None).update(won_seen_at=None)


def of_draft(row: Conversion, now: datetime) -> Moments:
    """Of a draft that stands now. A further part or a sale billed again waited for a person: nothing is measured."""
    found = {"stood_at": now}
    if (row.part, row.generation) != (1, 1):
        return found
    won, accepted = row.deal.won_seen_at if row.deal else None, _accepted(row)
    return found | ({"won_seen_at": won} if won else {}) | ({"accepted_seen_at": accepted} if accepted else {})


def _accepted(row: Conversion) -> datetime | None:
    """Of the quote that is billed, also where a deal is and the lines come from its quote."""
    if row.quote is not None:
        return row.quote.accepted_seen_at
    quote = json.loads(row.snapshot.text).get("quote") if row.snapshot else ""
    rows = Quote.objects.filter(connection=row.connection, crm_id=quote) if quote else Quote.objects.none()
    return rows.values_list("accepted_seen_at", flat=True).first()


def of_invoice(row: Conversion, invoice: Invoice | None, now: datetime) -> Moments:
    """What was seen of its invoice for the first time: that it is sent, that it is paid."""
    if invoice is None or invoice.gone_at is not None or invoice.status in UNCOUNTED:
        return {}
    found = {} if row.sent_seen_at else {"sent_seen_at": now}
    is_paid = invoice.balance <= 0 and invoice.written_off <= 0
    return found | ({"paid_seen_at": now} if is_paid and not row.paid_seen_at else {})
