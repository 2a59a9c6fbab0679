"""Whom a party may be: candidates by keys, the rarer the better; nobody is compared with everybody."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from syncjobs.domain.matching.traits import Traits

# Keys that more parties have say too little to begin with.
CROWD, NAMESAKES = 60, 250
# So many blocks' members are counted at most.
VISITS = 400
SHORTEST, MOST_SLIPS = 4, 12
# An external id in common outweighs any other keys.
KNOWN = 1000.0
# Compared is who shares this part of what the likeliest shares, and so many: by keys as they stand, with slips, with
# slips where there is nothing but a name, and with all that are alike.
NEAR, SLIPS, NAME_ONLY, ALL = (0.4, 6), (0.3, 8), (0.2, 20), (0.15, 12)
# What a key says that one party has; each doubling of its parties says one less.
RAREST = 7.0
Place = int


class Blocks:
    """Places of parties by their keys; of equals the first are taken, so they stand in an order of their own."""

    def __init__(self, parties: Sequence[Traits]) -> None:
        self.parties = parties
        # Most keys have one place; a list for each would be most of the memory. Of a crowd nobody is kept.
        self._at: dict[str, Place | list[Place]] = {}
        self._vocabulary: dict[str, str | list[str]] | None = None
        self._variants: dict[str, tuple[str, ...]] = {}
        first_at = self._at.setdefault
        for place, party in enumerate(parties):
            party.place = place
            for key in set(keys_of(party)):
                found = first_at(key, place)
                if found is not place:
                    self._also(key, found, place)

    def _also(self, key: str, found: Place | list[Place], place: Place) -> None:
        if isinstance(found, int):
            self._at[key] = [found, place]
        elif found:
            found.append(place)
            if len(found) > (NAMESAKES if key[0] == "n" else CROWD):
                self._at[key] = []

    def near(self, party: Traits) -> list[Place]:
        """By keys as they stand."""
        return self._likeliest(party, keys_of(party), *NEAR)

    def around(self, party: Traits, all_alike: bool = False) -> list[Place]:
        """By keys with one slip in a word of the name, too; `all_alike`: also whoever comes far behind."""
        wide = ALL if all_alike else SLIPS if party.more_than_a_name else NAME_ONLY
        return self._likeliest(party, self._with_slips(party), *wide)

    def _likeliest(self, party: Traits, keys: Iterable[str], least: float, most: int) -> list[Place]:
        """At most so many, and only those that share so much of what the first shares."""
        sums = self._shared(party.place, set(keys), least)
        for value in party.party.external_ids:
            for place in self._block(f"i{value}"):
                sums[place] = sums.get(place, 0.0) + KNOWN
        if len(sums) < 2:
            return list(sums)
        enough = least * max(sums.values())
        ranked = [place for place, total in sums.items() if total >= enough]
        if len(ranked) > most:
            ranked.sort()
            ranked.sort(key=sums.__getitem__, reverse=True)
        return ranked[:most]

    def _shared(self, itself: Place | None, keys: Iterable[str], least: float) -> dict[Place, float]:
        """How much each shares, the rarest keys first.

        Left out is what nobody could come near the likeliest by, and what comes after so many visits.
        """
        sums: dict[Place, float] = {}
        several: list[list[Place]] = []
        at = self._at.get
        for key in keys:
            found = at(key)
            if found.__class__ is int:
                sums[found] = sums.get(found, 0.0) + RAREST
            elif found:
                several.append(found)  # type: ignore[arg-type]
        sums.pop(itself, None)  # type: ignore[arg-type]
        several.sort(key=len)
        weights = [RAREST + 1 - len(places).bit_length() for places in several]
        enough, rest, visits = least * max(sums.values(), default=0.0), sum(weights), 0
        for weight, places in zip(weights, several, strict=True):
            visits += len(places)
            if visits > VISITS:
                break
            if rest < enough:
                for place in sums.keys() & places:
                    sums[place] += weight
            else:
                for place in places:
                    sums[place] = sums.get(place, 0.0) + weight
            rest -= weight
        sums.pop(itself, None)  # type: ignore[arg-type]
        return sums

    def _block(self, key: str) -> Sequence[Place]:
        found = self._at.get(key, ())
        return (found,) if isinstance(found, int) else found

    def _with_slips(self, party: Traits) -> Iterator[str]:
        yield from keys_of(party)
        words = party.name
        number = party.street[0] if party.street else ""
        for place, word in enumerate(words[:6]):
            for variant in self._slips(word):
                yield f"n{''.join(words[:place])}{variant}{''.join(words[place + 1 :])}"
                yield f"w{variant}"
                if party.zip:
                    yield f"z{party.zip}{variant}"
                if number:
                    yield f"h{number}{variant}"
                for other in (*words[max(place - 1, 0) : place], *words[place + 1 : place + 2]):
                    yield _neighbours(variant, other)

    def _slips(self, word: str) -> tuple[str, ...]:
        """Words of the list that are one slip away; looked up once per word."""
        found = self._variants.get(word)
        if found is None:
            if self._vocabulary is None:
                self._vocabulary = _vocabulary(self.parties)
            near = set[str]()
            for cut in _cuts(word):
                one = self._vocabulary.get(cut, ())
                near.update((one,) if isinstance(one, str) else one)
            found = self._variants[word] = tuple(sorted(near - {word})[:MOST_SLIPS])
        return found


def _vocabulary(parties: Iterable[Traits]) -> dict[str, str | list[str]]:
    """The words of names by what is left of them when a letter falls out."""
    found: dict[str, str | list[str]] = {}
    for word in {word for party in parties for word in party.name}:
        for cut in _cuts(word):
            known = found.setdefault(cut, word)
            if isinstance(known, list):
                known.append(word)
            elif known is not word:
                found[cut] = [known, word]
    return found


def _cuts(word: str) -> Iterable[str]:
    if len(word) < SHORTEST or not word.isalpha():
        return ()
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def keys_of(party: Traits) -> list[str]:
    """All keys of a party; each kind begins with its own sign."""
    keys = _name_keys(party.name, party) if party.name else []
    if party.company:
        keys += _name_keys(party.company, party)
    if party.street:
        keys += _address_keys(party)
    if party.mailboxes:
        keys += ["m" + value for value in party.mailboxes]
    if party.tails:
        keys += ["p" + value for value in party.tails]
    if party.domains:
        keys += ["d" + value for value in party.domains]
    if party.taxes:
        keys += ["t" + value for value in party.taxes]
    if party.party.external_ids:
        keys += ["i" + value for value in party.party.external_ids]
    return keys


def _name_keys(words: tuple[str, ...], party: Traits) -> list[str]:
    """The name, its words, two neighbours, and words with the postcode and the house."""
    keys = ["n" + "".join(words)]
    keys += ["w" + word for word in words]
    if party.zip:
        area = "z" + party.zip
        keys += [area + word for word in words]
    if party.street:
        house = "h" + party.street[0]
        keys += [house + word for word in words]
    if len(words) > 1:
        keys += [_neighbours(one, other) for one, other in pairwise(words)]
        keys += [f"w{one}{other}" for one, other in pairwise(words)]
    return keys


def _neighbours(one: str, other: str) -> str:
    return f"b{one}{other}" if one < other else f"b{other}{one}"


def _address_keys(party: Traits) -> list[str]:
    area = party.zip or "".join(party.city)
    keys = [f"s{word}{area}" for word in party.street[:4]]
    if party.city:
        keys.append(f"c{party.street[0]}{''.join(party.city)}")
    return keys
