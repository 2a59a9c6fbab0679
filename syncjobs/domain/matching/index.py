"""Everybody by their keys: whom one new record may be, without looking at all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from syncjobs.domain.matching.scoring import Likeness, likeness
from syncjobs.domain.matching.verdicts import SHIPPED, MatchVerdict, Pair, Thresholds
from syncjobs.domain.records import PartyFacts

Key = tuple[str, str]
CROWD = 50


class MatchIndex:
    """Parties to be found by whom they are like."""

    def __init__(self, parties: Iterable[PartyFacts], thresholds: Thresholds = SHIPPED) -> None:
        self.thresholds = thresholds
        self._parties: list[PartyFacts] = []
        self._at: dict[Key, list[int]] = defaultdict(list)
        for party in parties:
            for key in _keys(party):
                self._at[key].append(len(self._parties))
            self._parties.append(party)

    def find(self, party: PartyFacts) -> tuple[Pair, ...]:
        """Certain and likely pairs of this one with the index, best first; equal best is never certain."""
        found = [(other, alike) for other, alike in self.candidates(party) if alike.score >= self.thresholds.likely]
        found.sort(key=lambda one: (-one[1].score, one[0].id))
        tie = len(found) > 1 and found[0][1].score == found[1][1].score
        return tuple(
            Pair(party.id, other.id, alike.score, self._verdict(alike, not tie and place == 0), alike.reasons)
            for place, (other, alike) in enumerate(found)
        )

    def candidates(self, party: PartyFacts) -> Iterator[tuple[PartyFacts, Likeness]]:
        """Whoever shares a key that no crowd has."""
        blocks = [self._at.get(key, ()) for key in _keys(party)]
        places: set[int] = {place for block in blocks if len(block) <= CROWD for place in block}
        for place in sorted(places):
            yield self._parties[place], likeness(party, self._parties[place])

    def _verdict(self, alike: Likeness, best: bool) -> MatchVerdict:
        certain = best and alike.linkable and alike.score >= self.thresholds.certain
        return MatchVerdict.CERTAIN if certain else MatchVerdict.LIKELY


def _keys(party: PartyFacts) -> Iterator[Key]:
    yield from (("id", one) for one in party.external_ids)
    yield from (("mail", one) for one in party.emails)
    yield from (("phone", one) for one in party.phones)
    yield from (("tax", one) for one in party.tax_keys)
    yield from (("host", one) for one in party.domains)
    words: Sequence[str] = party.name_key.split()
    yield from (("name", word) for word in dict.fromkeys(words))
