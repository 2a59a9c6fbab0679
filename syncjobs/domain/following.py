"""Accounts with several customers, one per currency: one of them speaks for both sides, the others follow. Pure.

A follower takes what the account says and gives nothing back: two customers that both wrote to one account would
overwrite each other for ever. Its name stays its own, since Books takes no name twice (facts Books 3.1).
"""

from collections.abc import Iterable

from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.planning import Pair, Plan, plan
from syncjobs.domain.records import Side

UNIQUE_IN_BOOKS = frozenset({"contact_name"})


def plan_all(pairs: Iterable[Pair], fields: tuple[FieldMap, ...], creates_on: frozenset[Side] = frozenset()) -> Plan:
    """As `planning.plan`, with what follows planned one way only."""
    rows = list(pairs)
    followers = [pair for pair in rows if pair.follows]
    found = plan([pair for pair in rows if not pair.follows], fields, creates_on)
    if not followers:
        return found
    taken = plan(followers, tuple(one for one in fields if one.books not in UNIQUE_IN_BOOKS))
    return Plan(
        writes=found.writes + tuple(write for write in taken.writes if write.side is Side.BOOKS),
        refused=found.refused + tuple(one for one in taken.refused if one.side is Side.BOOKS),
        asked=found.asked,
        misfits=found.misfits + taken.misfits,
        agreed=found.agreed + taken.agreed,
        unchanged=found.unchanged + taken.unchanged,
    )
