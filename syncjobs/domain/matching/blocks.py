"""Whom a party may be: candidates by keys, the rarer the better; nobody is compared with everybody."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from syncjobs.domain.matching.frequencies import Frequencies
from syncjobs.domain.matching.traits import Traits

# Keys that more parties have say too little to begin with.
CROWD, NAMESAKES = 60, 250
# So many blocks' members are counted at most, and so many of the likeliest are compared.
VISITS = 400
BEST = 6
SHORTEST, MOST_SLIPS = 4, 12
# An external id in common outweighs any other keys.
KNOWN = 1000.0
# Compared is who shares this part of what the likeliest shares.
NEAR, LEAST = 0.4, 0.15
Place = int


class Blocks:
    """Places of parties by their keys."""

    def __init__(self, parties: Sequence[Traits], rare: Frequencies) -> None:
        self.parties = parties
        self.rare = rare
        self._at: dict[str, Place | list[Place]] = {}
        self._vocabulary: dict[str, list[str]] | None = None
        self._variants: dict[str, tuple[str, ...]] = {}
        for place, party in enumerate(parties):
            party.place = place
            for key in keys_of(party):
                self._put(key, place)

    def _put(self, key: str, place: Place) -> None:
        found = self._at.setdefault(key, place)
        if found is not place:
            if isinstance(found, int):
                self._at[key] = [found, place]
            elif len(found) <= NAMESAKES and found[-1] != place:
                found.append(place)

    def near(self, party: Traits) -> list[Place]:
        """By keys as they stand."""
        return self._likeliest(party, keys_of(party))

    def around(self, party: Traits, least: float = NEAR) -> list[Place]:
        """By keys with one slip in a word of the name, too."""
        return self._likeliest(party, self._with_slips(party), least)

    def _likeliest(self, party: Traits, keys: Iterable[str], least: float = NEAR) -> list[Place]:
        """At most `BEST`, and only those that share so much of what the first shares."""
        block = self._block
        blocks = [(len(found), found) for key in set(keys) if (found := block(key))]
        blocks.sort(key=_size)
        sums: dict[Place, float] = defaultdict(float)
        visits = 0
        for size, places in blocks:
            visits += size
            if visits > VISITS:
                break
            weight = 8.0 - size.bit_length()
            for place in places:
                sums[place] += weight
        for value in party.party.external_ids:
            for place in self._block(f"i{value}"):
                sums[place] += KNOWN
        if party.place is not None:
            sums.pop(party.place, None)
        if len(sums) > 1:
            enough = least * max(sums.values())
            ranked = [place for place, total in sums.items() if total >= enough]
            most = BEST if least >= NEAR else 2 * BEST
            if len(ranked) > most:
                ranked.sort(key=lambda place: (-sums[place], self.parties[place].id))
            return ranked[:most]
        return list(sums)

    def _block(self, key: str) -> Sequence[Place]:
        found = self._at.get(key, ())
        if isinstance(found, int):
            return (found,)
        return found if len(found) <= (NAMESAKES if key[0] == "n" else CROWD) else ()

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
                    yield f"b{variant}{other}" if variant < other else f"b{other}{variant}"

    def _slips(self, word: str) -> tuple[str, ...]:
        """Words of the list that are one slip away; looked up once per word."""
        found = self._variants.get(word)
        if found is None:
            if self._vocabulary is None:
                self._vocabulary = _vocabulary(self.parties)
            near = {one for cut in _cuts(word) for one in self._vocabulary.get(cut, ())} - {word}
            found = tuple(sorted(near)[:MOST_SLIPS])
            self._variants[word] = found
        return found


def _size(block: tuple[int, Sequence[Place]]) -> int:
    return block[0]


def _vocabulary(parties: Iterable[Traits]) -> dict[str, list[str]]:
    """The words of names by what is left of them when a letter falls out."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in {word for party in parties for word in party.name}:
        for cut in _cuts(word):
            found[cut].append(word)
    return found


def _cuts(word: str) -> Iterable[str]:
    if len(word) < SHORTEST or not word.isalpha():
        return ()
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def keys_of(party: Traits) -> Iterator[str]:
    """All keys of a party; each kind begins with its own sign."""
    for mark, values in (("m", party.mailboxes), ("p", party.tails), ("t", party.taxes), ("d", party.domains)):
        for value in values:
            yield mark + value
    for value in party.party.external_ids:
        yield f"i{value}"
    yield from name_keys(party.name, party)
    if party.company:
        yield from name_keys(party.company, party)
    yield from _address_keys(party)


def name_keys(words: tuple[str, ...], party: Traits) -> Iterator[str]:
    """The name, its words, two neighbours, and words with the postcode and the house."""
    if not words:
        return
    yield "n" + "".join(words)
    number = party.street[0] if party.street else ""
    for word in words:
        yield "w" + word
        if party.zip:
            yield f"z{party.zip}{word}"
        if number:
            yield f"h{number}{word}"
    if len(words) > 1:
        previous = words[0]
        for word in words[1:]:
            yield f"b{previous}{word}" if previous < word else f"b{word}{previous}"
            previous = word


def _address_keys(party: Traits) -> Iterator[str]:
    if not party.street:
        return
    area = party.zip or "".join(party.city)
    number = party.street[0]
    for word in party.street[:4]:
        yield f"s{word}{area}"
    if party.city:
        yield f"c{number}{''.join(party.city)}"
