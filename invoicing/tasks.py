"""Doors for the queue: build the workbench, work the conversion; the sweep rings again for what waits."""

from contextlib import suppress

from accounts.clients import seams
from accounts.models import Connection
from accounts.purse import Purse
from invoicing import (
    asked,
    automatic,
    balances,
    drifting,
    merge_guide,
    netting,
    open_invoices,
    price_lists,
    prices,
    proving,
    pushing,
    successors,
)
from invoicing.conversion import work
from invoicing.stages import BILL
from invoicing.workbench import Workbench
from syncjobs import hints
from syncjobs.models import Duplicate
from zbridge.crash_points import crash_point
from zbridge.queue import ring
from zbridge.zoho.errors import ZohoError
from zbridge.zoho.gate import Priority

# How long a person who waits for an answer may wait for calls of our own limiter, in seconds; a worker never does.
A_PERSON_WAITS = 8.0


def workbench(priority: Priority = Priority.CLICK, patience: float = 0.0) -> Workbench:
    """The bench with the process's own seams; only for a person who waits it may wait for calls, too."""
    found, purse = seams(), Purse(seams().clock)
    return Workbench(
        lambda connection: found.clients(connection, priority, patience=patience, purse=purse), found.clock,
        crash_point, purse.set_aside,
    )  # fmt: skip


def work_conversion(conversion_id: int) -> None:
    """Take one conversion as far as it goes now."""
    work(conversion_id, workbench())


def bill_by_themselves(connection_id: int) -> None:
    """One turn of what bills itself, behind people's clicks; rings again while there is more."""
    if automatic.turn(Connection.objects.get(pk=connection_id), workbench(Priority.POLL)):
        ring(BILL, connection_id, queue="bulk")


def work_asked(connection_id: int) -> None:
    """Ask for the drafts that workflows want; rings again while more waits."""
    if asked.work(Connection.objects.get(pk=connection_id), workbench()):
        ring(hints.CONVERT, connection_id)


def work_proof(proof_id: int) -> None:
    """One turn of a proof; rings again while there is more to scan."""
    proof = proving.work(proof_id, workbench(Priority.BULK))
    if proof is not None and proof.ended_at is None and not proof.hold:
        ring(proving.WORK_PROOF, proof_id, queue="bulk")


def look_for_gone(connection_id: int) -> None:
    """Look for drafts of ours that somebody deleted in Books, and for deals that CRM no longer has."""
    connection = Connection.objects.get(pk=connection_id)
    bench = workbench(Priority.POLL)
    if drifting.due(connection, bench.clock):
        with suppress(ZohoError):
            drifting.look_for_gone(connection, bench)
    successors.notice_inactive(connection, bench.clock)
    if open_invoices.due(connection, bench.clock):
        with suppress(ZohoError):
            open_invoices.sweep(connection, bench)
    if successors.due(connection).exists():
        with suppress(ZohoError):
            successors.follow(connection, bench)


def look_at_merge(duplicate_id: int) -> None:
    """Ask whether what a guide is open for is merged by now, and take it over."""
    row = Duplicate.objects.select_related("connection").filter(pk=duplicate_id, state=Duplicate.State.MERGING).first()
    if row is not None:
        merge_guide.look(row, workbench())


def read_net(connection_id: int) -> None:
    """Read what a few recent invoices come to without tax; what Zoho says now is tried again with the next sweep."""
    with suppress(ZohoError):
        netting.read_due(Connection.objects.get(pk=connection_id), workbench(Priority.BULK))


def compare_prices(connection_id: int) -> None:
    """Compare the prices of what was linked since, and count anew what is at stake. No call to Zoho."""
    connection = Connection.objects.get(pk=connection_id)
    prices.sweep(connection, connection.now(seams().clock))


def read_price_lists(connection_id: int) -> None:
    """Read Books' price lists, once a day: one call; what Books answers else is kept and said on their page."""
    connection, bench = Connection.objects.get(pk=connection_id), workbench(Priority.POLL)
    if price_lists.due(connection, bench.clock):
        with suppress(ZohoError):
            price_lists.read(connection, bench)


def look_at_balances(connection_id: int) -> None:
    """Ask Books for the figures of customers whose documents moved; CRM is told of them next."""
    connection = Connection.objects.get(pk=connection_id)
    bench = workbench(Priority.POLL)
    with suppress(ZohoError):
        balances.look(connection, bench)
    pushing.start_due(connection, bench.clock)
