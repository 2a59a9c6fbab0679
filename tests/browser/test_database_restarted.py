"""F44: PostgreSQL is restarted every few seconds while workers make drafts: none is made twice, none is lost."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.browser.conftest import ROOT, free_port
from tests.browser.test_killed_for_real import Household, eventually

pytestmark = [pytest.mark.browser, pytest.mark.torture]
CONVERSIONS = int(os.environ.get("ZBRIDGE_RESTARTED_CONVERSIONS", "60"))
ASK = """
import sys
from accounts.clients import seams
from accounts.models import Connection
from invoicing.models import Deal
from invoicing.services import Request, request_conversion
for name in range(int(sys.argv[1])):
    deal = Deal.objects.get(name=f"Restarted {name}")
    request_conversion(Request(deal.connection, deal, None, via="test"), seams().clock)
"""


class Postgres:
    """A server of its own, since it is restarted."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        if os.getuid() == 0:
            shutil.chown(home, "postgres")
        self._run("initdb", "-U", "zbridge", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        return f"postgres://zbridge@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories={self.home} -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.home / "log"), "-o", options, "start")

    def restart(self) -> None:
        """As a machine that lost power would: no connection is ended in order."""
        self._run("pg_ctl", "-m", "immediate", "stop")
        self.start()

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")

    def _run(self, name: str, *words: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_postgres, str(self.bin / name), "-D", str(self.home / "data"), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    home = Path("/tmp") / f"zbridge-restarted-{os.getpid()}"  # noqa: S108  (the server's user must reach it)
    home.mkdir()
    found = Postgres(home)
    yield found
    found.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Household]:
    found = Household(tmp_path_factory.mktemp("restarted"))
    found.environment["DATABASE_URL"] = postgres.url
    with found.running("manage.py", "simulator", "--port", str(found.simulator_port)):
        found.prepare()
        yield found


def test_a_database_restarted_again_and_again_doubles_and_loses_nothing(house: Household, postgres: Postgres) -> None:
    for number in range(CONVERSIONS):
        house.deal(f"Restarted {number}")
    house.command("sync", "deal")
    ask = [sys.executable, "-c", f"import django; django.setup(){ASK}", str(CONVERSIONS)]
    environment = {**house.environment, "DJANGO_SETTINGS_MODULE": "zbridge.settings"}
    subprocess.run(ask, cwd=ROOT, env=environment, check=True, timeout=120)
    random, restarts = Random(44), 0
    with (
        house.running("manage.py", "worker", "--queue", "click"),
        house.running("manage.py", "worker", "--queue", "bulk"),
    ):
        until = time.monotonic() + CONVERSIONS * 1.5
        while time.monotonic() < until:
            time.sleep(random.uniform(5, 15))
            postgres.restart()
            restarts += 1
        eventually(lambda: not waiting(house), 420)
    _, proof = house.command("prove")
    assert proof["violations"] == [] and restarts >= 3
    names = [row["reference_number"] for row in house.records("books", "invoices")]
    assert [names.count(f"Restarted {number}") for number in range(CONVERSIONS)] == [1] * CONVERSIONS


def waiting(house: Household) -> list[Any]:
    """Conversions that have not ended; empty as well once all are done."""
    script = (
        "import django; django.setup()\n"
        "from invoicing.models import Conversion\n"
        "print(Conversion.objects.exclude(state__in=['done', 'review']).count())"
    )
    environment = {**house.environment, "DJANGO_SETTINGS_MODULE": "zbridge.settings"}
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    count = int(told.stdout.strip() or 1)
    if count:
        time.sleep(3)
    return list(range(count))
