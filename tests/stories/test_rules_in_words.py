"""Which rules were in force at a run, in words; and who changed which rule when, field by field."""

from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import Connection, User
from syncjobs import rule_pages, settling
from syncjobs.mapping_changes import COLUMNS, OF_KIND, keep
from syncjobs.models import Conflict, Mapping, Plan, Run
from tests.people import browser
from tests.stories.test_products_in_step import mapping, sync
from zbridge.clock import SteppedClock

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["mapping", "sync"]  # fixtures


def page(path: str, name: str = "cy") -> str:
    answer = browser(name).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return unescape(answer.content.decode())


def changed(mapping: Mapping, user: User, clock: SteppedClock, line: str, **values: object) -> str:
    """As the form keeps it."""
    mapping.refresh_from_db()
    lines = [{"name": one.name} | {column: getattr(one, column) for column in COLUMNS} for one in mapping.lines.all()]
    for one in lines:
        one |= values if one["name"] == line else {}
    kind = {name: getattr(mapping, name) for name in ("version", *OF_KIND)}
    return keep(mapping, kind, lines, user, clock)


def test_a_run_shows_the_rules_as_they_were_in_words_whatever_was_changed_since(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], cy: User, clock: SteppedClock
) -> None:
    plan = Plan.objects.get(run=sync())
    changed(mapping, cy, clock, "unit", owner="books", label="Unit of sale")
    there = f"/admin/syncjobs/mapping/rules/{plan.rules_id}/"
    assert there in page(f"/admin/syncjobs/run/{plan.run_id}/change/")
    shown = page(there, "ben")
    assert "Products and items, version 2" in shown and "Unit of sale" not in shown
    assert "CRM's value counts; an edit in Books is refused and kept." in shown and "Amount" in shown
    assert browser("ada").get(there).status_code == 403


def test_the_history_says_who_changed_what_from_what_to_what(
    company: Connection, mapping: Mapping, cy: User, clock: SteppedClock
) -> None:
    clock.advance(60)
    changed(mapping, cy, clock, "unit", owner="books", direction="to_crm")
    first, *rest = rule_pages.history(mapping)
    assert (first.number, first.who, first.at) == (3, "cy", clock.now())
    assert first.changes == [("Unit, direction", "Both ways", "Books to CRM"), ("Unit, owner", "CRM", "Books")]
    assert ("The whole kind, sync is on", "no", "yes") in rest[0].changes
    assert ("Name, added", "", "Product_Name ↔ name, CRM") in rest[-1].changes
    assert rest[-1].number == 1  # what stood there before anybody could see it is no version
    shown = page(f"/admin/syncjobs/mapping/{mapping.pk}/history/", "dee")
    assert "Books to CRM" in shown and "Version 3" in shown
    assert f"/admin/syncjobs/mapping/{mapping.pk}/history/" in page(f"/admin/syncjobs/mapping/{mapping.pk}/")


def test_a_decision_that_became_the_rule_stands_in_the_history(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], cy: User, clock: SteppedClock
) -> None:
    sync()
    price = Conflict.objects.get(field="price", closed_at=None)
    settling.settle(price, "crm", cy, clock)
    price.refresh_from_db()
    settling.remember(price, cy, clock)
    assert ("Price, owner", "ask", "CRM") in rule_pages.history(mapping)[0].changes


def test_the_history_asks_the_same_for_many_versions_as_for_one(
    mapping: Mapping, cy: User, clock: SteppedClock
) -> None:
    path, client = f"/admin/syncjobs/mapping/{mapping.pk}/history/", browser("cy")
    client.get(path)

    def queries() -> int:
        with CaptureQueriesContext(database) as found:
            client.get(path)
        return len(found)

    few = queries()
    for number in range(5):
        changed(mapping, cy, clock, "unit", label=f"Unit {number}")
    assert queries() == few
