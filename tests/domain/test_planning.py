"""Planning: what would be written, what is refused, what is asked; and that after applying nothing is left to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.mapping import Direction, FieldMap, gaps
from syncjobs.domain.ownership import Owner
from syncjobs.domain.planning import Agreed, Asked, Misfit, Pair, Plan, Refused, Seen, Write, plan, seen
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Constant, Email, PickList, Text, make

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NAME = FieldMap(name="name", label="Name", crm="Account_Name", books="contact_name", transform=Text(), owner=Owner.CRM)
PHONE = FieldMap(name="phone", label="Phone", crm="Phone", books="phone", transform=Text(), owner=Owner.ASK)
CITY = FieldMap(
    name="city", label="City", crm="Billing_City", books="billing_address.city", transform=Text(), owner=Owner.BOOKS
)  # fmt: skip
REGION = FieldMap(
    name="region", label="Region", crm="Region", books="cf:cf_region", transform=Text(), owner=Owner.NEWEST
)
FIELDS = (NAME, PHONE, CITY, REGION)
BOTH = frozenset(Side)
ROW = {"Account_Name": "Acme", "Phone": "1", "Billing_City": "Berlin", "Region": "North"}


def crm(name: str = "Acme", phone: str = "1", city: str = "Berlin", region: str = "North") -> Seen:
    return in_crm({"Account_Name": name, "Phone": phone, "Billing_City": city, "Region": region})


def in_crm(row: dict[str, Any], fields: tuple[FieldMap, ...] | None = None) -> Seen:
    return seen("C1", ROW | row, fields or FIELDS, Side.CRM, NOON)


def books(name: str = "Acme", phone: str = "1", city: str = "Berlin", region: str = "North") -> Seen:
    custom = [{"api_name": "cf_region", "value": region}]
    row = {"contact_name": name, "phone": phone, "billing_address": {"city": city}, "custom_fields": custom}
    return seen("B1", row, FIELDS, Side.BOOKS, NOON)


AGREED = {"name": "Acme", "phone": "1", "city": "Berlin", "region": "North"}
PAIR = Pair("acme", "Acme", crm(), books(), AGREED)


def planned(pair: Pair, fields: tuple[FieldMap, ...] = FIELDS) -> Plan:
    return plan([pair], fields, BOTH)


def test_where_nothing_changed_nothing_is_planned() -> None:
    assert planned(PAIR) == Plan(unchanged=1)


def test_different_fields_changed_on_both_sides_both_survive() -> None:
    found = planned(replace(PAIR, crm=crm(name="Acme Ltd"), books=books(phone="2")))
    assert [(one.side, one.changes[0].field, one.changes[0].after) for one in found.writes] == [
        (Side.CRM, "phone", "2"),
        (Side.BOOKS, "name", "Acme Ltd"),
    ]
    assert not found.asked and not found.refused


def test_the_same_field_changed_on_both_sides_is_asked_and_not_written() -> None:
    found = planned(replace(PAIR, crm=crm(phone="0101"), books=books(phone="0199")))
    assert found.writes == () and found.asked == (Asked("acme", "phone", "1", "0101", "0199"),)


def test_both_sides_changed_alike_agree_and_cost_no_write() -> None:
    found = planned(replace(PAIR, crm=crm(phone="2"), books=books(phone="2")))
    assert found.is_empty and found.agreed == (Agreed("acme", (("phone", "2"),)),)


def test_an_edit_by_the_side_that_does_not_own_is_refused_and_kept() -> None:
    found = planned(replace(PAIR, crm=crm(city="Hamburg")))
    assert found.is_empty
    (refused,) = found.refused
    assert (refused.side, refused.change.before, refused.change.after, refused.change.lost, refused.set_back) == (
        Side.CRM, "Hamburg", "Berlin", "Hamburg", False,
    )  # fmt: skip


def test_a_refused_edit_is_set_back_where_the_rule_says_so() -> None:
    fields = (replace(CITY, set_back=True),)
    (write,) = planned(replace(PAIR, crm=crm(city="Hamburg")), fields).writes
    assert (write.side, write.changes[0].after, write.changes[0].lost) == (Side.CRM, "Berlin", "Hamburg")


def test_a_record_that_one_side_lacks_is_made_of_what_fits() -> None:
    (write,) = planned(Pair("acme", "Acme", crm(city=""), None)).writes
    assert write.creates and write.side is Side.BOOKS
    assert [(one.field, one.after) for one in write.changes] == [("name", "Acme"), ("phone", "1"), ("region", "North")]


def test_where_a_side_takes_no_new_records_none_is_planned() -> None:
    assert plan([Pair("acme", "Acme", crm(), None)], FIELDS, frozenset({Side.CRM})).is_empty


def test_one_unfit_field_leaves_only_itself_out() -> None:
    mail = FieldMap(name="mail", label="E-mail", crm="Email", books="email", transform=Email(), owner=Owner.CRM)
    fields = (*FIELDS, mail)
    found = planned(replace(PAIR, crm=in_crm({"Account_Name": "Acme Ltd", "Email": "nobody"}, fields)), fields)
    assert [one.changes[0].field for one in found.writes] == ["name"]
    assert found.misfits == (Misfit("acme", "mail", "E-mail: “nobody” is no e-mail address."),)


def test_a_transform_that_breaks_stays_in_its_row() -> None:
    class Broken(Text):
        def read(self, side: Side, value: Any) -> str:
            raise ZeroDivisionError

    fields = (NAME, replace(PHONE, transform=Broken()))
    found = planned(replace(PAIR, crm=in_crm({"Account_Name": "Acme Ltd"}, fields)), fields)
    assert len(found.writes) == 1 and "“Text” failed (ZeroDivisionError)" in found.misfits[0].sentence


def test_a_record_is_not_made_by_half() -> None:
    terms = FieldMap(
        name="terms", label="Terms", crm="Terms", books="payment_terms", owner=Owner.CRM,
        transform=PickList((("Net 30", "30"),)),
    )  # fmt: skip
    fields = (*FIELDS, terms)
    found = planned(Pair("acme", "Acme", in_crm({"Terms": "Net 60"}, fields), None), fields)
    assert found.is_empty and "not mapped yet" in found.misfits[0].sentence


def test_a_pair_that_was_corrected_to_and_fro_is_for_a_person() -> None:
    rewritten = replace(PAIR, crm=crm(phone="2"), flips={"phone": 3})
    found = planned(rewritten)
    assert found.is_empty and found.asked[0].field == "phone"


def test_a_one_way_field_is_never_written_the_other_way() -> None:
    one_way = replace(PHONE, direction=Direction.TO_BOOKS)
    assert planned(replace(PAIR, books=books(phone="2")), (one_way,)).is_empty


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"owner": None}, "Phone has no owner."),
        ({"transform": Constant("x")}, "can't go both ways"),
        ({"guarded": True, "owner": Owner.NEWEST}, "needs one owner or *ask*"),
        ({"direction": Direction.TO_CRM, "owner": Owner.CRM}, "would never move"),
    ],
)
def test_what_a_mapping_lacks_is_named(change: dict[str, Any], said: str) -> None:
    found = gaps((replace(PHONE, **change),))
    assert [one.field for one in found] == ["phone"] and said in found[0].sentence


def test_two_lines_that_write_to_one_field_are_named() -> None:
    twice = replace(PHONE, name="mobile", label="Mobile", crm="Mobile")
    assert "second line that writes to phone" in gaps((PHONE, twice))[0].sentence
    assert gaps(FIELDS) == ()


# -- whole plans -----------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["", "a", "b", "c"])
TIMES = st.integers(-60, 60).map(lambda seconds: NOON + timedelta(seconds=seconds))
OWNED = st.tuples(*(st.sampled_from(list(Owner)) for _ in FIELDS), st.booleans(), st.booleans())


@st.composite
def worlds(draw: st.DrawFn) -> tuple[tuple[FieldMap, ...], Pair]:
    """A mapping with any owners, and a pair with any values and any base."""
    *owners, back, blank = draw(OWNED)
    fields = tuple(
        replace(one, owner=owner, set_back=back, blank_erases=blank)
        for one, owner in zip(FIELDS, owners, strict=True)
    )  # fmt: skip
    here = replace(crm(*(draw(WORDS) for _ in FIELDS)), at=draw(TIMES))
    there = replace(books(*(draw(WORDS) for _ in FIELDS)), at=draw(TIMES))
    base = {one.name: draw(WORDS) for one in fields if draw(st.booleans())}
    return fields, Pair("p", "p", draw(st.one_of(st.none(), st.just(here))), there, base)


def applied(pair: Pair, found: Plan, fields: tuple[FieldMap, ...]) -> Pair:
    """The pair as it is after the plan was written and both sides were read again."""
    values = {one.name: one for one in fields}
    after: dict[Side, dict[str, str]] = {
        side: {one.name: text(pair, one, side) for one in fields} for side in Side
    }  # fmt: skip
    base = dict(pair.base)
    for write in found.writes:
        for change in write.changes:
            after[write.side][change.field] = change.after
            base[change.field] = change.after
    for agreed in found.agreed:
        base |= dict(agreed.base)
    assert set(values) == {"name", "phone", "city", "region"}
    return replace(pair, crm=crm(**after[Side.CRM]), books=books(**after[Side.BOOKS]), base=base)


def text(pair: Pair, one: FieldMap, side: Side) -> str:
    found = pair.seen(side)
    return found.values[one.name] if found else ""


@given(worlds())
def test_planning_again_after_applying_writes_nothing(world: tuple[tuple[FieldMap, ...], Pair]) -> None:
    fields, pair = world
    found = plan([pair], fields, BOTH)
    assert plan([applied(pair, found, fields)], fields, BOTH).is_empty


@given(worlds())
def test_no_action_writes_a_field_its_rule_denies(world: tuple[tuple[FieldMap, ...], Pair]) -> None:
    fields, pair = world
    owners = {one.name: one for one in fields}
    for write in plan([pair], fields, BOTH).writes:
        for change in write.changes:
            one = owners[change.field]
            denied = {Owner.CRM: Side.CRM, Owner.BOOKS: Side.BOOKS}.get(one.owner or Owner.ASK)
            assert one.owner is not Owner.NEITHER
            assert write.creates or write.side is not denied or one.set_back


@given(worlds())
def test_every_overwritten_value_is_kept(world: tuple[tuple[FieldMap, ...], Pair]) -> None:
    fields, pair = world
    for write in plan([pair], fields, BOTH).writes:
        for change in write.changes:
            assert change.before in ("", pair.base.get(change.field)) or change.lost == change.before


@given(worlds())
def test_a_plan_is_the_same_whenever_it_is_made(world: tuple[tuple[FieldMap, ...], Pair]) -> None:
    fields, pair = world
    assert plan([pair], fields, BOTH) == plan([pair], fields, BOTH)


def test_a_made_mapping_can_be_planned_with() -> None:
    field = replace(NAME, transform=make("line"), direction=Direction.TO_BOOKS)
    (write,) = planned(replace(PAIR, crm=in_crm({"Account_Name": "Acme\n Ltd"}, (field,))), (field,)).writes
    assert isinstance(write, Write) and write.changes[0].after == "Acme Ltd"
    assert not any(isinstance(one, Refused) for one in write.changes)
