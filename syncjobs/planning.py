"""Making a plan from what was read: the pure plan kept as rows, guarded, with its calls counted. No call to Zoho."""

from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction

from accounts.models import User
from syncjobs.default_mapping import PRICES
from syncjobs.domain.digesting import canonical_json, text_digest
from syncjobs.domain.following import plan_all
from syncjobs.domain.guards import Scale, alarms
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.normalising import normal_name
from syncjobs.domain.planning import Asked, Change, Pair, Refused, Write
from syncjobs.domain.planning import Plan as PurePlan
from syncjobs.domain.records import Side
from syncjobs.keeping import settle_what_is_over
from syncjobs.mappings import fields_of, freeze
from syncjobs.misfits import keep_misfits
from syncjobs.models import Conflict, KeptValue, Link, Mapping, Plan, PlannedWrite, Record, Run
from syncjobs.models.runs import listed
from syncjobs.pairing import Only, made_again, pairs
from zbridge.clock import Clock

BATCH = 100


def make_plan(
    mapping: Mapping, clock: Clock, *, run: Run | None = None, user: User | None = None,
    failed: Sequence[PlannedWrite] | None = None,
) -> Plan:  # fmt: skip
    """The plan of this moment, kept; conflicts opened and settled, refused values kept. Nothing is written to Zoho.

    With `failed`, of the records of these writes only.
    """
    fields = fields_of(mapping)
    found = list(pairs(mapping, fields, None if failed is None else Only.of(mapping, failed)))
    pure = plan_all(found, fields, _creates_on(mapping))
    with transaction.atomic():
        row = _keep(mapping, fields, pure, found, clock, run, user)
        _settle_bases(pure)
        _keep_conflicts(mapping, pure, found, clock)
        _keep_refused(mapping, pure, found, row, clock)
        names = {pair.key: pair.name for pair in found}
        keep_misfits(mapping, pure, names, row, clock.now(), is_whole=failed is None)
        settle_what_is_over(row, failed)
        if failed is not None:
            row.purpose, row.read_crm, row.read_books = Plan.Purpose.RETRY, *_sides(found)
            row.save(update_fields=["purpose", "read_crm", "read_books"])
    return row


def _sides(found: list[Pair]) -> tuple[int, int]:
    """How many records of CRM and of Books there are among the pairs."""
    return sum(pair.crm is not None for pair in found), sum(pair.books is not None for pair in found)


def _creates_on(mapping: Mapping) -> frozenset[Side]:
    wanted = {Side.CRM: mapping.creates_in_crm, Side.BOOKS: mapping.creates_in_books}
    others = {Side.CRM: Side.BOOKS, Side.BOOKS: Side.CRM}
    return frozenset(side for side, made in wanted.items() if made or made_again(mapping, others[side]))


def _keep(
    mapping: Mapping, fields: tuple[FieldMap, ...], pure: PurePlan, found: list[Pair], clock: Clock, run: Run | None,
    user: User | None,
) -> Plan:  # fmt: skip
    scale = _scale(mapping, run is not None and run.part_of_id is not None)
    said = alarms(pure, scale, PRICES, {one.name: one.label for one in fields})
    calls = calls_of(pure.writes)
    row = Plan.objects.create(
        connection=mapping.connection, pair=mapping.pair, run=run, rules=freeze(mapping, fields),
        state=Plan.State.STOPPED if said else Plan.State.MADE, alarms=list(said), digest=digest_of(pure.writes),
        read_crm=scale.read[Side.CRM], read_books=scale.read[Side.BOOKS], unchanged=pure.unchanged,
        calls_crm=calls[Side.CRM], calls_books=calls[Side.BOOKS], made_at=clock.now(), made_by=user,
    )  # fmt: skip
    names = {pair.key: pair for pair in found}
    PlannedWrite.objects.bulk_create(
        _row(row, position, write, names[write.pair]) for position, write in enumerate(pure.writes)
    )
    return row


def _row(plan_row: Plan, position: int, write: Write, pair: Pair) -> PlannedWrite:
    source = pair.books if write.side is Side.CRM else pair.crm
    return PlannedWrite(
        plan=plan_row, position=position, link_id=int(pair.key) if pair.key.isdecimal() else None,
        name=pair.name[:300], name_key=normal_name(pair.name)[:300], side=write.side.value, remote_id=write.id,
        from_id=source.id if source else "", seen_at=write.seen_at,
        changes=[_change(change) for change in write.changes], fields=listed(one.field for one in write.changes),
    )  # fmt: skip


def _change(change: Change) -> dict[str, str | None]:
    return asdict(change)


def digest_of(writes: tuple[Write, ...]) -> str:
    """What identifies a plan: every write with every value."""
    rows = [[one.pair, one.side, one.id, [_change(change) for change in one.changes]] for one in writes]
    return text_digest(canonical_json(rows))


def _scale(mapping: Mapping, is_import: bool) -> Scale:
    """Records known before this reading count as known: those whose row is there, gone or not."""
    kinds = dict(zip(Side, mapping.kinds, strict=True))
    rows = Record.objects.filter(connection=mapping.connection)
    read = {side: rows.filter(kind=kind, gone_at=None).count() for side, kind in kinds.items()}
    links = Link.objects.filter(connection=mapping.connection, pair=mapping.pair).count()
    return Scale(links=links, known=read, read=read, is_import=is_import)


def calls_of(writes: Sequence[Write]) -> dict[Side, int]:
    """CRM: a call per hundred changes and one per hundred made; Books: one per record made, two per change."""
    crm = [write for write in writes if write.side is Side.CRM]
    books = [write for write in writes if write.side is Side.BOOKS]
    changed = sum(not write.creates for write in crm)
    made = sum(write.creates for write in crm)
    return {
        Side.CRM: -(-changed // BATCH) - (-made // BATCH),
        Side.BOOKS: sum(1 if write.creates else 2 for write in books),
    }


def _settle_bases(pure: PurePlan) -> None:
    """Fields on which both sides agree by now move the base, and close what was asked about them."""
    for agreed in pure.agreed:
        if agreed.pair.isdecimal():
            link = Link.objects.get(pk=int(agreed.pair))
            link.base = link.base | dict(agreed.base)
            link.decided = {name: value for name, value in link.decided.items() if link.base.get(name) != value}
            link.save(update_fields=["base", "decided"])


def _keep_conflicts(mapping: Mapping, pure: PurePlan, found: list[Pair], clock: Clock) -> None:
    """Open what is asked, refresh what is open, close what has settled itself."""
    pairs_by_key = {pair.key: pair for pair in found}
    asked = {(int(one.pair), one.field): one for one in pure.asked if one.pair.isdecimal()}
    looked_at = [int(pair.key) for pair in found if pair.key.isdecimal()]
    for row in Conflict.objects.filter(link__in=looked_at, closed_at=None):
        one = asked.pop((row.link_id, row.field), None)
        if one is None:
            Conflict.objects.filter(pk=row.pk).update(closed_at=clock.now(), decision=Conflict.Decision.SETTLED)
        elif (row.crm, row.books) != (one.crm, one.books):
            Conflict.objects.filter(pk=row.pk).update(crm=one.crm, books=one.books)
    for one in asked.values():
        _open(mapping, one, pairs_by_key[one.pair], clock)


def _open(mapping: Mapping, one: Asked, pair: Pair, clock: Clock) -> None:
    Conflict.objects.create(
        connection=mapping.connection, link_id=int(one.pair), pair=mapping.pair, name=pair.name[:300], field=one.field,
        base=one.base, crm=one.crm, books=one.books, opened_at=clock.now(),
        crm_at=pair.crm.at if pair.crm else None, books_at=pair.books.at if pair.books else None,
    )  # fmt: skip


def _keep_refused(mapping: Mapping, pure: PurePlan, found: list[Pair], row: Plan, clock: Clock) -> None:
    """Each refused value once, however many runs see it again."""
    names = {pair.key: pair.name for pair in found}
    for one in pure.refused:
        if not _is_kept(one):
            KeptValue.objects.create(
                connection=mapping.connection, link_id=int(one.pair), pair=mapping.pair, name=names[one.pair][:300],
                field=one.change.field, side=one.side.value, value=one.change.before, instead=one.change.after,
                why=KeptValue.Why.REFUSED, rule=one.change.rule, plan=row, at=clock.now(),
            )  # fmt: skip


def _is_kept(one: Refused) -> bool:
    last = KeptValue.objects.filter(link_id=int(one.pair), field=one.change.field, side=one.side.value).first()
    kept = last is not None and last.why == KeptValue.Why.REFUSED and last.restored_at is None
    return kept and last is not None and last.value == one.change.before
