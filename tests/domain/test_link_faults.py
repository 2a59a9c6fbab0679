"""What is wrong with a link: a property of all links of a connection, whatever was merged into what."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.link_faults import (
    SHORT,
    By,
    Fault,
    Found,
    Merges,
    Sign,
    Tie,
    Why,
    doubled,
    end_of,
    fault_of,
    has_moved,
    partners,
    sentence,
)

pytestmark = pytest.mark.pure
ACME = Tie(id=1, pair="customer", crm_id="A", books_id="X", currency="EUR", linked_in="EUR")


def tie(number: int, crm: str, books: str, now: str = "EUR", then: str = "EUR", **more: Any) -> Tie:
    return Tie(id=number, pair="customer", crm_id=crm, books_id=books, currency=now, linked_in=then, **more)


def why(one: Tie, merges: Merges = Merges(), doubles: dict[int, Found] | None = None) -> Why | None:  # noqa: B008
    found = fault_of(one, merges, doubles or {})
    return found.why if found else None


def test_a_link_whose_records_are_there_has_no_fault() -> None:
    assert why(ACME) is None


def test_a_deleted_record_breaks_the_link_and_a_merged_one_names_its_successor() -> None:
    assert why(tie(1, "A", "X", crm_gone=True)) is Why.CRM_GONE
    assert why(tie(1, "A", "X", books_gone=True)) is Why.BOOKS_GONE
    merged = fault_of(tie(1, "A", "X", books_gone=True), Merges(books={"X": "Y", "Y": "Z"}), {})
    assert merged == Found(Fault.BROKEN, Why.BOOKS_MERGED, "Z")
    assert why(ACME, Merges(crm={"A": "B"})) is Why.CRM_MERGED


def test_what_a_person_left_as_it_is_stays_so() -> None:
    assert why(tie(1, "A", "X", crm_gone=True, left=True)) is None


def test_a_sign_that_names_another_makes_it_one_sided_and_one_that_names_its_successor_does_not() -> None:
    def with_sign(sign: Sign, accepted: str = "") -> Tie:
        return Tie(id=1, pair="customer", crm_id="A", books_id="X", signs=(sign,), accepted=accepted)

    assert why(with_sign(Sign(By.NATIVE, "A"))) is None
    assert why(with_sign(Sign(By.NATIVE, "B"))) is Why.OTHER_SIGN
    assert why(with_sign(Sign(By.KEY))) is Why.NO_SIGN
    assert why(with_sign(Sign(By.NATIVE, "B")), Merges(crm={"B": "A"})) is None, "B is A by now"
    assert why(with_sign(Sign(By.NATIVE, "B"), "native:B")) is None, "a person let it be"
    assert why(with_sign(Sign(By.NATIVE, "C"), "native:B")) is Why.OTHER_SIGN, "but not this one"


def test_a_customer_for_each_currency_is_right_and_two_in_one_currency_are_not() -> None:
    euros, dollars = tie(1, "A", "X"), tie(2, "A", "Y", "USD", "USD")
    assert doubled([euros, dollars], Merges()) == {}
    found = doubled([euros, tie(2, "A", "Y", "EUR", "USD")], Merges())
    assert found == {1: Found(Fault.DOUBLED, Why.ONE_IN_CRM, "2"), 2: Found(Fault.DOUBLED, Why.ONE_IN_CRM, "1")}


def test_two_accounts_whose_customers_were_merged_are_doubled_and_so_are_two_merged_accounts() -> None:
    both = [tie(1, "A", "X"), tie(2, "B", "Y")]
    assert {one.why for one in doubled(both, Merges(books={"Y": "X"})).values()} == {Why.ONE_IN_BOOKS}
    assert {one.why for one in doubled(both, Merges(crm={"B": "A"})).values()} == {Why.ONE_IN_CRM}
    assert why(both[1], Merges(books={"Y": "X"}), doubled(both, Merges(books={"Y": "X"}))) is Why.ONE_IN_BOOKS


def test_what_was_deleted_without_a_successor_is_nobodys_double() -> None:
    both = [tie(1, "A", "X"), tie(2, "A", "Y", "EUR", "USD", books_gone=True)]
    assert doubled(both, Merges()) == {}
    assert why(both[1]) is Why.BOOKS_GONE


def test_every_fault_is_said_in_a_sentence_and_in_a_few_words() -> None:
    for one in Why:
        said = sentence(Found(Fault.BROKEN, one), "Acme Ltd", "Acme GmbH", "")
        assert said.endswith(".") and "Acme" in said and SHORT[one]


NAMES = st.sampled_from("ABCDE")
CHAINS = st.dictionaries(NAMES, NAMES, max_size=4)


@st.composite
def connections(draw: st.DrawFn) -> tuple[list[Tie], Merges]:
    """Links as the database allows them: one for a CRM record and currency as written, one for a Books record."""
    rows = draw(st.lists(st.tuples(NAMES, NAMES, *[st.sampled_from(["EUR", "USD"])] * 2, st.booleans()), max_size=8))
    ties, taken = [], set[tuple[str, ...]]()
    for number, (crm, books, now, then, gone) in enumerate(rows):
        if taken.isdisjoint({("crm", crm, then), ("books", books)}):
            taken |= {("crm", crm, then), ("books", books)}
            ties.append(tie(number, crm, books, now, then, books_gone=gone))
    return ties, Merges(crm=draw(CHAINS), books=draw(CHAINS))


@given(connections())
def test_of_two_doubles_one_has_moved_since_it_was_linked(made: tuple[list[Tie], Merges]) -> None:
    ties, merges = made
    moved = {one.id for one in ties if has_moved(one, merges)}
    for one in ties:
        others = partners(one, ties, merges)
        assert (one.id in doubled(ties, merges)) == bool(others)
        if others and one.id not in moved:
            assert any(other in moved for other in others)


@given(connections())
def test_the_order_of_the_links_changes_nothing_and_partners_are_mutual(made: tuple[list[Tie], Merges]) -> None:
    ties, merges = made
    assert doubled(ties, merges) == doubled(ties[::-1], merges)
    for one in ties:
        for other in partners(one, ties, merges):
            assert one.id in partners(next(each for each in ties if each.id == other), ties, merges)


@given(CHAINS, NAMES)
def test_a_chain_of_merges_ends_where_nothing_was_merged_further_or_in_a_circle_at_home(
    chain: dict[str, str], name: str
) -> None:
    end = end_of(chain, name)
    assert end not in chain or end == name


@given(CHAINS)
def test_who_was_merged_into_somebody_is_gathered_at_the_end_of_the_chain(chain: dict[str, str]) -> None:
    gathered = Merges(crm=chain).into_crm
    for lost in chain:
        end = end_of(chain, lost)
        assert (lost in gathered.get(end, ())) == (end != lost)
