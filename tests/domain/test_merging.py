"""Who should stay, what a look found, and which pairs are duplicates at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain import duplicates
from syncjobs.domain.duplicates import Known, Node
from syncjobs.domain.email_fill import Option, suggest
from syncjobs.domain.matching import MatchVerdict, Pair
from syncjobs.domain.merging import Fate, Looked, Mergeable, advise, outcome
from syncjobs.domain.records import PartyFacts, Side

pytestmark = pytest.mark.pure
IDS = st.sampled_from(["1", "2", "3", "4", "5", "6"])


def one(id: str, **more: object) -> Mergeable:
    return Mergeable(**{"id": id, "name": f"No {id}", "currency": "EUR", **more})  # type: ignore[arg-type]


@given(st.permutations([one("1"), one("2", outstanding=Decimal("480")), one("3", documents=9)]))
def test_the_open_balance_decides_whatever_the_order(rows: list[Mergeable]) -> None:
    found = advise(Side.BOOKS, rows)
    assert (found.survivor, found.losers) == ("2", ("1", "3"))
    assert any("480.00 EUR" in why for why in found.reasons)


def test_what_crm_knows_must_survive_and_two_currencies_are_left_apart() -> None:
    rows = [one("1", outstanding=Decimal("480")), one("2", linked="Acme"), one("3", native="77")]
    assert advise(Side.BOOKS, rows).survivor == "3" and advise(Side.BOOKS, rows[:2]).survivor == "2"
    assert "leave them apart" in advise(Side.BOOKS, [one("1"), one("2", currency="USD")]).stop
    both = [one("1", linked="Acme"), one("2", linked="Acme Ltd")]
    assert "Merge those in CRM first" in advise(Side.BOOKS, both).stop and not advise(Side.CRM, both).stop


@given(st.dictionaries(IDS, st.tuples(st.sampled_from(Fate), st.sampled_from(["", "1", "2", "9"])), min_size=2))
def test_a_look_accounts_for_everybody_once_and_never_merges_into_itself(seen: dict[str, tuple[Fate, str]]) -> None:
    found = outcome([Looked(id, fate, master) for id, (fate, master) in seen.items()], "1")
    told = [loser for loser, _ in found.merged] + [*found.left, *found.idle, *found.lost]
    assert len(told) == len(set(told)) and set(told) <= set(seen)
    assert all(loser != master for loser, master in found.merged)
    assert all(seen[loser][0] is not Fate.THERE for loser, _ in found.merged)
    gone = {id for id, (fate, _) in seen.items() if fate is not Fate.THERE}
    assert gone == {loser for loser, _ in found.merged} | {*found.idle, *found.lost}


NODES = {id: Node(id, Side.CRM if id in "12" else Side.BOOKS, "USD" if id == "6" else "EUR") for id in "123456"}
PAIRS = st.lists(
    st.builds(lambda ends, score: Pair(min(ends), max(ends), score, MatchVerdict.LIKELY, ("alike",)),
              st.sets(IDS, min_size=2, max_size=2), st.floats(0.5, 1)), max_size=8,
)  # fmt: skip


@given(PAIRS, st.randoms())
def test_groups_are_disjoint_whatever_the_order_and_hold_no_other_currency(pairs: list[Pair], chance: object) -> None:
    found = duplicates.groups(NODES, pairs, Known())
    members = [member for group in found for member in group.members]
    assert len(members) == len(set(members))
    assert {group.members for group in found} == {
        group.members for group in duplicates.groups(NODES, pairs[::-1], Known())
    }
    assert not any({"6"} < {pair.left, pair.right} and {pair.left, pair.right} <= {"3", "4", "5", "6"}
                   for group in found for pair in group.pairs)  # fmt: skip


@given(PAIRS)
def test_what_was_told_apart_or_is_linked_is_no_pair_any_more(pairs: list[Pair]) -> None:
    parts = {id: {1: number} for number, id in enumerate(NODES)}
    assert duplicates.groups(NODES, pairs, Known(frozenset(), parts)) == ()
    links = frozenset(frozenset((pair.left, pair.right)) for pair in pairs)
    assert not any(
        frozenset((pair.left, pair.right)) in links
        for group in duplicates.groups(NODES, pairs, Known(links)) for pair in group.pairs
    )  # fmt: skip


def test_a_crowd_of_one_name_hangs_together_in_windows() -> None:
    crowd = [PartyFacts(id=f"{number:03}", name="Same", name_key="same") for number in range(130)]
    windows = duplicates.crowds(crowd)
    assert {one.id for window in windows for one in window} == {one.id for one in crowd}
    assert all(len(window) <= 50 for window in windows)
    assert all({one.id for one in first} & {one.id for one in second}
               for first, second in zip(windows, windows[1:], strict=False))  # fmt: skip
    assert duplicates.crowds(crowd[:50]) == []


def test_the_linked_contact_comes_first_and_nobodys_address_is_given_twice() -> None:
    options = [Option("a@x.example", "Ann"), Option("b@x.example", "Bob", is_linked=True), Option("c@x.example", "Cy")]
    found = suggest(options, {"c@x.example": "Acme Ltd"})
    assert [one.email for one in found.options] == ["b@x.example", "a@x.example"] and found.taken == ("Acme Ltd",)
