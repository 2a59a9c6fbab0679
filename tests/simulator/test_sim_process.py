"""The simulator as a process: what survives its end, what is the same each time, and who may reach it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest
import requests

from tests.simulator.conftest import served_from
from tests.simulator.wire import Wire

Start = Callable[[str], tuple[Wire, "Popen[bytes]"]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a simulator on a state file of that name; ends it with the test at the latest."""
    with ExitStack() as running:
        yield lambda name: running.enter_context(served_from(tmp_path / name))


def begun(wire: Wire) -> Wire:
    wire.organization = wire.sim("GET", "info")["books_organization_id"]
    wire.renew()
    return wire


def stop(process: "Popen[bytes]") -> None:
    process.terminate()
    process.wait(10)


def test_records_tokens_and_settings_survive_a_restart(start: Start) -> None:
    wire, process = start("state")
    begun(wire).switch(crm_search_lag=0)
    account, customer = wire.insert("Accounts", Account_Name="A"), wire.customer("B")
    wire.advance(days=3)
    before = wire.now()
    stop(process)
    again, _ = start("state")
    again.token, again.organization = wire.token, wire.organization
    assert again.now() >= before and again.sim("GET", "switches")["crm_search_lag"] == 0
    again.renew()
    assert again.record("Accounts", account)["Account_Name"] == "A"
    assert again.show("contacts", customer)["contact_name"] == "B"


def test_the_same_seed_gives_the_same_ids(start: Start) -> None:
    wires = [begun(start(name)[0]) for name in ("one", "two")]
    first, second = ((wire.insert("Accounts", Account_Name="A"), wire.customer("B")) for wire in wires)
    assert first == second and wires[0].organization == wires[1].organization


def test_only_this_machine_reaches_it(served: Wire) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no other address than loopback")
    with pytest.raises(requests.ConnectionError):
        requests.get(served.base.replace("127.0.0.1", own) + "/_sim/info", timeout=2)
