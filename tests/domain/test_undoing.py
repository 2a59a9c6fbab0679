"""Undoing a run: exactly the values before, and never a field that was changed since."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.mapping import Direction, FieldMap
from syncjobs.domain.planning import Pair, Plan, Seen, Write, plan
from syncjobs.domain.records import Side
from syncjobs.domain.undoing import CHANGED, MADE, ONE_WAY, UNMAPPED, Undoing, Wrote, undo
from tests.domain.test_planning import BOTH, CITY, FIELDS, NAME, PAIR, applied, books, crm, worlds

Fields = tuple[FieldMap, ...]
LINKED = worlds().filter(lambda world: world[1].crm is not None)


def wrote(found: Plan) -> list[Wrote]:
    """The writes as the run's rows remember them."""
    return [Wrote(one.pair, "Acme", one.side, one.id, one.changes, made=one.creates) for one in found.writes]


def set_back(pair: Pair, undoing: Undoing) -> Pair:
    """The pair after the compensating writes were made and kept."""
    for write in undoing.writes:
        pair = _written(pair, write)
    for (_, name), stand in undoing.stands.items():
        base = {key: value for key, value in pair.base.items() if key != name}
        base |= {} if stand.base is None else {name: stand.base}
        decided = {key: value for key, value in pair.decided.items() if key != name}
        pair = replace(
            pair, base=base, decided=decided, standing=dict(pair.standing) | {name: (stand.crm, stand.books)}
        )
    return pair


def _written(pair: Pair, write: Write) -> Pair:
    seen = pair.seen(write.side)
    assert seen is not None
    changed = replace(seen, values=dict(seen.values) | {one.field: one.after for one in write.changes})
    return replace(pair, crm=changed) if write.side is Side.CRM else replace(pair, books=changed)


def values(seen: Seen | None) -> dict[str, str]:
    return dict(seen.values) if seen is not None else {}


def test_a_name_that_was_carried_over_is_set_back_where_it_was_written_only() -> None:
    before = replace(PAIR, crm=crm(name="Acme Ltd"))
    found = plan([before], FIELDS, BOTH)
    after = applied(before, found, FIELDS)
    undoing = undo(wrote(found), {after.key: after}, FIELDS)
    (write,) = undoing.writes
    assert (write.side, write.changes[0].before, write.changes[0].after) == (Side.BOOKS, "Acme Ltd", "Acme")
    assert write.changes[0].lost == "Acme Ltd" and undoing.left == ()


def test_what_was_undone_stays_until_a_side_is_changed_then_the_rule_goes_on() -> None:
    before = replace(PAIR, crm=crm(name="Acme Ltd"))
    found = plan([before], FIELDS, BOTH)
    after = applied(before, found, FIELDS)
    still = set_back(after, undo(wrote(found), {after.key: after}, FIELDS))
    assert plan([still], FIELDS, BOTH) == Plan(unchanged=1)
    renamed = replace(still, crm=crm(name="Acme Holding"))
    (write,) = plan([renamed], FIELDS, BOTH).writes
    assert (write.side, write.changes[0].after) == (Side.BOOKS, "Acme Holding")
    typed = plan([replace(still, books=books(name="Acme (Books)"))], FIELDS, BOTH)
    assert typed.is_empty and typed.refused[0].change.before == "Acme (Books)"


def test_what_a_person_changed_since_stays_with_both_values() -> None:
    before = replace(PAIR, crm=crm(name="Acme Ltd"))
    found = plan([before], FIELDS, BOTH)
    after = replace(applied(before, found, FIELDS), books=books(name="Acme by hand"))
    undoing = undo(wrote(found), {after.key: after}, FIELDS)
    assert undoing.writes == () and undoing.stands == {}
    (left,) = undoing.left
    assert (left.now, left.before, left.reason) == ("Acme by hand", "Acme", CHANGED.format(side="Books"))


def test_a_record_that_was_made_is_listed_and_never_deleted() -> None:
    found = plan([Pair("acme", "Acme", crm(), None)], FIELDS, BOTH)
    undoing = undo(wrote(found), {"acme": PAIR}, FIELDS)
    assert undoing.writes == () and [one.reason for one in undoing.left] == [MADE.format(side="Books")]


def test_a_field_that_is_mapped_no_more_or_one_way_by_now_stays() -> None:
    before = replace(PAIR, crm=crm(name="Acme Ltd"))
    found = plan([before], FIELDS, BOTH)
    after = {before.key: applied(before, found, FIELDS)}
    assert [one.reason for one in undo(wrote(found), after, (CITY,)).left] == [UNMAPPED]
    turned = (replace(NAME, direction=Direction.TO_CRM),)
    assert [one.reason for one in undo(wrote(found), after, turned).left] == [ONE_WAY.format(side="Books")]


@given(LINKED)
def test_undoing_an_untouched_run_gives_exactly_the_values_before(world: tuple[Fields, Pair]) -> None:
    fields, pair = world
    found = plan([pair], fields)
    after = applied(pair, found, fields)
    undoing = undo(wrote(found), {after.key: after}, fields)
    again = set_back(after, undoing)
    assert (values(again.crm), values(again.books)) == (values(pair.crm), values(pair.books))
    assert undoing.left == ()


@given(LINKED)
def test_what_was_undone_is_not_written_again_by_the_next_run(world: tuple[Fields, Pair]) -> None:
    fields, pair = world
    found = plan([pair], fields)
    after = applied(pair, found, fields)
    again = set_back(after, undo(wrote(found), {after.key: after}, fields))
    undone = {(one.side, change.field) for one in found.writes for change in one.changes}
    redone = {(one.side, change.field) for one in plan([again], fields).writes for change in one.changes}
    assert not undone & redone


@given(LINKED, st.data())
def test_a_field_changed_since_is_never_touched(world: tuple[Fields, Pair], data: st.DataObject) -> None:
    fields, pair = world
    found = plan([pair], fields)
    after = applied(pair, found, fields)
    written = [(one.side, change.field) for one in found.writes for change in one.changes]
    touched = set(data.draw(st.lists(st.sampled_from(written)))) if written else set()
    for side, name in touched:
        seen = after.seen(side)
        assert seen is not None
        changed = replace(seen, values=dict(seen.values) | {name: "by hand"})
        after = replace(after, crm=changed) if side is Side.CRM else replace(after, books=changed)
    undoing = undo(wrote(found), {after.key: after}, fields)
    assert not touched & {(one.side, change.field) for one in undoing.writes for change in one.changes}
    assert touched <= {(one.wrote.side, one.field) for one in undoing.left}
