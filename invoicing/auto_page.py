"""*Automatic drafts*: what bills itself and since when, the plan before it is switched on, and who changed it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import AuditEvent, Connection, User
from accounts.roles import may
from invoicing import auto_switch, billing, stages
from invoicing.auto_rows import VIA, accepted, unbilled
from invoicing.auto_switch import QUOTES, VERB, spoken
from invoicing.domain.auto_billing import WORDS, Candidate, Rule, sorted_out
from invoicing.models import Conversion, Deal, Quote
from invoicing.pages import money
from zbridge.clock import Clock

MOST, MOST_CHANGES, LAST = 1000, 10, timedelta(days=7)
Row = dict[str, Any]


def page(connection: Connection, user: User, clock: Clock, asked: str | None) -> Row:
    """The switches, the plan of the one that is asked for, what was made by itself lately, and the changes."""
    changes = AuditEvent.objects.filter(subject_kind=VERB, subject_id=str(connection.pk)).order_by("-pk")
    made = Conversion.objects.filter(connection=connection, requested_via=VIA).select_related("deal", "quote")
    known = asked is not None and asked in (QUOTES, *auto_switch.pipelines(connection))
    return {
        "connection": connection, "switches": [_switch(connection, what, asked) for what in _all(connection)],
        "any_on": auto_switch.is_on(connection), "may_start": may(user, "automate"),
        "may_stop": may(user, "stop_automatic"), "plan": _plan(connection, str(asked), clock) if known else None,
        "made": made.order_by("-pk")[:10], "changes": changes[:MOST_CHANGES],
    }  # fmt: skip


def _all(connection: Connection) -> list[str]:
    return [QUOTES, *auto_switch.pipelines(connection)]


def _switch(connection: Connection, what: str, asked: str | None) -> Row:
    since = connection.bill_quotes_since if what == QUOTES else stages.since_of(connection, what)
    return {"what": what, "name": spoken(what), "since": since, "asked": what == asked}


def _plan(connection: Connection, what: str, clock: Clock) -> Row:
    """What it would do if it were started now: nothing, and why for each group; and what last week would have been."""
    now = connection.now(clock)
    rows = _quotes(connection) if what == QUOTES else _deals(connection, what)
    verdicts = sorted_out(rows, Rule(now, connection.go_live))
    counted = Counter(why for why in verdicts.values() if why is not None)
    return {
        "what": what, "name": spoken(what), "on": auto_switch.is_on(connection, what),
        "drafts": sum(1 for why in verdicts.values() if why is None), "more": len(rows) == MOST,
        "groups": [(count, WORDS[why]) for why, count in sorted(counted.items())],
        "last_week": _last_week(connection, what, now),
    }  # fmt: skip


def _quotes(connection: Connection) -> list[Candidate]:
    zone = ZoneInfo(connection.time_zone)
    rows = unbilled(connection).defer("raw", "lines", "accepted_as").order_by("-accepted_seen_at")[:MOST]
    return [
        Candidate(
            id=row.pk, sale=f"quote:{row.crm_id}", seen_at=row.accepted_seen_at, before=row.accepted_before,
            seen_on=row.accepted_seen_at.astimezone(zone).date() if row.accepted_seen_at else None,
            sale_billed=bool(getattr(row, "sale_billed", False)),
        )
        for row in rows
    ]  # fmt: skip


def _deals(connection: Connection, pipeline: str) -> list[Candidate]:
    rows = billing.to_invoice(Deal.objects.filter(connection=connection, pipeline=pipeline)).defer("raw", "lines")
    return [
        Candidate(id=row.pk, sale=f"deal:{row.crm_id}", seen_at=row.won_change_at, seen_on=row.won_on)
        for row in rows[:MOST]
    ]


def _last_week(connection: Connection, what: str, now: datetime) -> Row:
    """Of the changes seen in seven days: how many would have made a draft, over how much, and how many were stopped."""
    if what == QUOTES:
        seen: Iterable[Quote | Deal] = accepted(connection).filter(
            accepted_before=False, accepted_seen_at__gte=now - LAST
        )
    else:
        seen = Deal.objects.filter(connection=connection, pipeline=what, won_change_at__gte=now - LAST, gone_at=None)
    rows = list(seen[:MOST])  # type: ignore[index]
    free = [row for row in rows if not row.stop]
    sums: dict[str, Decimal] = {}
    for row in free:
        amount = row.amount if isinstance(row, Deal) else row.total
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + (amount or Decimal(0))
    totals = [money(sums[code], code) for code in sorted(sums)]
    return {"seen": len(rows), "free": len(free), "stopped": len(rows) - len(free), "totals": totals}
