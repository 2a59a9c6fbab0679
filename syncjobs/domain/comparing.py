"""After bulk work: both sides of a pair counted and compared by id, and whether that is without a gap. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from syncjobs.domain.records import Side

NAMES = {Side.CRM: "CRM", Side.BOOKS: "Books"}


@dataclass(frozen=True)
class Listed:
    """One side's ids: what takes part, and what is left out (inactive, or a vendor)."""

    there: frozenset[str]
    left_out: frozenset[str]


@dataclass(frozen=True)
class Compared:
    """What two sides and their links come to; ids in order. linked + only + left_out = all that a side has."""

    linked: tuple[tuple[str, str], ...]
    only_crm: tuple[str, ...]
    only_books: tuple[str, ...]
    left_out_crm: int
    left_out_books: int
    gone_crm: tuple[tuple[str, str], ...]
    gone_books: tuple[tuple[str, str], ...]
    crm: int
    books: int


def compare(crm: Listed, books: Listed, links: Collection[tuple[str, str]]) -> Compared:
    """Sort every id of both sides into linked, only here, or left out; links whose record is gone are named.

    A record with links to several (a customer per currency) counts once on its side.
    """
    all_crm, all_books = crm.there | crm.left_out, books.there | books.left_out
    whole = sorted(pair for pair in links if pair[0] in all_crm and pair[1] in all_books)
    here, there = {pair[0] for pair in whole}, {pair[1] for pair in whole}
    return Compared(
        linked=tuple(whole),
        only_crm=tuple(sorted(crm.there - here)),
        only_books=tuple(sorted(books.there - there)),
        left_out_crm=len(crm.left_out - here),
        left_out_books=len(books.left_out - there),
        gone_crm=tuple(sorted(pair for pair in links if pair[0] not in all_crm)),
        gone_books=tuple(sorted(pair for pair in links if pair[1] not in all_books and pair[0] in all_crm)),
        crm=len(all_crm),
        books=len(all_books),
    )


@dataclass(frozen=True)
class Gaps:
    """What keeps a comparison from being complete, counted."""

    only: Mapping[Side, int]
    to_decide: int = 0
    differing: int = 0
    broken: int = 0
    unseen: int = 0


def verdict(linked: int, gaps: Gaps, makes: Collection[Side]) -> tuple[bool, str]:
    """Whether nothing is missing, and the sentence that says so or names each gap.

    What only one side has is a gap where the mapping makes it on the other; else it may stay.
    """
    found = [
        f"{gaps.only[side]} only in {NAMES[side]} {_are(gaps.only[side])} to be made in {NAMES[_other(side)]}"
        for side in Side if gaps.only[side] and _other(side) in makes
    ]  # fmt: skip
    found += [
        sentence
        for number, sentence in (
            (gaps.to_decide, f"{gaps.to_decide} {'waits' if gaps.to_decide == 1 else 'wait'} in Who is who"),
            (gaps.differing, f"{gaps.differing} {'differs' if gaps.differing == 1 else 'differ'}"),
            (gaps.broken, f"{gaps.broken} {_are(gaps.broken)} linked to what is gone"),
            (gaps.unseen, f"{gaps.unseen} {_are(gaps.unseen)} no longer listed by Zoho"),
        )
        if number
    ]
    if found:
        return False, f"Incomplete: {', '.join(found)}. {linked} {_are(linked)} linked."
    stay = [f"{gaps.only[side]} only in {NAMES[side]}" for side in Side if gaps.only[side]]
    rest = f" {' and '.join(stay)} may stay so: the mapping makes none on the other side." if stay else ""
    return True, f"Complete: {linked} = {linked} linked and equal.{rest}"


def _other(side: Side) -> Side:
    return Side.BOOKS if side is Side.CRM else Side.CRM


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
