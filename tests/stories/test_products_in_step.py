"""Products and items stay in step: each field follows its owner, nothing is lost unseen, a second run is quiet."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Connection, User
from syncjobs import settling
from syncjobs.mappings import Refused, mapping_of, switch
from syncjobs.models import Conflict, KeptValue, Link, Mapping, Plan, PlannedWrite, Record, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
Row = dict[str, object]


@pytest.fixture
def mapping(company: Connection, cy: User, clock: SteppedClock) -> Mapping:
    """The suggested mapping of products, switched on."""
    found = mapping_of(company, "product", clock)
    switch(found, cy, clock, on=True)
    return found


@pytest.fixture
def sync(company: Connection, clock: SteppedClock) -> Callable[[], Run]:
    """Reads both halves and keeps them in step; what is written later shows in the next reading."""

    def run() -> Run:
        clock.advance(400)
        for kind in ("item", "product", "products"):
            found = start_run(company, kind, clock, trigger="command", doorbell=False)
            work_to_end(found, bulk_reader(), patience=600)
            found.refresh_from_db()
        return found

    return run


def edit(zoho: Simulator, side: str, module: str, id: str, **values: object) -> None:
    """As that system's own user would."""
    zoho.user_update(side, module, id, values)


def item_of(company: Connection, code: str) -> tuple[str, str]:
    """CRM's and Books' ids of a linked product."""
    record = Record.objects.get(connection=company, kind="product", code=code)
    return record.remote_id, Link.objects.get(connection=company, pair="product", crm_id=record.remote_id).books_id


def test_a_rename_in_crm_reaches_books_and_a_second_run_is_quiet(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator
) -> None:
    sync()
    product, item = item_of(company, "DSK-75")
    edit(zoho, "crm", "Products", product, Product_Name="Sit-stand desk frame, black")
    run = sync()
    assert (run.state, run.updated) == ("complete", 1), run.sentence
    assert (zoho.verbs("books").read(zoho, "items", item) or {})["name"] == "Sit-stand desk frame, black"
    for _ in range(3):
        again = sync()
        assert (again.writes, again.state) == (0, "complete")


def test_an_edit_by_the_side_that_does_not_own_is_refused_and_kept_once(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator
) -> None:
    sync()
    _, item = item_of(company, "DSK-75")
    edit(zoho, "books", "items", item, name="Desk frame (Books)")
    for _ in range(2):
        run = sync()
        assert run.writes == 0
    kept = KeptValue.objects.get(field="name")
    assert (kept.side, kept.value, kept.instead, kept.why) == (
        "books", "Desk frame (Books)", "Sit-stand desk frame", "refused",
    )  # fmt: skip


def test_two_prices_are_asked_and_one_changed_price_is_taken(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator
) -> None:
    run = sync()
    conflict = Conflict.objects.get(closed_at=None, field="price")
    assert (conflict.crm, conflict.books, run.conflicts) == ("99.00", "95.00", 1)
    product, item = item_of(company, "DSK-75")
    edit(zoho, "books", "items", item, rate=99)
    assert sync().conflicts == 0
    conflict.refresh_from_db()
    assert conflict.decision == "settled" and conflict.closed_at
    edit(zoho, "books", "items", item, rate=101)
    assert sync().writes == 1
    assert str((zoho.verbs("crm").read(zoho, "Products", product) or {})["Unit_Price"]) == "101"


def test_a_new_product_becomes_an_item_and_a_new_item_a_product_where_that_is_wanted(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator
) -> None:
    Mapping.objects.update(creates_in_books=True, creates_in_crm=True)
    first = sync()
    made = dict(PlannedWrite.objects.filter(remote_id="").values_list("name", "side"))
    assert first.created == len(made) and made["Cable tray"] == "crm", first.sentence
    lamp = item_of(company, "LMP-3")
    assert (zoho.verbs("books").read(zoho, "items", lamp[1]) or {})["sku"] == "LMP-3"
    cable = Link.objects.get(books_id=Record.objects.get(kind="item", code="CBL-5").remote_id)
    assert (zoho.verbs("crm").read(zoho, "Products", cable.crm_id) or {})["Product_Code"] == "CBL-5"
    for _ in range(3):
        again = sync()
        assert (again.created, again.writes) == (0, 0)


def test_a_plan_writes_nothing_and_says_what_it_would(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, clock: SteppedClock
) -> None:
    sync()
    product, item = item_of(company, "DSK-75")
    edit(zoho, "crm", "Products", product, Product_Name="Frame")
    clock.advance(400)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("sync", "product", "--plan", "--json", stdout=out)
    pair = json.loads(out.getvalue())["runs"][-1]
    assert (pair["kind"], pair["writes"], pair["state"]) == ("products", 0, "complete")
    plan = Plan.objects.first()
    assert plan is not None and plan.state == "made"
    assert [change["after"] for change in plan.writes.get().changes] == ["Frame"]
    assert (zoho.verbs("books").read(zoho, "items", item) or {})["name"] == "Sit-stand desk frame"
    with pytest.raises(SystemExit, match="0"):
        call_command("sync", "--apply", str(pair["plan"]), "--json", stdout=StringIO())
    assert (zoho.verbs("books").read(zoho, "items", item) or {})["name"] == "Frame"
    with pytest.raises(CommandError, match="applied or dropped already"):
        call_command("sync", "--apply", str(pair["plan"]))


def test_what_moved_between_plan_and_apply_is_left_alone(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, clock: SteppedClock
) -> None:
    sync()
    product, item = item_of(company, "DSK-75")
    edit(zoho, "crm", "Products", product, Product_Name="Frame")
    clock.advance(400)
    for kind in ("item", "product"):
        work_to_end(start_run(company, kind, clock, doorbell=False), bulk_reader(), patience=600)
    edit(zoho, "books", "items", item, name="Somebody was here")
    run = work_to_end(start_run(company, "products", clock, doorbell=False), bulk_reader(), patience=600)
    run.refresh_from_db()
    assert (run.state, run.skipped, run.writes) == ("incomplete", 1, 0)
    assert (zoho.verbs("books").read(zoho, "items", item) or {})["name"] == "Somebody was here"


def test_a_price_that_doubles_stops_the_run_before_its_first_write(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator
) -> None:
    sync()
    product, item = item_of(company, "DSK-75")
    edit(zoho, "books", "items", item, rate=99)
    sync()
    edit(zoho, "books", "items", item, rate=990)
    run = sync()
    assert run.state == "refused" and "would jump, the first from 99.00 to 990.00" in run.sentence
    assert str((zoho.verbs("crm").read(zoho, "Products", product) or {})["Unit_Price"]) == "99"


def test_two_way_stays_off_while_a_field_has_no_owner(company: Connection, cy: User, clock: SteppedClock) -> None:
    mapping = mapping_of(company, "product", clock)
    mapping.lines.filter(name="price").update(owner="")
    with pytest.raises(Refused, match="Two-way sync stays off: 1 thing is missing. Price has no owner."):
        switch(mapping, cy, clock, on=True)
    assert not Mapping.objects.get(pk=mapping.pk).two_way


def test_a_person_settles_a_conflict_and_the_losing_value_is_kept(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    sync()
    product, item = item_of(company, "DSK-75")
    conflict = Conflict.objects.get(field="price")
    assert settling.settle(conflict, "crm", ben, clock) == "99.00"
    assert sync().writes == 1
    assert str((zoho.verbs("books").read(zoho, "items", item) or {})["rate"]) == "99"
    kept = KeptValue.objects.get(field="price")
    assert (kept.side, kept.value, kept.rule) == ("books", "95.00", "person")
    settling.restore(kept, ben, clock)
    assert sync().writes == 2
    assert str((zoho.verbs("crm").read(zoho, "Products", product) or {})["Unit_Price"]) == "95"
    assert sync().writes == 0 and Link.objects.get(books_id=item).decided == {}


def test_a_person_types_a_third_value_and_makes_a_side_the_owner(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    sync()
    conflict = Conflict.objects.get(field="price")
    with pytest.raises(Refused, match="“cheap” is no amount"):
        settling.settle(conflict, "value", ben, clock, value="cheap")
    settling.settle(conflict, "value", ben, clock, value="97.50")
    with pytest.raises(Refused, match="can become a rule"):
        settling.remember(conflict, ben, clock)
    assert sync().writes == 2
    product, item = item_of(company, "DSK-75")
    assert str((zoho.verbs("books").read(zoho, "items", item) or {})["rate"]) == "97.5"


def test_a_stopped_plan_is_applied_on_a_persons_word_and_only_once(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    sync()
    product, item = item_of(company, "DSK-75")
    edit(zoho, "books", "items", item, rate=99)
    sync()
    edit(zoho, "books", "items", item, rate=990)
    assert sync().state == "refused"
    plan = Plan.objects.first()
    assert plan is not None
    run = work_to_end(settling.apply_plan(plan, cy, clock), bulk_reader(), patience=600)
    assert (run.state, run.writes) == ("complete", 1)
    assert str((zoho.verbs("crm").read(zoho, "Products", product) or {})["Unit_Price"]) == "990"
    plan.refresh_from_db()
    with pytest.raises(Refused, match="applied or dropped already"):
        settling.apply_plan(plan, cy, clock)


def test_a_refused_price_is_set_back_where_it_was_typed_by_one_press(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    mapping.lines.filter(name="price").update(owner="books")
    sync()
    product, item = item_of(company, "DSK-75")
    edit(zoho, "crm", "Products", product, Unit_Price=120)
    assert sync().writes == 0
    kept = KeptValue.objects.get(field="price", why="refused")
    assert (kept.side, kept.value, kept.instead) == ("crm", "120.00", "95.00")
    assert settling.set_back(kept, ben, clock) == "95.00"
    assert sync().writes == 1
    assert str((zoho.verbs("crm").read(zoho, "Products", product) or {})["Unit_Price"]) == "95"
    assert str((zoho.verbs("books").read(zoho, "items", item) or {})["rate"]) == "95"
    assert sync().writes == 0
