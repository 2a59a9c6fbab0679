"""One simulator process for all tests of this folder, put back to a clean world before each of them."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.simulator.wire import Wire, eventually

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(wire: Wire) -> bool:
    try:
        return wire.call("GET", "/_sim/info").ok
    except requests.ConnectionError:
        return False


@contextmanager
def served_from(state: Path) -> Iterator[tuple[Wire, "subprocess.Popen[bytes]"]]:
    """A simulator process on that state file, until the block ends; its own output stands beside the file."""
    port, said = free_port(), state.with_suffix(".log")
    where = ["--port", str(port), "--state", str(state), "--size", "none", "--seed", "1"]
    with said.open("w") as log:
        server = subprocess.Popen([sys.executable, "-m", "zbridge.simulator", *where], cwd=ROOT, stdout=log, stderr=log)
        wire = Wire(f"http://127.0.0.1:{port}")
        try:
            assert eventually(lambda: answers(wire), 30), said.read_text()
            yield wire, server
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with served_from(tmp_path_factory.mktemp("simulator") / "state.sqlite3") as (wire, _):
        yield wire


@pytest.fixture(scope="session")
def clean(served: Wire) -> tuple[str, str]:
    """The state to come back to: a fresh world with one access token. Zoho gives ten tokens in ten minutes."""
    served.organization = served.sim("GET", "info")["books_organization_id"]
    token, now = served.renew(), served.sim("GET", "info")["clock"]
    served.sim("POST", "snapshot", {"name": "clean"})
    return token, now


@pytest.fixture
def zoho(served: Wire, clean: tuple[str, str]) -> Iterator[Wire]:
    served.token, now = clean
    served.sim("POST", "restore", {"name": "clean"})
    served.sim("POST", "clock", {"now": now})
    served.organization = served.sim("GET", "info")["books_organization_id"]
    yield served
    served.sim("POST", "faults/release")
    served.sim("DELETE", "faults")
