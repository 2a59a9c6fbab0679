"""The journey “Clear the failures”: by cause with the fix; mended, tried again with a plan first, all is green."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_cy_keeps_both_sides_in_step import SYNC, LogIn
from tests.browser.waiting import again, until

pytestmark = pytest.mark.browser
LONG = "Partition wall with everything " * 5


def products(demo: Demo, *codes: str) -> list[dict[str, Any]]:
    rows: Any = demo.sim("GET", "records/crm/Products")["data"]
    return [row for row in rows if row["Product_Code"] in codes]


def rename(demo: Demo, row: dict[str, Any], name: str) -> None:
    demo.sim("PUT", f"records/crm/Products/{row['id']}", {"data": [{"Product_Name": name}]})


def read_now(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}{SYNC}/run/")
    page.get_by_role("button", name="Read Zoho now").or_(page.get_by_role("link", name="Read Zoho now")).click()


def press_retry(page: Page, demo: Demo) -> None:
    """Once, when no run of these kinds is under way: until then the page says so, and nothing is asked."""
    end = time.monotonic() + 300
    while "/run/" not in page.url and time.monotonic() < end:
        page.goto(f"{demo.url}{SYNC}/failures/")
        with page.expect_navigation():
            page.get_by_role("button", name="Retry these 2").click()
    assert "/run/" in page.url, page.inner_text("#main")


def test_two_names_that_are_too_long_are_mended_and_tried_again(demo: Demo, log_in: LogIn) -> None:
    linked: Any = demo.sim("GET", "records/books/items")["data"]
    codes = {row["sku"] for row in linked}
    chosen = [row for row in products(demo, *codes) if row["Product_Code"] != "DSK-75"][:2]
    for number, row in enumerate(chosen):
        rename(demo, row, f"{LONG}{number}")
    page = log_in("cy")
    read_now(page, demo)
    page.goto(f"{demo.url}{SYNC}/failures/")
    retry = page.get_by_role("button", name="Retry these 2")
    assert until(lambda: again(page) and retry.count() == 1), page.inner_text("#main")
    expect(page.get_by_text("Shorten it in CRM").first).to_be_visible()
    for row in chosen:
        rename(demo, row, f"{row['Product_Name']} II")

    press_retry(page, demo)
    planned = page.get_by_text("Ready: nothing is written yet")
    assert until(lambda: again(page) and planned.count() == 1), page.inner_text("#main")
    expect(page.get_by_role("region", name="What is written").get_by_text(" II").first).to_be_visible()
    page.get_by_role("button", name="Apply exactly this").click()

    def done() -> bool:
        names = {row["name"] for row in demo.sim("GET", "records/books/items")["data"]}  # type: ignore[attr-defined]
        return {f"{row['Product_Name']} II" for row in chosen} <= names

    assert until(done)
    page.goto(f"{demo.url}{SYNC}/failures/")
    assert until(lambda: again(page) and page.get_by_text("Nothing failed").count() == 1)
