"""Figures of many accounts to CRM: counted in the simulator's log."""

from datetime import timedelta
from decimal import Decimal

from bench.stage import Stage

from accounts.clients import use_seams  # isort: skip
from accounts.own_fields import make_fields  # isort: skip
from invoicing import pushing  # isort: skip
from invoicing.models import Receivable, Written  # isort: skip
from syncjobs.models import Link, Record, Run  # isort: skip
from syncjobs.tasks import bulk_reader  # isort: skip
from syncjobs.working import work_to_end  # isort: skip
from tests.stories.sales_of_storms import read  # isort: skip

ACCOUNTS, CHANGED = 1_000, 250


def measure() -> tuple[int, int, int, int]:
    """Accounts, how many changed, the writes that took, and the writes when nothing had changed."""
    stage = Stage(str(ACCOUNTS))
    with use_seams(stage.seams):
        make_fields(stage.connection, stage.user, stage.seams)
        read(stage.connection, stage.seams, "account", "customer")
        _linked(stage)
        _push(stage)
        _change()
        written = _push(stage)
        Written.objects.update(due_since=stage.clock.now())
        return ACCOUNTS, CHANGED, written, _push(stage)


def _linked(stage: Stage) -> None:
    """Each account with a customer, whoever that is."""
    pairs = zip(
        Record.objects.filter(kind="account").order_by("pk")[:ACCOUNTS],
        Record.objects.filter(kind="customer").order_by("pk")[:ACCOUNTS], strict=True,
    )  # fmt: skip
    Link.objects.all().delete()
    now = stage.clock.now()
    for account, customer in pairs:
        Link.objects.create(
            connection=stage.connection, pair="customer", crm_kind="account", crm_id=account.remote_id,
            books_id=customer.remote_id, how="email", made_at=now,
        )  # fmt: skip
        Receivable.objects.get_or_create(
            connection=stage.connection, customer_id=customer.remote_id, defaults={"changed_at": now, "currency": "EUR"}
        )


def _change() -> None:
    """Books' own balance of so many is another one."""
    rows = Record.objects.filter(kind="customer", remote_id__in=Link.objects.values("books_id")).order_by("pk")
    ids = list(rows.values_list("remote_id", flat=True)[:CHANGED])
    Record.objects.filter(remote_id__in=ids, kind="customer").update(outstanding=Decimal("4711"))
    for row in Receivable.objects.filter(customer_id__in=ids):
        row.changed_at += timedelta(hours=1)
        row.save(update_fields=["changed_at"])


def _push(stage: Stage) -> int:
    """What the next sweep writes; how many calls."""
    stage.clock.advance(7200)
    stage.connection.refresh_from_db()
    stage.buckets_full()
    first = stage.simulator.log.last
    if pushing.start_due(stage.connection, stage.clock):
        work_to_end(Run.objects.filter(kind="figures").latest("pk"), bulk_reader())
    rows = stage.simulator.log.since(first)
    return sum((one["method"], one["path"]) == ("PUT", "/crm/v8/Accounts") for one in rows)
