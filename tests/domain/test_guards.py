"""What stops a run before its first write."""

from dataclasses import replace

import pytest

from syncjobs.domain.guards import Scale, alarms
from syncjobs.domain.ownership import Owner
from syncjobs.domain.planning import Change, Plan, Write
from syncjobs.domain.records import Side

WORLD = Scale(links=100, known={Side.CRM: 100, Side.BOOKS: 100}, read={Side.CRM: 100, Side.BOOKS: 100})


def changed(count: int, before: str = "1", after: str = "2", field: str = "phone", id: str = "B") -> Plan:
    change = Change(field, before, after, Owner.CRM)
    return Plan(tuple(Write(f"p{n}", Side.BOOKS, id, None, (change,)) for n in range(count)))


def test_an_everyday_plan_passes() -> None:
    assert alarms(changed(20), WORLD) == ()


def test_a_side_that_is_suddenly_empty_or_shrunken_stops() -> None:
    empty = replace(WORLD, read={Side.CRM: 100, Side.BOOKS: 0})
    assert alarms(Plan(), empty) == ("Books showed no records at all, where 100 were known.",)
    assert alarms(Plan(), replace(WORLD, read={Side.CRM: 79, Side.BOOKS: 100})) == (
        "CRM showed 79 records, where 100 were known.",
    )
    assert alarms(Plan(), replace(WORLD, read={Side.CRM: 80, Side.BOOKS: 100})) == ()


def test_a_first_reading_has_nothing_to_shrink_from() -> None:
    assert alarms(Plan(), Scale(links=0, known={}, read={Side.CRM: 5})) == ()


def test_too_many_changes_at_once_stop() -> None:
    assert alarms(changed(21), WORLD) == ("21 of 100 linked records would change at once.",)
    assert alarms(changed(21), replace(WORLD, links=1000)) == ()


def test_too_many_new_records_are_an_import() -> None:
    found = changed(51, before="", id="")
    assert alarms(found, WORLD) == ("51 records would be made in Books; more than 50 is an import.",)
    assert alarms(found, replace(WORLD, is_import=True)) == ()


def test_too_many_blanks_in_one_field_stop() -> None:
    said = alarms(changed(6, after=""), WORLD, labels={"phone": "Phone"})
    assert said == ("Phone would become empty in 6 records.",)
    assert alarms(changed(5, after=""), WORLD) == ()


@pytest.mark.parametrize(("before", "after", "stops"), [("99.00", "198.00", True), ("99.00", "49.50", True),
    ("99.00", "100.00", False), ("", "99.00", False), ("0.00", "5.00", True)])  # fmt: skip
def test_a_price_that_jumps_stops(before: str, after: str, stops: bool) -> None:
    said = alarms(changed(1, before, after, "price"), WORLD, prices={"price"})
    assert bool(said) is stops


def test_many_prices_at_once_stop() -> None:
    assert alarms(changed(11, "99.00", "98.00", "price"), WORLD, prices={"price"}) == (
        "11 prices would change at once.",
    )
