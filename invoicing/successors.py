"""Into what a gone record was merged: a document of its own, asked for by its id, names the one that took its place.

Zoho tells no merges: Books moves the loser's invoices, CRM the loser's deals, and then the loser is just not there.
"""

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Connection
from invoicing import merge_guide, receivables
from invoicing.masters import billed_to, master_of
from invoicing.workbench import Workbench
from syncjobs.models import Disappearance, Link, OnGone, Record
from syncjobs.unlinking import settle_gone
from zbridge.clock import Clock

MOST_A_LOOK = 20
MOST_INACTIVE = 1000


def due(connection: Connection) -> "QuerySet[Disappearance]":
    """Gone records about which a person is asked and of which no document was asked for yet."""
    rows = Disappearance.objects.filter(connection=connection, state=Disappearance.State.GONE, ended_at=None)
    return rows.filter(followed_at=None, kind__in=["customer", "account", "contact"]).order_by("pk")


def follow(connection: Connection, bench: Workbench) -> int:
    """One call each, at most so many; how many were merged. Raises ZohoError."""
    found = 0
    for row in due(connection)[:MOST_A_LOOK]:
        master = master_of(connection, row.kind, row.remote_id, bench)
        master = master if master != row.remote_id else ""
        known = Record.objects.filter(connection=connection, kind=row.kind, remote_id=master, gone_at=None)
        row.followed_at, row.merged_into = connection.now(bench.clock), master if known.exists() else ""
        with transaction.atomic():
            row.save(update_fields=["followed_at", "merged_into"])
            if row.merged_into and not _in_a_cluster(row, known.get(), bench.clock) and row.kind == "customer":
                receivables.moved(connection, row.remote_id, row.merged_into, connection.now(bench.clock))
        found += bool(row.merged_into)
    return found


def notice_inactive(connection: Connection, clock: Clock) -> int:
    """Linked customers that Books left inactive when it merged them, seen by what zbridge billed to them; how many.

    No call: an invoice of theirs is another's in the mirror. Inactive without that, they are just inactive.
    """
    found = 0
    for loser in _left_inactive(connection):
        master = known_customer(connection, billed_to(connection, loser.remote_id))
        if master is not None and master.remote_id != loser.remote_id:
            _note_merge(loser, master, clock)
            found += 1
    return found


def known_customer(connection: Connection, remote_id: str) -> Record | None:
    """A customer that is there and active."""
    rows = Record.objects.filter(connection=connection, kind="customer", gone_at=None, active=True)
    return rows.filter(remote_id=remote_id).first() if remote_id else None


def _left_inactive(connection: Connection) -> "QuerySet[Record]":
    """Linked customers that are inactive and of which nobody knows yet that they were merged."""
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER)
    known = Disappearance.objects.filter(
        connection=connection, kind="customer", state=Disappearance.State.GONE
    ).exclude(merged_into="")
    rows = Record.objects.filter(connection=connection, kind="customer", active=False, gone_at=None)
    rows = rows.filter(remote_id__in=links.values("books_id"))
    return rows.exclude(remote_id__in=known.values("remote_id"))[:MOST_INACTIVE]


def _note_merge(loser: Record, master: Record, clock: Clock) -> None:
    """As if it were gone: taken over at once inside a cluster, else a person is asked."""
    connection, now = loser.connection, loser.connection.now(clock)
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, books_id=loser.remote_id)
    with transaction.atomic():
        if merge_guide.noticed(connection, loser, master, clock):
            return
        link = links.get()
        row, _ = Disappearance.objects.get_or_create(
            connection=connection, kind="customer", remote_id=loser.remote_id, ended_at=None,
            defaults={"name": loser.name[:300], "seen_at": now},
        )  # fmt: skip
        row.state, row.gone_at, row.followed_at = Disappearance.State.GONE, now, now
        row.merged_into, row.other_id = master.remote_id, link.crm_id
        row.save()
        receivables.moved(connection, loser.remote_id, master.remote_id, now)
        settle_gone(row, link, OnGone.ASK, clock)


def _in_a_cluster(row: Disappearance, master: Record, clock: Clock) -> bool:
    """Whether both were known as duplicates; then everything is re-pointed at once, and nobody is asked."""
    loser = Record.objects.filter(connection=row.connection, kind=row.kind, remote_id=row.remote_id).first()
    return loser is not None and merge_guide.noticed(row.connection, loser, master, clock)
