"""Which of the matcher's pairs are duplicates at all, and the groups they make. Pure.

A pair that is linked is known; one that a person told apart stays apart; two Books customers of one company in two
currencies are right. What is linked to a member comes along, so that a group shows both sides of the same trouble.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from syncjobs.domain.matching import ALIKE, MatchVerdict, Pair, clusters
from syncjobs.domain.records import PartyFacts, Side

# Windows of a crowd with the same key; the matcher leaves out keys that more than fifty share.
CROWD, WINDOW = 50, 40


@dataclass(frozen=True)
class Node:
    """A record that may be somebody's duplicate: its id in the group, its side, and the currency it is billed in."""

    id: str
    side: Side
    currency: str = ""


@dataclass(frozen=True)
class Group:
    """Members that may be one and the same, and the pairs that say so, the likest first."""

    members: frozenset[str]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Known:
    """What is known already: the pairs of linked ids, and for each id the decisions it is part of, with its part."""

    links: frozenset[frozenset[str]] = frozenset()
    parts: Mapping[str, Mapping[int, int]] | None = None

    def is_apart(self, left: str, right: str) -> bool:
        """Whether a person said that these two are not the same."""
        here, there = (self.parts or {}).get(left, {}), (self.parts or {}).get(right, {})
        return any(there.get(decision, part) != part for decision, part in here.items())


def groups(nodes: Mapping[str, Node], pairs: Iterable[Pair], known: Known, across: bool = True) -> tuple[Group, ...]:
    """Groups of what a person should look at, disjoint, whatever order the pairs came in.

    `across` False: two of either side that are linked to nobody are no group of their own; linking comes first.
    """
    linked = {one for link in known.links for one in link}
    told = [pair for pair in pairs if _counts(pair, nodes, known, linked)]
    kept = [pair for pair in told if across or nodes[pair.left].side == nodes[pair.right].side
            or _touches(pair, linked)]  # fmt: skip
    inside = {one for pair in kept for one in (pair.left, pair.right)}
    tied = [
        Pair(min(link), max(link), 1.0, MatchVerdict.CERTAIN, ("linked",)) for link in sorted(known.links, key=sorted)
    ]
    along = [pair for pair in [*tied, *told] if _touches(pair, inside) and pair.left in nodes and pair.right in nodes]
    seen = set(told)
    by_member: dict[str, list[Pair]] = {}
    for pair in [*kept, *(one for one in along if one in seen)]:
        by_member.setdefault(pair.left, []).append(pair)
    return tuple(
        Group(members, _best_first(pair for one in members for pair in by_member.get(one, ())))
        for members in clusters([*kept, *along])
    )


def _touches(pair: Pair, inside: set[str]) -> bool:
    return pair.left in inside or pair.right in inside


def _counts(pair: Pair, nodes: Mapping[str, Node], known: Known, linked: set[str]) -> bool:
    left, right = nodes[pair.left], nodes[pair.right]
    ends = frozenset((left.id, right.id))
    if pair.verdict not in ALIKE or len(ends) < 2 or ends in known.links or known.is_apart(left.id, right.id):
        return False
    other_currency = "" not in (left.currency, right.currency) and left.currency != right.currency
    if left.side == right.side:
        return left.side is Side.CRM or not other_currency
    return not (left.id in linked and right.id in linked)


def _best_first(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    return tuple(sorted(set(pairs), key=lambda pair: (-pair.score, pair.left, pair.right)))


def where(members: Iterable[Node]) -> str:
    """`crm`, `books`, `both` or `across`: on which side there are several of one currency."""
    rows = list(members)
    crm = sum(one.side is Side.CRM for one in rows) > 1
    billed = [one.currency for one in rows if one.side is Side.BOOKS]
    books = len(billed) > len(set(billed))
    return "both" if crm and books else "crm" if crm else "books" if books else "across"


def crowds(parties: Iterable[PartyFacts]) -> list[list[PartyFacts]]:
    """Those of whom more than fifty share a whole name, an e-mail or a tax id, in windows that overlap by one.

    Looked at window by window they hang together, however many there are.
    """
    sharing: dict[tuple[str, str], list[PartyFacts]] = {}
    for party in parties:
        keys = [("name", party.name_key), *(("mail", one) for one in party.emails)]
        for key in [*keys, *(("tax", one) for one in party.tax_keys)]:
            if key[1]:
                sharing.setdefault(key, []).append(party)
    found = []
    for _, crowd in sorted(sharing.items()):
        if len(crowd) > CROWD:
            ordered = sorted(crowd, key=lambda party: party.id)
            starts = [*range(0, len(ordered) - 1, WINDOW - 1), len(ordered)]
            found += [ordered[start : start + WINDOW] for start, _ in pairwise(starts)]
    return found
