"""The plan that undoes a run: its compensating writes, and what stays, with both values and the reason. No call."""

from collections.abc import Iterable
from collections.abc import Mapping as Mapped
from dataclasses import asdict

from django.db import transaction

from syncjobs.domain.email_fill import EMAIL
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.normalising import normal_name
from syncjobs.domain.planning import Change, Pair, Write, seen
from syncjobs.domain.records import Side
from syncjobs.domain.undoing import Left, Stand, Undoing, Wrote, undo
from syncjobs.email_fill import key_of
from syncjobs.key_plans import key_field
from syncjobs.mappings import fields_of, freeze
from syncjobs.models import Link, Mapping, Plan, PlannedWrite, Record, Run
from syncjobs.models.runs import listed
from syncjobs.pairing import linked_pairs, row_of
from syncjobs.planning import calls_of, digest_of
from zbridge.clock import Clock

Outcome = PlannedWrite.Outcome
Stands = Mapped[tuple[str, str], Stand]


def undo_plan(mapping: Mapping, run: Run, clock: Clock) -> Plan:
    """The plan of a run that is to undo another one (the one that its `narrowed` names), of both sides as last read."""
    undone = Run.objects.get(pk=run.narrowed[0])
    fields = (*fields_of(mapping), EMAIL, *key_field(mapping.connection))
    rows = list(PlannedWrite.objects.filter(plan__run=undone, outcome=Outcome.WRITTEN).order_by("plan", "position"))
    pairs = _pairs(mapping, fields, rows)
    found = undo([_wrote(row) for row in rows], pairs, fields)
    with transaction.atomic():
        return _keep(mapping, fields, run, undone, found, pairs, clock)


def _pairs(mapping: Mapping, fields: tuple[FieldMap, ...], rows: Iterable[PlannedWrite]) -> dict[str, Pair]:
    links = Link.objects.filter(pk__in={row.link_id for row in rows if row.link_id})
    found = {pair.key: pair for pair in linked_pairs(mapping, list(links), fields)}
    alone = [row.remote_id for row in rows if row.link_id is None and row.fields == listed([EMAIL.name])]
    there = Record.objects.filter(connection=mapping.connection, kind="customer", remote_id__in=alone, gone_at=None)
    for record in there:
        now = seen(record.remote_id, row_of(record), (EMAIL,), Side.BOOKS, record.changed_at)
        found[key_of(record, None)] = Pair(key_of(record, None), record.name, None, now)
    return found


def _wrote(row: PlannedWrite) -> Wrote:
    changes = tuple(
        Change(one["field"], one["before"], one["after"], one["rule"], one.get("lost")) for one in row.changes
    )
    key = str(row.link_id) if row.link_id else f"books:{row.remote_id}"
    return Wrote(key, row.name, Side(row.side), row.remote_id, changes, made=not row.remote_id)


def _link_id(key: str) -> int | None:
    return int(key) if key.isdecimal() else None


def _keep(
    mapping: Mapping, fields: tuple[FieldMap, ...], run: Run, undone: Run, found: Undoing, pairs: dict[str, Pair],
    clock: Clock,
) -> Plan:  # fmt: skip
    calls = calls_of(found.writes)
    plan = Plan.objects.create(
        connection=mapping.connection, pair=mapping.pair, run=run, rules=freeze(mapping, fields),
        purpose=Plan.Purpose.UNDO, undoes=undone, digest=digest_of(found.writes), read_crm=len(pairs),
        read_books=len(pairs), calls_crm=calls[Side.CRM], calls_books=calls[Side.BOOKS], made_at=clock.now(),
        made_by=run.user,
    )  # fmt: skip
    rows = [_write(plan, write, pairs[write.pair], found.stands) for write in found.writes]
    rows += [_left(plan, one, clock) for one in found.left]
    for position, row in enumerate(rows):
        row.position = position
    PlannedWrite.objects.bulk_create(rows, batch_size=500)
    return plan


def _write(plan: Plan, write: Write, pair: Pair, stands: Stands) -> PlannedWrite:
    source = pair.books if write.side is Side.CRM else pair.crm
    changes = [asdict(change) | {"stand": asdict(stands[write.pair, change.field])} for change in write.changes]
    return PlannedWrite(
        plan=plan, position=0, link_id=_link_id(write.pair), name=pair.name[:300],
        name_key=normal_name(pair.name)[:300], side=write.side.value, remote_id=write.id,
        from_id=source.id if source else "", seen_at=write.seen_at,
        changes=changes, fields=listed(change.field for change in write.changes),
    )  # fmt: skip


def _left(plan: Plan, one: Left, clock: Clock) -> PlannedWrite:
    """A row that says why nothing is written: the value now, and the one that would have come back."""
    wrote = one.wrote
    change = {"field": one.field, "before": one.now, "after": one.before, "rule": "undo", "lost": None}
    return PlannedWrite(
        plan=plan, position=0, link_id=_link_id(wrote.pair), name=wrote.name[:300],
        name_key=normal_name(wrote.name)[:300], side=wrote.side.value, remote_id=wrote.id,
        changes=[change] if one.field else [], fields=listed([one.field] if one.field else []), outcome=Outcome.LEFT,
        sentence=one.reason[:300], ended_at=clock.now(),
    )  # fmt: skip
