"""The linking part of “First set-up in an afternoon”: import, who is who, both sides counted; a gone record settled."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.test_cy_keeps_both_sides_in_step import SYNC, LogIn
from tests.browser.waiting import again, until

pytestmark = pytest.mark.browser


def test_everything_is_imported_linked_and_counted_on_both_sides(demo: Demo, log_in: LogIn) -> None:
    page = log_in("cy")
    page.goto(f"{demo.url}{SYNC}/import/")
    page.get_by_label("From").fill("21:00")
    page.get_by_label("Until").fill("06:00")
    page.get_by_role("button", name="Keep these hours").click()
    expect(page.get_by_text("Off-peak hours: 21:00 to 06:00, Europe/Berlin.")).to_be_visible()
    page.get_by_role("button", name="Import everything now").click()
    expect(page.get_by_text("You can close this page; it goes on by itself.")).to_be_visible()
    ended = page.get_by_role("button", name="Import everything now")
    assert until(lambda: again(page) and ended.count() == 1), page.inner_text("#main")
    expect(page.get_by_text("wait in Who is who").first).to_be_visible()
    counted = page.get_by_role("region", name="Both sides counted")
    counted.get_by_role("link", name="Products and items").click()
    expect(page.get_by_role("link", name="Wall clock, imported")).to_be_visible()
    page.get_by_role("link", name="All of them, to search and to export").click()
    expect(page.get_by_text("Desk lamp").first).to_be_visible()


def test_ben_links_what_belongs_together_and_the_numbers_follow(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    page.goto(f"{demo.url}{SYNC}/who/")
    pair = page.locator("li", has_text="Café Müller")
    pair.first.get_by_role("checkbox").check()
    page.get_by_role("group").filter(has=pair.first).get_by_role("button", name="Link what is ticked").click()
    expect(page.get_by_text("1 linked. Their fields come into step with the next run.")).to_be_visible()
    expect(page.locator("li", has_text="Café Müller")).to_have_count(0)


def test_an_account_deleted_in_crm_waits_for_cy_and_is_unlinked(demo: Demo, log_in: LogIn) -> None:
    rows: Any = demo.sim("GET", "records/crm/Accounts")["data"]
    vega = next(row for row in rows if row["Account_Name"] == "Vega Print")
    demo.sim("DELETE", f"records/crm/Accounts/{vega['id']}")
    demo.sim("POST", "clock", {"advance": 3700})
    page = log_in("cy")
    page.goto(f"{demo.url}{SYNC}/disappearance/")
    row = page.get_by_role("link", name="Vega Print")
    assert until(lambda: again(page) and row.count() == 1, 200), page.inner_text("#main")
    row.click()
    expect(page.get_by_text("was deleted or merged in CRM")).to_be_visible()
    page.get_by_role("button", name="Unlink; leave the other record").click()
    expect(page.get_by_text("Unlinked. The other record stays as it is.")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_these_pages_are_accessible_and_fit_a_phone(demo: Demo, log_in: LogIn, scheme: str, width: int) -> None:
    page = log_in("cy", color_scheme=scheme, viewport={"width": width, "height": 800})
    places = ("import/1/", "comparison/", "comparison/1/change/", "difference/", "disappearance/1/change/", "who/")
    for address in places:
        page.goto(f"{demo.url}{SYNC}/{address}")
        found = Axe().run(page).response["violations"]
        assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), address
