"""The journey “Resolve a price drift”: Ben sees what is at stake, aligns CRM to Books by a plan, and it turns green."""

from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Demo, a_demo
from tests.browser.test_cy_keeps_both_sides_in_step import LogIn
from tests.browser.waiting import again, until

pytestmark = pytest.mark.browser
DRIFT = "/admin/invoicing/pricedrift/"


# Of its own: other journeys settle what this one begins with.
demo = pytest.fixture(scope="module")(a_demo)


def record(demo: Demo, side: str, module: str, code: str) -> dict[str, Any]:
    rows: Any = demo.sim("GET", f"records/{side}/{module}")["data"]
    return next(dict(row) for row in rows if row.get("Product_Code", row.get("sku")) == code)


def test_ben_aligns_crm_to_books_and_the_price_is_green(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    page.get_by_role("link", name="Price drift").first.click()
    row = page.get_by_role("row").filter(has_text="DSK-75").filter(has_text="99.00 EUR").filter(has_text="95.00 EUR")
    assert until(lambda: again(page) and row.count() == 1)
    for said in ("4.00 EUR", "24.00 EUR", "6 open quotes", "Different"):
        expect(row).to_contain_text(said, ignore_case=True)
    page.get_by_role("columnheader", name="At stake").get_by_role("link").first.click()
    page.get_by_role("link", name="DSK-75").first.click()
    expect(page.get_by_text("99.00 EUR in CRM, 95.00 EUR in Books")).to_be_visible()
    page.get_by_role("button", name="Align CRM to Books").click()
    expect(page.get_by_text("0 to make, 1 to change")).to_be_visible()
    assert record(demo, "crm", "Products", "DSK-75")["Unit_Price"] == 99

    def applied() -> bool:
        page.reload()
        button = page.get_by_role("button", name="Apply exactly this")
        if button.count():
            button.click()
        return Decimal(str(record(demo, "crm", "Products", "DSK-75")["Unit_Price"])) == 95

    assert until(applied)
    page.goto(f"{demo.url}{DRIFT}?tab=same")
    assert until(lambda: again(page) and page.get_by_role("link", name="DSK-75").count() > 0)
    page.get_by_role("link", name="DSK-75").first.click()
    expect(page.get_by_text("Identical: 95.00 EUR on both sides.")).to_be_visible()
    expect(page.get_by_text("CRM from 99.00 EUR to 95.00 EUR, by zbridge for Ben")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_of_prices_fit_a_phone_and_are_for_everybody(
    demo: Demo, log_in: LogIn, scheme: str, width: int
) -> None:
    page = log_in("ben", color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto(f"{demo.url}{DRIFT}?tab=all&q=DSK")
    there = page.get_by_role("link", name="DSK-75").first.get_attribute("href")
    page.goto(f"{demo.url}{DRIFT}")
    page.get_by_role("link", name="Price lists").first.click()
    lists = page.url.removeprefix(demo.url)
    assert until(lambda: again(page) and page.get_by_role("link", name="CHR-120").count() > 0)
    listed = page.get_by_role("link", name="CHR-120").first.get_attribute("href")
    for path in (f"{DRIFT}?tab=all", there, f"{DRIFT}weeks/", lists, listed):
        page.goto(f"{demo.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        found = Axe().run(page).response["violations"]
        assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == [], path
