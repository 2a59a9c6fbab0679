"""How alike two words are, and two rows of words: what they share, what is misspelt, what differs."""

from rapidfuzz.distance import OSA, JaroWinkler

Words = tuple[str, ...]
# From here on two words are one misspelt.
ALIKE = 0.8
CUT_SHORT = 0.85
# What it weighs that two words begin alike, beside what all their letters say.
BEGIN_ALIKE = 0.93


def similar(one: str, other: str) -> float:
    """0..1, how likely one is the other misspelt or cut short; numbers are never misspelt. Below `ALIKE` it is 0."""
    if not one.isalpha() or not other.isalpha():
        return 0.0
    if len(one) == 1 or len(other) == 1:
        return ALIKE if one[0] == other[0] else 0.0
    if len(one) >= 3 <= len(other) and (one.startswith(other) or other.startswith(one)):
        return CUT_SHORT
    edits = OSA.normalized_similarity(one, other, score_cutoff=0.5)
    if edits <= 0.5:
        return 0.0
    return max(edits, BEGIN_ALIKE * JaroWinkler.similarity(one, other, score_cutoff=ALIKE / BEGIN_ALIKE))


# What two rows share, what is misspelt with how alike it is, and what only the left and only the right one has.
Alignment = tuple[list[str], list[tuple[str, str, float]], list[str], list[str]]


def aligned(left: Words, right: Words) -> Alignment:
    """Two rows of words put beside each other."""
    same = [word for word in left if word in right]
    lefts = [word for word in left if word not in right]
    rights = [word for word in right if word not in left]
    if not lefts or not rights:
        return same, [], lefts, rights
    if len(right) > 1:
        _join(lefts, right, rights, same)
    if len(left) > 1:
        _join(rights, left, lefts, same)
    return same, _misspelt(lefts, rights), lefts, rights


def _join(few: list[str], whole: Words, many: list[str], same: list[str]) -> None:
    """One side wrote as one word what the other wrote as two."""
    longest = max(map(len, few), default=0)
    for start in range(len(whole) - 1):
        joined = whole[start]
        if len(joined) >= longest:
            continue
        for end in range(start + 1, min(start + 4, len(whole))):
            joined += whole[end]
            if len(joined) > longest:
                break
            if joined in few:
                few.remove(joined)
                for part in whole[start : end + 1]:
                    if part in many:
                        many.remove(part)
                same.append(joined)


def _misspelt(lefts: list[str], rights: list[str]) -> list[tuple[str, str, float]]:
    """Taken from both rows, the likest first."""
    found = [(score, one, other) for one in lefts for other in rights if (score := similar(one, other)) >= ALIKE]
    if len(found) > 1:
        found.sort(reverse=True)
    alike = []
    for score, one, other in found:
        if one in lefts and other in rights:
            lefts.remove(one)
            rights.remove(other)
            alike.append((one, other, score))
    return alike


def alike_bits(one: float, other: float, score: float, top: float) -> float:
    """What a misspelt word says. A word that nobody else writes is a slip; two that many write are two names."""
    return min(one, other) - 1 - (top - max(one, other)) - 12 * (1 - score)
