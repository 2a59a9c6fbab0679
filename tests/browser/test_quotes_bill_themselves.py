"""Q-1042 is accepted in CRM and its draft appears by itself; the three refusals of Tessera Design say three reasons."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

LogIn = Callable[..., Page]
pytestmark = pytest.mark.browser
PATIENCE_SECONDS = 90.0


def open_quote(page: Page, demo: Demo, number: str) -> None:
    page.goto(f"{demo.url}/admin/invoicing/quote/?tab=all&q={number}")
    page.get_by_role("link", name=number).first.click()


def accept(demo: Demo, number: str) -> None:
    """The customer said yes: the rep types it in CRM; and somebody asks zbridge to read at once."""
    rows: Any = demo.sim("GET", "records/crm/Quotes")["data"]
    crm_id = next(row["id"] for row in rows if row["Quote_Number"] == number)
    demo.sim("PUT", f"records/crm/Quotes/{crm_id}", {"data": [{"Quote_Stage": "Accepted"}], "as": "user"})
    demo.command("sync", "quote")


def drafts_of(demo: Demo, number: str) -> list[dict[str, Any]]:
    rows: Any = demo.sim("GET", "records/books/invoices")["data"]
    return [row for row in rows if row["reference_number"] == number]


def until_drafted(demo: Demo, number: str) -> list[dict[str, Any]]:
    """The workers hear of it by themselves; nobody presses anything."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not drafts_of(demo, number) and time.monotonic() < until:
        time.sleep(1)
    return drafts_of(demo, number)


def test_an_accepted_quote_becomes_one_draft_without_a_click(demo: Demo, log_in: LogIn) -> None:
    accept(demo, "Q-1042")
    (made,) = until_drafted(demo, "Q-1042")
    assert (made["status"], made["total"]) == ("draft", 1713)
    page = log_in("ben")
    open_quote(page, demo, "Q-1042")
    expect(page.get_by_role("status")).to_contain_text("over 1,713.00 EUR stands in Books")
    expect(page.get_by_text("No difference to the cent")).to_be_visible()


@pytest.mark.parametrize(
    ("number", "said"),
    [("Q-1044", "was valid till"), ("Q-1045", "was edited after it was accepted"), ("Q-1046", "was replaced by")],
)
def test_three_refusals_three_reasons(demo: Demo, log_in: LogIn, number: str, said: str) -> None:
    page = log_in("ben")
    open_quote(page, demo, number)
    expect(page.get_by_text(f"quote {number} {said}").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_quotes_and_the_switch_are_accessible_and_fit_a_phone(demo: Demo, log_in: LogIn, scheme: str) -> None:
    page = log_in("cy", color_scheme=scheme, viewport={"width": 360, "height": 740})
    for path in ("quote/?tab=all", "automatic/"):
        page.goto(f"{demo.url}/admin/invoicing/{path}")
        _looks_well(page)
    open_quote(page, demo, "Q-1045")
    _looks_well(page)


def _looks_well(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [row["id"] for row in found if row["impact"] in ("serious", "critical")] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), page.url


def test_ben_stops_it_in_one_click(demo: Demo, log_in: LogIn) -> None:
    page = log_in("ben")
    page.get_by_role("button", name="Stop billing by itself").click()
    expect(page.get_by_text("no longer bill themselves").first).to_be_visible()
    code, found = demo.command("prove")
    assert (code, found["violations"]) == (0, [])
