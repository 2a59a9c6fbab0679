"""`python -m tests.browser.screenshot`: starts the demo, opens a won deal as Ada, and keeps README's picture of it."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ROOT, Demo

PICTURE = ROOT / "docs" / "deal.png"


def main() -> None:
    """Make docs/deal.png anew."""
    demo = Demo(Path(tempfile.mkdtemp()))
    demo.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{demo.url}/admin/login/")
            page.fill("input[name=login]", "ada")
            page.fill("input[name=password]", "demo-password-1")
            page.locator("form:has(input[name=password]) button[type=submit]").first.click()
            page.goto(f"{demo.url}/admin/invoicing/deal/")
            page.get_by_role("link", name="Warehouse fit-out").first.click()
            page.screenshot(path=str(PICTURE))
            browser.close()
    finally:
        demo.stop()


if __name__ == "__main__":
    main()
