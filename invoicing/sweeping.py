"""What the minute's sweep finds in the tables of conversions and proofs."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import Connection
from invoicing import (
    asked,
    auto_rows,
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
from invoicing.billing import judge
from invoicing.claims import WORK, WORKABLE, due
from invoicing.conversion import work
from invoicing.models import Conversion
from invoicing.stages import BILL
from invoicing.tasks import (
    compare_prices,
    look_at_balances,
    look_at_merge,
    look_for_gone,
    read_net,
    read_price_lists,
    workbench,
)
from zbridge.clock import Clock
from zbridge.queue import ring
from zbridge.zoho.gate import Priority

LOOK = "invoicing.tasks.look_for_gone"
PRICES = "invoicing.tasks.compare_prices"
PRICE_LISTS = "invoicing.tasks.read_price_lists"
BALANCES = "invoicing.tasks.look_at_balances"


def due_ids(connection: Connection, clock: Clock) -> list[int]:
    """Conversions that people asked for, with work to do that nobody works on, oldest first."""
    rows = Conversion.objects.filter(due(clock.now()), connection=connection).exclude(requested_via=auto_rows.VIA)
    return list(rows.order_by("requested_at").values_list("pk", flat=True)[:500])


def due_since(connection: Connection, since: datetime, now: datetime) -> list[tuple[int, datetime | None]]:
    """Conversions whose time came after `since`, with that time; first come, first served."""
    rows = Conversion.objects.filter(due(now), connection=connection, next_at__gt=since)
    rows = rows.exclude(requested_via=auto_rows.VIA)
    return list(rows.order_by("next_at").values_list("pk", "next_at")[:100])


def resume(connection: Connection, causes: Collection[str], clock: Clock) -> int:
    """What waits for one of the causes is due now; how many conversions."""
    held = Conversion.objects.filter(connection=connection, state__in=WORKABLE, hold_cause__in=causes)
    count = held.count()
    held.filter(next_at__gt=clock.now()).update(next_at=clock.now())
    return count


def ring_due(connection: Connection, clock: Clock) -> None:
    """Ring for each: a task may have been lost, doubled or late."""
    for conversion_id in due_ids(connection, clock):
        ring(WORK, conversion_id)
    if auto_rows.is_due(connection, clock):
        ring(BILL, connection.pk, queue="bulk")
    for proof_id in proving.due(connection, clock):
        ring(proving.WORK_PROOF, proof_id, queue="bulk")
    proving.ask_tonight(connection, clock)
    pushing.start_due(connection, clock)
    if drifting.due(connection, clock) or successors.due(connection).exists() or open_invoices.due(connection, clock):
        ring(LOOK, connection.pk, queue="bulk")
    for guide_id in merge_guide.due(connection, clock).values_list("pk", flat=True):
        ring(merge_guide.LOOK, guide_id, queue="bulk")
    if netting.due(connection, clock).exists():
        ring(netting.READ_NET, connection.pk, queue="bulk")
    if connection.state == Connection.State.CONNECTED and balances.waiting(connection).exists():
        ring(BALANCES, connection.pk, queue="bulk")
    if prices.is_due(connection, connection.now(clock)):
        ring(PRICES, connection.pk, queue="bulk")
    if price_lists.due(connection, clock):
        ring(PRICE_LISTS, connection.pk, queue="bulk")
    judge(connection, clock)


def work_due(connection: Connection, clock: Clock) -> int:
    """Work each in this process; how many there were."""
    while asked.work(connection, workbench()):
        continue
    found = due_ids(connection, clock)
    for conversion_id in found:
        work(conversion_id, workbench())
    while automatic.turn(connection, workbench(Priority.POLL)):
        pass
    look_for_gone(connection.pk)
    for guide_id in merge_guide.due(connection, clock).values_list("pk", flat=True):
        look_at_merge(guide_id)
    read_net(connection.pk)
    look_at_balances(connection.pk)
    compare_prices(connection.pk)
    read_price_lists(connection.pk)
    judge(connection, clock)
    return len(found) + _prove_due(connection, clock)


def hand_on(connection: Connection, clock: Clock) -> bool:
    """What was just read goes on to CRM, with Books' own balances: whether there is anything to write."""
    look_at_balances(connection.pk)
    return pushing.start_due(connection, clock)


def _prove_due(connection: Connection, clock: Clock) -> int:
    proving.ask_tonight(connection, clock)
    waiting = proving.due(connection, clock)
    for proof_id in waiting:
        proof = proving.work(proof_id, workbench(Priority.BULK))
        while proof is not None and proof.ended_at is None and not proof.hold:
            proof = proving.work(proof_id, workbench(Priority.BULK))
    return len(waiting)
