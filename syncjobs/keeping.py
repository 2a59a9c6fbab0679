"""What is kept of a write: the new base, the lost value, the link of what was made, how often it went to and fro."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncjobs.domain.mapping import FieldMap
from syncjobs.models import KeptValue, Link, Plan, PlannedWrite, Record
from syncjobs.pairing import KINDS
from zbridge.clock import Clock

A_DAY = timedelta(hours=24)


def keep_written(plan: Plan, write: PlannedWrite, identity: str, fields: Mapping[str, FieldMap], clock: Clock) -> None:
    """After a write went well, in the caller's transaction."""
    now = clock.now()
    link = write.link or _linked(plan, write, identity, now)
    link.base = link.base | {change["field"]: change["after"] for change in write.changes}
    link.flips = link.flips | {
        change["field"]: _flip(link.flips.get(change["field"]), write.side, now) for change in write.changes
    }
    link.decided = {name: value for name, value in link.decided.items() if not _is_carried_out(plan, write, name)}
    link.save(update_fields=["base", "flips", "decided"])


def _is_carried_out(plan: Plan, write: PlannedWrite, field: str) -> bool:
    """Whether this write was the last of those that bring a person's word about this field to both sides."""
    if field not in {change["field"] for change in write.changes}:
        return False
    others = plan.writes.filter(link=write.link).exclude(pk=write.pk).exclude(outcome=PlannedWrite.Outcome.WRITTEN)
    return not any(field in {change["field"] for change in one.changes} for one in others)


def _flip(before: list[Any] | None, side: str, now: datetime) -> list[Any]:
    """[count, side, when]: one more when the other side was written last, within a day; else anew."""
    if before and before[1] != side and now - datetime.fromisoformat(before[2]) < A_DAY:
        return [before[0] + 1, side, now.isoformat()]
    return [before[0] if before and before[1] == side else 0, side, now.isoformat()]


def _linked(plan: Plan, write: PlannedWrite, identity: str, now: datetime) -> Link:
    """The link of a record that was made from the other side's."""
    crm_id, books_id = (identity, write.from_id) if write.side == "crm" else (write.from_id, identity)
    currency = ""
    if plan.pair == "customer":
        rows = Record.objects.filter(connection=plan.connection, kind="customer", remote_id=books_id)
        currency = rows.values_list("currency", flat=True).first() or ""
    return Link.objects.create(
        connection=plan.connection, pair=plan.pair, crm_kind=KINDS[plan.pair][0], crm_id=crm_id, books_id=books_id,
        currency=currency, how=Link.How.CREATED, reason=f"Made by plan {plan.pk}.", made_at=now,
    )  # fmt: skip


def keep_lost(plan: Plan, write: PlannedWrite, now: datetime) -> None:
    """Keep what the write will overwrite, before it is made: its answer may be lost, or the worker with it.

    A value that was kept for this plan already stays as it is.
    """
    for change in write.changes:
        if change["lost"] and write.link is not None:
            KeptValue.objects.get_or_create(
                plan=plan, link=write.link, field=change["field"], side=write.side, value=change["lost"],
                why=KeptValue.Why.LOST,
                defaults={
                    "connection": plan.connection, "pair": plan.pair, "name": write.name, "instead": change["after"],
                    "rule": change["rule"], "at": now,
                },
            )  # fmt: skip


def nothing_lost(plan: Plan, write: PlannedWrite) -> None:
    """The write surely was not made: what it would have overwritten still stands there."""
    fields = [change["field"] for change in write.changes if change["lost"]]
    kept = KeptValue.objects.filter(plan=plan, link=write.link, side=write.side, why=KeptValue.Why.LOST)
    kept.filter(field__in=fields, restored_at=None).delete()
