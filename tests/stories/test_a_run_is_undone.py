"""A run is undone: the values before come back where nobody changed them since; what stays is listed, and why."""

from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Connection, User
from syncjobs import settling
from syncjobs.mappings import Refused
from syncjobs.models import KeptValue, Link, Mapping, Plan, PlannedWrite, Run
from syncjobs.narrowing import undo_run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from tests.stories.test_products_in_step import edit, item_of, mapping, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["mapping", "sync"]  # fixtures
RENAMED = {"DSK-75": "Sit-stand frame", "PAN-94": "Panel, acoustic", "CHR-120": "Chair for tasks"}


@pytest.fixture
def wrote(company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator) -> Run:
    """A run that carried three new names from CRM to Books."""
    sync()
    for code, name in RENAMED.items():
        edit(zoho, "crm", "Products", item_of(company, code)[0], Product_Name=name)
    run = sync()
    assert run.writes == 3
    return run


def worked(run: Run) -> Run:
    work_to_end(run, bulk_reader(), patience=3600)
    run.refresh_from_db()
    return run


@pytest.fixture
def undo(cy: User, clock: SteppedClock) -> Callable[[Run], Plan]:
    """Cy asks for the plan of an undo."""

    def planned(run: Run) -> Plan:
        clock.advance(60)
        found = worked(undo_run(run, cy, clock))
        assert found.state == "complete", found.sentence
        return found.plans.get()

    return planned


@pytest.fixture
def apply(cy: User, clock: SteppedClock, sync: Callable[[], Run]) -> Callable[[Plan], Run]:
    """Cy applies a plan; both sides are looked at after it."""

    def applied(plan: Plan) -> Run:
        clock.advance(5)
        run = worked(settling.apply_plan(plan, cy, clock))
        sync()
        return run

    return applied


def in_books(company: Connection, zoho: Simulator, code: str) -> str:
    return str((zoho.verbs("books").read(zoho, "items", item_of(company, code)[1]) or {})["name"])


def in_crm(company: Connection, zoho: Simulator, code: str) -> str:
    return str((zoho.verbs("crm").read(zoho, "Products", item_of(company, code)[0]) or {})["Product_Name"])


def stays(plan: Plan) -> list[tuple[str, str]]:
    return list(plan.writes.filter(outcome="left").values_list("name", "sentence"))


def page(path: str, name: str = "cy") -> str:
    return unescape(browser(name).get(path).content.decode())


def test_an_untouched_run_undone_gives_the_values_before_and_three_more_runs_write_nothing(
    company: Connection, wrote: Run, undo: Callable[[Run], Plan], apply: Callable[[Plan], Run], zoho: Simulator,
    sync: Callable[[], Run],
) -> None:  # fmt: skip
    plan = undo(wrote)
    assert in_books(company, zoho, "DSK-75") == "Sit-stand frame"  # nothing is written before it is applied
    run = apply(plan)
    assert (run.state, run.writes) == ("complete", 3), run.sentence
    names = [in_books(company, zoho, code) for code in RENAMED]
    assert names == ["Sit-stand desk frame", "Acoustic panel", "Task chair"]
    assert in_crm(company, zoho, "DSK-75") == "Sit-stand frame"  # what a person typed in CRM is hers
    assert [sync().writes for _ in range(3)] == [0, 0, 0]
    kept = KeptValue.objects.filter(plan=plan)
    assert sorted(kept.values_list("value", flat=True)) == sorted(RENAMED.values())


def test_after_the_undo_the_next_edit_follows_the_rule_again(
    company: Connection, wrote: Run, undo: Callable[[Run], Plan], apply: Callable[[Plan], Run], zoho: Simulator,
    sync: Callable[[], Run],
) -> None:  # fmt: skip
    apply(undo(wrote))
    edit(zoho, "books", "items", item_of(company, "PAN-94")[1], name="Panel (Books)")
    assert sync().writes == 0
    assert KeptValue.objects.filter(value="Panel (Books)", why="refused").exists()
    edit(zoho, "crm", "Products", item_of(company, "DSK-75")[0], Product_Name="Frame 2027")
    assert sync().writes == 1 and in_books(company, zoho, "DSK-75") == "Frame 2027"
    link = Link.objects.get(crm_id=item_of(company, "DSK-75")[0], pair="product")
    assert "name" not in link.standing


def test_what_a_person_changed_since_stays_and_is_listed_with_both_values(
    company: Connection, wrote: Run, undo: Callable[[Run], Plan], apply: Callable[[Plan], Run], zoho: Simulator
) -> None:
    edit(zoho, "books", "items", item_of(company, "CHR-120")[1], name="Chair by hand")
    plan = undo(wrote)
    assert [sentence for _, sentence in stays(plan)] == ["Changed in Books since, so it stays."]
    (left,) = plan.writes.filter(outcome="left")
    assert (left.changes[0]["before"], left.changes[0]["after"]) == ("Chair by hand", "Task chair")
    shown = page(f"/admin/syncjobs/plan/{plan.pk}/change/")
    assert "Chair by hand" in shown and "Task chair" in shown and "2 to set back, 1 to stay" in shown
    run = apply(plan)
    assert (run.state, run.writes) == ("complete", 2), run.sentence
    assert in_books(company, zoho, "CHR-120") == "Chair by hand" and "1 can't be undone" in run.sentence


def test_what_a_person_changes_between_plan_and_apply_is_left_alone(
    company: Connection, wrote: Run, undo: Callable[[Run], Plan], apply: Callable[[Plan], Run], zoho: Simulator
) -> None:
    plan = undo(wrote)
    edit(zoho, "books", "items", item_of(company, "CHR-120")[1], name="Chair by hand")
    run = apply(plan)
    assert (run.state, run.writes) == ("incomplete", 2)
    assert in_books(company, zoho, "CHR-120") == "Chair by hand"


def test_a_record_that_was_made_is_listed_and_stands_after_the_undo(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], undo: Callable[[Run], Plan], zoho: Simulator
) -> None:
    sync()
    Mapping.objects.filter(pair="product").update(creates_in_books=True)
    made = {"Product_Name": "Stool", "Product_Code": "STOOL", "Unit_Price": 10, "Product_Active": True}
    product = str(zoho.user_create("crm", "Products", made)["id"])
    run = sync()
    plan = undo(run)
    assert (
        "Stool",
        "This run made it in Books, and zbridge never deletes. Remove it there if it isn't wanted.",
    ) in stays(plan)
    assert not plan.writes.filter(outcome="").exists()
    assert "Nothing can be set back; below is why." in page(f"/admin/syncjobs/plan/{plan.pk}/change/")
    item = Link.objects.get(pair="product", crm_id=product).books_id
    assert (zoho.verbs("books").read(zoho, "items", item) or {})["name"] == "Stool"


def test_an_undo_can_itself_be_undone(
    company: Connection, wrote: Run, undo: Callable[[Run], Plan], apply: Callable[[Plan], Run], zoho: Simulator,
    sync: Callable[[], Run],
) -> None:  # fmt: skip
    undone = apply(undo(wrote))
    again = apply(undo(undone))
    assert again.writes == 3 and in_books(company, zoho, "DSK-75") == "Sit-stand frame"
    assert [sync().writes for _ in range(3)] == [0, 0, 0]
    assert not Link.objects.filter(pair="product").exclude(standing={}).exists()


def test_the_value_that_the_run_had_replaced_counts_as_restored(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], undo: Callable[[Run], Plan],
    apply: Callable[[Plan], Run], zoho: Simulator, cy: User,
) -> None:  # fmt: skip
    first = sync()
    product, item = item_of(company, "DSK-75")
    edit(zoho, "crm", "Products", product, Product_Name="From CRM")
    edit(zoho, "books", "items", item, name="From Books")
    run = sync()
    kept = KeptValue.objects.get(value="From Books")
    assert kept.restored_at is None and run.pk != first.pk
    apply(undo(run))
    kept.refresh_from_db()
    assert kept.restored_by == cy and in_books(company, zoho, "DSK-75") == "From Books"


def test_cy_presses_undo_on_the_runs_page_and_dee_sees_it_and_presses_nothing(wrote: Run, clock: SteppedClock) -> None:
    path = f"/admin/syncjobs/run/{wrote.pk}/change/"
    assert "Undo this run" in page(path) and "Undo this run" not in page(path, "dee")
    for name in ("dee", "ben", "ada"):
        assert browser(name).post(f"/admin/syncjobs/failures/undo/{wrote.pk}/").status_code == 403
    clock.advance(60)
    answer = browser("cy").post(f"/admin/syncjobs/failures/undo/{wrote.pk}/")
    run = worked(Run.objects.get(trigger="undo", kind="products"))
    assert answer["Location"] == f"/admin/syncjobs/run/{run.pk}/change/"
    assert "Apply exactly this" in page(answer["Location"])
    plan = run.plans.get()
    assert f"{plan} undoes it" in page(path, "dee")
    browser("cy").post(f"/admin/syncjobs/plan/{plan.pk}/apply/")
    assert worked(Run.objects.get(trigger="apply")).writes == 3
    assert AuditEvent.objects.filter(verb="undo", actor="cy").count() == 1
    write = PlannedWrite.objects.filter(plan=plan).first()
    assert write is not None and "a run is undone" in page(f"/admin/syncjobs/plannedwrite/{write.pk}/change/", "dee")


def test_a_run_that_wrote_nothing_or_is_under_way_is_not_undone(
    company: Connection, wrote: Run, sync: Callable[[], Run], cy: User, clock: SteppedClock
) -> None:
    with pytest.raises(Refused, match="wrote nothing"):
        undo_run(sync(), cy, clock)
    start_run(company, "products", clock, doorbell=False)
    with pytest.raises(Refused, match="under way"):
        undo_run(wrote, cy, clock)
    assert not Plan.objects.filter(purpose="undo").exists()


def test_the_pages_of_an_undo_ask_the_same_for_many_writes_as_for_few(wrote: Run, undo: Callable[[Run], Plan]) -> None:
    plan, client = undo(wrote), browser("cy")
    path = f"/admin/syncjobs/plan/{plan.pk}/change/"
    client.get(path)

    def queries() -> int:
        with CaptureQueriesContext(database) as found:
            client.get(path)
        return len(found)

    few, one = queries(), plan.writes.get(position=0)
    for number in range(20):
        one.pk, one.position, one.outcome = None, 100 + number, "left"
        one.save(force_insert=True)
    assert queries() == few
