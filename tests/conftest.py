"""What tests of the apps stand on: a database file, a clock that stands still, Zoho in process, four people."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection as database
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import override_settings

from accounts.clients import Seams, use_seams
from accounts.connecting import connect_simulator
from accounts.models import Connection, User
from tests.in_process import InProcess
from tests.kept_states import KeptStates, the_connection
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.simulator.build import build, lay_world
from zbridge.zoho.wire import Wire

START = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'accounts_auditevent'"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file: in memory, threads would share one cache whose locks don't wait. Each process has its own."""
    for settings in connections.databases.values():
        if settings["ENGINE"].endswith("sqlite3"):
            settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def tests_may_empty_the_audit_trail() -> Iterator[None]:
    """The flush after a test with real transactions deletes rows, which the audit trail's triggers forbid on SQLite."""
    if database.vendor != "sqlite":
        yield
        return
    operations = type(database.ops)
    flush = operations.sql_flush

    def flush_without_triggers(self: BaseDatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        with database.cursor() as cursor:
            triggers = cursor.execute(TRIGGERS).fetchall()
        drops = [f"DROP TRIGGER {name}" for name, _ in triggers]
        return [*drops, *flush(self, *args, **kwargs), *(sql for _, sql in triggers)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", flush_without_triggers)
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_are_hashed_quickly() -> Iterator[None]:
    """Scrypt takes a fifth of a second a person, by design; which hashers are set is tested by the settings' tests."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def clock() -> SteppedClock:
    """A weekday morning; it stands still until somebody moves it."""
    return SteppedClock(START)


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """State files of simulated worlds ("none", "small"), each made once."""
    made: dict[str, Path] = {}

    def world(size: str) -> Path:
        if size not in made:
            made[size] = tmp_path_factory.mktemp("world") / f"{size}.sqlite3"
            lay_world(build(str(made[size]), clock=SteppedClock(START)), size=size)
        return made[size]

    return world


@pytest.fixture
def simulator_of(worlds: Callable[[str], Path], tmp_path: Path, clock: SteppedClock) -> Callable[[str], Simulator]:
    """A simulator of its own for this test, from a world made once."""

    def fresh(size: str) -> Simulator:
        state = tmp_path / f"{size}.sqlite3"
        with closing(sqlite3.connect(worlds(size))) as source:
            source.execute("vacuum into ?", [str(state)])
        return build(str(state), clock=clock)

    return fresh


@pytest.fixture
def empty_zoho(simulator_of: Callable[[str], Simulator]) -> Simulator:
    """Zoho of an organisation without any record."""
    return simulator_of("none")


@pytest.fixture
def zoho(simulator_of: Callable[[str], Simulator]) -> Simulator:
    """Zoho of the demo world."""
    return simulator_of("small")


@pytest.fixture
def reaching(clock: SteppedClock) -> Iterator[Callable[[Simulator], Seams]]:
    """Makes this process reach that simulator, on the test's clock."""
    with ExitStack() as stack:
        yield lambda found: stack.enter_context(
            use_seams(Seams(clock=clock, wire=Wire(lambda: InProcess(found, clock))))
        )


@pytest.fixture(scope="session")
def kept_states() -> KeptStates:
    """What many tests begin with."""
    return KeptStates()


@pytest.fixture
def empty_connection(
    db: None, cy: User, empty_zoho: Simulator, reaching: Callable[[Simulator], Seams], clock: SteppedClock,
    kept_states: KeptStates,
) -> Connection:  # fmt: skip
    """A connection to an organisation without records, by way of the whole set-up."""
    return _connected("empty", cy, empty_zoho, reaching(empty_zoho), clock, kept_states)


@pytest.fixture
def connection(
    db: None, cy: User, zoho: Simulator, reaching: Callable[[Simulator], Seams], clock: SteppedClock,
    kept_states: KeptStates,
) -> Connection:  # fmt: skip
    """A connection to the demo world, by way of the whole set-up."""
    return _connected("small", cy, zoho, reaching(zoho), clock, kept_states)


def _connected(
    world: str, cy: User, zoho: Simulator, found: Seams, clock: SteppedClock, kept: KeptStates
) -> Connection:
    def make() -> None:
        connect_simulator(cy, go_live=date(2026, 10, 1), found=found)

    if Connection.objects.exists() or clock.now() != START:
        make()
        return the_connection()
    kept.reach(f"{world}, connected", make, user=cy, zoho=zoho, clock=clock)
    return the_connection()


def _person(name: str, role: str) -> User:
    user = User.objects.create_user(name, password="demo-password-1", first_name=name.title())
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def ada(db: None) -> User:
    """A sales rep."""
    return _person("ada", "rep")


@pytest.fixture
def ben(db: None) -> User:
    """Finance."""
    return _person("ben", "finance")


@pytest.fixture
def cy(db: None) -> User:
    """The RevOps administrator."""
    return _person("cy", "revops")


@pytest.fixture
def dee(db: None) -> User:
    """The auditor."""
    return _person("dee", "auditor")
