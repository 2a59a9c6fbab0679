"""One owner for each field: the table of decisions, and what holds of all of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.ownership import (
    Conflict,
    Decision,
    Keep,
    Leave,
    Owner,
    Refuse,
    Take,
    Values,
    decide,
    other,
)
from syncjobs.domain.records import Side

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CRM, BOOKS = Side.CRM, Side.BOOKS
TEXTS = st.sampled_from(["", "0101", "0199", "0200"])
TIMES = st.one_of(st.none(), st.integers(-60, 60).map(lambda seconds: NOON + timedelta(seconds=seconds)))
VALUES = st.builds(Values, st.one_of(st.none(), TEXTS), TEXTS, TEXTS, TIMES, TIMES)
OWNERS = st.sampled_from(list(Owner))

TABLE: list[tuple[Owner, tuple[str, str, str], Decision]] = [
    (Owner.CRM, ("o", "o", "o"), Keep("o")),
    (Owner.CRM, ("o", "x", "x"), Keep("x")),
    (Owner.CRM, ("o", "x", "o"), Take(CRM, "x")),
    (Owner.CRM, ("o", "o", "y"), Refuse(BOOKS, "y", "o")),
    (Owner.CRM, ("o", "x", "y"), Take(CRM, "x", "y")),
    (Owner.BOOKS, ("o", "x", "o"), Refuse(CRM, "x", "o")),
    (Owner.BOOKS, ("o", "o", "y"), Take(BOOKS, "y")),
    (Owner.BOOKS, ("o", "x", "y"), Take(BOOKS, "y", "x")),
    (Owner.NEWEST, ("o", "x", "o"), Take(CRM, "x")),
    (Owner.NEWEST, ("o", "o", "y"), Take(BOOKS, "y")),
    (Owner.NEWEST, ("o", "x", "y"), Conflict("x", "y")),
    (Owner.ASK, ("o", "x", "o"), Take(CRM, "x")),
    (Owner.ASK, ("o", "o", "y"), Take(BOOKS, "y")),
    (Owner.ASK, ("o", "x", "y"), Conflict("x", "y")),
    (Owner.NEITHER, ("o", "x", "y"), Leave("read only on both sides")),
    (Owner.NEITHER, ("o", "x", "o"), Leave("read only on both sides")),
]


@pytest.mark.parametrize(("owner", "triple", "decision"), TABLE)
def test_the_table(owner: Owner, triple: tuple[str, str, str], decision: Decision) -> None:
    assert decide(owner, Values(*triple)) == decision


def test_the_newer_of_two_edits_wins_and_the_older_is_kept() -> None:
    later = Values("o", "x", "y", NOON, NOON - timedelta(seconds=11))
    assert decide(Owner.NEWEST, later) == Take(CRM, "x", "y")
    assert decide(Owner.NEWEST, Values("o", "x", "y", NOON, NOON + timedelta(minutes=1))) == Take(BOOKS, "y", "x")


def test_edits_within_ten_seconds_are_for_a_person() -> None:
    assert decide(Owner.NEWEST, Values("o", "x", "y", NOON, NOON - timedelta(seconds=10))) == Conflict("x", "y")


@pytest.mark.parametrize("owner", [Owner.CRM, Owner.BOOKS])
def test_an_owners_blank_erases_nothing_unless_the_mapping_says_so(owner: Owner) -> None:
    blanked = Values("o", "", "o") if owner is Owner.CRM else Values("o", "o", "")
    side = CRM if owner is Owner.CRM else BOOKS
    assert decide(owner, blanked) == Leave("a blank doesn't erase")
    assert decide(owner, blanked, blank_erases=True) == Take(side, "")


def test_a_blank_in_a_shared_field_is_for_a_person() -> None:
    assert decide(Owner.NEWEST, Values("o", "", "o", NOON, NOON)) == Conflict("", "o")


def test_at_the_first_meeting_a_missing_value_is_filled_and_two_values_follow_the_owner() -> None:
    assert decide(Owner.ASK, Values(None, "", "y")) == Take(BOOKS, "y")
    assert decide(Owner.CRM, Values(None, "x", "y")) == Take(CRM, "x", "y")
    assert decide(Owner.CRM, Values(None, "", "y")) == Leave("a blank doesn't erase")
    assert decide(Owner.ASK, Values(None, "x", "y")) == Conflict("x", "y")


@given(OWNERS, VALUES, st.booleans())
def test_agreement_is_kept_and_nothing_else_is(owner: Owner, values: Values, blank: bool) -> None:
    decision = decide(owner, values, blank_erases=blank)
    assert isinstance(decision, Keep) == (values.crm == values.books)


@given(st.sampled_from([Owner.CRM, Owner.BOOKS]), VALUES, st.booleans())
def test_only_the_owner_is_ever_taken(owner: Owner, values: Values, blank: bool) -> None:
    decision = decide(owner, values, blank_erases=blank)
    if isinstance(decision, Take):
        assert decision.side == owner.value
    if isinstance(decision, Refuse):
        assert decision.side != owner.value and decision.value == values.of(decision.side)


@given(OWNERS, VALUES, st.booleans())
def test_swapping_the_sides_and_the_rule_swaps_the_answer(owner: Owner, values: Values, blank: bool) -> None:
    mirrored = Values(values.base, values.books, values.crm, values.books_at, values.crm_at)
    swapped = {Owner.CRM: Owner.BOOKS, Owner.BOOKS: Owner.CRM}.get(owner, owner)
    assert decide(swapped, mirrored, blank_erases=blank) == _swap(decide(owner, values, blank_erases=blank))


def _swap(decision: Decision) -> Decision:
    if isinstance(decision, Take):
        return Take(other(decision.side), decision.value, decision.lost)
    if isinstance(decision, Refuse):
        return Refuse(other(decision.side), decision.value, decision.owned)
    if isinstance(decision, Conflict):
        return Conflict(decision.books, decision.crm)
    return decision


@given(OWNERS, VALUES, st.booleans())
def test_after_a_take_both_agree_and_the_next_look_keeps(owner: Owner, values: Values, blank: bool) -> None:
    decision = decide(owner, values, blank_erases=blank)
    if isinstance(decision, Take):
        after = Values(decision.value, decision.value, decision.value)
        assert decide(owner, after, blank_erases=blank) == Keep(decision.value)


@given(OWNERS, VALUES, st.booleans())
def test_a_value_that_somebody_typed_is_never_overwritten_unseen(owner: Owner, values: Values, blank: bool) -> None:
    decision = decide(owner, values, blank_erases=blank)
    if isinstance(decision, Take):
        there = values.of(other(decision.side))
        assert there in ("", values.base) or decision.lost == there


@given(OWNERS, VALUES)
def test_by_default_no_value_is_ever_blanked(owner: Owner, values: Values) -> None:
    decision = decide(owner, values)
    assert not (isinstance(decision, Take) and decision.value == "")
