"""Cy sees on Today that links need repair, and presses each button once; each shows first what it would change."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.test_cy_keeps_both_sides_in_step import LogIn
from tests.browser.waiting import again, until

pytestmark = pytest.mark.browser
LINKS = "/admin/syncjobs/link/?tab=repair"


def test_cy_repairs_what_the_demo_has_planted(demo: Demo, log_in: LogIn) -> None:
    page = log_in("cy")
    page.get_by_role("link", name="Repair the links").click()
    for name, button, said in (
        ("Harbour Optics", "Link to Nordlicht Sehzentrum", "Linked to Nordlicht Sehzentrum"),
        ("Cobalt Marine", "Keep this one", "This link is kept, the other was undone."),
        ("Juniper Textiles", "The link is right", "The link stays."),
    ):
        page.goto(f"{demo.url}{LINKS}")
        page.get_by_role("link", name=name).last.click()
        page.get_by_role("link", name=button).click()
        expect(page.get_by_role("heading", name="What will change")).to_be_visible()
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text(said)).to_be_visible()
        expect(page.get_by_role("heading", name="To repair")).to_have_count(0)
    page.goto(f"{demo.url}{LINKS}")
    assert until(lambda: again(page) and page.get_by_text("None").count() == 1), page.inner_text("#main")
    page.goto(f"{demo.url}/admin/")
    expect(page.get_by_text("Every link names two records that are there and agree.")).to_be_visible()


def test_cy_undoes_a_link_whose_account_was_deleted_in_crm(demo: Demo, log_in: LogIn) -> None:
    rows: Any = demo.sim("GET", "records/crm/Accounts")["data"]
    ridgeway = next(row for row in rows if row["Account_Name"] == "Ridgeway Schools")
    demo.sim("DELETE", f"records/crm/Accounts/{ridgeway['id']}")
    demo.sim("POST", "clock", {"advance": 3700})
    page = log_in("cy")
    page.goto(f"{demo.url}{LINKS}")
    row = page.get_by_role("link", name="Ridgeway Schools")
    assert until(lambda: again(page) and row.count() == 1, 200), page.inner_text("#main")
    row.click()
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    page.get_by_role("link", name="Undo this link").click()
    page.get_by_role("button", name="Undo this link").click()
    expect(page.get_by_text("are no longer linked. Both records stay as they are.")).to_be_visible()
