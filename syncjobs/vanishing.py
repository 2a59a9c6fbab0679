"""What Zoho shows no more: suspected after a full listing, looked for by its id, and only then gone.

Absence from a list is never a deletion (reliability 5). CRM tells its deletions; Books is asked twice, an hour apart,
its organisation being there in between. zbridge itself deletes nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.clients import Clients
from accounts.models import Connection
from syncjobs.domain.pairs import MODULES, kinds_of
from syncjobs.feeds import Feed
from syncjobs.models import Checkpoint, Disappearance, Link, Mapping, Record, Run, RunPage
from syncjobs.reading import OVERLAP, feed_of
from syncjobs.unlinking import settle_gone
from zbridge.clock import Clock

APART = timedelta(hours=1)
LOOKED = "gone records"
# One look costs a call each; the rest waits for the next hour.
MOST_A_LOOK = 100
MOST_MISSED, MOST_MISSED_SHARE = 20, 0.1
State = Disappearance.State


@dataclass(frozen=True)
class Missed:
    """What a full listing lacked, of what was known before it."""

    count: int = 0
    known: int = 0

    @property
    def is_too_much(self) -> bool:
        """Whether this looks like an accident (reliability 5: more than 20, and more than a tenth)."""
        return self.count > max(MOST_MISSED, self.known * MOST_MISSED_SHARE)


def missed_by(run: Run, feed: Feed) -> set[str]:
    """What was known before a full listing and isn't in it; its pages' ids are dropped afterwards."""
    seen: set[str] = set()
    for ids in run.pages.values_list("ids", flat=True):
        seen.update(ids.split(" "))
    return feed.known_ids(run.connection) - seen


def suspect(connection: Connection, kind: str, ids: Collection[str], now: datetime) -> int:
    """Note them as missed, those that aren't yet; how many are new. Ids that are shown again are settled."""
    open_ones = Disappearance.objects.filter(connection=connection, kind=kind, ended_at=None)
    known = set(open_ones.values_list("remote_id", flat=True))
    new = sorted(set(ids) - known)
    names = dict(
        Record.objects.filter(connection=connection, kind=kind, remote_id__in=new).values_list("remote_id", "name")
    )
    Disappearance.objects.bulk_create(
        Disappearance(connection=connection, kind=kind, remote_id=one, name=names.get(one, ""), seen_at=now)
        for one in new
    )
    open_ones.exclude(state=State.GONE).exclude(remote_id__in=ids).update(state=State.BACK, ended_at=now)
    return len(new)


def after_listing(run: Run, feed: Feed, now: datetime) -> Missed:
    """After a full listing: suspect what it missed; how many, of how many known.

    A list that suddenly lacks a large share looks like a right that was taken away or a side in trouble: nobody is
    suspected then.
    """
    known, missed = feed.known_ids(run.connection), missed_by(run, feed)
    found = Missed(len(missed), len(known))
    with transaction.atomic():
        if not found.is_too_much:
            suspect(run.connection, run.kind, missed, now)
        RunPage.objects.filter(run=run).update(ids="")
    return found


def due(connection: Connection, clock: Clock) -> bool:
    """Whether CRM's deletions, and what is suspected, weren't asked for within the hour."""
    last = Checkpoint.objects.filter(connection=connection, kind=LOOKED).values_list("read_at", flat=True).first()
    return connection.state == Connection.State.CONNECTED and (last is None or connection.now(clock) - last >= APART)


def look_for_gone(connection: Connection, clients: Clients, clock: Clock) -> int:
    """Ask for CRM's deletions and for what was missed; how many are gone for sure. Raises ZohoError."""
    now = connection.now(clock)
    last, _ = Checkpoint.objects.get_or_create(connection=connection, kind=LOOKED)
    gone = 0
    for kind in MODULES:
        told = clients.crm.deleted(MODULES[kind], last.read_at - OVERLAP if last.read_at else None)
        gone += _deleted_in_crm(connection, kind, {str(row["id"]): _who(row) for row in told}, clock)
    gone += look_at_suspects(connection, clients, clock)
    Checkpoint.objects.filter(pk=last.pk).update(read_at=now)
    return gone


def _who(row: dict[str, object]) -> str:
    by = row.get("deleted_by")
    return str(by.get("name") or "") if isinstance(by, dict) else ""


def _deleted_in_crm(connection: Connection, kind: str, told: dict[str, str], clock: Clock) -> int:
    """CRM says so: what we know of them is gone."""
    now = connection.now(clock)
    known = Record.objects.filter(connection=connection, kind=kind, gone_at=None, remote_id__in=list(told))
    ids = list(known.values_list("remote_id", flat=True))
    suspect_also = [one for one in ids if not _open(connection, kind).filter(remote_id=one).exists()]
    with transaction.atomic():
        names = dict(known.values_list("remote_id", "name"))
        Disappearance.objects.bulk_create(
            Disappearance(connection=connection, kind=kind, remote_id=one, name=names[one], seen_at=now)
            for one in suspect_also
        )
        many = Missed(len(ids), Record.objects.filter(connection=connection, kind=kind, gone_at=None).count())
        for row in _open(connection, kind).filter(remote_id__in=ids):
            row.deleted_by = told[row.remote_id]
            _is_gone(row, clock, ask=many.is_too_much)
    return len(ids)


def _open(connection: Connection, kind: str) -> "QuerySet[Disappearance]":
    return Disappearance.objects.filter(connection=connection, kind=kind, ended_at=None)


def look_at_suspects(connection: Connection, clients: Clients, clock: Clock) -> int:
    """Ask for each suspect by its id: there again, missed once, or gone; how many are gone for sure."""
    now, gone = connection.now(clock), 0
    rows = Disappearance.objects.filter(connection=connection, state=State.SUSPECTED, ended_at=None)
    waiting = list(rows.filter(Q(asked_at=None) | Q(asked_at__lte=now - APART)).order_by("pk")[:MOST_A_LOOK])
    if any(row.asked_at for row in waiting):
        # A right that was lost or another organisation would look the same as a deletion.
        clients.books.organization(connection.books_org_id)
    for row in waiting:
        feed = feed_of(row.kind, settings.ZBRIDGE_FEEDS)
        there = feed.one(clients, row.remote_id) is not None
        with transaction.atomic():
            gone += _answered(row, feed, there, clock)
    return gone


def _answered(row: Disappearance, feed: Feed, there: bool, clock: Clock) -> bool:
    now = row.connection.now(clock)
    if there:
        row.state, row.ended_at = State.BACK, now
    elif row.asked_at is None:
        row.asked_at = now
    elif feed.side == "crm":
        # Not in the deleted feed, or it would not be asked for: CRM hides it from the connected user.
        row.state = State.HIDDEN
    else:
        _is_gone(row, clock)
        return True
    row.save()
    return False


def _is_gone(row: Disappearance, clock: Clock, ask: bool = False) -> None:
    """It is sure: the mirror keeps it as gone, and the mapping says what becomes of its link.

    `ask`: so many are gone at once that a person decides, whatever the mapping says.
    """
    now = row.connection.now(clock)
    feed = feed_of(row.kind, settings.ZBRIDGE_FEEDS)
    feed.forget(row.connection, [row.remote_id], now)
    link = _link_of(row)
    row.state, row.gone_at = State.GONE, now
    if link is None:
        row.ended_at = now
        row.save()
        return
    is_crm = feed.side == "crm"
    row.other_id = link.books_id if is_crm else link.crm_id
    row.save()
    mapping = Mapping.objects.filter(connection=row.connection, pair=link.pair).first()
    settle_gone(row, link, mapping.on_gone if mapping and not ask else "ask", clock)


def _link_of(row: Disappearance) -> Link | None:
    column = "crm_id" if row.kind in MODULES else "books_id"
    rows = Link.objects.filter(connection=row.connection, **{column: row.remote_id})
    return rows.filter(pair__in=_pairs_with(row.connection, row.kind)).first()


def _pairs_with(connection: Connection, kind: str) -> Iterable[str]:
    return [pair for pair in ("customer", "person", "product") if kind in kinds_of(pair, connection.parties)]
