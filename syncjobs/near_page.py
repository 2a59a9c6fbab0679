"""What *Near real time* shows, from our own tables: channels, set-up steps, the last hints, what lag to expect."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings

from accounts.models import AuditEvent, Connection, User
from accounts.roles import may
from syncjobs import channels, hooks
from syncjobs.domain.schedules import age_in_words, in_words
from syncjobs.models import Channel, Hint, HookAddress
from syncjobs.reading import feed_of
from syncjobs.schedules import standings
from zbridge.clock import Clock

Row = dict[str, Any]
LAST, MEASURED, MOST_CHANGES = 20, 50, 10
# What Books' web hooks are set up for: what Books calls it, and when it calls.
BOOKS_RULES = (
    ("Invoices", "created or edited"), ("Customers", "created or edited"), ("Items", "created or edited"),
    ("Payments received", "created or edited"), ("Credit notes", "created or edited"),
)  # fmt: skip
Sort = HookAddress.Sort


def page(connection: Connection, user: User, clock: Clock, *, others: list[Connection], shown: bool = False) -> Row:
    """All of it, with as many queries for a million hints as for none; addresses and secrets only when `shown`."""
    rows = {row.sort: row for row in HookAddress.objects.filter(connection=connection)}
    crm, why_not = rows.get(Sort.CRM), hooks.unreachable(connection)
    wanted = crm is not None and crm.wanted
    told = _channels(connection, clock, wanted)
    events = AuditEvent.objects.filter(subject_kind="hooks", subject_id=str(connection.pk)).order_by("-pk")
    return {
        "connection": connection, "others": others, "may_set": may(user, "connect"), "why_not": why_not,
        "public": settings.ZBRIDGE_PUBLIC_URL, "wanted": wanted, "doors": _doors(rows, clock.now()),
        "channels": told, "trouble": any(row["trouble"] for row in told), "lists": _lists(connection),
        "books_rules": BOOKS_RULES,
        "hints": _hints(connection), "waiting": _waiting(connection), "lag": _lag(connection),
        "shown": _shown(rows) if shown else {}, "changes": events[:MOST_CHANGES],
    }  # fmt: skip


def _doors(rows: dict[str, HookAddress], now: datetime) -> dict[str, Row]:
    """Of each sort: whether it is set up, when something was last believed and refused, and the old secret's end."""
    return {sort: _door(rows.get(sort), now) for sort in Sort.values}


def _door(row: HookAddress | None, now: datetime) -> Row:
    if row is None:
        return {"there": False}
    old = row.old_until if row.old_until and row.old_until > now else None
    return {
        "there": True, "heard_at": row.heard_at, "refused_at": row.refused_at, "refused_for": row.refused_for,
        "old_until": old,
    }  # fmt: skip


def _shown(rows: dict[str, HookAddress]) -> Row:
    """The addresses that a person enters in Zoho, and what Books signs with."""
    found = {str(sort): hooks.url(rows[sort]) for sort in (Sort.BOOKS, Sort.CONVERT) if sort in rows}
    return {**found, "secret": hooks.signing_secret(rows[Sort.BOOKS]) if Sort.BOOKS in rows else ""}


def _channels(connection: Connection, clock: Clock, wanted: bool) -> list[Row]:
    rows = Channel.objects.filter(connection=connection)
    return [_channel(row, connection.now(clock), wanted) for row in rows]


def _channel(row: Channel, now: datetime, wanted: bool) -> Row:
    stands = wanted and row.expires_at is not None and row.expires_at > now and row.granted_at is not None
    tone, state = ("success", "On") if stands else ("info", "Being switched on") if wanted else ("info", "Off")
    if wanted and row.trouble:
        tone, state = "warning", "Not renewed" if stands else "Not on"
    renews = channels.renews_at(row, now) if stands else None
    return {
        "module": row.module, "tone": tone, "state": state, "expires_at": row.expires_at if stands else None,
        "renews_at": renews, "trouble": row.trouble if wanted else "", "next_at": row.next_at if row.trouble else None,
    }  # fmt: skip


def _lists(connection: Connection) -> list[Row]:
    """How old each list's figures may get without web hooks: one interval, and the reading itself."""
    return [
        {"label": one.feed.label, "every": in_words(one.every / timedelta(minutes=1)) if one.every else ""}
        for one in standings(connection)
    ]


def _waiting(connection: Connection) -> Row:
    """How many hints wait (of the first hundred), and since when the oldest does."""
    rows = Hint.objects.filter(connection=connection, done_at=None).order_by("arrived_at")
    found = list(rows.values_list("arrived_at", flat=True)[:100])
    return {"count": len(found), "since": found[0] if found else None}


def _lag(connection: Connection) -> Row:
    """From the knock until what is true was known here, over the last hints."""
    rows = Hint.objects.filter(connection=connection).exclude(done_at=None).order_by("-pk")
    took = [done - came for came, done in rows.values_list("arrived_at", "done_at")[:MEASURED] if done]
    if not took:
        return {}
    typical = timedelta(seconds=median(one.total_seconds() for one in took))
    return {"typical": _words(typical), "worst": _words(max(took)), "hints": len(took)}


def _words(lag: timedelta) -> str:
    return age_in_words(lag) if lag >= timedelta(seconds=1) else "less than 1 s"


def _hints(connection: Connection) -> list[Row]:
    rows = Hint.objects.filter(connection=connection).order_by("-pk")[:LAST]
    return [{"row": row, "label": feed_of(row.kind, settings.ZBRIDGE_FEEDS).label} for row in rows]
