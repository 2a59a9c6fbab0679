"""Verdicts: who is linked without a person, who is shown to one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import exp2

from syncjobs.domain.matching.evidence import Evidence
from syncjobs.domain.matching.traits import Traits
from syncjobs.domain.matching.verdicts import MatchVerdict, Pair, Thresholds

Found = tuple[Traits, Traits, Evidence]
# Suggestions beside the best: not more than this less likely (bits), and so many.
BEHIND, SHOWN = 4.0, 3
MOST_BITS = 1000.0


def decided(found: Iterable[Found], thresholds: Thresholds, every: bool = False) -> tuple[Pair, ...]:
    """Certain pairs, one-to-one, and likely ones of whoever has no certain one; with `every` what is neither, too.

    Certain is what reaches the threshold against all its rivals together: equal best leave nobody certain.
    """
    ranked = sorted(found, key=_best_first)
    sure = _certain(ranked, thresholds)
    lefts, rights = {one.id for one, _ in sure}, {other.id for _, other in sure}
    taken = {(one.id, other.id) for one, other in sure}
    shown = _Shown()
    pairs = []
    for left, right, evidence in ranked:
        score = chance(evidence.bits)
        if (left.id, right.id) in taken:
            verdict = MatchVerdict.CERTAIN
        elif left.id in lefts or right.id in rights or score < thresholds.likely:
            verdict = MatchVerdict.NO
        else:
            verdict = MatchVerdict.LIKELY if shown.also(left, right, evidence) else MatchVerdict.NO
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


def _certain(ranked: list[Found], thresholds: Thresholds) -> list[tuple[Traits, Traits]]:
    """Whoever is best for each other by far; what may not be linked stands in nobody's way."""
    odds: dict[tuple[int, str], float] = defaultdict(float)
    for left, right, evidence in ranked:
        if not evidence.barred:
            share = exp2(min(evidence.rank, MOST_BITS))
            odds[0, left.id] += share
            odds[1, right.id] += share
    sure = []
    for left, right, evidence in ranked:
        if evidence.linkable and not evidence.barred:
            mine = exp2(min(evidence.rank, MOST_BITS))
            among = mine / (odds[0, left.id] + odds[1, right.id] - mine)
            if chance(evidence.bits) * among >= thresholds.certain:
                sure.append((left, right))
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
