"""The journey of a sales rep in a real browser: to the draft's number in three clicks, without typing."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

LogIn = Callable[..., Page]
pytestmark = pytest.mark.browser


def open_deal(page: Page, demo: Demo, name: str) -> None:
    page.goto(f"{demo.url}/admin/invoicing/deal/?tab=to-invoice")
    page.get_by_role("link", name=name).first.click()


def test_a_sales_rep_converts_a_won_deal(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ada")
    open_deal(page, demo, "Warehouse fit-out")
    expect(page.get_by_role("status")).to_contain_text("Ready: draft 14,851.20 EUR for Acme Ltd")
    page.get_by_role("button", name="Create draft invoice").click()
    expect(page.get_by_role("status")).to_contain_text("stands in Books", timeout=20_000)
    expect(page.get_by_role("link", name="Show INV-")).to_be_visible()
    invoices: Any = demo.sim("GET", "records/books/invoices")["data"]
    made = [row for row in invoices if row["reference_number"] == "Warehouse fit-out"]
    assert [(row["status"], row["total"]) for row in made] == [("draft", 14851.2)]


def test_a_missing_item_is_linked_where_the_stop_is_shown(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ada")
    open_deal(page, demo, "Spare parts")
    expect(page.get_by_text("has no item in Books")).to_be_visible()
    page.get_by_role("button", name="Link WID-9 to WID 9").click()
    expect(page.get_by_role("status")).to_contain_text("Ready: draft 1,630.30 EUR")


def test_finance_chooses_between_two_customers(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    open_deal(page, demo, "Studio cabinets")
    page.get_by_role("button", name="Create draft invoice").click()
    expect(page.get_by_role("status")).to_contain_text("A person must decide", timeout=20_000)
    page.get_by_role("link", name="How it came about").click()
    page.get_by_role("button", name="Use this customer").first.click()
    expect(page.get_by_role("status")).to_contain_text("stands in Books", timeout=20_000)


def test_another_reps_deal_is_refused_politely(demo: Demo, log_in: LogIn) -> None:
    """8: Kestrel Air belongs to Raj; the same answer whether it is there or not"""
    page = log_in("ada")
    rows: Any = demo.sim("GET", "records/crm/Deals")["data"]
    kestrel = next(row["id"] for row in rows if str(row["Deal_Name"]).startswith("Kestrel") or row["Amount"] == 18900)
    answers = [page.goto(f"{demo.url}/go/deal/{crm_id}") for crm_id in (kestrel, "5437018000009999999")]
    assert [answer.status if answer else None for answer in answers] == [404, 404]
    expect(page.get_by_text("zbridge shows you the deals that CRM lists as yours")).to_be_visible()


@pytest.mark.parametrize("name", ["ada", "ben", "cy", "dee", "raj"])
def test_today_greets_each_person_without_serious_accessibility_faults(demo: Demo, log_in: LogIn, name: str) -> None:
    page = log_in(name)
    found = Axe().run(page).response["violations"]
    assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_deal_page_is_accessible_and_keeps_its_button_on_a_phone(demo: Demo, log_in: LogIn, scheme: str) -> None:
    page = log_in("ada", color_scheme=scheme, viewport={"width": 360, "height": 740})
    page.goto(f"{demo.url}/admin/invoicing/deal/?tab=all")
    page.get_by_role("link", name="Spare parts").first.click()
    found = Axe().run(page).response["violations"]
    assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), "the page scrolls sideways"


def test_the_proof_holds_after_all_this(demo: Demo) -> None:
    code, found = demo.command("prove")
    assert (code, found["violations"]) == (0, [])
