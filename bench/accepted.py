"""From a quote accepted in CRM to its draft in Books: told by a notification, and found by looking at the list.

The real web server, queue, workers and simulator on this machine, idle but for this.
"""

import random
import re
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import OpenerDirector

from bench.click import logged_in, percentile, token
from tests.browser.conftest import Demo

TOLD, FOUND = 20, 12
INTERVAL_SECONDS = 300
GOAL_SECONDS = 10
HEAD = ("told by", "quotes", "median s", "p95 s", "slowest s", "goal: p95 at most")
NEAR = "/admin/syncjobs/hooks/"


def measure() -> list[tuple[str, ...]]:
    """A row for each way."""
    demo = Demo(Path(tempfile.mkdtemp()))
    demo.start()
    try:
        told, found = _quotes(demo, TOLD, "N"), _quotes(demo, FOUND, "P")
        code, _ = demo.command("sync", "quote")
        assert code == 0, "quotes could not be read"
        _until_quiet(demo)
        by_notification = [_accept(demo, number, id) for number, id in told.items()]
        _silence(demo)
        by_poll = _accepted_at_random(demo, found)
    finally:
        demo.stop()
    return [
        _row("a notification", by_notification, GOAL_SECONDS),
        _row("a look at the list every 5 minutes", by_poll, INTERVAL_SECONDS + GOAL_SECONDS),
    ]


def _row(how: str, times: list[float], goal: int) -> tuple[str, ...]:
    middle, p95 = percentile(times, 0.5), percentile(times, 0.95)
    return (how, str(len(times)), f"{middle:.1f}", f"{p95:.1f}", f"{max(times):.1f}", f"{goal} s")


def _quotes(demo: Demo, count: int, letter: str) -> dict[str, str]:
    """Quotes like Q-1042, each of its own sum, delivered and not accepted yet: number and id in CRM."""
    rows: Any = demo.sim("GET", "records/crm/Quotes")["data"]
    id = next(row["id"] for row in rows if row["Quote_Number"] == "Q-1042")
    whole: Any = demo.sim("GET", f"records/crm/Quotes/{id}")["data"]
    kept = ("Owner", "Account_Name", "Contact_Name", "Currency", "Valid_Till")
    line = {name: whole[0]["Quoted_Items"][0][name] for name in ("Product_Name", "List_Price", "Line_Tax")}
    made = [
        {name: whole[0][name] for name in kept}
        | {"Subject": f"Chairs {letter}{place}", "Quote_Number": f"Q-{letter}{place}", "Quote_Stage": "Delivered"}
        | {"Quoted_Items": [{**line, "Quantity": place + 1}]}
        for place in range(count)
    ]
    answer: Any = demo.sim("POST", "records/crm/Quotes", {"data": made})["data"]
    return {str(asked["Quote_Number"]): str(row["id"]) for asked, row in zip(made, answer, strict=True)}


def _until_quiet(demo: Demo) -> None:
    """The demo's own first work is done: no call for some seconds."""
    count = -1
    while count != (now := len(_log(demo))):
        count = now
        time.sleep(6)


def _log(demo: Demo) -> list[Any]:
    found: Any = demo.sim("GET", "requests")["requests"]
    return [row for row in found if "/_sim/" not in str(row["path"])]


def _accept(demo: Demo, number: str, id: str) -> float:
    """Seconds from the acceptance until the draft stands in Books."""
    began = _say_yes(demo, id)
    while number not in _drafts(demo):
        assert time.perf_counter() - began < INTERVAL_SECONDS * 2, f"{number} has no draft"
        time.sleep(0.1)
    return time.perf_counter() - began


def _say_yes(demo: Demo, id: str) -> float:
    demo.sim("PUT", f"records/crm/Quotes/{id}", {"data": [{"Quote_Stage": "Accepted"}], "as": "user"})
    return time.perf_counter()


def _drafts(demo: Demo) -> set[str]:
    rows: Any = demo.sim("GET", "records/books/invoices")["data"]
    return {str(row["reference_number"]) for row in rows}


def _accepted_at_random(demo: Demo, quotes: dict[str, str]) -> list[float]:
    """Accepted at random moments of one interval, whenever the list is looked at."""
    chance, start = random.Random(7), time.perf_counter()
    moments = sorted(chance.uniform(0, INTERVAL_SECONDS) for _ in quotes)
    waiting, times = list(zip(moments, quotes.items(), strict=True)), dict[str, float]()
    open_since: dict[str, float] = {}
    while waiting or open_since:
        while waiting and time.perf_counter() - start >= waiting[0][0]:
            _, (number, id) = waiting.pop(0)
            open_since[number] = _say_yes(demo, id)
        for number in _drafts(demo) & set(open_since):
            times[number] = time.perf_counter() - open_since.pop(number)
        assert time.perf_counter() - start < INTERVAL_SECONDS * 4, f"no drafts: {sorted(open_since)}"
        time.sleep(0.3)
    return list(times.values())


def _silence(demo: Demo) -> None:
    """Cy switches CRM's notifications off; only the list tells then."""
    opener: OpenerDirector = logged_in(demo, "cy")
    home = opener.open(f"{demo.url}{NEAR}")
    page = home.read().decode()
    action = re.search(r'action="([^"]*/off/)"', page)
    assert action is not None, "notifications were not on"
    opener.open(f"{demo.url}{action[1]}", urlencode({"csrfmiddlewaretoken": token(page)}).encode())
