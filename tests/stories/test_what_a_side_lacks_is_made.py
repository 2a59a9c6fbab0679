"""What one side lacks is made there once, whatever happens to the answer or to the worker; strangers are left alone."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import Connection, User
from syncjobs.mappings import mapping_of, switch
from syncjobs.models import Attempt, Link, Mapping, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.stories.small_trade import Killed
from tests.stories.test_killed_at_every_point import Deaths
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
Row = dict[str, Any]
ITEMS, PRODUCTS, CONTACTS, ACCOUNTS = "/items$", "/Products$", "/contacts$", "/Accounts$"
HALVES = {"product": ("item", "product", "products"), "customer": ("customer", "account", "contact", "customers")}
NAMES = {"items": "name", "contacts": "contact_name", "Products": "Product_Name", "Accounts": "Account_Name"}
Sync = Callable[..., Run]


@pytest.fixture
def sync(company: Connection, clock: SteppedClock) -> Sync:
    """Reads both halves and keeps them in step; a worker that dies on the way is followed by another."""

    def run(pair: str, deaths: Deaths | None = None) -> Run:
        clock.advance(400)
        for kind in HALVES[pair]:
            found = start_run(company, kind, clock, trigger="command", doorbell=False)
            while found.ended_at is None:
                reader = replace(bulk_reader(), point=deaths) if deaths and kind == HALVES[pair][-1] else bulk_reader()
                with suppress(Killed):
                    work_to_end(found, reader, patience=3600)
                clock.advance(400)
                found.refresh_from_db()
        return found

    return run


def switched_on(company: Connection, pair: str, cy: User, clock: SteppedClock, **makes: bool) -> Mapping:
    mapping = mapping_of(company, pair, clock)
    if pair == "customer":
        mapping.lines.filter(name__in=["rep", "limit", "since"]).delete()  # custom fields nobody made here
    switch(mapping, cy, clock, on=True)
    Mapping.objects.filter(pk=mapping.pk).update(**makes)
    return mapping


def called(zoho: Simulator, side: str, module: str, name: str) -> list[Row]:
    """The records of that name which stand in Zoho."""
    field = NAMES[module]
    return [row for row in zoho.verbs(side).rows(zoho, module) if row.get(field) == name]


@pytest.fixture
def to_items(company: Connection, cy: User, clock: SteppedClock, sync: Sync, zoho: Simulator) -> str:
    """Products and items in step, new products become items; one product is new."""
    switched_on(company, "product", cy, clock, creates_in_books=True)
    sync("product")
    zoho.user_create("crm", "Products", {"Product_Name": "Foot rest", "Product_Code": "FTR-1", "Unit_Price": 39})
    return "Foot rest"


@pytest.fixture
def to_products(company: Connection, cy: User, clock: SteppedClock, sync: Sync, zoho: Simulator) -> list[str]:
    """Products and items in step, new items become products; three items are new."""
    switched_on(company, "product", cy, clock, creates_in_crm=True)
    sync("product")
    names = ["Desk mat", "O'Neill's lamp", "Pen “tray”"]
    for number, name in enumerate(names):
        zoho.user_create("books", "items", {"name": name, "sku": f"NEW-{number}", "rate": 5 + number})
    return names


@pytest.fixture
def to_customers(company: Connection, cy: User, clock: SteppedClock, sync: Sync, zoho: Simulator) -> str:
    """New accounts become customers; one account is new, and so is its contact."""
    switched_on(company, "customer", cy, clock, creates_in_books=True)
    account = zoho.user_create("crm", "Accounts", {"Account_Name": "Quarry Works", "Billing_City": "Kassel",
                               "Phone": "+49 561 4400", "Website": "https://quarry.example"})  # fmt: skip
    zoho.user_create("crm", "Contacts", {"Last_Name": "Stone", "Email": "stone@quarry.example",
                     "Account_Name": {"id": account["id"]}})  # fmt: skip
    return "Quarry Works"


@pytest.mark.parametrize("fault", [{}, {"drop_after": True}, {"drop_before": True}, {"status": 500, "code": 1000}])
@pytest.mark.parametrize("place", ["", "item intent committed", "item answer received", "plan written"])
def test_a_product_becomes_one_item_whatever_is_lost_and_whoever_dies(
    sync: Sync, to_items: str, zoho: Simulator, place: str, fault: Row
) -> None:
    if fault:
        zoho.faults.add({"method": "POST", "path": ITEMS, "times": 1, **fault})
    deaths = Deaths(place)
    sync("product", deaths)
    sync("product")
    last = sync("product")
    items = called(zoho, "books", "items", to_items)
    assert [row["sku"] for row in items] == ["FTR-1"]
    assert Link.objects.get(books_id=items[0]["item_id"]).crm_id == called(zoho, "crm", "Products", to_items)[0]["id"]
    assert (last.writes, last.state) == (0, "complete"), last.sentence


@pytest.mark.parametrize("fault", [{}, {"drop_after": True}, {"drop_before": True}, {"status": 500}])
@pytest.mark.parametrize("place", ["", "records intent committed", "records answer received", "plan written"])
def test_items_become_one_product_each_whatever_is_lost_and_whoever_dies(
    sync: Sync, to_products: list[str], zoho: Simulator, place: str, fault: Row
) -> None:
    if fault:
        zoho.faults.add({"method": "POST", "path": PRODUCTS, "times": 1, **fault})
    sync("product", Deaths(place))
    sync("product")
    last = sync("product")
    for name in to_products:
        made = called(zoho, "crm", "Products", name)
        assert len(made) == 1, (name, len(made))
        assert Link.objects.filter(crm_id=made[0]["id"]).count() == 1, name
    assert (last.writes, last.state) == (0, "complete"), last.sentence


def test_products_are_made_by_the_hundred_in_one_call(sync: Sync, to_products: list[str], zoho: Simulator) -> None:
    for number in range(30):
        zoho.user_create("books", "items", {"name": f"Shelf {number}", "sku": f"SHF-{number}", "rate": 9})
    run = sync("product")
    assert (run.created, run.failed) == (33, 0), run.sentence
    assert run.calls_crm == 1


def test_a_namesake_is_never_taken_for_the_product_and_never_doubled(
    sync: Sync, to_items: str, zoho: Simulator
) -> None:
    zoho.user_create("books", "items", {"name": to_items, "sku": "ANOTHER", "rate": 12})
    run = sync("product")
    assert (run.created, run.writes) == (0, 0)
    assert [row["sku"] for row in called(zoho, "books", "items", to_items)] == ["ANOTHER"]


@pytest.mark.parametrize("fault", [{}, {"drop_after": True}, {"drop_before": True}])
@pytest.mark.parametrize("place", ["", "customer intent committed", "customer answer received"])
def test_an_account_becomes_one_customer_whatever_is_lost_and_whoever_dies(
    sync: Sync, to_customers: str, zoho: Simulator, place: str, fault: Row
) -> None:
    if fault:
        zoho.faults.add({"method": "POST", "path": CONTACTS, "times": 1, **fault})
    last = sync("customer", Deaths(place))
    for _ in range(6):
        last = sync("customer")
        if last.state == "complete" and not last.writes:
            break
    customers = called(zoho, "books", "contacts", to_customers)
    account = called(zoho, "crm", "Accounts", to_customers)[0]
    assert len(customers) == 1
    assert Link.objects.get(books_id=customers[0]["contact_id"]).crm_id == account["id"]
    full = zoho.verbs("books").read(zoho, "contacts", customers[0]["contact_id"]) or {}
    assert (full["billing_address"]["city"], full["website"]) == ("Kassel", "https://quarry.example")
    assert (last.writes, last.state) == (0, "complete"), last.sentence
    assert not Attempt.objects.filter(outcome__in=["", "UNKNOWN"]).exists()
