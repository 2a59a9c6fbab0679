"""How alike two words are, and two rows of words: what they share, what is misspelt, what differs."""

from collections.abc import Callable
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

Words = tuple[str, ...]
ALIKE = 0.8


@lru_cache(500_000)
def similar(one: str, other: str) -> float:
    """0..1, how likely one is the other misspelt or cut short; numbers are never misspelt."""
    if len(one) == 1 or len(other) == 1:
        return 0.8 if one[0] == other[0] and one.isalpha() and other.isalpha() else 0.0
    if not one.isalpha() or not other.isalpha():
        return 0.0
    if len(one) >= 3 <= len(other) and (one.startswith(other) or other.startswith(one)):
        return 0.85
    edits = float(OSA.normalized_similarity(one, other))
    return max(edits, 0.93 * float(JaroWinkler.similarity(one, other))) if edits > 0.5 else 0.0


class Alignment:
    """Two rows of words put beside each other."""

    __slots__ = ("alike", "left", "right", "same")

    def __init__(self, left: Words, right: Words) -> None:
        self.same = [word for word in left if word in right]
        self.left = [word for word in left if word not in right]
        self.right = [word for word in right if word not in left]
        self.alike: list[tuple[str, str, float]] = []
        if self.left and self.right:
            self._join(self.left, right, self.right)
            self._join(self.right, left, self.left)
            self._align()

    def _join(self, few: list[str], whole: Words, many: list[str]) -> None:
        """One side wrote as one word what the other wrote as two."""
        for start in range(len(whole) - 1):
            joined = whole[start]
            for end in range(start + 1, min(start + 4, len(whole))):
                joined += whole[end]
                if joined in few:
                    few.remove(joined)
                    for part in whole[start : end + 1]:
                        if part in many:
                            many.remove(part)
                    self.same.append(joined)

    def _align(self) -> None:
        found = [(similar(one, other), one, other) for one in self.left for other in self.right]
        for score, one, other in sorted((item for item in found if item[0] >= ALIKE), reverse=True):
            if one in self.left and other in self.right:
                self.left.remove(one)
                self.right.remove(other)
                self.alike.append((one, other, score))


def alike_bits(one: float, other: float, score: float, top: float) -> float:
    """What a misspelt word says. A word that nobody else writes is a slip; two that many write are two names."""
    return min(one, other) - 1 - (top - max(one, other)) - 12 * (1 - score)


Rarity = Callable[[str], float]
