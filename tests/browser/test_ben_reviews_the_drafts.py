"""The journey “Review the morning's drafts”: Ben looks, sends one in Books, it leaves; another one is wrong."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_cy_keeps_both_sides_in_step import LogIn
from tests.browser.waiting import again, until

pytestmark = pytest.mark.browser
REVIEW = "/admin/invoicing/review/"


def bill(page: Page, demo: Demo, deal: str) -> None:
    """Ada presses the button, and the draft is there."""
    page.goto(f"{demo.url}/admin/invoicing/deal/?tab=to-invoice")
    page.get_by_role("link", name=deal).first.click()
    page.get_by_role("button", name="Create draft invoice").click()
    expect(page.get_by_role("link", name="Show INV-").first).to_be_visible(timeout=120_000)


def drafts(page: Page) -> list[str]:
    return [one.split(": ")[-1].strip() for one in page.locator("section.house-card h2").all_inner_texts()]


def in_books(demo: Demo, number: str) -> str:
    rows: Any = demo.sim("GET", "records/books/invoices")["data"]
    return str(next(row["invoice_id"] for row in rows if row["invoice_number"] == number))


def test_ben_reviews_the_drafts_and_what_he_sends_leaves_by_itself(demo: Demo, log_in: LogIn) -> None:
    ada = log_in("ada")
    for deal in ("Staff lockers", "Archive move"):
        bill(ada, demo, deal)
    page = log_in("ben")
    page.goto(f"{demo.url}{REVIEW}")
    assert until(lambda: again(page) and page.get_by_text("mail to Ben, sent").count() >= 2)
    waiting = drafts(page)
    primary = page.locator("a.house-button.primary")
    expect(primary).to_have_count(1)
    assert in_books(demo, waiting[0]) in str(primary.get_attribute("href"))

    demo.sim("POST", f"actions/books/invoices/{in_books(demo, waiting[0])}/send")
    assert until(lambda: again(page) and drafts(page) == waiting[1:]), page.inner_text("#main")
    mails = list(Path(demo.home / "mail").glob("*"))
    assert sum(f"New draft {waiting[0]} for" in mail.read_text().replace("\n ", " ") for mail in mails) == 1

    page.locator("summary", has_text="Wrong draft?").first.click()
    page.get_by_label(f"What is wrong with {waiting[1]}?").fill("Wrong address")
    page.get_by_role("button", name=f"Note that {waiting[1]} is wrong").click()
    expect(page.get_by_role("link", name=f"Open {waiting[1]} in Books to delete it")).to_be_visible()
    page.goto(f"{demo.url}{REVIEW}")
    expect(page.get_by_text("Ben calls this draft wrong: Wrong address")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_fits_a_phone_and_nothing_runs_into_another(
    demo: Demo, log_in: LogIn, scheme: str, width: int
) -> None:
    page = log_in("ben", color_scheme=scheme, viewport={"width": width, "height": 800})
    for path in (REVIEW, "/admin/reports/lead-times/?flow=won"):
        page.goto(f"{demo.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.goto(f"{demo.url}{REVIEW}")
    wide = "[...document.querySelectorAll('.review-facts dd')].some(one => one.scrollWidth > one.clientWidth + 1)"
    assert not page.evaluate(wide)
    found = Axe().run(page).response["violations"]
    assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == []
