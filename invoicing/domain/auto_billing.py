"""Which accepted quotes and won deals may be billed by themselves now, and why the others may not. Pure.

Only a stage change that zbridge saw counts, since the switch was thrown and since go-live; nothing older ever does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

# So many that are accepted at first sight in one reading look like an import into CRM: none of them bills itself.
MOST_AT_ONCE = 20


class Why(StrEnum):
    """Why a sale isn't billed by itself."""

    OFF = "off"
    UNSEEN = "unseen"
    EARLIER = "earlier"
    BEFORE_GO_LIVE = "before_go_live"
    BILLED = "billed"
    PART = "part"
    TRIED = "tried"


WORDS: dict[Why, str] = {
    Why.OFF: "Billing by itself is off.",
    Why.UNSEEN: "It was accepted or won already when zbridge first read it, so a person decides.",
    Why.EARLIER: "It was accepted or won before billing by itself was switched on.",
    Why.BEFORE_GO_LIVE: "It was accepted or won before go-live.",
    Why.BILLED: "It is billed already, or its draft is on its way.",
    Why.PART: "Another quote of its deal bills the sale; a person says whether this is a further part.",
    Why.TRIED: "It was tried and refused, and nothing that matters has changed since.",
}


@dataclass(frozen=True)
class Rule:
    """The switch: since when it is on (None: off), and go-live, a day in the organisation's zone."""

    since: datetime | None
    go_live: date | None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A quote in an accepted stage or a deal in a won one. `seen_at`: when the change of stage was seen, on `seen_on`.

    `before`: nobody saw it change. `sale`: what is billed once, so that two quotes of one deal share it. `billed`: it
    has a live claim itself; `sale_billed`: its sale has one. `tried`: it was asked for as it is now.
    """

    id: int
    sale: str
    seen_at: datetime | None
    seen_on: date | None
    before: bool = False
    billed: bool = False
    sale_billed: bool = False
    tried: bool = False


def why_not(one: Candidate, rule: Rule) -> Why | None:
    """What keeps this one from billing itself, by itself alone; None: nothing does."""
    if one.billed:
        return Why.BILLED
    if rule.since is None or rule.go_live is None:
        return Why.OFF
    if one.before or one.seen_at is None or one.seen_on is None:
        return Why.UNSEEN
    if one.seen_at <= rule.since:
        return Why.EARLIER
    if one.seen_on < rule.go_live:
        return Why.BEFORE_GO_LIVE
    if one.sale_billed:
        return Why.PART
    return Why.TRIED if one.tried else None


def sorted_out(found: Iterable[Candidate], rule: Rule) -> dict[int, Why | None]:
    """Each with what keeps it; of several that would bill one sale only the one that was accepted first may."""
    verdicts: dict[int, Why | None] = {}
    taken = set[str]()
    for one in sorted(found, key=lambda one: (one.seen_at is None, one.seen_at, one.id)):
        why = why_not(one, rule)
        if why in (None, Why.TRIED):
            why = Why.PART if one.sale in taken else why
            taken.add(one.sale)
        verdicts[one.id] = why
    return verdicts


@dataclass(frozen=True)
class FirstSight:
    """A record that is accepted or won when it is read for the first time; `at_once`: how many such in the reading."""

    made_at: datetime | None
    at_once: int
    looks_cloned: bool = False


def was_seen_changing(sight: FirstSight, rule: Rule) -> bool:
    """Whether it can only have been accepted since the switch was thrown: it did not exist in CRM before."""
    if rule.since is None or sight.made_at is None or sight.at_once > MOST_AT_ONCE or sight.looks_cloned:
        return False
    return sight.made_at > rule.since
