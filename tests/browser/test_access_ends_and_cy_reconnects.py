"""The journey "Token trouble" in a real browser: revoked at Zoho, a red banner, three presses, and all goes on."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

LogIn = Callable[..., Page]
pytestmark = pytest.mark.browser


def test_access_is_revoked_and_given_again_and_nothing_is_lost(demo: Demo, log_in: LogIn) -> None:
    demo.sim("POST", "tokens", {"action": "revoke"})
    ada, cy = log_in("ada"), log_in("cy")
    ada.goto(f"{demo.url}/admin/invoicing/deal/?tab=to-invoice")
    ada.get_by_role("link", name="Space plan").first.click()
    ada.get_by_role("button", name="Create draft invoice").click()
    expect(ada.get_by_text("Nothing is lost; a RevOps administrator must reconnect")).to_be_visible(timeout=20_000)
    ada.reload()
    expect(ada.locator(".house-banner")).to_contain_text("a RevOps administrator must reconnect")

    cy.reload()
    expect(cy.locator(".house-banner.stops")).to_contain_text("access to Zoho ended")
    cy.locator(".house-banner").get_by_role("link", name="Reconnect").click()
    cy.get_by_role("button", name="Reconnect").first.click()
    cy.get_by_role("button", name="Accept").click()
    expect(cy.locator(".house-banner")).to_have_count(0)

    expect(ada.get_by_role("status")).to_contain_text("stands in Books", timeout=30_000)
    invoices: Any = demo.sim("GET", "records/books/invoices")["data"]
    assert [row["status"] for row in invoices if row["reference_number"] == "Space plan"] == ["draft"]
    cy.goto(f"{demo.url}/admin/accounts/notices/")
    expect(cy.get_by_text("is back", exact=False).first).to_be_visible()
