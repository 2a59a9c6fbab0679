"""Everybody by words and keys: whom one new record may be, without looking at all."""

from collections.abc import Iterable, Sequence

from syncjobs.domain.matching.blocks import Blocks, Place
from syncjobs.domain.matching.deciding import Lists, decided
from syncjobs.domain.matching.evidence import Evidence, Judge
from syncjobs.domain.matching.frequencies import Frequencies
from syncjobs.domain.matching.traits import Traits
from syncjobs.domain.matching.verdicts import SHIPPED, Pair, Thresholds
from syncjobs.domain.records import PartyFacts

# So much evidence that nobody who writes the name differently could have more.
SETTLED = 12.0


def by_id(party: PartyFacts) -> str:
    return party.id


class MatchIndex:
    """Parties to be found by whom they are like; made once, asked often."""

    def __init__(
        self, parties: Iterable[PartyFacts], thresholds: Thresholds = SHIPPED, beside: Iterable[Traits] = ()
    ) -> None:
        self.thresholds = thresholds
        self.parties = [Traits(party) for party in sorted(parties, key=by_id)]
        others = list(beside)
        self._rare = Frequencies(2 if others else 1)
        self._rare.add(self.parties)
        self._rare.add(others)
        self.prior = self._rare.prior
        self._judge = Judge(self._rare)
        self._blocks = Blocks(self.parties)

    def find(self, party: PartyFacts) -> tuple[Pair, ...]:
        """Certain and likely pairs of this one (left) with the index (right), best first; no equal best is certain."""
        traits = Traits(party)
        return decided([(traits, *one) for one in self.scored(traits)], self.thresholds, Lists(self.prior))

    def scored(self, party: Traits, all_alike: bool = False) -> list[tuple[Traits, Evidence]]:
        """The likeliest with the evidence, in no order, itself left out; `all_alike`: also whoever comes far behind."""
        found: dict[Place, Evidence] = {}
        if not all_alike:
            found = self._weighed(party, self._blocks.near(party), {})
        if not any(one.linkable and one.rank >= SETTLED for one in found.values()):
            found = self._weighed(party, self._blocks.around(party, all_alike), found)
        return [(self.parties[place], evidence) for place, evidence in found.items()]

    def _weighed(self, party: Traits, places: Sequence[Place], known: dict[Place, Evidence]) -> dict[Place, Evidence]:
        for place in places:
            other = self.parties[place]
            if place not in known:
                known[place] = self._judge.weigh(party, other)
        return known
