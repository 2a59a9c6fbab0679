"""What agreeing or differing addresses say: street with house number, city, postcode."""

from rapidfuzz.distance import OSA, Indel

from syncjobs.domain.matching.frequencies import Frequencies
from syncjobs.domain.matching.likeness import ALIKE as SLIP
from syncjobs.domain.matching.likeness import Words, aligned, alike_bits, similar
from syncjobs.domain.matching.traits import Traits

DIFFERS, NUMBER_DIFFERS, LEAST = -2.5, -3.0, -6.0
# What of the words still says something where the house numbers differ, and at most how much.
NEIGHBOURS, MOST_OF_NEIGHBOURS = 0.4, 4.0
ALIKE = 0.85


def weigh_places(rare: Frequencies, left: Traits, right: Traits, reasons: list[str]) -> float:
    """Bits of the addresses, of what both have."""
    street = _words(rare, left.street, right.street) if left.street and right.street else 0.0
    city = _words(rare, left.city, right.city) if left.city and right.city else 0.0
    zip = _zip(rare, left.zip, right.zip) if left.zip and right.zip else 0.0
    if street > 4:
        reasons.append("same street" if left.street == right.street else "street alike")
    if zip > 3:
        reasons.append("same postcode" if left.zip == right.zip else "postcode alike")
    elif city > 3:
        reasons.append("same city" if left.city == right.city else "city alike")
    # A postcode says most of the city.
    area = max(city, zip) + 0.35 * min(city, zip) if city > 0 and zip > 0 else city + zip
    return max(street + area, LEAST)


def _words(rare: Frequencies, left: Words, right: Words) -> float:
    place, top = rare.place, rare.top
    if left == right:
        return min(sum(map(place, left)), top)
    if len(left) == len(right) == 1:
        return _word(rare, left[0], right[0])
    if left > right:
        left, right = right, left
    same, alike, lefts, rights = aligned(left, right)
    bits = sum(map(place, same))
    if any(map(_is_number, lefts)) and any(map(_is_number, rights)):
        return min(NEIGHBOURS * bits, MOST_OF_NEIGHBOURS) + NUMBER_DIFFERS
    for one, other, score in alike:
        bits += max(alike_bits(place(one), place(other), score, top), -1.0)
    if lefts and rights:
        ratio = Indel.normalized_similarity("".join(left), "".join(right), score_cutoff=ALIKE)
        if ratio > ALIKE:
            bits = max(bits, top * (ratio - 0.5))
        bits += DIFFERS * (len(lefts) + len(rights)) / (len(left) + len(right))
    elif lefts or rights:
        bits -= 0.5
    return min(bits, top)


def _word(rare: Frequencies, one: str, other: str) -> float:
    """The same for one word on each side, as most cities are."""
    score = similar(one, other)
    if score >= SLIP:
        return max(alike_bits(rare.place(one), rare.place(other), score, rare.top), -1.0)
    if _is_number(one) and _is_number(other):
        return NUMBER_DIFFERS
    ratio = Indel.normalized_similarity(one, other, score_cutoff=ALIKE)
    return DIFFERS + (max(0.0, rare.top * (ratio - 0.5)) if ratio > ALIKE else 0.0)


def _zip(rare: Frequencies, one: str, other: str) -> float:
    if one == other:
        return rare.place(one)
    if len(one) >= 4 and OSA.distance(one, other, score_cutoff=1) == 1:
        return 0.25 * min(rare.place(one), rare.place(other))
    return DIFFERS


def _is_number(word: str) -> bool:
    return word[0].isdigit()
