"""How much each agreement or difference says, in bits: log2 of how much likelier it is in one party than in two."""

from typing import NamedTuple

from syncjobs.domain.matching.frequencies import Frequencies
from syncjobs.domain.matching.keys import weigh_keys
from syncjobs.domain.matching.names import NOTHING_ALIKE, weigh_names
from syncjobs.domain.matching.places import weigh_places
from syncjobs.domain.matching.traits import Traits

EXTERNAL, ADDRESS_ENOUGH = 1000.0, 12.0
STRANGERS = -12.0
# A whole name can be so much rarer than a word; of what is beyond, little counts.
NAME_OVER, OVER = 4.0, 0.95


class Evidence(NamedTuple):
    """Bits for one party rather than two, and for ranking; `linkable` when more than a name speaks for it.

    `bits` count a long name's words only up to how rare a whole name can be, `rank` all of them.
    """

    bits: float
    rank: float
    reasons: tuple[str, ...]
    linkable: bool
    # Why they can't be linked though they may be the same; empty where nothing bars it.
    barred: str = ""
    # Each name has a word that the other lacks.
    clash: bool = False


class Judge:
    """Weighs two parties by how rare in their lists is what they share."""

    def __init__(self, rare: Frequencies) -> None:
        self.rare = rare

    def weigh(self, left: Traits, right: Traits) -> Evidence:
        """Symmetric; an external id in common is beyond all doubt."""
        if left.party.external_ids and left.party.external_ids & right.party.external_ids:
            return Evidence(EXTERNAL, EXTERNAL, ("the same id in the other system",), True)
        rare, reasons = self.rare, list[str]()
        name, conflict = weigh_names(rare, left, right, reasons)
        keys, strong, weak = weigh_keys(rare, left, right, reasons)
        address = weigh_places(rare, left, right, reasons)
        stranger = name <= NOTHING_ALIKE
        if stranger and not strong and not weak:
            name = STRANGERS
        rank = name + keys + address - rare.prior
        over = max(name - rare.top - NAME_OVER, 0.0)
        linkable = not stranger and (strong or not conflict and name > 0 and (weak or address >= ADDRESS_ENOUGH))
        barred = _barred(left, right)
        if barred:
            reasons.append(barred)
        return Evidence(rank - OVER * over, rank, tuple(reasons), linkable, barred, conflict)


def _barred(left: Traits, right: Traits) -> str:
    one, other = left.party, right.party
    if one.is_vendor != other.is_vendor:
        return "one is a vendor"
    if one.currency and other.currency and one.currency != other.currency:
        return "another currency"
    return "" if one.active and other.active else "inactive"
