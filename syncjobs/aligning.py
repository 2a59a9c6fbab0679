"""Bringing the price of linked records to one side's value, as a plan that a person applies; or letting both stand.

What the owner of a field forbids is refused before there is a plan. No call.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from django.db import transaction

from accounts import audit
from accounts.models import Connection, User
from syncjobs.default_mapping import suggested
from syncjobs.domain import mapping as rules
from syncjobs.domain.mapping import NAMES, FieldMap
from syncjobs.domain.normalising import normal_name
from syncjobs.domain.ownership import Owner, other
from syncjobs.domain.planning import PERSON, Change, Pair, Write
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Unfit, make
from syncjobs.mappings import Refused, fields_of, freeze
from syncjobs.models import Link, Mapping, Plan, PlannedWrite
from syncjobs.models.runs import listed
from syncjobs.pairing import linked_pairs
from syncjobs.planning import calls_of, digest_of
from zbridge.clock import Clock

PRICE_PATHS = ("Unit_Price", "rate")
TARGETS: dict[Owner, frozenset[Side]] = {
    Owner.CRM: frozenset({Side.BOOKS}), Owner.BOOKS: frozenset({Side.CRM}), Owner.NEITHER: frozenset(),
}  # fmt: skip


def price_field(mapping: Mapping) -> FieldMap | None:
    """The mapping's line of CRM's unit price and Books' rate; None where prices aren't mapped."""
    return next((one for one in fields_of(mapping) if (one.crm, one.books) == PRICE_PATHS), None)


def price_field_shown(connection: Connection) -> tuple[FieldMap | None, bool]:
    """For a page, which makes no mapping: the suggested line where there is none yet; and whether the sync is on."""
    mapping = Mapping.objects.filter(connection=connection, pair=Link.Pair.PRODUCT).first()
    if mapping is not None:
        return price_field(mapping), mapping.two_way
    lines = suggested(Link.Pair.PRODUCT, connection.parties)
    found = next((one for one in lines if (one.crm, one.books) == PRICE_PATHS), None)
    if found is None:
        return None, False
    transform = make(found.transform, found.settings)
    line = FieldMap(
        name=found.name, label=found.label, crm=found.crm, books=found.books, transform=transform,
        direction=found.direction, owner=found.owner,
    )  # fmt: skip
    return line, False


def targets(one: FieldMap | None) -> frozenset[Side]:
    """The sides that may be brought to the other's value: never the owner's own, never against the direction."""
    if one is None:
        return frozenset()
    allowed = TARGETS.get(one.owner or Owner.ASK, frozenset(Side))
    return frozenset(side for side in allowed if one.direction.may_write(side))


def align_plan(mapping: Mapping, links: Sequence[Link], target: Side, user: User, clock: Clock) -> Plan:
    """The plan that writes the other side's price to `target` for these links, from both sides as last read.

    Raises Refused with the reason where the owner doesn't allow that direction or nothing is to be written.
    """
    one = price_field(mapping)
    _refuse_against(one, target)
    assert one is not None
    found = list(linked_pairs(mapping, links, fields_of(mapping)))
    writes = tuple(write for pair in found if (write := _write(pair, one, target)) is not None)
    if not writes:
        said = "There is nothing to align: both sides say the same, or one of the prices is empty or gone."
        raise Refused(f"{said} No plan was made.")
    with transaction.atomic():
        return _keep(mapping, writes, {pair.key: pair for pair in found}, user, clock)


def _refuse_against(one: FieldMap | None, target: Side) -> None:
    if one is None:
        said = "Prices are not mapped, so none is written."
        raise Refused(f"{said} A RevOps administrator can add the line under Mapping and owners.")
    if target not in targets(one):
        owner = NAMES[other(target)] if one.owner is Owner.NEITHER else NAMES[target]
        said = f"{owner} owns {one.label.lower()}" if one.owner in TARGETS else "The mapping doesn't write it there"
        said = f"Nobody may change {one.label.lower()} here" if one.owner is Owner.NEITHER else said
        raise Refused(f"{said}, so {NAMES[target]} is not brought to {NAMES[other(target)]}. Nothing was planned.")


def _write(pair: Pair, one: FieldMap, target: Side) -> Write | None:
    """None where both sides agree, or where a side's value is empty or can't be read or written."""
    here, there = pair.seen(target), pair.seen(other(target))
    if here is None or there is None or one.name in {**here.misfits, **there.misfits}:
        return None
    before, after = here.values.get(one.name, ""), there.values.get(one.name, "")
    if before == after or not after:
        return None
    try:
        rules.written(one, target, after)
    except Unfit as trouble:
        raise Refused(f"{pair.name}: {trouble} Nothing was planned.") from trouble
    change = Change(one.name, before, after, PERSON, before or None)
    return Write(pair.key, target, here.id, here.at, (change,))


def _keep(
    mapping: Mapping, writes: tuple[Write, ...], pairs: dict[str, Pair], user: User, clock: Clock
) -> Plan:  # fmt: skip
    calls = calls_of(writes)
    plan = Plan.objects.create(
        connection=mapping.connection, pair=mapping.pair, rules=freeze(mapping, fields_of(mapping)),
        purpose=Plan.Purpose.ALIGN, digest=digest_of(writes), read_crm=len(pairs), read_books=len(pairs),
        unchanged=len(pairs) - len(writes), calls_crm=calls[Side.CRM], calls_books=calls[Side.BOOKS],
        made_at=clock.now(), made_by=user,
    )  # fmt: skip
    PlannedWrite.objects.bulk_create(_row(plan, place, one, pairs[one.pair]) for place, one in enumerate(writes))
    said = f"Planned to align {len(writes)} {'price' if len(writes) == 1 else 'prices'} in {NAMES[writes[0].side]}."
    audit.record(user, "align", said, connection=mapping.connection, subject=("plan", str(plan.pk)), clock=clock)
    return plan


def _row(plan: Plan, place: int, write: Write, pair: Pair) -> PlannedWrite:
    source = pair.seen(other(write.side))
    return PlannedWrite(
        plan=plan, position=place, link_id=int(pair.key), name=pair.name[:300], name_key=normal_name(pair.name)[:300],
        side=write.side.value, remote_id=write.id, from_id=source.id if source else "", seen_at=write.seen_at,
        changes=[asdict(change) for change in write.changes], fields=listed(one.field for one in write.changes),
    )  # fmt: skip


def let_stand(mapping: Mapping, link: Link) -> None:
    """Both prices may stand as they were last read until one of them changes: no run writes or asks. In a transaction.

    Raises Refused where prices aren't mapped or a record of the link is gone.
    """
    one = price_field(mapping)
    pair = next(iter(linked_pairs(mapping, [link], fields_of(mapping))), None)
    if one is None:
        return
    if pair is None or pair.crm is None or pair.books is None:
        raise Refused("One of the two records is gone, or they are no longer linked. Nothing was changed.")
    both = [pair.crm.values.get(one.name, ""), pair.books.values.get(one.name, "")]
    decided = {name: value for name, value in link.decided.items() if name != one.name}
    Link.objects.filter(pk=link.pk).update(standing=link.standing | {one.name: both}, decided=decided)


def take_back(mapping: Mapping, links: Collection[Link]) -> None:
    """The rule holds again for these prices, from the next run on. In a transaction."""
    one = price_field(mapping)
    for link in links:
        stood = {name: both for name, both in link.standing.items() if one is None or name != one.name}
        Link.objects.filter(pk=link.pk).update(standing=stood)


def last_written(links: Collection[int], field: str = "price") -> dict[tuple[int, str], PlannedWrite]:
    """By link and side: the newest write of that field which went well, with its plan."""
    rows = PlannedWrite.objects.filter(
        link__in=links, outcome=PlannedWrite.Outcome.WRITTEN, fields__contains=f"|{field}|"
    ).select_related("plan", "plan__applied_by")  # fmt: skip
    return {(row.link_id or 0, row.side): row for row in rows.order_by("pk")}
