"""Who may change a field, and what follows when it changed: the one table that all syncing rests on. Pure.

Per link and field there are three canonical values: the *base* (what both sides last agreed on; None before they ever
did), CRM's and Books'. `decide` is total: every such triple, under every owner, has one decision. "=" is the base:

    CRM  Books | CRM owns        Books owns      newest              ask               neither
    =    =     | Keep            Keep            Keep                Keep              Keep
    x    x     | Keep(base x)    Keep(base x)    Keep(base x)        Keep(base x)      Keep(base x)
    x    =     | Take(CRM)       Refuse(CRM)     Take(CRM)           Take(CRM)         Leave
    =    y     | Refuse(Books)   Take(Books)     Take(Books)         Take(Books)       Leave
    x    y     | Take(CRM), y    Take(Books), x  later by > 10 s     Conflict          Leave
               |   is kept         is kept         takes, else Conflict

A blank never erases unless the mapping says so: where a side's blank would be taken, one owner's blank is left alone
(Leave) and a shared field asks (Conflict), except that a side that never had a value is filled from the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from syncjobs.domain.records import Side

# Both systems stamp a record, not a field, and their clocks differ: closer than this nobody was "later".
APART = timedelta(seconds=10)


class Owner(StrEnum):
    """Whose word counts for a field."""

    CRM = "crm"
    BOOKS = "books"
    NEWEST = "newest"
    ASK = "ask"
    NEITHER = "neither"


@dataclass(frozen=True)
class Values:
    """The canonical values of one field; `""` is empty. The base is None before both sides ever agreed."""

    base: str | None
    crm: str
    books: str
    crm_at: datetime | None = None
    books_at: datetime | None = None

    def of(self, side: Side) -> str:
        """The value of one side."""
        return self.crm if side is Side.CRM else self.books

    def changed(self, side: Side) -> bool:
        """Whether that side's value is not the base; without a base, whether it has a value at all."""
        return self.of(side) != (self.base or "")


@dataclass(frozen=True)
class Keep:
    """Both sides agree; the base becomes their value."""

    base: str


@dataclass(frozen=True)
class Take:
    """That side's value is written to the other; `lost` is what stood there (None when nothing is lost)."""

    side: Side
    value: str
    lost: str | None = None


@dataclass(frozen=True)
class Refuse:
    """That side changed what it doesn't own: not carried over, kept, and set back to `owned` where the rule says so."""

    side: Side
    value: str
    owned: str


@dataclass(frozen=True)
class Leave:
    """Nothing is written and nothing is settled: the sides may differ here, with the reason."""

    reason: str


@dataclass(frozen=True)
class Conflict:
    """A person decides between both values; nothing is written until then."""

    crm: str
    books: str


Decision = Keep | Take | Refuse | Leave | Conflict
READ_ONLY, BLANK = "read only on both sides", "a blank doesn't erase"


def other(side: Side) -> Side:
    """The side that isn't this one."""
    return Side.BOOKS if side is Side.CRM else Side.CRM


def decide(owner: Owner, values: Values, *, blank_erases: bool = False) -> Decision:
    """What follows for one field of one link; see the table above."""
    if values.crm == values.books:
        return Keep(values.crm)
    if owner is Owner.NEITHER:
        return Leave(READ_ONLY)
    decision = _of_one(owner, values) if owner in (Owner.CRM, Owner.BOOKS) else _of_both(owner, values)
    if isinstance(decision, Take) and decision.value == "" and not blank_erases:
        return _blank(owner, values, decision.side)
    return decision


def _of_one(owner: Owner, values: Values) -> Decision:
    side = Side.CRM if owner is Owner.CRM else Side.BOOKS
    if values.base is not None and not values.changed(side):
        return Refuse(other(side), values.of(other(side)), values.of(side))
    return _take(values, side)


def _of_both(owner: Owner, values: Values) -> Decision:
    changed = [side for side in Side if values.changed(side)]
    if len(changed) == 1:
        return _take(values, changed[0])
    later = _later(values) if owner is Owner.NEWEST else None
    return _take(values, later) if later else Conflict(values.crm, values.books)


def _take(values: Values, side: Side) -> Take:
    """Lost is what the other side said itself: its base alone is not lost, since it is this side's own past."""
    there = values.of(other(side))
    return Take(side, values.of(side), there if there and values.changed(other(side)) else None)


def _later(values: Values) -> Side | None:
    if values.crm_at is None or values.books_at is None:
        return None
    gap = values.crm_at - values.books_at
    return None if abs(gap) <= APART else Side.CRM if gap > timedelta(0) else Side.BOOKS


def _blank(owner: Owner, values: Values, side: Side) -> Decision:
    if owner in (Owner.CRM, Owner.BOOKS):
        return Leave(BLANK)
    return Conflict(values.crm, values.books)
