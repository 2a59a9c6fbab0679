"""Runs as a list and as a page: who set them off, how long they took, and every record with before, after and rule."""

from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Connection, User
from syncjobs import settling
from syncjobs.models import Conflict, Entry, PlannedWrite, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from tests.stories.test_products_in_step import edit, item_of, mapping, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["mapping", "sync"]  # fixtures
RUNS, ENTRIES, WRITES = ("/admin/syncjobs/run/", "/admin/syncjobs/entry/", "/admin/syncjobs/plannedwrite/")


@pytest.fixture
def renamed(company: Connection, mapping: object, sync: Callable[[], Run], zoho: Simulator) -> Run:
    """A run that carried one new name and one new unit from CRM to Books."""
    sync()
    product, _ = item_of(company, "DSK-75")
    edit(zoho, "crm", "Products", product, Product_Name="Sit-stand frame")
    other, _ = item_of(company, "PAN-94")
    edit(zoho, "crm", "Products", other, Usage_Unit="Box")
    return sync()


def shown(path: str, name: str = "cy") -> str:
    answer = browser(name).get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def rows(page: str) -> str:
    return page.split('id="result_list"')[1]


def test_a_reading_says_of_each_record_what_was_before_and_after(renamed: Run) -> None:
    entry = Entry.objects.get(kind="product", name="Sit-stand frame", outcome="updated")
    assert (entry.before, entry.after) == (
        {"Product name": "Sit-stand desk frame"}, {"Product name": "Sit-stand frame"},
    )  # fmt: skip
    page = rows(shown(f"{ENTRIES}?run={entry.run_id}"))
    assert "Sit-stand desk frame → Sit-stand frame" in page and "PAN-94" not in page.split("Sit-stand")[0]
    assert "Sit-stand" not in rows(shown(f"{ENTRIES}?run={entry.run_id}&field=Usage+unit"))
    assert "Sit-stand" in rows(shown(f"{ENTRIES}?run={entry.run_id}&q=sit-STAND"))


def test_the_writes_of_a_run_are_filtered_by_end_field_and_name(renamed: Run) -> None:
    assert PlannedWrite.objects.filter(plan__run=renamed).count() == 2
    of_run = f"{WRITES}?run={renamed.pk}"
    both = rows(shown(of_run))
    assert "Sit-stand desk frame → Sit-stand frame" in both and "CRM owns it" in both and "→ Box" in both
    by_field = rows(shown(f"{of_run}&field=unit"))
    assert "→ Box" in by_field and "Sit-stand frame" not in by_field
    by_name = rows(shown(f"{of_run}&q=sit"))
    assert "Sit-stand frame" in by_name and "→ Box" not in by_name
    assert "→ Box" not in shown(f"{of_run}&outcome__exact=refused")
    assert "→ Box" in rows(shown(f"{of_run}&outcome__exact=written"))


def test_each_write_has_a_page_with_the_rule_in_words_and_the_way_to_its_run(renamed: Run) -> None:
    write = PlannedWrite.objects.get(plan__run=renamed, fields="|unit|")
    page = shown(f"{WRITES}{write.pk}/change/", "dee")
    assert "CRM owns it" in page and "Box" in page and f"{RUNS}{renamed.pk}/change/" in page


def test_runs_are_filtered_by_kind_trigger_outcome_and_person(
    company: Connection, renamed: Run, cy: User, clock: SteppedClock
) -> None:
    asked = start_run(company, "deal", clock, trigger="person", user=cy, doorbell=False)
    clock.advance(200)
    work_to_end(asked, bulk_reader())
    assert "took 3 min 20 s" in shown(f"{RUNS}{asked.pk}/change/")
    name = cy.get_full_name() or cy.username
    for query, there in (
        (f"person={cy.pk}", True), ("trigger=person", True), ("kind=deal&trigger=person", True),
        ("trigger=plan", False), ("kind=product&trigger=person", False), ("state__exact=failed", False),
        ("state__exact=complete", True),
    ):  # fmt: skip
        page = shown(f"{RUNS}?{query}")
        assert (f"{RUNS}{asked.pk}/change/" in page) is there, query
    page = rows(shown(f"{RUNS}?person={cy.pk}"))
    assert name in page and "3 min 20 s" in page


def test_an_applied_plan_names_who_applied_it(
    company: Connection, mapping: object, sync: Callable[[], Run], cy: User, clock: SteppedClock
) -> None:
    sync()
    settling.settle(Conflict.objects.get(field="price", closed_at=None), "crm", cy, clock)
    run = Run.objects.latest("pk")
    assert "a plan was applied" not in shown(f"{RUNS}{run.pk}/change/")
    Run.objects.filter(pk=run.pk).update(trigger="apply")
    assert f"{cy.get_full_name() or cy.username}: a plan was applied" in shown(f"{RUNS}{run.pk}/change/")


def test_the_lists_ask_as_many_questions_for_many_rows_as_for_few(renamed: Run) -> None:
    write = PlannedWrite.objects.filter(plan__run=renamed).first()
    assert write is not None
    client = browser("cy")

    def asked(path: str) -> int:
        with CaptureQueriesContext(database) as queries:
            client.get(path)
        return len(queries)

    paths = [f"{WRITES}?run={renamed.pk}", f"{RUNS}{renamed.pk}/change/", f"{ENTRIES}"]
    for path in paths:
        client.get(path)
    few = [asked(path) for path in paths]
    for number in range(20):
        write.pk, write.position = None, 100 + number
        write.save(force_insert=True)
        Entry.objects.create(
            run=renamed, kind="item", remote_id=str(number), outcome="updated", at=renamed.requested_at
        )
    assert [asked(path) for path in paths] == few


def test_what_was_written_leaves_as_a_file_and_that_is_noted(renamed: Run) -> None:
    answer = browser("dee").get(f"{WRITES}export/?run={renamed.pk}&format=csv")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()  # type: ignore[attr-defined]
    assert len(text.strip().splitlines()) == 3 and "Sit-stand frame" in text
    assert AuditEvent.objects.filter(verb="export", actor="dee").count() == 1
    assert browser("ada").get(WRITES).status_code == 403
