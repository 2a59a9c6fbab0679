"""Who is who, by the matcher: certain only where nobody else could be meant, suggestions with reasons."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.matching import MatchVerdict, Pair, clusters, pairs, within
from syncjobs.domain.records import PartyFacts, party

NAMES = st.sampled_from(["Acme Ltd", "ACME", "Acme Limited", "Beta", "Gamma Tools", "", "!", "شركة النور", "北京公司"])
MAILS = st.sampled_from(["a@x.example", "b@x.example", "info@y.example"])
PARTIES = st.builds(party, st.uuids().map(str), NAMES, emails=st.lists(MAILS, max_size=2))
LISTS = st.lists(PARTIES, max_size=6, unique_by=lambda one: one.id)


def turned(all_: list[PartyFacts], chance: Random) -> list[PartyFacts]:
    copy = list(all_)
    chance.shuffle(copy)
    return copy


@given(LISTS, LISTS, st.randoms(use_true_random=False))
def test_the_order_of_the_lists_changes_nothing(
    left: list[PartyFacts], right: list[PartyFacts], chance: Random
) -> None:
    assert pairs(turned(left, chance), turned(right, chance)) == pairs(left, right)
    assert within(turned(left, chance)) == within(left)


@given(LISTS, LISTS)
def test_certain_pairs_are_one_to_one(left: list[PartyFacts], right: list[PartyFacts]) -> None:
    sure = [pair for pair in pairs(left, right) if pair.verdict == MatchVerdict.CERTAIN]
    assert len({pair.left for pair in sure}) == len({pair.right for pair in sure}) == len(sure)


IDS = st.sampled_from("abcdefgh")
PAIRS = st.builds(Pair, IDS, IDS, st.floats(0, 1), st.sampled_from(MatchVerdict), st.just(()))


@given(st.lists(PAIRS), st.randoms(use_true_random=False))
def test_clusters_are_a_partition_whatever_the_order(found: list[Pair], chance: Random) -> None:
    groups = clusters(found)
    members = [one for group in groups for one in group]
    assert len(members) == len(set(members))
    assert set(members) == {one for pair in found if pair.verdict != MatchVerdict.NO for one in (pair.left, pair.right)}
    chance.shuffle(found)
    assert clusters(found) == groups
