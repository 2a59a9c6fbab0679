"""The whole demo as a newcomer starts it (web, workers, simulator), and a real Chromium to look at it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.migrated import lay_migrated

WAITS = 3
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 180.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """A running demo: its address, the simulator's controls, and its commands."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.simulator_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ, "ZBRIDGE_HOME": str(home), "ZBRIDGE_SIMULATOR_URL": f"http://127.0.0.1:{self.simulator_port}",
            "DATABASE_URL": f"sqlite:///{home / 'zbridge.sqlite3'}",
        }  # fmt: skip

    def start(self) -> None:
        lay_migrated(self.home)
        ports = ["--port", str(self.port), "--simulator-port", str(self.simulator_port)]
        with (self.home / "log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", *ports], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until, (self.home / "log").read_text()
            time.sleep(0.3)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/admin/login/", timeout=5) as answer:  # noqa: S310
                return int(answer.status) == 200
        except (URLError, OSError):
            return False

    def sim(self, method: str, path: str, body: object = None) -> dict[str, object]:
        data = json.dumps(body).encode() if body is not None else None
        asked = Request(f"http://127.0.0.1:{self.simulator_port}/_sim/{path}", data=data, method=method)  # noqa: S310
        with urlopen(asked, timeout=10) as answer:  # noqa: S310
            found: dict[str, object] = json.loads(answer.read())
            return found

    def command(self, *words: str) -> tuple[int, dict[str, object]]:
        """A management command's exit code and its JSON; what waits for calls of Zoho is asked once more."""
        until = time.monotonic() + 240
        done = self._run(*words)
        while done.returncode == WAITS and time.monotonic() < until:
            time.sleep(5)
            done = self._run(*words)
        assert done.stdout.strip(), done.stderr
        return done.returncode, json.loads(done.stdout)

    def _run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *words, "--json"], cwd=ROOT, env=self.environment, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip


def a_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """For a fixture: a demo as long as its scope lasts."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    running.start()
    yield running
    running.stop()


demo = pytest.fixture(scope="session")(a_demo)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def log_in(demo: Demo, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A page of its own for a person, logged in by the form."""
    contexts: list[BrowserContext] = []

    def logged_in(name: str, **options: object) -> Page:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{demo.url}/admin/login/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", "demo-password-1")
        page.locator("form:has(input[name=password]) button[type=submit]").first.click()
        page.wait_for_url("**/admin/")
        return page

    yield logged_in
    for context in contexts:
        context.close()
