"""In Chromium: a sale billed in parts, a second accepted quote as a part, a deal off the list and on it again."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import Demo

LogIn = Callable[..., Page]
pytestmark = pytest.mark.browser
KEPT = ("Stage", "Pipeline", "Closing_Date", "Account_Name", "Contact_Name", "Owner", "Currency")
PATIENCE_SECONDS = 120


def deal_of(demo: Demo, name: str, amount: int, *lines: int) -> str:
    """A deal like the fit-out of Acme's warehouse, won, with a line of each of these amounts; its id in CRM."""
    rows: Any = demo.sim("GET", "records/crm/Deals")["data"]
    model = next(row for row in rows if row["Deal_Name"] == "Warehouse fit-out")
    products: Any = demo.sim("GET", "records/crm/Products")["data"]
    row = {part: model[part] for part in KEPT} | {"Deal_Name": name, "Amount": amount}
    row["Deal_Lines"] = [
        {"Product": {"id": product["id"]}, "Quantity": 1, "Rate": rate}
        for product, rate in zip(products, lines, strict=False)
    ]
    made: Any = demo.sim("POST", "records/crm/Deals", {"data": [row]})["data"]
    return str(made[0]["id"])


def accepted_quote(demo: Demo, deal: str, number: str, quantity: int) -> None:
    """A quote of the deal like Q-1042's first line at 100.00, delivered and then accepted."""
    rows: Any = demo.sim("GET", "records/crm/Quotes")["data"]
    model: Any = demo.sim("GET", f"records/crm/Quotes/{next(r['id'] for r in rows if r['Quote_Number'] == 'Q-1042')}")
    whole, of_deal = model["data"][0], demo.sim("GET", f"records/crm/Deals/{deal}")["data"][0]  # type: ignore[index]
    line = {"Product_Name": whole["Quoted_Items"][0]["Product_Name"], "Quantity": quantity, "List_Price": 100}
    row = {
        "Subject": number, "Quote_Number": number, "Quote_Stage": "Delivered", "Deal_Name": {"id": deal},
        "Valid_Till": whole["Valid_Till"], "Quoted_Items": [line | {"Line_Tax": whole["Quoted_Items"][0]["Line_Tax"]}],
    } | {name: of_deal[name] for name in ("Account_Name", "Contact_Name", "Owner", "Currency")}  # fmt: skip
    made: Any = demo.sim("POST", "records/crm/Quotes", {"data": [row]})["data"]
    demo.sim("PUT", f"records/crm/Quotes/{made[0]['id']}", {"data": [{"Quote_Stage": "Accepted"}], "as": "user"})


def drafted(demo: Demo, reference: str) -> list[float]:
    """The totals of all invoices in Books with that reference."""
    bills: Any = demo.sim("GET", "records/books/invoices")["data"]
    return [row["total"] for row in bills if row["reference_number"] == reference]


def until(page: Page, see: Callable[[], bool]) -> None:
    """Look again until it is there: CRM tells by itself, the draft is made by a worker."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not see():
        assert time.monotonic() < end, page.inner_text("#main")
        time.sleep(0.5)
        # A page that draws itself anew may be on its way just then.
        with suppress(Error):
            page.reload()


def opened(page: Page, demo: Demo, crm_id: str) -> None:
    page.goto(f"{demo.url}/go/deal/{crm_id}/")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()


def drafted_or_pressed(page: Page) -> None:
    """Where quotes bill themselves there is a draft soon; where somebody stopped that, the button makes it."""
    button = page.get_by_role("button", name="Create draft invoice")
    until(page, lambda: page.get_by_role("link", name="INV-").count() + button.count() > 0)
    if button.count():
        button.first.click()
    until(page, lambda: page.get_by_role("link", name="INV-").count() > 0)


def test_a_deal_goes_off_the_list_and_on_it_again_and_is_billed_in_parts(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    opened(page, demo, deal_of(demo, "Racking, in parts", 1000, 400, 600))
    until(page, lambda: page.get_by_text("Take it off the list of").count() > 0)
    page.get_by_text("Take it off the list of sales to bill").click()
    page.get_by_label("Why isn't it billed?").fill("Goodwill")
    page.get_by_role("button", name="Take it off the list").click()
    expect(page.get_by_role("heading", name="Not billed")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("heading", name="Not billed")).to_have_count(0)
    page.get_by_text("Bill only a part of it").click()
    page.get_by_label("An amount, ").first.check()
    page.get_by_label("Amount, ").last.fill("250")
    page.get_by_role("button", name="Bill this part").click()
    until(
        page, lambda: page.get_by_text("750.00 EUR").count() > 0 and page.get_by_role("link", name="INV-").count() > 0
    )
    page.get_by_text("Bill another part").last.click()
    page.get_by_label("What is left of these lines").check()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Bill this part").click()
    until(page, lambda: page.get_by_text("Part 2:").count() > 0 and "being made" not in page.inner_text("#main"))
    found = Axe().run(page).response["violations"]
    assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == []


def test_a_second_accepted_quote_waits_for_a_click_and_is_a_further_part(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    deal = deal_of(demo, "Two orders", 300)
    accepted_quote(demo, deal, "Q-P1", 2)
    opened(page, demo, deal)
    drafted_or_pressed(page)
    accepted_quote(demo, deal, "Q-P2", 1)
    until(page, lambda: page.get_by_role("button", name="Bill Q-P2 as a further part").count() > 0)
    page.get_by_role("button", name="Bill Q-P2 as a further part").click()
    until(page, lambda: "357.00 EUR" in page.inner_text("#main"))
    assert [drafted(demo, number) for number in ("Q-P1", "Q-P2")] == [[238], [119]]
