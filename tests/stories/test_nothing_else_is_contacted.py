"""S51: nothing but Zoho's fixed hosts and what somebody configured is ever contacted; seen at the sockets."""

import ast
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.clients import Seams, seams, use_seams
from accounts.connecting import new_connection
from accounts.models import Connection, User
from accounts.readiness import check
from tests.apps.fakes import connected
from tests.apps.test_pages_walk import addresses
from tests.people import browser
from zbridge.clock import SteppedClock
from zbridge.site.sweep import work_everything
from zbridge.zoho.regions import REGIONS
from zbridge.zoho.secret import Secret
from zbridge.zoho.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
ZOHO = {address.removeprefix("https://") for row in REGIONS.values() for address in (row.accounts, row.api)}
# What can open a connection to the outside, and the one place that may: the client; Django's own mail and the notifier
# (apprise) reach only what an operator configured.
REACHING = {"requests", "urllib.request", "http.client", "socket", "smtplib", "urllib3", "httpx", "aiohttp", "ftplib"}
MAY_REACH = ("zbridge/zoho/", "zbridge/simulator/", "zbridge/management/")
# Sends mail through Django and messages through apprise, to whom the operator named; smtplib only for its exceptions.
NOTIFIER = "accounts/delivering.py: smtplib"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """Every host that anything in this process looks up or connects to; none is reached."""
    found: list[tuple[str, int]] = []

    def look_up(host: Any, port: Any, *args: object, **kwargs: object) -> Any:
        found.append((str(host), int(port or 0)))
        raise socket.gaierror("nothing is outside")

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            found.append((str(address[0]), int(address[1])))
            raise OSError("nothing is outside")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        patch.setattr(socket.socket, "connect", connect)
        yield found


@pytest.mark.parametrize("centre", REGIONS)
def test_a_connection_asks_its_own_data_centre_and_nothing_else(
    db: None, clock: SteppedClock, asked: list[tuple[str, int]], centre: str
) -> None:
    """Checks, an expired token and a sweep: all that leaves goes to the two hosts of that data centre, port 443."""
    with use_seams(Seams(clock=clock, wire=Wire())):
        check(connected(clock, data_centre=centre, books_org_id="1"), seams())
        check(connected(clock, data_centre=centre, books_org_id="3", expired=True), seams())
    row = REGIONS[centre]
    assert {host for host, _ in asked} <= {row.accounts.removeprefix("https://"), row.api.removeprefix("https://")}
    assert asked and {port for _, port in asked} == {443}


def test_work_of_every_kind_asks_zoho_alone(db: None, clock: SteppedClock, asked: list[tuple[str, int]]) -> None:
    with use_seams(Seams(clock=clock, wire=Wire())):
        connected(clock, data_centre="eu", books_org_id="1")
        work_everything()
    assert asked and {host for host, _ in asked} <= ZOHO


def test_no_page_contacts_anybody(db: None, asked: list[tuple[str, int]]) -> None:
    from tests.apps.sample_rows import sample

    world = sample()
    client: Client = browser("cy")
    for address in addresses(world["deal"].pk):
        client.get(address)
    assert asked == []


def test_consent_sends_the_browser_to_zoho_and_asks_nobody(
    db: None, cy: User, clock: SteppedClock, asked: list[tuple[str, int]]
) -> None:
    row: Connection = new_connection("Real", "in", "1000.X", Secret("x" * 20), cy, clock)
    client = Client()
    client.force_login(cy)
    answer = client.post(f"/admin/accounts/connection/{row.pk}/connect/")
    assert answer.headers["Location"].startswith("https://accounts.zoho.in/oauth/v2/auth?") and asked == []


def test_only_the_client_can_open_a_connection_to_the_outside() -> None:
    """Nothing else in the product imports what could; no page loads anything from another host."""
    strays = [
        f"{path.relative_to(ROOT)}: {name}"
        for room in ("zbridge", "accounts", "syncjobs", "invoicing")
        for path in (ROOT / room).rglob("*.py")
        if not str(path.relative_to(ROOT)).startswith(MAY_REACH)
        for name in imports(path)
        if name in REACHING or name.split(".")[0] in {"requests", "urllib3", "httpx", "aiohttp"}
    ]
    assert [stray for stray in strays if stray != NOTIFIER] == []
    pages = list((ROOT / "templates").rglob("*.html"))
    outside = ('src="http', 'href="http', "//cdn", "url(http")
    assert pages and [path for path in pages if any(part in path.read_text() for part in outside)] == []


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
