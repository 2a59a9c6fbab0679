"""What agreeing or differing names say."""

from rapidfuzz.distance import Indel

from syncjobs.domain.matching.frequencies import GENERIC_BITS, Frequencies
from syncjobs.domain.matching.likeness import Words, aligned, alike_bits
from syncjobs.domain.matching.traits import Traits

# A word that only one side wrote; words that exclude each other.
CONFLICT, NOTHING_ALIKE = -4.0, -8.0
OMIT, CLASH = 0.12, 0.3
# From here on two names written without spaces are alike as wholes, and so long must they be.
ALIKE, SHORTEST = 0.85, 5
# Bits, and whether each name has a word that the other lacks.
Said = tuple[float, bool]


def weigh_names(rare: Frequencies, left: Traits, right: Traits, reasons: list[str]) -> Said:
    """Of both names where both have two, else of the two that are likest."""
    if not left.name or not right.name:
        return 0.0, False
    bits, conflict = _name(rare, left.name, right.name)
    if left.company and right.company:
        bits += _name(rare, left.company, right.company)[0]
    elif left.company or right.company:
        one, other = (left.company, right.name) if left.company else (left.name, right.company)
        bits, conflict = max((bits, conflict), _name(rare, one, other))
    if bits > 0:
        reasons.append("same name" if left.joined == right.joined else "name alike")
    return bits, conflict


def _name(rare: Frequencies, left: Words, right: Words) -> Said:
    word = rare.word
    if left == right:
        return sum(map(word, left)), False
    one, other = "".join(left), "".join(right)
    if one == other:
        return max(sum(map(word, left)), sum(map(word, right))), False
    if left > right:
        left, right = right, left
    same, alike, lefts, rights = aligned(left, right)
    bits = sum(map(word, same))
    for mine, theirs, score in alike:
        bits += max(alike_bits(word(mine), word(theirs), score, rare.top), CONFLICT)
    a, b = sum(map(word, lefts)), sum(map(word, rights))
    conflict = bool(lefts and rights)
    bits -= OMIT * (a + b)
    if conflict:
        bits -= max(-CONFLICT, CLASH * min(a, b)) if min(a, b) > GENERIC_BITS else GENERIC_BITS / 2
    whole = _whole(rare, left, right)
    if whole > bits:
        bits, conflict = whole, False
    if not same and not alike:
        return NOTHING_ALIKE, True
    return max(bits, NOTHING_ALIKE), conflict


def _whole(rare: Frequencies, left: Words, right: Words) -> float:
    """Of the names as wholes, written without spaces; other digits make another name."""
    one, other = "".join(left), "".join(right)
    if min(len(one), len(other)) < SHORTEST:
        return NOTHING_ALIKE
    ratio = Indel.normalized_similarity(one, other, score_cutoff=ALIKE)
    if ratio <= ALIKE or _digits(one) != _digits(other):
        return NOTHING_ALIKE
    return min(sum(map(rare.word, left)), sum(map(rare.word, right))) * (ratio - 0.5) / 0.5 - 1.0


def _digits(name: str) -> list[str]:
    return [sign for sign in name if sign.isdigit()]
