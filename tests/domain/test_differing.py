"""What changed between two readings, as people would say it."""

from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.differing import differing

VALUES = st.recursive(st.none() | st.booleans() | st.text(max_size=6), lambda inner: st.lists(inner, max_size=2))
ROWS = st.dictionaries(st.sampled_from(["Phone", "Billing_City", "Tags", "rate"]), VALUES)


def test_a_moved_town_is_told_and_the_stamp_is_not() -> None:
    before = {"id": "1", "Billing_City": "Kassel", "Modified_Time": "2026-11-01"}
    after = {"id": "1", "Billing_City": "Celle", "Modified_Time": "2026-11-02"}
    assert differing(before, after) == ({"Billing city": "Kassel"}, {"Billing city": "Celle"})


def test_a_rep_is_told_by_name_and_an_emptied_field_as_empty() -> None:
    before = {"Owner": {"id": "7", "name": "Ada"}, "Phone": "1"}
    after = {"Owner": {"id": "8", "name": "Raj"}, "Phone": None}
    assert differing(before, after) == ({"Owner": "Ada", "Phone": "1"}, {"Owner": "Raj", "Phone": ""})


@given(ROWS)
def test_a_row_read_twice_differs_in_nothing(row: dict[str, object]) -> None:
    assert differing(row, row) == ({}, {})


@given(ROWS, ROWS)
def test_whatever_is_told_did_change_and_both_sides_name_the_same_fields(
    before: dict[str, object], after: dict[str, object]
) -> None:
    old, new = differing(before, after)
    assert old.keys() == new.keys()
    assert all(old[name] != new[name] for name in old)
