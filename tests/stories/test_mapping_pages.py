"""The pages where mappings are changed and questions settled: what people see, may do, and what it comes to."""

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.clients import seams
from accounts.models import AuditEvent, Connection, User
from syncjobs import mapping_pages
from syncjobs.live_fields import read_fields
from syncjobs.mappings import fields_of, mapping_of, switch
from syncjobs.models import Conflict, KeptValue, Link, MappedField, Mapping, Plan, Record, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/syncjobs/mapping/"


def as_person(user: User) -> Client:
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def mapping(company: Connection, clock: SteppedClock) -> Mapping:
    """The suggested mapping of products; the fields of both systems are known."""
    read_fields(company, seams().clients(company), clock)
    return mapping_of(company, "product", clock)


@pytest.fixture
def rounds(company: Connection, clock: SteppedClock) -> Callable[[], Run]:
    """Both halves read, then kept in step."""

    def run() -> Run:
        clock.advance(400)
        for kind in ("item", "product", "products"):
            found = start_run(company, kind, clock, trigger="command", doorbell=False)
            work_to_end(found, bulk_reader(), patience=600)
            found.refresh_from_db()
        return found

    return run


def form_of(page: str) -> dict[str, str]:
    """What a browser would send back of the page's form, untouched."""
    found: dict[str, str] = {}
    body = page.split('class="mapping-form"')[1].split("</form>")[0]
    for tag in re.findall(r"<input[^>]*>", body):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = value[1] if value else "on" if "checkbox" in tag else ""
    for name_, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        found[name_] = chosen[1] if chosen else ""  # a browser sends the first where none is chosen
    for name_, text in re.findall(r'<textarea name="([^"]+)".*?>(.*?)</textarea>', body, re.S):
        found[name_] = text.strip("\r\n")
    return found


def line_number(mapping: Mapping, name: str) -> int:
    return list(mapping.lines.values_list("name", flat=True)).index(name)


def test_who_may_look_and_who_may_change(mapping: Mapping, ada: User, ben: User, cy: User, dee: User) -> None:
    page = f"{LIST}{mapping.pk}/"
    shown = {user.username: as_person(user).get(page).status_code for user in (ada, ben, cy, dee)}
    assert shown == {"ada": 403, "ben": 403, "cy": 200, "dee": 200}
    assert "Keep the mapping" not in as_person(dee).get(page).content.decode()
    for deed in ("keep", "switch", "suggested", "preview", "fields"):
        assert as_person(dee).post(f"{page}{deed}/").status_code == 403


def test_the_page_as_it_stands_sent_back_changes_nothing(mapping: Mapping, cy: User) -> None:
    client = as_person(cy)
    page = client.get(f"{LIST}{mapping.pk}/").content.decode()
    answer = client.post(f"{LIST}{mapping.pk}/keep/", form_of(page), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert Mapping.objects.get(pk=mapping.pk).version == mapping.version


def changed(client: Client, mapping: Mapping, **values: str) -> Any:
    page = client.get(f"{LIST}{mapping.pk}/").content.decode()
    return client.post(f"{LIST}{mapping.pk}/keep/", form_of(page) | values, follow=True)


def test_another_owner_is_kept_with_a_new_version_and_its_trail_and_the_engine_goes_by_it(
    mapping: Mapping, cy: User
) -> None:
    at = line_number(mapping, "price")
    answer = changed(as_person(cy), mapping, **{f"line-{at}-owner": "books"})
    assert "Version 2 is kept: Price: owner." in answer.content.decode()
    mapping.refresh_from_db()
    assert next(one.owner for one in fields_of(mapping) if one.name == "price") == "books"
    event = AuditEvent.objects.filter(subject_kind="mapping").order_by("-pk")[0]
    assert event.actor == "cy" and "Price: owner" in event.sentence
    assert MappedField.objects.get(mapping=mapping, name="price").past.count() >= 2  # type: ignore[attr-defined]


def test_a_new_line_with_a_custom_field_is_added_and_one_is_removed(mapping: Mapping, cy: User) -> None:
    count = mapping.lines.count()
    unit = line_number(mapping, "unit")
    added = {
        f"line-{count}-label": "Tax code", f"line-{count}-crm": "Product_Category",
        f"line-{count}-books": "description",
        f"line-{count}-transform": "text", f"line-{count}-direction": "to_crm", f"line-{count}-owner": "books",
        f"line-{unit}-DELETE": "on",
    }  # fmt: skip
    answer = changed(as_person(cy), mapping, **added)
    names = set(mapping.lines.values_list("name", flat=True))
    assert "tax-code" in names and "unit" not in names, re.findall(r'role="alert">([^<]+)', answer.content.decode())


def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(mapping: Mapping, cy: User) -> None:
    count = mapping.lines.count()
    wrong = {
        f"line-{count}-label": "Colour", f"line-{count}-crm": "Created_Time", f"line-{count}-books": "description",
        f"line-{count}-transform": "picklist", f"line-{count}-direction": "both", f"line-{count}-owner": "crm",
        f"line-{count}-settings": "red",
    }  # fmt: skip
    answer = changed(as_person(cy), mapping, **wrong)
    said = answer.content.decode()
    assert answer.status_code == 400 and "is no pair; write CRM&#x27;s word = Books&#x27; value" in said
    assert 'value="Colour"' in said and mapping.lines.count() == count
    read_only = wrong | {f"line-{count}-transform": "day", f"line-{count}-settings": ""}
    answer = changed(as_person(cy), mapping, **read_only)
    assert answer.status_code == 400 and "can&#x27;t be written: choose the direction" in answer.content.decode()


def test_of_two_people_who_change_it_at_once_the_second_is_told(mapping: Mapping, cy: User) -> None:
    client = as_person(cy)
    page = form_of(client.get(f"{LIST}{mapping.pk}/").content.decode())
    at = line_number(mapping, "price")
    client.post(f"{LIST}{mapping.pk}/keep/", page | {f"line-{at}-owner": "crm"})
    answer = client.post(f"{LIST}{mapping.pk}/keep/", page | {f"line-{at}-owner": "books"})
    assert answer.status_code == 409 and "Somebody else changed this mapping meanwhile" in answer.content.decode()
    assert MappedField.objects.get(mapping=mapping, name="price").owner == "crm"


def test_the_sync_stays_off_while_a_field_has_no_owner_and_can_t_lose_one_while_it_is_on(
    mapping: Mapping, cy: User
) -> None:
    client, at = as_person(cy), line_number(mapping, "price")
    changed(client, mapping, **{f"line-{at}-owner": ""})
    refused = client.post(f"{LIST}{mapping.pk}/switch/", {"on": "yes"}, follow=True).content.decode()
    assert "Two-way sync stays off: 1 thing is missing. Price has no owner." in refused
    changed(client, mapping, **{f"line-{at}-owner": "ask"})
    on = client.post(f"{LIST}{mapping.pk}/switch/", {"on": "yes"}, follow=True).content.decode()
    assert "The sync is on" in on
    answer = changed(client, mapping, **{f"line-{at}-owner": ""})
    assert answer.status_code == 409 and "since the sync is on: Price has no owner." in answer.content.decode()
    assert MappedField.objects.get(mapping=mapping, name="price").owner == "ask"


def test_a_field_of_another_meaning_forgets_what_was_agreed(
    mapping: Mapping, cy: User, clock: SteppedClock, rounds: Callable[[], Run]
) -> None:
    switch(mapping, cy, clock, on=True)
    rounds()
    assert any("unit" in link.base for link in Link.objects.filter(pair="product"))
    at = line_number(mapping, "unit")
    changed(as_person(cy), mapping, **{f"line-{at}-crm": "Manufacturer"})
    links = Link.objects.filter(pair="product")
    assert not any("unit" in link.base for link in links) and any("name" in link.base for link in links)


def test_who_owns_what_is_what_the_engine_goes_by_as_page_and_as_file(
    mapping: Mapping, cy: User, dee: User, ada: User
) -> None:
    engine = [(one.label, one.crm, one.books, str(one.owner)) for one in fields_of(mapping)]
    names = {"CRM": "crm", "Books": "books", "Ask": "ask"}
    assert [(row[0], row[1], row[2], names[row[4]]) for row in mapping_pages.matrix(mapping)] == engine
    page = as_person(dee).get(f"{LIST}{mapping.pk}/owners/").content.decode()
    assert all(f"<td>{crm}</td>" in page for _, crm, _, _ in engine) and f"version {mapping.version}" in page
    answer = as_person(dee).get(f"{LIST}{mapping.pk}/owners/csv/")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][-2:] == ["Version", "Date"] and len(rows) == len(engine) + 1
    assert {row[-2] for row in rows[1:]} == {str(mapping.version)}
    assert as_person(ada).get(f"{LIST}{mapping.pk}/owners/csv/").status_code == 403


def test_the_page_shows_an_example_of_a_real_record_in_few_queries(
    mapping: Mapping, cy: User, rounds: Callable[[], Run]
) -> None:
    rounds()
    client = as_person(cy)
    client.get(LIST)
    with CaptureQueriesContext(database) as queries:
        page = client.get(f"{LIST}{mapping.pk}/").content.decode()
    assert "Examples are of " in page and "in CRM, " in page
    assert len(queries) <= 30, len(queries)


def test_preview_the_effect_makes_a_plan_that_writes_nothing_and_apply_writes_exactly_it(
    mapping: Mapping, cy: User, rounds: Callable[[], Run], zoho: Simulator, clock: SteppedClock
) -> None:
    rounds()
    record = Record.objects.get(connection=mapping.connection, kind="product", code="DSK-75")
    zoho.user_update("crm", "Products", record.remote_id, {"Product_Name": "Desk frame, oak"})
    clock.advance(400)
    work_to_end(start_run(mapping.connection, "product", clock, trigger="command", doorbell=False), bulk_reader())
    client = as_person(cy)
    there = client.post(f"{LIST}{mapping.pk}/preview/").headers["Location"]
    work_to_end(Run.objects.get(kind="products", trigger="plan"), bulk_reader())
    page = client.get(there).content.decode()
    plan = Plan.objects.latest("pk")
    assert "Desk frame, oak" in page and "Apply exactly this" in page and "nothing is written yet" in page
    books = {row["name"] for row in zoho.verbs("books").rows(zoho, "items")}
    assert "Desk frame, oak" not in books
    answer = client.post(f"/admin/syncjobs/plan/{plan.pk}/apply/", follow=True).content.decode()
    assert "being applied, exactly as it stands here" in answer
    work_to_end(Run.objects.get(kind="products", trigger="apply"), bulk_reader())
    assert "Desk frame, oak" in {row["name"] for row in zoho.verbs("books").rows(zoho, "items")}
    again = client.post(f"/admin/syncjobs/plan/{plan.pk}/apply/", follow=True).content.decode()
    assert "was applied or dropped already" in again


# -- the desk ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(
    mapping: Mapping, cy: User, clock: SteppedClock, rounds: Callable[[], Run], zoho: Simulator
) -> list[Conflict]:
    """Two products whose prices were changed on both sides."""
    switch(mapping, cy, clock, on=True)
    rounds()
    links = list(Link.objects.filter(pair="product", base__has_key="price").order_by("pk")[:2])
    for link in links:
        price = Decimal(link.base["price"])
        zoho.user_update("crm", "Products", link.crm_id, {"Unit_Price": price + 1})
        zoho.user_update("books", "items", link.books_id, {"rate": price + 2})
    run = rounds()
    found = list(Conflict.objects.filter(closed_at=None, field="price", link__in=links).order_by("pk"))
    assert len(found) == 2 and run.writes == 0, run.sentence
    return found


def test_the_desk_shows_both_values_with_the_one_last_agreed_and_equal_buttons(
    asked: list[Conflict], ben: User, cy: User, dee: User, ada: User
) -> None:
    place = f"/admin/syncjobs/conflict/{asked[0].pk}/change/"
    for user in (ben, cy):
        page = as_person(user).get(place).content.decode()
        assert f"Keep CRM: {asked[0].crm}" in page and f"Keep Books: {asked[0].books}" in page and "Last agreed" in page
    assert "Keep CRM" not in as_person(dee).get(place).content.decode()
    assert as_person(ada).get(place).status_code in (403, 404)
    assert (
        as_person(dee).post(f"/admin/syncjobs/conflict/{asked[0].pk}/settle/", {"decision": "crm"}).status_code == 403
    )


def test_one_decision_settles_all_alike_and_goes_to_both_sides(
    asked: list[Conflict], ben: User, rounds: Callable[[], Run], zoho: Simulator
) -> None:
    form = {"decision": "books", "alike": "yes"}
    said = as_person(ben).post(f"/admin/syncjobs/conflict/{asked[0].pk}/settle/", form, follow=True).content.decode()
    assert "The same was decided for" in said and not Conflict.objects.filter(closed_at=None, field="price").exists()
    rounds()
    prices = {row["id"]: row["Unit_Price"] for row in zoho.verbs("crm").rows(zoho, "Products")}
    assert [prices[one.link.crm_id] for one in asked] == [Decimal(one.books) for one in asked]
    lost = KeptValue.objects.filter(field="price", side="crm").values_list("value", flat=True)
    assert set(lost) >= {one.crm for one in asked}


def test_finance_settles_prices_and_leaves_other_fields_to_revops(asked: list[Conflict], ben: User) -> None:
    Conflict.objects.filter(pk=asked[0].pk).update(field="description")
    place = f"/admin/syncjobs/conflict/{asked[0].pk}/settle/"
    assert as_person(ben).post(place, {"decision": "crm"}).status_code == 403


def test_a_typed_value_must_fit_and_a_decision_can_become_the_rule(
    asked: list[Conflict], cy: User, rounds: Callable[[], Run]
) -> None:
    client, place = as_person(cy), f"/admin/syncjobs/conflict/{asked[0].pk}/"
    said = client.post(f"{place}settle/", {"decision": "value", "value": "dear"}, follow=True).content.decode()
    assert "“dear” is no amount." in said
    client.post(f"{place}settle/", {"decision": "crm"})
    page = client.get(f"{place}change/").content.decode()
    assert "Make it the rule: CRM owns Price" in page
    assert "CRM owns this field from now on" in client.post(f"{place}remember/", follow=True).content.decode()
    assert MappedField.objects.get(name="price", mapping__connection=asked[0].connection).owner == "crm"
    rounds()
    assert not Conflict.objects.filter(closed_at=None, field="price").exists()


def test_a_kept_value_is_restored_with_one_press(
    asked: list[Conflict], cy: User, ben: User, rounds: Callable[[], Run], zoho: Simulator
) -> None:
    as_person(cy).post(f"/admin/syncjobs/conflict/{asked[0].pk}/settle/", {"decision": "books"})
    rounds()
    kept = KeptValue.objects.get(field="price", side="crm", value=asked[0].crm)
    page = as_person(ben).get(f"/admin/syncjobs/keptvalue/{kept.pk}/change/").content.decode()
    assert f"Restore “{asked[0].crm}” on both sides" in page
    as_person(ben).post(f"/admin/syncjobs/keptvalue/{kept.pk}/restore/")
    rounds()
    item = zoho.verbs("books").read(zoho, "items", asked[0].link.books_id) or {}
    assert item["rate"] == Decimal(asked[0].crm)


def test_the_lists_of_conflicts_kept_values_and_plans_open_and_export(asked: list[Conflict], cy: User) -> None:
    client = as_person(cy)
    for name in ("conflict", "keptvalue", "plan"):
        assert client.get(f"/admin/syncjobs/{name}/").status_code == 200
        assert client.get(f"/admin/syncjobs/{name}/export/?format=csv").status_code == 200


def test_a_preview_while_a_run_is_under_way_says_that_it_is_another(
    mapping: Mapping, cy: User, clock: SteppedClock
) -> None:
    start_run(mapping.connection, "products", clock, trigger="schedule", doorbell=False)
    said = as_person(cy).post(f"{LIST}{mapping.pk}/preview/", follow=True).content.decode()
    assert "preview the effect when it has ended" in said
