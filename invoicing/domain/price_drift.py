"""Whether a thing costs the same in CRM and in Books, since when it doesn't, and what is at stake. Pure.

Prices are in the organisation's own currency. A drift lasts from the first moment at which the two differ to the one at
which they agree; what a person accepted holds for exactly these two prices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
WEEK = timedelta(days=7)


class Standing(StrEnum):
    """How the two prices of a thing stand to each other."""

    SAME = "same"
    DIFFERENT = "different"
    ACCEPTED = "accepted"
    ONLY_CRM = "only_crm"
    ONLY_BOOKS = "only_books"
    OFF = "off"


COMPARED = frozenset({Standing.SAME, Standing.DIFFERENT, Standing.ACCEPTED})


@dataclass(frozen=True)
class SidePrice:
    """A price as one side shows it; `at`: when the record was last changed there, `by`: who did, where that is told."""

    amount: Decimal | None
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True)
class Standpoint:
    """Both prices as last compared: since when each says so, what it said before, and since when they differ."""

    standing: Standing
    crm: Decimal | None
    books: Decimal | None
    crm_since: datetime | None = None
    books_since: datetime | None = None
    crm_by: str = ""
    was_crm: Decimal | None = None
    was_books: Decimal | None = None
    agreed: Decimal | None = None
    since: datetime | None = None

    @property
    def gap(self) -> Decimal:
        """How far the prices are apart; zero where a side has none."""
        return gap(self.crm, self.books)


def gap(crm: Decimal | None, books: Decimal | None) -> Decimal:
    """How far two prices are apart, never negative; zero where one is missing."""
    return abs(crm - books) if crm is not None and books is not None else ZERO


def compared(before: Standpoint | None, crm: SidePrice, books: SidePrice) -> Standpoint:
    """What comparing these prices comes to, after how they stood before (None: never compared as a pair).

    Nothing moved: nothing changes, whatever else was edited on the records.
    """
    if before is not None and before.standing not in COMPARED:
        before = None
    moved_crm = before is None or before.crm != crm.amount
    moved_books = before is None or before.books != books.amount
    if before is not None and not (moved_crm or moved_books):
        return before
    standing = Standing.SAME if crm.amount == books.amount else Standing.DIFFERENT
    return Standpoint(
        standing=standing,
        crm=crm.amount,
        books=books.amount,
        crm_since=crm.at if moved_crm or before is None else before.crm_since,
        books_since=books.at if moved_books or before is None else before.books_since,
        crm_by=crm.by if moved_crm or before is None else before.crm_by,
        was_crm=(before.crm if moved_crm else before.was_crm) if before else None,
        was_books=(before.books if moved_books else before.was_books) if before else None,
        agreed=crm.amount if standing is Standing.SAME else before.agreed if before else None,
        since=_since(before, standing, [one.at for one, moved in ((crm, moved_crm), (books, moved_books)) if moved]),
    )


def _since(before: Standpoint | None, standing: Standing, times: Sequence[datetime | None]) -> datetime | None:
    """A drift that goes on keeps its beginning; a new one began with the last of what moved."""
    if standing is Standing.SAME:
        return None
    if before is not None and before.standing is Standing.DIFFERENT and before.since is not None:
        return before.since
    return max((at for at in times if at is not None), default=None)


@dataclass(frozen=True)
class Offered:
    """A line that is still to be billed: quantity and unit price, before discounts."""

    quantity: Decimal
    rate: Decimal | None


def at_stake(lines: Iterable[Offered], books: Decimal | None) -> Decimal:
    """What it makes to bill these lines at Books' price instead of as offered, plus and minus added up as they are
    apart; never negative, and nothing where Books has no price."""
    if books is None:
        return ZERO
    return sum((abs(one.quantity * (one.rate - books)) for one in lines if one.rate is not None), ZERO)


@dataclass(frozen=True)
class Moment:
    """Both prices from this moment on."""

    at: datetime
    crm: Decimal | None
    books: Decimal | None


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def by_week(moments: Sequence[Moment], first: datetime, weeks: int) -> tuple[Decimal | None, ...]:
    """The widest gap in each of so many weeks from `first` on; None for weeks that ended before anything was known."""
    rows = sorted(moments, key=lambda one: one.at)
    found: list[Decimal | None] = []
    for number in range(weeks):
        begin, end = first + number * WEEK, first + (number + 1) * WEEK
        before = [one for one in rows if one.at <= begin][-1:]
        within = [one for one in rows if begin < one.at < end]
        seen = [gap(one.crm, one.books) for one in (*before, *within)]
        found.append(max(seen) if seen else None)
    return tuple(found)
