"""From both sides' records to the frozen list of intended writes; nothing is written here. Pure.

For each pair of records the presence is decided first (create, update, or nothing), then every mapped field by
`ownership.decide`. One unfit field leaves only itself out; a pair whose two sides kept correcting each other is
set aside. The plan is exactly what `apply` does later, and planning again after applying it gives an empty plan.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncjobs.domain import mapping, ownership
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.ownership import Conflict, Decision, Keep, Leave, Owner, Refuse, Take, Values, other
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Unfit

PERSON = "person"
# So many writes to and fro on one field within a day, and a person looks (reliability 5).
ALTERNATING = 3


@dataclass(frozen=True)
class Seen:
    """A record as one side showed it: its id, canonical values by field, what didn't fit, when it changed there."""

    id: str
    values: Mapping[str, str]
    misfits: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None


def seen(id: str, row: mapping.Row, fields: tuple[FieldMap, ...], side: Side, at: datetime | None = None) -> Seen:
    """A record from its row as JSON: every mapped field read once, what can't be read with its sentence."""
    values, misfits = {}, {}
    for one in fields:
        try:
            values[one.name] = mapping.read(one, side, row)
        except Unfit as trouble:
            misfits[one.name] = str(trouble)
    return Seen(id, values, misfits, at)


@dataclass(frozen=True)
class Pair:
    """What is known to be one thing. `base` holds canonical values by field; `flips` counts writes to and fro;
    `decided` what a person said a field shall be on both sides, whoever owns it; `standing` the two values (CRM's,
    Books') that may differ until one of them changes, since a run was undone; `follows`: see `following`."""

    key: str
    name: str
    crm: Seen | None
    books: Seen | None
    base: Mapping[str, str] = field(default_factory=dict)
    flips: Mapping[str, int] = field(default_factory=dict)
    decided: Mapping[str, str] = field(default_factory=dict)
    standing: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    follows: bool = False

    def seen(self, side: Side) -> Seen | None:
        """The record of that side."""
        return self.crm if side is Side.CRM else self.books


@dataclass(frozen=True)
class Change:
    """One field of a write: canonical texts, the rule that decided, and what is lost there (None: nothing).

    The rule is an owner's name, or `person` where somebody decided.
    """

    field: str
    before: str
    after: str
    rule: str
    lost: str | None = None


@dataclass(frozen=True)
class Write:
    """One record created (`id` empty) or updated on a side, by exactly these changes."""

    pair: str
    side: Side
    id: str
    seen_at: datetime | None
    changes: tuple[Change, ...]

    @property
    def creates(self) -> bool:
        return self.id == ""


@dataclass(frozen=True)
class Refused:
    """An edit of a side that doesn't own the field: kept, and set back if `set_back`."""

    pair: str
    side: Side
    change: Change
    set_back: bool


@dataclass(frozen=True)
class Asked:
    """A field for a person: both values, and what both last agreed on."""

    pair: str
    field: str
    base: str
    crm: str
    books: str


@dataclass(frozen=True)
class Misfit:
    """A field of a pair that could not be read or written, with the sentence."""

    pair: str
    field: str
    sentence: str


@dataclass(frozen=True)
class Agreed:
    """A pair's new base: fields on which both sides agree already."""

    pair: str
    base: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Plan:
    """Everything that would happen, in the order of the pairs."""

    writes: tuple[Write, ...] = ()
    refused: tuple[Refused, ...] = ()
    asked: tuple[Asked, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    agreed: tuple[Agreed, ...] = ()
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not self.writes


Outcome = Change | Refused | Asked | Misfit


def plan(pairs: Iterable[Pair], fields: tuple[FieldMap, ...], creates_on: frozenset[Side] = frozenset()) -> Plan:
    """What would be written for these pairs; `creates_on` are the sides on which missing records are made."""
    writes: list[Write] = []
    rest: list[Outcome] = []
    agreed: list[Agreed] = []
    unchanged = 0
    for pair in pairs:
        found, outcomes, base = _of_pair(pair, fields, creates_on)
        writes += found
        rest += outcomes
        agreed += [base] if base else []
        unchanged += not found and not outcomes
    return Plan(
        tuple(writes), _only(Refused, rest), _only(Asked, rest), _only(Misfit, rest), tuple(agreed), unchanged
    )  # fmt: skip


def _only(kind: type[Any], outcomes: list[Outcome]) -> tuple[Any, ...]:
    return tuple(one for one in outcomes if isinstance(one, kind))


def _of_pair(
    pair: Pair, fields: tuple[FieldMap, ...], creates_on: frozenset[Side]
) -> tuple[list[Write], list[Outcome], Agreed | None]:
    if pair.crm is None or pair.books is None:
        return *_creation(pair, fields, creates_on), None
    odd = pair.crm.misfits or pair.books.misfits or pair.decided
    if pair.crm.values == pair.books.values == pair.base and not odd:
        return [], [], None
    changes: dict[Side, list[Change]] = {Side.CRM: [], Side.BOOKS: []}
    outcomes: list[Outcome] = []
    base: dict[str, str] = {}
    for one in fields:
        if not _is_at_rest(pair, pair.crm, pair.books, one.name):
            _of_field(pair, one, changes, outcomes, base)
    writes = [_update(pair, side, changes[side]) for side in Side if changes[side]]
    moved = tuple((name, value) for name, value in base.items() if pair.base.get(name) != value or name in pair.decided)
    return writes, outcomes, Agreed(pair.key, moved) if moved else None


def _is_at_rest(pair: Pair, crm: Seen, books: Seen, name: str) -> bool:
    """Whether both sides still say what they last agreed on, or what they stand at; and nobody said otherwise."""
    value, there = crm.values.get(name), books.values.get(name)
    if value is None or name in pair.decided:
        return False
    return value == there == pair.base.get(name) or pair.standing.get(name) == (value, there)


def _update(pair: Pair, side: Side, changes: list[Change]) -> Write:
    found = pair.seen(side)
    assert found is not None
    return Write(pair.key, side, found.id, found.at, tuple(changes))


def _creation(
    pair: Pair, fields: tuple[FieldMap, ...], creates_on: frozenset[Side]
) -> tuple[list[Write], list[Outcome]]:
    """The missing side's record, of the fields that may be written there; a blank needs no writing.

    One field that doesn't fit keeps the whole record from being made: half a customer helps nobody.
    """
    side = Side.CRM if pair.crm is None else Side.BOOKS
    found = pair.seen(other(side))
    if found is None or side not in creates_on:
        return [], []
    changes, misfits = [], list[Outcome]()
    for one in fields:
        if not one.direction.may_write(side) or one.owner is Owner.NEITHER:
            continue
        try:
            value = _fitting(found, one)
            mapping.written(one, side, value)
        except Unfit as trouble:
            misfits.append(Misfit(pair.key, one.name, str(trouble)))
        else:
            changes += [Change(one.name, "", value, (one.owner or Owner.ASK).value)] if value else []
    made = [Write(pair.key, side, "", None, tuple(changes))] if changes and not misfits else []
    return made, misfits


def _fitting(found: Seen, one: FieldMap) -> str:
    """The value as it was read; raises Unfit with the sentence where it could not be."""
    if one.name in found.misfits:
        raise Unfit(found.misfits[one.name])
    return found.values.get(one.name, "")


def _of_field(
    pair: Pair, one: FieldMap, changes: dict[Side, list[Change]], outcomes: list[Outcome], base: dict[str, str]
) -> None:
    assert pair.crm is not None and pair.books is not None
    try:
        values = Values(
            pair.base.get(one.name), _fitting(pair.crm, one), _fitting(pair.books, one), pair.crm.at, pair.books.at
        )  # fmt: skip
        if one.name in pair.decided and {values.crm, values.books} != {pair.decided[one.name]}:
            _follow_person(one, values, pair.decided[one.name], changes)
            return
        decision = ownership.decide(one.owner or Owner.ASK, values, blank_erases=one.blank_erases)
        _follow(pair, one, values, _bounded(pair, one, values, decision), changes, outcomes, base)
    except Unfit as trouble:
        outcomes.append(Misfit(pair.key, one.name, str(trouble)))


def _follow_person(one: FieldMap, values: Values, wanted: str, changes: dict[Side, list[Change]]) -> None:
    """A person's word is written to both sides, wherever the field can be written and says otherwise."""
    for side in Side:
        before = values.of(side)
        if before != wanted and one.direction.may_write(side):
            mapping.written(one, side, wanted)
            changes[side].append(Change(one.name, before, wanted, PERSON, before or None))


def _bounded(pair: Pair, one: FieldMap, values: Values, decision: Decision) -> Decision:
    """The decision within the mapping's direction, and not once more to and fro."""
    if not isinstance(decision, Take):
        return decision
    if not one.direction.may_write(other(decision.side)):
        return Leave("not written to that side")
    if pair.flips.get(one.name, 0) >= ALTERNATING:
        return Conflict(values.crm, values.books)
    return decision


def _follow(
    pair: Pair, one: FieldMap, values: Values, decision: Decision, changes: dict[Side, list[Change]],
    outcomes: list[Outcome], base: dict[str, str],
) -> None:  # fmt: skip
    rule = (one.owner or Owner.ASK).value
    if isinstance(decision, Keep):
        base[one.name] = decision.base
    elif isinstance(decision, Take):
        side = other(decision.side)
        mapping.written(one, side, decision.value)
        changes[side].append(Change(one.name, values.of(side), decision.value, rule, decision.lost))
    elif isinstance(decision, Refuse):
        change = Change(one.name, decision.value, decision.owned, rule, decision.value or None)
        back = one.set_back and one.direction.may_write(decision.side)
        outcomes.append(Refused(pair.key, decision.side, change, back))
        if back:
            mapping.written(one, decision.side, decision.owned)
            changes[decision.side].append(change)
    elif isinstance(decision, Conflict):
        outcomes.append(Asked(pair.key, one.name, values.base or "", decision.crm, decision.books))
