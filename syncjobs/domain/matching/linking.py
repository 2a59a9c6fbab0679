"""Pairs of two lists, and pairs inside one."""

from collections.abc import Sequence

from syncjobs.domain.matching.deciding import Found, Lists, alike, decided
from syncjobs.domain.matching.index import MatchIndex, by_id
from syncjobs.domain.matching.traits import Traits
from syncjobs.domain.matching.verdicts import SHIPPED, Pair, Thresholds
from syncjobs.domain.records import PartyFacts


def pairs(
    left: Sequence[PartyFacts], right: Sequence[PartyFacts], thresholds: Thresholds = SHIPPED, every: bool = False
) -> tuple[Pair, ...]:
    """Certain pairs, one-to-one, and likely ones as suggestions, best first; the order of the lists changes nothing.

    Where two are equally good for somebody, nobody is certain: a person decides. With `every`, what was compared and
    is neither stands there too, with the verdict no. Ids are unique within each list.
    """
    lefts = [Traits(party) for party in sorted(left, key=by_id)]
    index = MatchIndex(right, thresholds, beside=lefts)
    lists = Lists(index.prior, min(_telling(lefts), _telling(index.parties)))
    return decided([(one, *found) for one in lefts for found in index.scored(one)], thresholds, lists, every)


def _telling(parties: Sequence[Traits]) -> int:
    """How many have anything to be compared by."""
    return sum(bool(one.name or one.more_than_a_name) for one in parties)


def within(parties: Sequence[PartyFacts], thresholds: Thresholds = SHIPPED) -> tuple[Pair, ...]:
    """Pairs inside one list, each once with the smaller id left, best first; the order of the list changes nothing.

    Two of different currencies, or a vendor and a customer, are two right ones and no pair.
    """
    index = MatchIndex(parties, thresholds)
    found: dict[tuple[str, str], Found] = {}
    for one in index.parties:
        for other, evidence in index.scored(one, all_alike=True):
            first, second = (one, other) if one.id < other.id else (other, one)
            found[first.id, second.id] = (first, second, evidence)
    return tuple(alike(found.values(), thresholds))
