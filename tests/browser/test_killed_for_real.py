"""S24, S74 with real processes: workers killed with SIGKILL, answers held back, and no cluster at all."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
import requests

from tests.browser.conftest import ROOT, Demo
from tests.browser.migrated import lay_migrated

pytestmark = pytest.mark.browser
INVOICES = "/books/v3/invoices$"
POINTS = (
    "claimed", "sale read", "customer known", "prepared", "intent committed", "answer received", "draft recorded",
    "written back",
)  # fmt: skip
POINTS_OF_STRANGERS = ("customer intent committed", "customer answer received")


class Household(Demo):
    """A prepared demo whose processes are started one by one: no cluster runs unless a test starts it."""

    @contextmanager
    def running(self, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
        with (self.home / "log").open("ab") as log:
            child = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        try:
            yield child
        finally:
            child.terminate()
            child.wait(30)

    def prepare(self) -> None:
        eventually(lambda: self.sim("GET", "info"))
        subprocess.run(
            [sys.executable, "manage.py", "demo", "--prepare-only", "--simulator-port", str(self.simulator_port)],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        shelf = self.record("crm", "Products", "Product_Code", "BR-1")
        self.product = shelf["id"]

    def records(self, side: str, module: str) -> list[dict[str, Any]]:
        found: Any = self.sim("GET", f"records/{side}/{module}")["data"]
        return list(found)

    def record(self, side: str, module: str, name: str, value: str) -> dict[str, Any]:
        rows = self.records(side, module)
        return next((row for row in rows if row.get(name) == value), rows[0])

    def make(self, module: str, row: dict[str, Any]) -> str:
        made: Any = self.sim("POST", f"records/crm/{module}", {"data": [row], "as": "user"})["data"]
        return str(made[0]["id"])

    def deal(self, name: str, account: str = "") -> str:
        """A new won deal, of Acme unless told otherwise; its id."""
        acme = account or self.record("crm", "Accounts", "Account_Name", "Acme Ltd")["id"]
        return self.make("Deals", {
            "Deal_Name": name, "Stage": "Closed Won", "Pipeline": "Standard (Standard)", "Amount": 200,
            "Closing_Date": str(self.sim("GET", "info")["clock"])[:10], "Account_Name": {"id": acme},
            "Deal_Lines": [{"Product": {"id": self.product}, "Quantity": 2, "Rate": 100}],
        })  # fmt: skip

    def strangers_deal(self, name: str) -> str:
        return self.deal(name, self.make("Accounts", {"Account_Name": f"{name} GmbH"}))

    def invoices(self, key: str) -> list[dict[str, Any]]:
        return [row for row in self.records("books", "invoices") if key in str(row)]

    def convert(self, deal: str, **environment: str) -> tuple[int, dict[str, Any]]:
        before, self.environment = self.environment, {**self.environment, **environment}
        try:
            return self.command("convert", "--deal", deal, "--wait")
        finally:
            self.environment = before

    def dies(self, deal: str, point: str) -> bool:
        """Whether converting died by SIGKILL at that point."""
        died = subprocess.run(
            [sys.executable, "manage.py", "convert", "--deal", deal, "--wait"], cwd=ROOT, timeout=60, check=False,
            env={**self.environment, "ZBRIDGE_CRASH_AT": point}, capture_output=True,
        )  # fmt: skip
        return died.returncode == -signal.SIGKILL

    def calls_so_far(self) -> int:
        found: Any = self.sim("GET", "requests")["requests"]
        return max((row["n"] for row in found), default=0)

    def reached(self, method: str, path: str, since: int) -> bool:
        """Whether such a call came to Zoho's door."""
        found: Any = self.sim("GET", f"requests?since={since}")["requests"]
        return any(row["method"] == method and re.search(path, row["path"]) for row in found)

    def two_minutes_pass(self) -> None:
        """The lease of a dead worker ends."""
        self.write("update invoicing_conversion set lease_until = '2000-01-01 00:00:00' where lease_until is not null")

    def cluster_stopped_long_ago(self) -> None:
        """The last sign of life of a worker is old."""
        self.write("insert into accounts_heartbeat (queue, pid, beat_at) values ('click', 1, '2020-01-01 00:00:00')")

    def write(self, statement: str) -> None:
        with closing(sqlite3.connect(self.home / "zbridge.sqlite3", timeout=20)) as database, database:
            database.execute(statement)


def eventually(asked: Callable[[], Any], patience: float = 30.0) -> Any:
    """The first true answer; what can't be reached yet is asked again."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            found = asked()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it never came true")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    found = Household(tmp_path_factory.mktemp("house"))
    lay_migrated(found.home)
    with found.running("manage.py", "simulator", "--port", str(found.simulator_port)):
        found.prepare()
        yield found


# Every call of the protocol (reliability 4.4), by what is held back when the worker dies. The first is held after Books
# has saved the draft; the look-up comes after a lost answer.
HELD: dict[str, tuple[str, str]] = {
    "the draft": ("POST", INVOICES),
    "the deal": ("GET", "/crm/v8/Deals/"),
    "the customer's search": ("GET", "/books/v3/contacts$"),
    "the new customer": ("POST", "/books/v3/contacts$"),
    "the look-up": ("GET", INVOICES),
    "the number on the deal": ("PUT", "/crm/v8/Deals$"),
}
LONG = [pytest.param(name, marks=pytest.mark.torture) for name in HELD if name != "the draft"]


@pytest.mark.parametrize("held", ["the draft", *LONG])
def test_a_process_killed_while_zoho_holds_the_answer_leaves_one_invoice(house: Household, held: str) -> None:
    method, path = HELD[held]
    lay = house.strangers_deal if "customer" in held else house.deal
    deal = lay(f"Held: {held}")
    if held == "the look-up":
        house.sim("POST", "faults", {"method": "POST", "path": INVOICES, "times": 1, "drop_after": True})
    house.sim("POST", "faults", {"method": method, "path": path, "times": 1, "hold": True})
    since = house.calls_so_far()
    with house.running("manage.py", "convert", "--deal", deal, "--wait") as child:
        eventually(lambda: house.reached(method, path, since))
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
    house.sim("POST", "faults/release")
    house.sim("DELETE", "faults")
    house.two_minutes_pass()
    code, told = house.convert(deal)
    assert (code, told["state"], len(house.invoices(told["key"]))) == (0, "done", 1), told
    assert house.convert(deal)[1]["key"] == told["key"] and len(house.invoices(told["key"])) == 1


# In each test run around what makes something; tests/stories/test_killed_at_every_point.py has all of them, and more.
NEAR = ("intent committed", "answer received", "customer answer received")
EACH = [
    point if point in NEAR else pytest.param(point, marks=pytest.mark.torture)
    for point in (*POINTS, *POINTS_OF_STRANGERS)
]


@pytest.mark.parametrize("point", EACH)
def test_a_process_killed_at_a_named_point_leaves_one_invoice(house: Household, point: str) -> None:
    lay = house.strangers_deal if point in POINTS_OF_STRANGERS else house.deal
    deal = lay(f"Killed at {point}")
    assert house.dies(deal, point)
    house.two_minutes_pass()
    code, told = house.convert(deal)
    assert (code, told["state"], len(house.invoices(told["key"]))) == (0, "done", 1), told


@pytest.mark.torture
def test_a_worker_told_to_end_in_the_middle_of_sending_leaves_one_invoice(house: Household) -> None:
    """F52: a deploy sends SIGTERM and, ten seconds later, SIGKILL."""
    deal = house.deal("Deployed meanwhile")
    house.sim("POST", "faults", {"method": "POST", "path": INVOICES, "times": 1, "hold": True})
    since = house.calls_so_far()
    with house.running("manage.py", "convert", "--deal", deal, "--wait") as child:
        eventually(lambda: house.reached("POST", INVOICES, since))
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(10)
        child.kill()
        child.wait(10)
    house.sim("POST", "faults/release")
    house.two_minutes_pass()
    code, told = house.convert(deal)
    assert (code, told["state"], len(house.invoices(told["key"]))) == (0, "done", 1), told


@pytest.mark.torture
def test_a_cluster_that_lives_and_works_nothing_is_started_anew(house: Household) -> None:
    """F26: its processes are frozen; no sign of life comes, so another one is started and does the work."""
    house.environment["ZBRIDGE_WORKER_SILENCE"] = "90"
    deal = house.deal("Asked of a frozen worker")
    house.command("sync", "deal")
    with house.running("manage.py", "worker", "--queue", "click") as supervisor, house.running(*gunicorn(house)):
        frozen = eventually(lambda: children_of(supervisor.pid))
        os.killpg(frozen[0], signal.SIGSTOP)
        session = logged_in(house, "ben")
        page = session.get(f"{house.url}/go/deal/{deal}").url
        session.post(f"{page}draft/", {"csrfmiddlewaretoken": token(session.get(page).text)})
        eventually(lambda: "stands in Books" in session.get(page).text, patience=240)
        assert children_of(supervisor.pid) != frozen
    assert "click worker ended or fell silent" in (house.home / "log").read_text()


def children_of(pid: int) -> list[int]:
    """The process groups that the supervisor leads now."""
    told = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False)  # noqa: S607
    return sorted(map(int, told.stdout.split()))


def test_without_a_cluster_a_click_queues_says_so_and_a_tick_finishes_it(house: Household) -> None:
    """S74"""
    deal = house.deal("Nobody works")
    house.command("sync", "deal")
    house.cluster_stopped_long_ago()
    with house.running(*gunicorn(house)):
        session = logged_in(house, "ben")
        page = session.get(f"{house.url}/go/deal/{deal}").url
        answer = session.post(f"{page}draft/", {"csrfmiddlewaretoken": token(session.get(page).text)})
        assert "no worker is running" in answer.text and answer.url == page, said(answer.text)
        house.command("tick")
        assert "stands in Books" in session.get(page).text


def test_twenty_clicks_at_once_over_http_make_one_draft_and_all_are_shown_it(house: Household) -> None:
    """S25"""
    deal = house.deal("Clicked by everybody")
    house.command("sync", "deal")
    with house.running(*gunicorn(house)), ThreadPoolExecutor(20) as crowd:
        sessions = [logged_in(house, name) for name in ("ben", "ben")]
        page = sessions[0].get(f"{house.url}/go/deal/{deal}").url
        tokens = [token(session.get(page).text) for session in sessions]

        def press(number: int) -> tuple[int, str]:
            who = number % 2
            form = {"csrfmiddlewaretoken": tokens[who]}
            answer = sessions[who].post(f"{page}draft/", form, allow_redirects=False, timeout=60)
            return answer.status_code, answer.headers["Location"]

        answers = list(crowd.map(press, range(20)))
        shown = sessions[0].get(page).text
        house.command("tick")
    assert set(answers) == {(303, page.removeprefix(house.url))}
    conversions = re.findall(r"/admin/invoicing/conversion/(\d+)/", shown)
    assert len(set(conversions)) == 1, said(shown)
    key = house.convert(deal)[1]["key"]
    assert len(house.invoices(str(key))) == 1


def gunicorn(house: Household) -> tuple[str, ...]:
    return ("-m", "gunicorn", "zbridge.wsgi:application", "--bind", f"127.0.0.1:{house.port}", "--threads", "2")


def logged_in(house: Household, name: str) -> requests.Session:
    session = requests.Session()
    door = f"{house.url}/admin/login/"
    form = eventually(lambda: session.get(door).text)
    values = {"login": name, "password": "demo-password-1", "csrfmiddlewaretoken": token(form)}
    session.post(door, values).raise_for_status()
    return session


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page[:500]
    return found.group(1)


def said(page: str) -> str:
    """The page's words, for a failure's message."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())[:3000]


def test_the_proof_holds_after_all_this(house: Household) -> None:
    code, found = house.command("prove")
    assert (code, found["violations"]) == (0, [])
