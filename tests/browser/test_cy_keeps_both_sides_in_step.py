"""The journeys of keeping both sides in step, in a real browser: a mapping changed safely, a conflict settled."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.waiting import again, until

LogIn = Callable[..., Page]
pytestmark = pytest.mark.browser
SYNC = "/admin/syncjobs"


def in_books(demo: Demo, module: str, **wanted: str) -> dict[str, Any]:
    rows: Any = demo.sim("GET", f"records/books/{module}")["data"]
    return next(dict(row) for row in rows if all(row.get(name) == value for name, value in wanted.items()))


def open_mapping(page: Page, demo: Demo) -> None:
    """The mapping of accounts; the workers make it once they have read which fields there are."""
    page.goto(f"{demo.url}{SYNC}/mapping/")
    page.get_by_role("link", name="Accounts and customers").click()
    expect(page.get_by_text("Sync is on")).to_be_visible()


def preview(page: Page, demo: Demo) -> None:
    """Press until the run that shows is the preview's own; one that was under way ends first."""

    def pressed() -> bool:
        open_mapping(page, demo)
        page.get_by_role("button", name="Preview the effect").click()
        return page.get_by_text("was under way already").count() == 0

    assert until(pressed)


def test_the_first_meeting_leaves_two_questions_and_one_kept_value(demo: Demo, log_in: LogIn) -> None:
    page = log_in("cy")
    page.goto(f"{demo.url}{SYNC}/conflict/")
    assert until(lambda: again(page) and page.get_by_role("link", name="Halcyon Clinics").count() == 1)
    expect(page.get_by_role("link", name="Sit-stand desk frame")).to_be_visible()
    page.goto(f"{demo.url}{SYNC}/keptvalue/")
    assert until(lambda: again(page) and page.get_by_text("Net 60").count() > 0)


def test_a_mapping_is_changed_safely(demo: Demo, log_in: LogIn) -> None:
    page = log_in("cy")
    open_mapping(page, demo)
    line = page.get_by_role("group", name="Phone", exact=True)
    line.locator("select[name$=-direction]").select_option(label="CRM to Books")
    line.locator("select[name$=-owner]").select_option(label="CRM")
    page.get_by_role("button", name="Keep the mapping").click()
    expect(page.get_by_text("Phone:").first).to_be_visible()
    preview(page, demo)
    planned = page.get_by_text("Ready: nothing is written yet")
    assert until(lambda: again(page) and planned.count() == 1), page.inner_text("#main")
    expect(page.get_by_role("region", name="What is written").get_by_text("Halcyon Clinics").first).to_be_visible()
    page.get_by_role("button", name="Apply exactly this").click()
    assert until(lambda: in_books(demo, "contacts", contact_name="Halcyon Clinics")["phone"].endswith("0101"))


def test_finance_settles_a_price_and_both_sides_agree(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    page.goto(f"{demo.url}{SYNC}/conflict/")
    page.get_by_role("link", name="Sit-stand desk frame").click()
    page.get_by_role("button", name="Keep CRM: 99.00").click()
    expect(page.get_by_text("It will be “99.00” on both sides")).to_be_visible()
    assert until(lambda: in_books(demo, "items", sku="DSK-75")["rate"] == 99)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_are_accessible_and_fit_a_phone(demo: Demo, log_in: LogIn, scheme: str, width: int) -> None:
    page = log_in("cy", color_scheme=scheme, viewport={"width": width, "height": 800})
    open_mapping(page, demo)
    mapping = page.url
    for address in (mapping, f"{mapping}owners/", f"{demo.url}{SYNC}/conflict/1/change/",
                    f"{demo.url}{SYNC}/keptvalue/1/change/", f"{demo.url}{SYNC}/plan/2/change/"):  # fmt: skip
        page.goto(address)
        found = Axe().run(page).response["violations"]
        assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), address
