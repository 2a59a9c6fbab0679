"""Undoing what a run wrote: for each written field the value before, where nobody has changed it since. Pure.

Only the side that the run wrote to is written. Both sides may then differ, as they did before the run; so that the next
run doesn't write the same again, the pair *stands* like that until one of them is changed (`planning.Pair.standing`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncjobs.domain import mapping
from syncjobs.domain.mapping import NAMES, FieldMap
from syncjobs.domain.ownership import Owner
from syncjobs.domain.planning import Change, Pair, Seen, Write
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Unfit

UNDO = "undo"
OWNING = {Owner.CRM: Side.CRM, Owner.BOOKS: Side.BOOKS}


@dataclass(frozen=True)
class Wrote:
    """One write of the run that went well: its pair's key (empty: no longer linked), the changes as it made them."""

    pair: str
    name: str
    side: Side
    id: str
    changes: tuple[Change, ...]
    made: bool = False


@dataclass(frozen=True)
class Left:
    """A field (empty: the whole record) that stays as it is now, with the reason."""

    wrote: Wrote
    field: str
    now: str
    before: str
    reason: str


@dataclass(frozen=True)
class Stand:
    """What a field says on both sides after the undo, and what counts as agreed on then (None: nothing)."""

    crm: str
    books: str
    base: str | None


@dataclass(frozen=True)
class Undoing:
    """The compensating writes, what stays with its reason, and how each undone field stands, by pair and field."""

    writes: tuple[Write, ...]
    left: tuple[Left, ...]
    stands: Mapping[tuple[str, str], Stand]


def undo(wrote: Iterable[Wrote], pairs: Mapping[str, Pair], fields: tuple[FieldMap, ...]) -> Undoing:
    """What undoing these writes comes to now; `pairs` are the linked pairs as last read, by key."""
    known = {one.name: one for one in fields}
    writes, left = list[Write](), list[Left]()
    back: dict[tuple[str, str], dict[Side, str]] = {}
    for one in wrote:
        pair = pairs.get(one.pair)
        seen = pair.seen(one.side) if pair is not None else None
        if one.made or seen is None or seen.id != one.id:
            left.append(Left(one, "", "", "", MADE.format(side=NAMES[one.side]) if one.made else GONE))
            continue
        changes = []
        for change in one.changes:
            found = _back(one, change, known.get(change.field), seen)
            if isinstance(found, Left):
                left.append(found)
            else:
                changes.append(found)
                back.setdefault((one.pair, change.field), {})[one.side] = found.after
        if changes:
            writes.append(Write(one.pair, one.side, one.id, seen.at, tuple(changes)))
    stands = {key: _stand(pairs[key[0]], known[key[1]], sides) for key, sides in back.items()}
    return Undoing(tuple(writes), tuple(left), stands)


MADE = "This run made it in {side}, and zbridge never deletes. Remove it there if it isn't wanted."
GONE = "Its two records are no longer linked, or one is no longer there; nothing of it is changed."
UNMAPPED = "This field is no longer mapped."
SAME = "It says so already."
CHANGED = "Changed in {side} since, so it stays."
ONE_WAY = "The mapping doesn't write this field to {side} any more."


def _back(wrote: Wrote, change: Change, one: FieldMap | None, seen: Seen) -> Change | Left:
    """The change back, or why there is none."""
    now = seen.values.get(change.field, "")
    reason = _reason(wrote, change, one, seen, now)
    if reason:
        return Left(wrote, change.field, now, change.before, reason)
    return Change(change.field, now, change.before, UNDO, now or None)


def _reason(wrote: Wrote, change: Change, one: FieldMap | None, seen: Seen, now: str) -> str:
    side = NAMES[wrote.side]
    if one is None:
        return UNMAPPED
    if change.field in seen.misfits:
        return seen.misfits[change.field]
    if now == change.before:
        return SAME
    if now != change.after:
        return CHANGED.format(side=side)
    if not one.direction.may_write(wrote.side):
        return ONE_WAY.format(side=side)
    try:
        mapping.written(one, wrote.side, change.before)
    except Unfit as trouble:
        return str(trouble)
    return ""


def _stand(pair: Pair, one: FieldMap, back: Mapping[Side, str]) -> Stand:
    """After the undo the owner's value counts as agreed on: an edit of the other side is then refused as ever."""
    values = {side: back.get(side, _said(pair.seen(side), one.name)) for side in Side}
    owning = OWNING.get(one.owner or Owner.ASK)
    if owning is not None:
        base: str | None = values[owning]
    else:
        base = next(iter(back.values())) if len(set(back.values())) == 1 else None
    return Stand(values[Side.CRM], values[Side.BOOKS], base)


def _said(seen: Seen | None, name: str) -> str:
    return seen.values.get(name, "") if seen is not None else ""
