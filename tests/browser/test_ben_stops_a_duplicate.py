"""Journey Finance 2 in a real browser: a duplicate is compared, merged in Books, and taken over."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo, a_demo
from tests.browser.test_cy_keeps_both_sides_in_step import in_books
from tests.browser.waiting import again, until

LogIn = Callable[..., Page]
pytestmark = pytest.mark.browser
LIST = "/admin/syncjobs/duplicate/"


# Of its own: other journeys settle what this one begins with.
demo = pytest.fixture(scope="module")(a_demo)


def open_lumen(page: Page, demo: Demo) -> None:
    """The cluster, once the workers have found it."""
    page.goto(f"{demo.url}{LIST}")
    link = page.get_by_role("link", name="Lumen Studio")
    assert until(lambda: again(page) and link.count() == 1)
    link.click()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_are_accessible_and_fit_a_phone(demo: Demo, log_in: LogIn, scheme: str, width: int) -> None:
    page = log_in("ben", color_scheme=scheme, viewport={"width": width, "height": 800})
    open_lumen(page, demo)
    for address in (page.url, f"{demo.url}{LIST}", f"{demo.url}/admin/syncjobs/emails/"):
        page.goto(address)
        found = Axe().run(page).response["violations"]
        assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), address


def test_ben_merges_two_customers_in_books_and_zbridge_takes_it_over(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    open_lumen(page, demo)
    expect(page.get_by_text("It has the larger open balance, 480.00 EUR.")).to_be_visible()
    page.get_by_role("button", name="Start merge guide in Books").click()
    page.get_by_role("button", name="I have merged").click()
    early = page.get_by_text("not merged yet")
    assert until(lambda: early.count() == 1)
    with page.expect_popup() as opened:
        page.get_by_role("listitem").get_by_role("link", name="Lumen Studio GmbH").click()
    books = opened.value
    goes = in_books(demo, "contacts", contact_name="Lumen Studio Leipzig")["contact_id"]
    books.get_by_label("The one that goes into this one").select_option(goes)
    books.get_by_role("button", name="Merge into this customer").click()
    expect(books.get_by_role("status")).to_contain_text("Done.")
    page.get_by_role("button", name="I have merged").click()
    merged = page.get_by_text("Lumen Studio Leipzig was merged into Lumen Studio GmbH.")
    assert until(lambda: again(page) and merged.count() == 1)
