"""Which of several records should stay when people merge them, and why; and what a look afterwards shows. Pure.

zbridge merges nothing: Books' tool has no API and can't be undone, and CRM's is CRM's own (facts Books 3.1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from syncjobs.domain.records import Side

NAMES = {Side.CRM: "CRM", Side.BOOKS: "Books"}


@dataclass(frozen=True, kw_only=True)
class Mergeable:
    """A record as the guide sees it. `linked`: the other side's record it is linked to, by name; `native`: the CRM id
    that Zoho's own integration left on it; `documents`: how many invoices or deals it has."""

    id: str
    name: str
    currency: str = ""
    linked: str = ""
    native: str = ""
    outstanding: Decimal = Decimal(0)
    documents: int = 0
    last: date | None = None


@dataclass(frozen=True)
class Advice:
    """Who stays and why, in sentences; or why nothing is advised (`stop`)."""

    survivor: str = ""
    losers: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    stop: str = ""


def advise(side: Side, rows: Iterable[Mergeable]) -> Advice:
    """Who should stay; the order of the rows changes nothing.

    Stops where merging would lose something: two currencies, or two Books customers that belong to two CRM records.
    """
    members = sorted(rows, key=_age)
    stop = _stop(side, members)
    if stop:
        return Advice(stop=stop)
    best = min(members, key=lambda one: (not one.native, not one.linked, -abs(one.outstanding), -one.documents,
                                         -(one.last or date.min).toordinal(), _age(one)))  # fmt: skip
    losers = tuple(one.id for one in members if one.id != best.id)
    return Advice(best.id, losers, tuple(_reasons(side, best, [one for one in members if one.id != best.id])))


def _age(one: Mergeable) -> tuple[int, str]:
    """Zoho's ids grow: the shorter and smaller is the older record."""
    return len(one.id), one.id


def _stop(side: Side, members: Sequence[Mergeable]) -> str:
    if len(members) < 2:
        return f"There is only one record in {NAMES[side]}: nothing is to be merged there."
    currencies = sorted({one.currency for one in members if one.currency})
    if side is Side.BOOKS and len(currencies) > 1:
        return (
            f"They are billed in {' and '.join(currencies)}. Books merges customers of one currency only, and one "
            "customer for each currency is right: leave them apart."
        )
    natives = {one.native for one in members if one.native}
    if len(natives) > 1:
        return (
            "Zoho's own integration linked them to different records in CRM. Merge those in CRM first; then look again."
        )
    linked = sorted({one.linked for one in members if one.linked})
    if side is Side.BOOKS and len(linked) > 1:
        return (
            f"They are linked to different records in CRM: {' and '.join(linked)}. Merge those in CRM first, or unlink "
            "one of them; then look again."
        )
    return ""


def _reasons(side: Side, best: Mergeable, others: Sequence[Mergeable]) -> list[str]:
    found = []
    if best.currency:
        found.append(f"All are billed in {best.currency}.")
    if best.native:
        found.append(f"{best.name} was brought over from CRM by Zoho's own integration; that tie must survive.")
    if best.linked:
        there = NAMES[Side.BOOKS if side is Side.CRM else Side.CRM]
        found.append(f"{best.name} is linked to {best.linked} in {there}; the link stays good.")
    if any(abs(best.outstanding) > abs(one.outstanding) for one in others):
        found.append(f"It has the larger open balance, {best.outstanding:,.2f} {best.currency}".rstrip() + ".")
    if any(best.documents > one.documents for one in others):
        thing = "invoices" if side is Side.BOOKS else "deals"
        found.append(f"It has more {thing} than the other{'s' if len(others) > 1 else ''}.")
    return found or [f"{best.name} is the older record; nothing else tells them apart."]


class Fate(StrEnum):
    """What became of a record that was to be merged."""

    THERE = "there"
    INACTIVE = "inactive"
    GONE = "gone"


@dataclass(frozen=True)
class Looked:
    """One record, asked for by its id: what became of it, and whose its last document is now (empty: not known)."""

    id: str
    fate: Fate
    master: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a look came to: who went into whom, who is still there, and a sentence's worth of doubt."""

    merged: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def outcome(looked: Iterable[Looked], advised: str) -> Outcome:
    """Who was merged into whom.

    A document tells best. Without one, what is gone went into the advised survivor, else into the only one that is left
    (it was merged the other way round). Inactive with its documents still its own is not merged.
    """
    rows = list(looked)
    there = [one.id for one in rows if one.fate is Fate.THERE]
    stays = advised if advised in there else there[0] if len(there) == 1 else ""
    merged, idle, lost = [], [], []
    for one in rows:
        if one.fate is Fate.THERE:
            continue
        master = one.master or stays
        if one.fate is Fate.INACTIVE and one.master == one.id:
            idle.append(one.id)
        elif master and master != one.id:
            merged.append((one.id, master))
        else:
            lost.append(one.id)
    left = [one for one in there if one != stays] if stays else there
    return Outcome(tuple(merged), tuple(left), tuple(idle), tuple(lost))
