"""Looking again until something is there: workers do it, and the calls of a minute are shared."""

import time
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Error, Page


def again(page: Page) -> bool:
    """Draw the page anew; one that draws itself anew may be on its way just then, which is as well."""
    with suppress(Error):
        page.reload()
    return True


def until(see: Callable[[], bool], seconds: float = 300) -> bool:
    """Whether it comes to be seen; runs share the calls of a minute with all that the suite did before."""
    end = time.monotonic() + seconds
    while not _seen(see) and time.monotonic() < end:
        time.sleep(0.5)
    return see()


def _seen(see: Callable[[], bool]) -> bool:
    """A page that is on its way shows nothing."""
    try:
        return see()
    except Error:
        return False
