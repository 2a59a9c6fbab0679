"""From pairs to groups of the same thing."""

from collections.abc import Iterable

from syncjobs.domain.matching.verdicts import ALIKE, Pair


def clusters(pairs: Iterable[Pair]) -> tuple[frozenset[str], ...]:
    """Whoever is joined by certain or likely pairs, directly or through others; disjoint, largest first, then by id.

    A partition of everybody that is in such a pair; the order of the pairs changes nothing.
    """
    roots: dict[str, str] = {}
    for pair in pairs:
        if pair.verdict in ALIKE:
            first, second = sorted((_root(roots, pair.left), _root(roots, pair.right)))
            roots[second] = first
    members: dict[str, set[str]] = {}
    for one in roots:
        members.setdefault(_root(roots, one), set()).add(one)
    return tuple(sorted((frozenset(group) for group in members.values()), key=lambda group: (-len(group), min(group))))


def _root(roots: dict[str, str], one: str) -> str:
    """The smallest id of its group; the way there is shortened."""
    way = [one]
    while roots.setdefault(way[-1], way[-1]) != way[-1]:
        way.append(roots[way[-1]])
    roots.update(dict.fromkeys(way, way[-1]))
    return way[-1]
