"""Verdicts: who is linked without a person, who is shown to one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import exp2, log2
from typing import NamedTuple

from syncjobs.domain.matching.evidence import Evidence
from syncjobs.domain.matching.frequencies import GENERIC_BITS
from syncjobs.domain.matching.traits import Traits
from syncjobs.domain.matching.verdicts import MatchVerdict, Pair, Thresholds

Found = tuple[Traits, Traits, Evidence]
# Suggestions beside the best: not more than this less likely (bits), and so many.
BEHIND, SHOWN = 6.0, 3
MOST_BITS = 1000.0
# A thousandth of a rival; nothing below changes a verdict.
HOPELESS = -10.0
# Lists from this size on say by themselves how many of them the other list has, too; and how far that is believed.
TELLING = 100
FEWEST, MOST = -2.0, 3.0


class Lists(NamedTuple):
    """What was compared: the size of the smaller list, where there are two, and what any pair begins with in bits."""

    prior: float
    smaller: int = 0


def decided(found: Iterable[Found], thresholds: Thresholds, lists: Lists, every: bool = False) -> tuple[Pair, ...]:
    """Certain pairs, one-to-one, and likely and possible ones of whoever has no certain one; with `every` the rest too.

    Certain is what reaches the threshold against all its rivals together: equal best leave nobody certain. Possible
    says more than one word of many companies.
    """
    ranked = sorted(found if every else filter(_counts, found), key=_best_first)
    common = _in_common(ranked, lists.smaller)
    enough = GENERIC_BITS - lists.prior
    taken = _certain(ranked, thresholds, min(common, 0.0))
    lefts, rights = {one for one, _ in taken}, {other for _, other in taken}
    shown = _Shown()
    pairs = []
    for left, right, evidence in ranked:
        verdict, score = MatchVerdict.NO, chance(evidence.bits + common)
        if left.id in lefts or right.id in rights:
            if (left.id, right.id) in taken:
                verdict = MatchVerdict.CERTAIN
        elif score >= thresholds.likely and shown.also(left, right, evidence):
            verdict = MatchVerdict.LIKELY
        elif score >= thresholds.shown and evidence.rank > enough and shown.also(left, right, evidence):
            verdict = MatchVerdict.POSSIBLE
        if every or verdict != MatchVerdict.NO:
            pairs.append(Pair(left.id, right.id, round(score, 6), verdict, evidence.reasons))
    return tuple(pairs)


def alike(found: Iterable[Found], thresholds: Thresholds) -> Iterator[Pair]:
    """Pairs inside one list, each by itself; whoever can't be the same customer is left out."""
    for left, right, evidence in sorted(found, key=_best_first):
        score = chance(evidence.bits)
        if score >= thresholds.likely and not evidence.barred:
            certain = evidence.linkable and score >= thresholds.certain
            verdict = MatchVerdict.CERTAIN if certain else MatchVerdict.LIKELY
            yield Pair(left.id, right.id, round(score, 6), verdict, evidence.reasons)


def chance(bits: float) -> float:
    """Bits for the same rather than two, as 0..1."""
    return 1 / (1 + exp2(-max(min(bits, MOST_BITS), -MOST_BITS)))


def _best_first(one: Found) -> tuple[float, str, str]:
    return -one[2].rank, one[0].id, one[1].id


def _counts(one: Found) -> bool:
    """Whether it is worth showing, or anybody's rival."""
    return one[2].rank >= HOPELESS


def _in_common(ranked: Iterable[Found], smaller: int) -> float:
    """How likely it is beforehand that somebody of the smaller list stands in the other one, in whole bits.

    The share of those for whom somebody is likelier than not, each taken once; lists too short to tell say 0.
    """
    if smaller < TELLING:
        return 0.0
    lefts, rights = set[str](), set[str]()
    for left, right, evidence in ranked:
        if evidence.bits >= 0 and left.id not in lefts and right.id not in rights:
            lefts.add(left.id)
            rights.add(right.id)
    share = (len(lefts) + 0.5) / (smaller + 1)
    return float(round(min(max(log2(share / (1 - share)), FEWEST), MOST)))


def _certain(ranked: list[Found], thresholds: Thresholds, common: float) -> set[tuple[str, str]]:
    """Whoever is best for each other by far; what may not be linked stands in nobody's way."""
    lefts: dict[str, float] = defaultdict(float)
    rights: dict[str, float] = defaultdict(float)
    for left, right, evidence in ranked:
        if evidence.rank < HOPELESS:
            break
        if not evidence.barred:
            share = exp2(min(evidence.rank, MOST_BITS))
            lefts[left.id] += share
            rights[right.id] += share
    sure = set()
    for left, right, evidence in ranked:
        if evidence.linkable and not evidence.barred:
            mine, alone = exp2(min(evidence.rank, MOST_BITS)), chance(evidence.bits + common)
            if alone * mine / (lefts[left.id] + rights[right.id] - mine) >= thresholds.certain:
                sure.add((left.id, right.id))
    return sure


class _Shown:
    """How many suggestions each has already, and how likely its first was."""

    def __init__(self) -> None:
        self._first: dict[tuple[int, str], float] = {}
        self._count: dict[tuple[int, str], int] = defaultdict(int)

    def also(self, left: Traits, right: Traits, evidence: Evidence) -> bool:
        """Whether this one stands there too: near the best of either, and not too many."""
        sides = ((0, left.id), (1, right.id))
        near = all(evidence.rank >= self._first.get(side, evidence.rank) - BEHIND for side in sides)
        if not near or max(self._count[side] for side in sides) >= SHOWN:
            return False
        for side in sides:
            self._first.setdefault(side, evidence.rank)
            self._count[side] += 1
        return True
