"""What is wrong with a link, from what was last read of both its records. Pure.

The database lets a CRM record have one link in a currency, and a Books record one link. It compares what was written
down when they were linked: who was merged into whom since then, and in which currency a customer is billed by now, it
doesn't see. So of two links that are doubled one at least has moved since it was made (`has_moved`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

# How a person's word about a sign is remembered, and how much of it.
MOST_KEPT = 60


class Fault(StrEnum):
    """What kind of repair it needs."""

    BROKEN = "broken"
    ONE_SIDED = "one_sided"
    DOUBLED = "doubled"


class Why(StrEnum):
    """What exactly is wrong."""

    CRM_GONE = "crm_gone"
    BOOKS_GONE = "books_gone"
    CRM_MERGED = "crm_merged"
    BOOKS_MERGED = "books_merged"
    OTHER_SIGN = "other_sign"
    NO_SIGN = "no_sign"
    ONE_IN_CRM = "one_in_crm"
    ONE_IN_BOOKS = "one_in_books"


class By(StrEnum):
    """Who left a sign on the Books record: zbridge its own key, or Zoho's own integration a CRM id."""

    KEY = "key"
    NATIVE = "native"


@dataclass(frozen=True)
class Sign:
    """Whose the Books record is by itself: the CRM id that it names (a key that isn't its CRM record's as it stands).

    `names` is empty where a sign is known to have stood and no longer does; a record that never bore one has no sign.
    """

    by: By
    names: str = ""

    @property
    def word(self) -> str:
        """How a person's word about it is remembered: another sign is a new question."""
        return f"{self.by}:{self.names}"[:MOST_KEPT]


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A link with what its records say by now. `currency`: what its customer is billed in; empty for other pairs.

    `linked_in`: the same when they were linked. `left`: a person said that the gone one shall stay linked.
    """

    id: int
    pair: str
    crm_id: str
    books_id: str
    currency: str = ""
    linked_in: str = ""
    crm_gone: bool = False
    books_gone: bool = False
    left: bool = False
    signs: tuple[Sign, ...] = ()
    accepted: str = ""


@dataclass(frozen=True)
class Merges:
    """What was merged into what, by id, on either side."""

    crm: Mapping[str, str] = field(default_factory=dict)
    books: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def into_crm(self) -> Mapping[str, frozenset[str]]:
        """All that were merged into a record of CRM, over however many steps, by its id."""
        return _gathered(self.crm)

    @cached_property
    def into_books(self) -> Mapping[str, frozenset[str]]:
        """The same for Books."""
        return _gathered(self.books)


@dataclass(frozen=True)
class Found:
    """A link's fault, and the other one that it is about: a survivor's id, another link's, or what a sign names."""

    fault: Fault
    why: Why
    other: str = ""


@dataclass(frozen=True)
class Gone:
    """A customer that Books has no longer: the link that still names it, and into whom it was merged, by name."""

    link: str = ""
    merged_into: str = ""


def end_of(merges: Mapping[str, str], identity: str) -> str:
    """Where a chain of merges ends; itself where there was none, and where the chain runs in a circle."""
    seen = {identity}
    found = identity
    while found in merges:
        found = merges[found]
        if found in seen:
            return identity
        seen.add(found)
    return found


def _gathered(merges: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in merges:
        end = end_of(merges, one)
        if end != one:
            found[end].add(one)
    return {end: frozenset(lost) for end, lost in found.items()}


def has_moved(tie: Tie, merges: Merges) -> bool:
    """Whether the database's constraints no longer speak for it."""
    ends = (end_of(merges.crm, tie.crm_id), end_of(merges.books, tie.books_id))
    return ends != (tie.crm_id, tie.books_id) or tie.currency != tie.linked_in


def fault_of(tie: Tie, merges: Merges, doubles: Mapping[int, Found]) -> Found | None:
    """The one fault to begin with: two links for one thing, then a record that is gone, then a sign that disagrees."""
    return doubles.get(tie.id) or _broken(tie, merges) or _one_sided(tie, merges)


def _broken(tie: Tie, merges: Merges) -> Found | None:
    if tie.left:
        return None
    crm, books = end_of(merges.crm, tie.crm_id), end_of(merges.books, tie.books_id)
    if books != tie.books_id:
        return Found(Fault.BROKEN, Why.BOOKS_MERGED, books)
    if crm != tie.crm_id:
        return Found(Fault.BROKEN, Why.CRM_MERGED, crm)
    if tie.books_gone:
        return Found(Fault.BROKEN, Why.BOOKS_GONE)
    return Found(Fault.BROKEN, Why.CRM_GONE) if tie.crm_gone else None


def disagreeing(tie: Tie, merges: Merges) -> Sign | None:
    """The first sign that names another than the link does, or nothing any more, and that nobody let be."""
    mine = end_of(merges.crm, tie.crm_id)
    wrong = (one for one in tie.signs if one.word != tie.accepted and end_of(merges.crm, one.names) != mine)
    return next(wrong, None)


def _one_sided(tie: Tie, merges: Merges) -> Found | None:
    sign = disagreeing(tie, merges)
    if sign is None:
        return None
    why = Why.OTHER_SIGN if sign.names else Why.NO_SIGN
    return Found(Fault.ONE_SIDED, why, sign.names)


Place = tuple[str, ...]


def _places(tie: Tie, merges: Merges) -> tuple[Place, ...]:
    """Where only one link may be: at a Books record, and at a CRM record in a currency (a customer for each is right).

    None for what is gone without a successor: it speaks for nobody.
    """
    crm, books = end_of(merges.crm, tie.crm_id), end_of(merges.books, tie.books_id)
    if tie.crm_gone and crm == tie.crm_id or tie.books_gone and books == tie.books_id:
        return ()
    return (Why.ONE_IN_BOOKS, tie.pair, books), (Why.ONE_IN_CRM, tie.pair, crm, tie.currency)


def partners(tie: Tie, ties: Iterable[Tie], merges: Merges) -> tuple[int, ...]:
    """The other links that are in one of its places."""
    mine = set(_places(tie, merges))
    return tuple(sorted(one.id for one in ties if one.id != tie.id and mine & set(_places(one, merges))))


def doubled(ties: Iterable[Tie], merges: Merges) -> dict[int, Found]:
    """Links that speak for one and the same record, each with the first of the others."""
    inside: dict[Place, list[int]] = defaultdict(list)
    for tie in sorted(ties, key=lambda one: one.id):
        for place in _places(tie, merges):
            inside[place].append(tie.id)
    found: dict[int, Found] = {}
    for place, ids in sorted(inside.items(), key=lambda one: one[0][0] == Why.ONE_IN_CRM):
        for one in ids if len(ids) > 1 else ():
            other = next(each for each in ids if each != one)
            found.setdefault(one, Found(Fault.DOUBLED, Why(place[0]), str(other)))
    return found


def sentence(found: Found, crm: str, books: str, other: str) -> str:
    """What is wrong, in plain words; `crm` and `books` name the records, `other` what the fault is about."""
    other = other or "another record"
    return {
        Why.CRM_GONE: f"{crm} was deleted in CRM. {books} in Books stays as it is, and nothing flows between them.",
        Why.BOOKS_GONE: f"{books} was deleted in Books, so {crm} can't be billed.",
        Why.CRM_MERGED: f"{crm} was merged into {other} in CRM, and the link still names the one that went.",
        Why.BOOKS_MERGED: f"{books} was merged into {other} in Books, and the link still names the one that went.",
        Why.OTHER_SIGN: f"{crm} in CRM is linked to {books} in Books, which itself says that it belongs to {other}.",
        Why.NO_SIGN: f"{crm} in CRM is linked to {books} in Books, which no longer says so itself, as it once did.",
        Why.ONE_IN_CRM: f"{crm} has two links in one currency: to {books}, and to {other}.",
        Why.ONE_IN_BOOKS: f"{books} has two links: to {crm}, and to {other}. They are one customer in Books by now.",
    }[found.why]


SHORT = {
    Why.CRM_GONE: "Broken: deleted in CRM",
    Why.BOOKS_GONE: "Broken: deleted in Books",
    Why.CRM_MERGED: "Broken: merged away in CRM",
    Why.BOOKS_MERGED: "Broken: merged away in Books",
    Why.OTHER_SIGN: "One-sided: Books names another",
    Why.NO_SIGN: "One-sided: no longer named in Books",
    Why.ONE_IN_CRM: "Doubled: two for one CRM record",
    Why.ONE_IN_BOOKS: "Doubled: two for one Books record",
}
