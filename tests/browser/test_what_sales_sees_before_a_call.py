"""Before an upsell call, in a real browser: the overdue banner, Refresh now, an invoice; Solway falls due and pays."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

LogIn = Callable[..., Page]
pytestmark = pytest.mark.browser
PATIENCE_SECONDS = 240


def open_account(page: Page, demo: Demo, name: str) -> None:
    page.goto(f"{demo.url}/admin/invoicing/account/?q={name}")
    page.locator("#result_list").get_by_role("link", name=name).first.click()


def in_crm(demo: Demo, account: str) -> dict[str, Any]:
    rows: Any = demo.sim("GET", "records/crm/Accounts")["data"]
    return next(row for row in rows if str(row["Account_Name"]).startswith(account))


def told_in_crm(demo: Demo, account: str, wanted: set[str]) -> None:
    """Wait until CRM's account says all of these; the reading and the push come by themselves."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if wanted <= {str(value) for value in in_crm(demo, account).values()}:
            return
        time.sleep(2)
    pytest.fail(f"CRM says of {account}: {in_crm(demo, account)}")


def test_ada_looks_at_acme_before_the_call(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ada")
    open_account(page, demo, "Acme Ltd")
    expect(page.get_by_role("status").first).to_contain_text("2 overdue, oldest 43 days, 3,900.00 EUR")
    expect(page.get_by_text("Last paid 1,200.00 EUR on").first).to_be_visible()
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_text("were read from Books just now")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Copy the summary").click()
    page.get_by_role("link", name="INV-").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Overdue")
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Fetch the PDF").click()
    assert fetched.value.suggested_filename.startswith("INV-")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", ["account", "invoice", "payment"])
def test_the_money_pages_are_accessible_and_fit_a_phone(demo: Demo, log_in: LogIn, scheme: str, where: str) -> None:
    page = log_in("ben", color_scheme=scheme, viewport={"width": 360, "height": 740})
    page.goto(f"{demo.url}/admin/invoicing/{where}/")
    page.locator("#result_list tbody a:visible").first.click()
    found = Axe().run(page).response["violations"]
    assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), "the page scrolls sideways"


def test_solway_falls_due_at_midnight_and_its_payment_clears_panel_and_crm(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    open_account(page, demo, "Solway Marine")
    expect(page.get_by_text("Nothing overdue", exact=True)).to_be_visible()
    demo.sim("POST", "clock", {"advance": 86_400})
    told_in_crm(demo, "Solway", {"Overdue"})
    page.reload()
    expect(page.get_by_role("status").first).to_contain_text("1 overdue, oldest 1 day, 1,020.00 EUR")
    bills: Any = demo.sim("GET", "records/books/invoices")["data"]
    bill = next(row for row in bills if row["customer_name"] == "Solway Marine" and row["balance"])
    demo.sim("POST", f"actions/books/invoices/{bill['invoice_id']}/pay", {"amount": bill["balance"]})
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_text("Nothing overdue", exact=True)).to_be_visible(timeout=10_000)
    told_in_crm(demo, "Solway", {"Paid"})
