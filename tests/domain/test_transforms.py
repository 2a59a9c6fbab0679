"""What travels between CRM and Books comes back the same, and what can't travel says so."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.records import Side
from syncjobs.domain.transforms import REGISTRY, Amount, PickList, Transform, Unfit, make

TERMS = PickList((("Net 30", "net_30"), ("Due on receipt", "0")))
SAMPLES: dict[str, tuple[Transform, st.SearchStrategy[Any]]] = {
    "text": (make("text"), st.one_of(st.none(), st.text(max_size=30))),
    "first_name": (make("first_name"), st.one_of(st.none(), st.just("-"), st.text(max_size=30))),
    "line": (make("line"), st.text(max_size=30)),
    "email": (make("email"), st.one_of(st.emails(), st.just(" Billing@Orchard.example "), st.none())),
    "phone": (make("phone"), st.sampled_from(["030 123456", "+49 30 123456", "", None, "0049 (30) 12 34 56"])),
    "yesno": (make("yesno"), st.sampled_from([True, False, None, "true", "No", "1"])),
    "day": (make("day"), st.one_of(st.dates().map(date.isoformat), st.none())),
    "amount": (make("amount"), st.decimals(-(10**9), 10**9, places=2)),
    "picklist": (TERMS, st.sampled_from(["", None])),
    "fallback": (make("fallback", {"value": "DE"}), st.text(max_size=10)),
    "constant": (make("constant", {"value": "business"}), st.text(max_size=10)),
}


def test_every_transform_of_the_registry_is_tried_here() -> None:
    assert set(SAMPLES) == set(REGISTRY)


@given(st.sampled_from(sorted(SAMPLES)), st.sampled_from(list(Side)), st.sampled_from(list(Side)), st.data())
def test_what_was_read_is_written_and_read_again_the_same(
    name: str, here: Side, there: Side, data: st.DataObject
) -> None:
    transform, values = SAMPLES[name]
    read = transform.read(here, data.draw(values))
    assert transform.read(there, transform.write(there, read)) == read


@given(st.sampled_from(sorted(SAMPLES)), st.sampled_from(list(Side)), st.one_of(st.text(), st.integers(), st.none()))
def test_anything_else_is_a_canonical_text_or_a_sentence(name: str, side: Side, value: Any) -> None:
    transform = SAMPLES[name][0]
    try:
        found = transform.read(side, value)
    except Unfit as trouble:
        assert str(trouble).endswith((".", "!"))
    else:
        assert transform.read(side, transform.write(side, found)) == found


@pytest.mark.parametrize("side", list(Side))
def test_a_pick_lists_words_are_each_sides_own(side: Side) -> None:
    words = {Side.CRM: "Net 30", Side.BOOKS: "net_30"}
    assert TERMS.read(side, words[side]) == "Net 30"
    assert TERMS.write(side, "Net 30") == words[side]


def test_a_word_that_nobody_mapped_waits_to_be_mapped() -> None:
    with pytest.raises(Unfit, match="“Net 60” is not mapped yet"):
        TERMS.read(Side.CRM, "Net 60")


def test_two_words_for_one_are_no_pick_list() -> None:
    with pytest.raises(Unfit, match="once only"):
        make("picklist", {"pairs": [["A", "x"], ["B", "x"]]})


@pytest.mark.parametrize(("value", "canonical"), [("1,234.50", "1234.50"), (Decimal("-0.00"), "0.00"), (7, "7.00")])
def test_an_amount_is_one_in_all_its_spellings(value: Any, canonical: str) -> None:
    assert Amount().read(Side.BOOKS, value) == canonical


@pytest.mark.parametrize("value", ["1.005", "soon", "Infinity", "NaN", 0.1])
def test_what_is_no_amount_says_so(value: Any) -> None:
    with pytest.raises(Unfit):
        Amount().read(Side.CRM, value)


def test_an_unknown_transform_or_setting_says_so() -> None:
    for name, settings in (("magic", {}), ("text", {"speed": 3})):
        with pytest.raises(Unfit):
            make(name, settings)
