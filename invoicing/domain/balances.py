"""When Books is asked anew for what its lists don't tell: which customers, how, how often open invoices are swept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

PER_PAGE = 200
# Of the calls that schedules may use, the part for the sweep of open invoices.
SWEEP_SHARE = Decimal("0.25")
SWEEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 6, 12, 24))


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


def listing_is_cheaper(waiting: int, customers: int) -> bool:
    """Whether a listing of all customers costs fewer calls than asking for each that waits."""
    return waiting > ceil(customers / PER_PAGE)


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
