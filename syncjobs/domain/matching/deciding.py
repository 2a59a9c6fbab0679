"""Pairs of two lists, and pairs inside one."""

from collections import Counter
from collections.abc import Sequence

from syncjobs.domain.matching.index import MatchIndex
from syncjobs.domain.matching.verdicts import SHIPPED, MatchVerdict, Pair, Thresholds
from syncjobs.domain.records import PartyFacts


def pairs(
    left: Sequence[PartyFacts], right: Sequence[PartyFacts], thresholds: Thresholds = SHIPPED
) -> tuple[Pair, ...]:
    """Certain pairs, one-to-one, and likely ones as suggestions, best first; the order of the lists changes nothing.

    Where two are equally good for somebody, nobody is certain: a person decides.
    """
    index = MatchIndex(right, thresholds)
    found = [pair for party in left for pair in index.find(party)]
    claims = Counter(pair.right for pair in found if pair.verdict == MatchVerdict.CERTAIN)
    sure = {pair.right: pair.left for pair in found if pair.verdict == MatchVerdict.CERTAIN and claims[pair.right] == 1}
    linked = set(sure.values())
    kept = [
        pair
        if sure.get(pair.right) == pair.left
        else Pair(pair.left, pair.right, pair.score, MatchVerdict.LIKELY, pair.reasons)
        for pair in found
        if sure.get(pair.right, pair.left) == pair.left and (sure.get(pair.right) or pair.left not in linked)
    ]
    return tuple(sorted(kept, key=lambda pair: (-pair.score, pair.left, pair.right)))


def within(parties: Sequence[PartyFacts], thresholds: Thresholds = SHIPPED) -> tuple[Pair, ...]:
    """Pairs inside one list, each once with the smaller id left, best first; the order of the list changes nothing."""
    index = MatchIndex(parties, thresholds)
    found = [
        Pair(party.id, other.id, alike.score, _verdict(alike.score, alike.linkable, thresholds), alike.reasons)
        for party in parties
        for other, alike in index.candidates(party)
        if party.id < other.id and alike.score >= thresholds.likely
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.score, pair.left, pair.right)))


def _verdict(score: float, linkable: bool, thresholds: Thresholds) -> MatchVerdict:
    return MatchVerdict.CERTAIN if linkable and score >= thresholds.certain else MatchVerdict.LIKELY
