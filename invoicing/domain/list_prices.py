"""Whether CRM's quotes were priced as Books' price list of the same name says, and what is at stake. Pure.

A list and a quote meet by name and currency; nothing is ever held against another currency. What a person accepted
holds for Books' rate and for quotes within the prices that stood then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from invoicing.domain.price_drift import ZERO, Offered, at_stake
from syncjobs.domain.normalising import plain_text


class Standing(StrEnum):
    """How Books' rate and the prices on CRM's open quotes stand to each other."""

    DIFFERENT = "different"
    MISSING = "missing"
    ACCEPTED = "accepted"
    SAME = "same"
    UNUSED = "unused"
    UNPRICED = "unpriced"


DRIFTING = frozenset({Standing.DIFFERENT, Standing.ACCEPTED})


def list_key(name: str) -> str:
    """The name that a price book of CRM and a price list of Books share: without case, accents and extra blanks."""
    return " ".join(plain_text(name).split())


@dataclass(frozen=True)
class Rate:
    """What Books says of the product under a list; no amount where the list has no single one for it."""

    is_listed: bool
    amount: Decimal | None = None


@dataclass(frozen=True)
class QuoteLine:
    """A line of an open quote that was priced by the price book."""

    currency: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True)
class Accepted:
    """Books' rate and the range of CRM's prices that a person let stand."""

    rate: Decimal
    lowest: Decimal
    highest: Decimal

    def covers(self, rate: Decimal | None, lowest: Decimal, highest: Decimal) -> bool:
        """Whether these are no other prices."""
        return rate == self.rate and self.lowest <= lowest and highest <= self.highest


@dataclass(frozen=True)
class ListStanding:
    """One product under one list, as last compared."""

    standing: Standing
    rate: Decimal | None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    at_stake: Decimal = ZERO
    since: datetime | None = None
    accepted: Accepted | None = None

    @property
    def gap(self) -> Decimal:
        """How far the price farthest from Books' rate is from it; zero where a side has none."""
        if self.rate is None or self.lowest is None or self.highest is None:
            return ZERO
        return max(abs(self.lowest - self.rate), abs(self.highest - self.rate))


def compared(
    before: ListStanding | None, rate: Rate, currency: str, lines: Sequence[QuoteLine], now: datetime
) -> ListStanding:
    """What comparing comes to, after how it stood before; lines in another currency than the list's count nothing."""
    own = [one for one in lines if one.currency == currency]
    prices = [one.price for one in own]
    lowest, highest = min(prices, default=None), max(prices, default=None)
    kept = before.accepted if before is not None else None
    if kept is not None and not _still_holds(kept, rate, lowest, highest):
        kept = None
    standing = _standing(rate, lowest, highest, kept)
    stake = at_stake([Offered(one.quantity, one.price) for one in own], rate.amount) if standing in DRIFTING else ZERO
    return ListStanding(
        standing=standing, rate=rate.amount, lowest=lowest, highest=highest, at_stake=stake,
        since=_since(before, standing, now), accepted=kept,
    )  # fmt: skip


def _still_holds(kept: Accepted, rate: Rate, lowest: Decimal | None, highest: Decimal | None) -> bool:
    """While no open quote has it, it holds as long as Books' rate does."""
    if lowest is None or highest is None:
        return rate.amount == kept.rate
    return kept.covers(rate.amount, lowest, highest)


def _standing(rate: Rate, lowest: Decimal | None, highest: Decimal | None, kept: Accepted | None) -> Standing:
    if rate.is_listed and rate.amount is None:
        return Standing.UNPRICED
    if lowest is None or highest is None:
        return Standing.UNUSED
    if rate.amount is None:
        return Standing.MISSING
    if lowest == highest == rate.amount:
        return Standing.SAME
    return Standing.ACCEPTED if kept is not None else Standing.DIFFERENT


def _since(before: ListStanding | None, standing: Standing, now: datetime) -> datetime | None:
    """From the first look at which it was so; accepted or not, a drift that goes on keeps its beginning."""
    if standing not in DRIFTING | {Standing.MISSING}:
        return None
    was = before.standing if before is not None else None
    goes_on = was == standing or {was, standing} <= DRIFTING
    return before.since if before is not None and goes_on and before.since is not None else now


@dataclass(frozen=True)
class ListRates:
    """A price list as a sale meets it: the rate of each product that it names (None: no single one).

    `is_whole`: the rate of what it doesn't name is the item's own, as Books bills it.
    """

    name: str
    rates: dict[str, Decimal | None]
    accepted: dict[str, tuple[Accepted, str]]
    is_whole: bool = True
