"""The sweep of open invoices: a payment may close one without a trace in the list of changes (facts Books 7.6)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts import pacing
from accounts.models import Connection
from invoicing import balances, receivables
from invoicing.domain.balances import sweep_every
from invoicing.feeds import INVOICES
from invoicing.models import Invoice
from invoicing.workbench import Workbench
from syncjobs.models import Checkpoint
from zbridge.clock import Clock

SWEPT = "open invoice"
MOST_ASKED = 50


def due(connection: Connection, clock: Clock) -> bool:
    """Whether open invoices weren't swept for as long as the day's calls allow; not before invoices were listed."""
    if connection.state != Connection.State.CONNECTED:
        return False
    kinds = Checkpoint.objects.filter(connection=connection, kind__in=[SWEPT, INVOICES.kind])
    read = dict(kinds.values_list("kind", "read_at"))
    if read.get(INVOICES.kind) is None:
        return False
    last = read.get(SWEPT)
    return last is None or connection.now(clock) - last >= _every(connection)


def _every(connection: Connection) -> timedelta:
    allowed = pacing.for_listing(pacing.day_of(connection, "books"))
    return sweep_every(_open(connection).count(), allowed)


def _open(connection: Connection) -> "QuerySet[Invoice]":
    return Invoice.objects.filter(receivables.OPEN, connection=connection, gone_at=None).order_by()


def sweep(connection: Connection, bench: Workbench) -> int:
    """List what Books calls unpaid; what is open here and not among it is asked for by its id. Raises ZohoError.

    How many pages were read. One that was stopped begins anew next time, which does no harm.
    """
    clients, now, seen, pages = bench.clients(connection), connection.now(bench.clock), set[str](), 0
    for page in clients.books.open_invoice_pages():
        balances.keep_rows(connection, INVOICES, list(page.rows), now)
        seen.update(str(row.get("invoice_id")) for row in page.rows)
        pages += 1
    absent = [one for one in _open(connection).values_list("books_id", flat=True) if one not in seen]
    balances.ask_each(connection, INVOICES, absent[:MOST_ASKED], clients, now)
    _keep(connection, now)
    return pages


def _keep(connection: Connection, now: datetime) -> None:
    Checkpoint.objects.update_or_create(connection=connection, kind=SWEPT, defaults={"read_at": now})
