"""How rare words and keys are among the parties compared, in bits."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import log2

from syncjobs.domain.matching.traits import Traits
from syncjobs.domain.matching.words import GENERIC

# Fewer parties say little of how rare a word is in the world.
SMALLEST = 1024
GENERIC_BITS = 3.0
FEW = 2.0
LEAST = 8
# So many of one name may be several; more are one thing written often.
NAMESAKES = 5


class Frequencies:
    """Of one list, or of two that are compared; sizes are steps of two, so that one party more changes no score.

    `word` gives the bits of a name's word, `place` of an address's word or a postcode, `key` of an e-mail, a phone, a
    tax number or a domain.
    """

    word: Callable[[str], float]
    place: Callable[[str], float]
    key: Callable[[str], float]

    def __init__(self, lists: int = 1) -> None:
        self.lists = lists
        self.count = 0
        self._names: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._places: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def add(self, parties: Sequence[Traits]) -> None:
        """Count these too."""
        self.count += len(parties)
        self._words.update(chain.from_iterable(self._unheard(parties)))
        self._places.update(chain.from_iterable(map(_places, parties)))
        self._keys.update(chain.from_iterable(map(_keys, parties)))
        self._sized()

    def _unheard(self, parties: Iterable[Traits]) -> Iterable[Iterable[str]]:
        """The words of the names; sixty duplicates of one company don't make its name common."""
        names = self._names
        for one in parties:
            names[one.joined] = heard = names[one.joined] + 1
            if heard <= NAMESAKES:
                yield set(one.name + one.company)

    def _sized(self) -> None:
        size = self.count / self.lists
        # That any two are the same, before anything of them was compared.
        self.prior = float(round(log2(max(size, LEAST))))
        self.top = float(round(log2(size + SMALLEST)))
        # What at most two have in lists like these is somebody's own.
        self.own = self.top - 1.1
        self.size, self.world = 2**self.prior, 2**self.top
        self.word = _Bits(self, self._words, GENERIC).__getitem__
        self.place = _Bits(self, self._places).__getitem__
        self.key = _Bits(self, self._keys).__getitem__

    def bits(self, count: int) -> float:
        """Of what so many have."""
        each = max(1.0, count / self.lists)
        few = min(each, FEW)
        return max(-log2((each - few) / self.size + few / self.world), 0.0)


class _Bits(dict[str, float]):
    """Reckoned once for each value that is asked for."""

    def __init__(self, rare: Frequencies, counts: Counter[str], generic: frozenset[str] | None = None) -> None:
        super().__init__()
        self._rare, self._counts, self._generic = rare, counts, generic

    def __missing__(self, value: str) -> float:
        found = self._rare.bits(self._counts.get(value, 0))
        if self._generic is not None and (value in self._generic or len(value) == 1):
            found = min(found, GENERIC_BITS)
        self[value] = found
        return found


def _places(party: Traits) -> Iterable[str]:
    found = set(party.street + party.city)
    if party.zip:
        # A house number that is the postcode, too, counts twice.
        return (*found, party.zip)
    return found


def _keys(party: Traits) -> Iterable[str]:
    return chain(party.mailboxes, party.tails, party.taxes, party.domains)
