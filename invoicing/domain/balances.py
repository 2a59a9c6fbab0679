"""When Books is asked anew for what its lists don't tell: which customers, how, how often open invoices are swept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil, inf

PER_PAGE = 200
# As parts of the calls that schedules may use: for the sweep of open invoices, for looking at customers, for what new
# invoices come to without tax. With the lists they are twice two fifths of the day: less than polling may use.
SWEEP_SHARE, LOOK_SHARE, NET_SHARE = 0.25, 0.5, 0.25
# Calls that were not needed are saved up for so long a part of the day.
SAVED_FOR = 0.25
SWEEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 6, 12, 24, 48, 72, 168))


@dataclass(frozen=True, kw_only=True)
class Money:
    """What the mirror says of one customer, in its currency: what its documents show, and Books' own figure.

    `closed`: what was taken off its invoices (total - balance - written off). `paid`: what its payments are applied to
    invoices, `credited`: what of its credit notes was used. `unused`: of payments and credit notes together.
    """

    closed: Decimal
    paid: Decimal
    credited: Decimal
    unused: Decimal
    usable: Decimal | None


def adds_up(money: Money) -> bool:
    """Whether payments and credit notes explain what the invoices and Books' own credit figure say."""
    explained = money.closed == money.paid + money.credited
    return explained and (money.usable is None or money.usable == money.unused)


# Books stamps whole seconds, and its clock may be a little behind.
SLACK = timedelta(minutes=2)


def is_older(figure: datetime | None, document: datetime | None) -> bool:
    """Whether a figure may have been read before the document moved; one that nobody dated always is."""
    return figure is None or document is None or document > figure - SLACK


def pages(customers: int) -> int:
    """Calls for a list of so many customers."""
    return max(1, ceil(customers / PER_PAGE))


def listing_is_cheaper(waiting: int, customers: int) -> bool:
    """Whether a listing of all customers costs fewer calls than asking for each that waits."""
    return waiting > pages(customers)


@dataclass(frozen=True)
class Turn:
    """What Books is asked for now: the list of all customers, or so many of those that wait, each by one call."""

    listing: bool = False
    singles: int = 0


def saved(left: float | None, since: timedelta, a_day: float, least: int) -> float:
    """Calls that may be used now: what was `left` (None: nothing was used yet) and what the time since then brought.

    `a_day`: calls a day, 0 where nobody knows. Never more than a quarter of them are saved up, but `least` always can.
    """
    if not a_day:
        return inf
    most = max(a_day * SAVED_FOR, float(least))
    return most if left is None else min(most, left + a_day * (max(since, timedelta(0)) / timedelta(days=1)))


def turn(waiting: int, ripe: int, customers: int, left: float) -> Turn:
    """What the calls that are left allow: one by one as long as that is cheaper, else nothing until the list is paid.

    `ripe`: of those that wait, those of which a list read now would surely tell.
    """
    if not listing_is_cheaper(waiting, customers):
        return Turn(singles=int(max(0.0, min(waiting, left))))
    return Turn(listing=listing_is_cheaper(ripe, customers) and left >= pages(customers))


def missing(known: Collection[str], listed: Collection[str], most: int) -> list[str]:
    """What a complete list lacks of what is known, at most so many; each must be asked for by its id."""
    return sorted(set(known) - set(listed))[:most]


def sweep_every(open_invoices: int, allowed: int) -> timedelta:
    """How often all open invoices are listed: hourly, or as seldom as its share of the day's calls needs.

    `allowed`: calls a day that schedules may use on Books; 0 where nobody knows.
    """
    pages = max(1, ceil(open_invoices / PER_PAGE))
    share = allowed * SWEEP_SHARE
    fits = (every for every in SWEEPS if not allowed or pages * (timedelta(days=1) / every) <= share)
    return next(fits, SWEEPS[-1])
