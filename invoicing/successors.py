"""Into what a gone record was merged: a document of its own, asked for by its id, names the one that took its place.

Zoho tells no merges: Books moves the loser's invoices, CRM the loser's deals, and then the loser is just not there.
"""

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Connection
from invoicing import merge_guide, receivables
from invoicing.masters import master_of
from invoicing.workbench import Workbench
from syncjobs.models import Disappearance, Record
from zbridge.clock import Clock

MOST_A_LOOK = 20


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


def _in_a_cluster(row: Disappearance, master: Record, clock: Clock) -> bool:
    """Whether both were known as duplicates; then everything is re-pointed at once, and nobody is asked."""
    loser = Record.objects.filter(connection=row.connection, kind=row.kind, remote_id=row.remote_id).first()
    return loser is not None and merge_guide.noticed(row.connection, loser, master, clock)
