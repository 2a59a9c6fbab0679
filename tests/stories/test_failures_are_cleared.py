"""Clear the failures: by cause in plain words with the fix; mended and tried again, a plan first, all is green."""

from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Connection, User
from syncjobs import failures, settling
from syncjobs.mappings import Refused, mapping_of, switch
from syncjobs.models import Link, MappedField, Mapping, Plan, PlannedWrite, Record, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from tests.stories.test_products_in_step import edit, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["sync"]  # fixtures
PAGE, RETRY = "/admin/syncjobs/failures/", "/admin/syncjobs/failures/retry/"
LONG = "Partition wall " * 10
TAXED = ("Stool", "Bench")


@pytest.fixture
def mapping(company: Connection, cy: User, clock: SteppedClock) -> Mapping:
    """Products are made in Books; CRM's description says which tax they bear there."""
    found = mapping_of(company, "product", clock)
    found.lines.filter(name="description").delete()
    MappedField.objects.create(
        mapping=found, position=9, name="tax", label="Tax", crm="Description", books="tax_id", owner="crm",
        direction="to_books",
    )  # fmt: skip
    found.creates_in_books = True
    found.save()
    switch(found, cy, clock, on=True)
    return found


def new_product(zoho: Simulator, name: str, code: str, tax: str = "") -> str:
    row = {"Product_Name": name, "Product_Code": code, "Unit_Price": 10, "Description": tax, "Product_Active": True}
    return str(zoho.user_create("crm", "Products", row)["id"])


@pytest.fixture
def failed(company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator) -> dict[str, str]:
    """Three new products that Books refused: two with a tax that it doesn't know, one with too long a name."""
    sync()
    PlannedWrite.objects.update(failing=False)  # of the demo's own bad night
    ids = {name: new_product(zoho, name, name.upper(), "no such tax") for name in TAXED}
    ids["long"] = new_product(zoho, LONG, "WALL")
    sync()
    return ids


def mend(zoho: Simulator, ids: dict[str, str]) -> None:
    tax = str(zoho.verbs("books").rows(zoho, "taxes")[0]["tax_id"])
    for name in TAXED:
        edit(zoho, "crm", "Products", ids[name], Description=tax)
    edit(zoho, "crm", "Products", ids["long"], Product_Name="Partition wall")


def worked(run: Run) -> Run:
    work_to_end(run, bulk_reader(), patience=3600)
    run.refresh_from_db()
    return run


def items(zoho: Simulator) -> list[str]:
    return sorted(str(row["sku"]) for row in zoho.verbs("books").rows(zoho, "items") if row["sku"])


def page(path: str = PAGE, name: str = "cy") -> str:
    return unescape(browser(name).get(path).content.decode())


def test_three_refusals_of_two_causes_are_two_groups_each_with_its_fix(failed: dict[str, str]) -> None:
    found = failures.groups(failures.failing([1, *Mapping.objects.values_list("connection", flat=True)]))
    assert [(one.cause, one.count, one.title) for one in found] == [
        ("tax", 2, "Books doesn't know this tax."), ("too_long", 1, "A text is longer than Books allows."),
    ]  # fmt: skip
    shown = page()
    assert "Retry these 2" in shown and "Retry it" in shown and "Map the tax" in shown
    assert "Shorten it in CRM" in shown and "Stool" in shown and "code" not in shown.split("<main")[-1].lower()


def test_the_run_shows_the_same_groups_and_the_side_bar_counts_them(failed: dict[str, str]) -> None:
    run = Run.objects.filter(kind="products").latest("pk")
    shown = page(f"/admin/syncjobs/run/{run.pk}/change/")
    assert "Books doesn't know this tax." in shown and f'name="run" value="{run.pk}"' in shown
    assert PlannedWrite.objects.filter(failing=True).count() == 3


def test_mended_and_tried_again_the_plan_is_exactly_the_three_then_all_is_green(
    company: Connection, failed: dict[str, str], zoho: Simulator, cy: User, clock: SteppedClock, sync: Callable[[], Run]
) -> None:
    mend(zoho, failed)
    new_product(zoho, "Another one", "OTHER")
    before = items(zoho)
    clock.advance(60)
    run = worked(failures.retry(company, failures.failing([company]), cy, clock))
    plan = run.plans.get()
    assert (run.state, run.sentence) == ("complete", "Planned: 3 writes; nothing was written.")
    assert sorted(plan.writes.values_list("name", flat=True)) == ["Bench", "Partition wall", "Stool"]
    assert (plan.purpose, plan.state) == ("retry", "made") and items(zoho) == before
    assert PlannedWrite.objects.filter(failing=True).count() == 3
    clock.advance(5)
    applied = worked(settling.apply_plan(plan, cy, clock))
    assert applied.state == "complete" and applied.created == 3, applied.sentence
    assert items(zoho) == sorted([*before, "BENCH", "STOOL", "WALL"])
    assert not PlannedWrite.objects.filter(failing=True).exists()
    assert "Nothing failed" in page()
    assert sync().trigger == "check"  # the look after a plan was applied
    after = sync()
    assert after.created == 1 and items(zoho) == sorted([*before, "BENCH", "OTHER", "STOOL", "WALL"])
    assert [sync().writes for _ in range(3)] == [0, 0, 0]
    assert AuditEvent.objects.filter(verb="retry", actor="cy").count() == 1


def test_cy_presses_retry_reads_the_plan_and_applies_it(
    company: Connection, failed: dict[str, str], zoho: Simulator, clock: SteppedClock
) -> None:
    mend(zoho, failed)
    clock.advance(60)
    cy = browser("cy")
    answer = cy.post(RETRY, {"cause": "tax", "side": "books", "pair": "product"})
    run = worked(Run.objects.get(trigger="retry", kind="products"))
    assert answer["Location"] == f"/admin/syncjobs/run/{run.pk}/change/"
    shown = page(answer["Location"])
    assert "Stool" in shown and "Partition wall" not in shown.split("What is written")[1].split("</table>")[0]
    plan = run.plans.get()
    cy.post(f"/admin/syncjobs/plan/{plan.pk}/apply/")
    worked(Run.objects.get(trigger="apply"))
    assert {row.cause for row in PlannedWrite.objects.filter(failing=True)} == {"too_long"}


def test_one_alone_is_tried_again(
    company: Connection, failed: dict[str, str], zoho: Simulator, clock: SteppedClock
) -> None:
    mend(zoho, failed)
    clock.advance(60)
    one = PlannedWrite.objects.get(failing=True, name="Stool")
    assert "Retry it" in page(f"/admin/syncjobs/plannedwrite/{one.pk}/change/")
    browser("cy").post(RETRY, {"write": one.pk})
    run = worked(Run.objects.get(trigger="retry", kind="products"))
    assert list(run.plans.get().writes.values_list("name", flat=True)) == ["Stool"]


def test_a_retry_whose_cause_stands_fails_as_itself_and_counts_once(
    company: Connection, failed: dict[str, str], cy: User, clock: SteppedClock
) -> None:
    clock.advance(60)
    run = worked(failures.retry(company, failures.failing([company]).filter(cause="tax"), cy, clock))
    applied = worked(settling.apply_plan(run.plans.get(), cy, clock))
    assert applied.state == "incomplete"
    assert [(one.cause, one.count) for one in failures.groups(failures.failing([company]))] == [
        ("tax", 2), ("too_long", 1),
    ]  # fmt: skip


def test_what_was_made_by_hand_meanwhile_is_never_made_twice(
    company: Connection, failed: dict[str, str], zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    zoho.user_create("books", "items", {"name": "Stool", "sku": "STOOL", "rate": 10})
    mend(zoho, failed)
    clock.advance(60)
    run = worked(failures.retry(company, failures.failing([company]), cy, clock))
    assert "Stool" not in [row.name for row in run.plans.get().writes.filter(remote_id="")]
    worked(settling.apply_plan(run.plans.get(), cy, clock))
    assert items(zoho).count("STOOL") == 1


def test_what_a_later_run_wrote_is_settled_by_itself(
    failed: dict[str, str], zoho: Simulator, sync: Callable[[], Run]
) -> None:
    mend(zoho, failed)
    assert sync().created == 3
    assert not PlannedWrite.objects.filter(failing=True).exists()
    stool = PlannedWrite.objects.filter(name="Stool").earliest("pk")
    assert "It is settled since" in page(f"/admin/syncjobs/plannedwrite/{stool.pk}/change/")


def test_a_lost_answer_tried_again_finds_what_books_saved(
    company: Connection, failed: dict[str, str], zoho: Simulator, cy: User, clock: SteppedClock, sync: Callable[[], Run]
) -> None:
    mend(zoho, failed)
    zoho.faults.add({"method": "POST", "path": "/items$", "times": 1, "drop_after": True})
    sync()
    lost = failures.groups(failures.failing([company]))
    assert [(one.cause, one.count) for one in lost] == [("lost", 1)]
    clock.advance(60)
    run = worked(failures.retry(company, failures.failing([company]), cy, clock))
    if run.plans.get().writes.exists():
        worked(settling.apply_plan(run.plans.get(), cy, clock))
    assert not PlannedWrite.objects.filter(failing=True).exists()
    assert len(items(zoho)) == len(set(items(zoho)))
    assert Link.objects.filter(pair="product", crm_id__in=failed.values()).count() == 3


def test_dee_sees_all_and_presses_nothing(failed: dict[str, str]) -> None:
    shown = page(PAGE, "dee")
    assert "Books doesn't know this tax." in shown and "Retry these" not in shown
    assert "A RevOps administrator can retry." in shown
    for name in ("dee", "ben", "ada"):
        assert browser(name).post(RETRY, {"cause": "tax", "side": "books", "pair": "product"}).status_code == 403
    assert browser("ada").get(PAGE).status_code == 403
    assert not Run.objects.filter(trigger="retry").exists()


def test_a_retry_waits_its_turn_and_an_empty_one_says_so(
    company: Connection, failed: dict[str, str], cy: User, clock: SteppedClock
) -> None:
    with pytest.raises(Refused, match="Nothing of this waits"):
        failures.retry(company, PlannedWrite.objects.none(), cy, clock)
    start_run(company, "products", clock, doorbell=False)
    with pytest.raises(Refused, match="under way"):
        failures.retry(company, failures.failing([company]), cy, clock)
    assert not Plan.objects.filter(purpose="retry").exists()


def test_the_page_asks_the_same_however_many_failed(failed: dict[str, str], zoho: Simulator) -> None:
    client = browser("cy")
    client.get(PAGE)
    asked = len(zoho.log.rows)

    def queries() -> int:
        with CaptureQueriesContext(database) as found:
            client.get(PAGE)
        return len(found)

    few = queries()
    one = PlannedWrite.objects.filter(failing=True, cause="tax").first()
    assert one is not None
    for number in range(30):
        one.pk, one.position, one.from_id = None, 100 + number, f"p-{number}"
        one.save(force_insert=True)
    assert queries() == few and "Retry these 32" in page()
    assert len(zoho.log.rows) == asked and Record.objects.filter(name="Stool").exists()
