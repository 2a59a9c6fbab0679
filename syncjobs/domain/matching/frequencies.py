"""How rare words and keys are among the parties compared, in bits."""

from collections import Counter
from collections.abc import Iterable
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
    """Of one list, or of two that are compared; sizes are steps of two, so that one party more changes no score."""

    def __init__(self, lists: int = 1) -> None:
        self.lists = lists
        self.count = 0
        self._names: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._places: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def add(self, parties: Iterable[Traits]) -> None:
        """Count these too."""
        for one in parties:
            self.count += 1
            # Sixty duplicates of one company don't make its name common.
            self._names[one.joined] += 1
            if self._names[one.joined] <= NAMESAKES:
                self._words.update(set(one.name + one.company))
            self._places.update(set(one.street + one.city))
            if one.zip:
                self._places[one.zip] += 1
            for keys in (one.mailboxes, one.tails, one.taxes, one.domains):
                if keys:
                    self._keys.update(keys)
        self._sized()

    def _sized(self) -> None:
        size = self.count / self.lists
        # That any two are the same, before anything of them was compared.
        self.prior = float(round(log2(max(size, LEAST))))
        self.top = float(round(log2(size + SMALLEST)))
        self.size, self.world = 2**self.prior, 2**self.top
        self._word_bits: dict[str, float] = {}

    def word(self, word: str) -> float:
        """Bits of a name's word."""
        found = self._word_bits.get(word)
        if found is None:
            found = self._bits(self._words.get(word, 0))
            if word in GENERIC or len(word) == 1:
                found = min(found, GENERIC_BITS)
            self._word_bits[word] = found
        return found

    def place(self, word: str) -> float:
        """Bits of a word of an address, or of a zip."""
        return self._bits(self._places.get(word, 0))

    def key(self, value: str) -> float:
        """Bits of an e-mail, a phone, a tax number or a domain."""
        return self._bits(self._keys.get(value, 0))

    def _bits(self, count: int) -> float:
        each = max(1.0, count / self.lists)
        few = min(each, FEW)
        return max(-log2((each - few) / self.size + few / self.world), 0.0)
