"""What is kept of a write: the new base, the lost value, the link of what was made, how often it went to and fro."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Connection
from syncjobs.domain.pairs import kinds_of
from syncjobs.intents import Origin
from syncjobs.models import KeptValue, Link, Plan, PlannedWrite, Record
from zbridge.clock import Clock

A_DAY = timedelta(hours=24)


def keep_written(plan: Plan, write: PlannedWrite, identity: str, clock: Clock, whole: bool = True) -> None:
    """After a write went well, in the caller's transaction.

    What was made without all its values (`whole` is False) gets no base for them: the next run compares both sides.
    """
    now = clock.now()
    origin = Origin(write.side, plan.pair, write.from_id)
    link = write.link or link_made(plan.connection, plan.pair, origin, identity, now)
    PlannedWrite.objects.filter(pk=write.pk, link=None).update(link=link)
    if not whole:
        return
    link.base = link.base | {change["field"]: change["after"] for change in write.changes}
    link.flips = link.flips | {
        change["field"]: _flip(link.flips.get(change["field"]), write.side, now) for change in write.changes
    }
    link.decided = {name: value for name, value in link.decided.items() if not _is_carried_out(plan, write, name)}
    written = {change["field"] for change in write.changes}
    link.standing = {name: stood for name, stood in link.standing.items() if name not in written}
    link.save(update_fields=["base", "flips", "decided", "standing"])


def keep_undone(plan: Plan, write: PlannedWrite, now: datetime) -> None:
    """After a compensating write went well, in the caller's transaction: both sides may stand as they do by it.

    What a person decided about the field is undone with it, and the value that the run had replaced counts as restored.
    """
    link = write.link
    if link is None:
        return
    for change in write.changes:
        name, stand = change["field"], change["stand"]
        link.decided.pop(name, None)
        link.standing.pop(name, None)
        if stand["crm"] != stand["books"]:
            link.standing[name] = [stand["crm"], stand["books"]]
        if stand["base"] is None:
            link.base.pop(name, None)
        else:
            link.base[name] = stand["base"]
        lost = KeptValue.objects.filter(link=link, field=name, side=write.side, plan__run=plan.undoes)
        lost.filter(restored_at=None).update(restored_at=now, restored_by=plan.applied_by)
    link.save(update_fields=["base", "decided", "standing"])


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


def link_made(connection: Connection, pair: str, origin: Origin, identity: str, now: datetime) -> Link:
    """The link of a record that was made from the other side's; the one there is, when it was linked in making it."""
    crm_id, books_id = (identity, origin.from_id) if origin.side == "crm" else (origin.from_id, identity)
    currency = ""
    if pair == "customer":
        rows = Record.objects.filter(connection=connection, kind="customer", remote_id=books_id)
        currency = rows.values_list("currency", flat=True).first() or ""
    crm_kind = kinds_of(pair, connection.parties)[0]
    return Link.objects.get_or_create(
        connection=connection, pair=pair, crm_kind=crm_kind, crm_id=crm_id, books_id=books_id,
        defaults={"currency": currency, "how": Link.How.CREATED, "reason": "Made by zbridge.", "made_at": now},
    )[0]  # fmt: skip


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


def settle_earlier(plan: Plan, write: PlannedWrite) -> None:
    """What didn't go through before for this record is settled: this write says how it stands now."""
    earlier = PlannedWrite.objects.filter(
        failing=True, side=write.side, remote_id=write.remote_id, from_id=write.from_id, plan__pair=plan.pair,
        plan__connection=plan.connection_id,
    )  # fmt: skip
    earlier.exclude(pk=write.pk).update(failing=False)


def settle_what_is_over(plan: Plan, looked_at: Sequence[PlannedWrite] | None = None) -> None:
    """What failed before and that this plan need not write any more is settled: it agrees, waits for a person or is
    not wanted. `looked_at` says of which failures the plan took account; all of its pair without."""
    open_ones = PlannedWrite.objects.filter(failing=True, plan__connection=plan.connection_id, plan__pair=plan.pair)
    if looked_at is not None:
        open_ones = open_ones.filter(pk__in=[write.pk for write in looked_at])
    still = set(plan.writes.values_list("side", "remote_id", "from_id"))
    rows = open_ones.values_list("pk", "side", "remote_id", "from_id")
    over = [pk for pk, *record in rows if tuple(record) not in still]
    PlannedWrite.objects.filter(pk__in=over).update(failing=False)


def nothing_lost(plan: Plan, write: PlannedWrite) -> None:
    """The write surely was not made: what it would have overwritten still stands there."""
    fields = [change["field"] for change in write.changes if change["lost"]]
    kept = KeptValue.objects.filter(plan=plan, link=write.link, side=write.side, why=KeptValue.Why.LOST)
    kept.filter(field__in=fields, restored_at=None).delete()
