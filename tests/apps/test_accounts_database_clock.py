"""F31: time is the database's; a machine whose clock is set, or is wrong, changes nothing."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from accounts import database_clock
from accounts.database_clock import DatabaseClock

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Database:
    """Answers the time, unless it is down; counts how often it was asked."""

    time: datetime = NOON
    down: bool = False
    asked: int = 0
    vendor: str = "postgresql"

    @contextmanager
    def cursor(self) -> Any:
        yield self

    def execute(self, sql: str) -> None:
        self.asked += 1
        if self.down:
            raise OperationalError("the server is starting up")

    def fetchone(self) -> tuple[datetime]:
        return (self.time,)


@dataclass
class Machine:
    """A monotonic clock that a test moves."""

    seconds: float = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    found = Database()
    monkeypatch.setattr(database_clock, "connection", found)
    return found


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine()
    monkeypatch.setattr(database_clock, "time", found)
    return found


def test_the_database_is_asked_now_and_then_and_time_runs_on_between(database: Database, machine: Machine) -> None:
    clock = DatabaseClock()
    assert clock.now() == NOON
    machine.seconds += 7
    assert (clock.now(), database.asked) == (NOON + timedelta(seconds=7), 1)
    machine.seconds, database.time = machine.seconds + 4, NOON + timedelta(seconds=11)
    assert (clock.now(), database.asked) == (NOON + timedelta(seconds=11), 2)


def test_two_workers_on_machines_five_minutes_apart_have_one_time(database: Database, machine: Machine) -> None:
    first = DatabaseClock().now()
    machine.seconds += 300
    assert DatabaseClock().now() == first


def test_while_the_database_can_t_be_asked_its_last_answer_runs_on(database: Database, machine: Machine) -> None:
    clock = DatabaseClock()
    clock.now()
    database.down = True
    machine.seconds += 60
    assert clock.now() == NOON + timedelta(seconds=60)
    database.down, database.time = False, NOON - timedelta(hours=1)
    machine.seconds += 11
    assert clock.now() == NOON - timedelta(hours=1)


def test_on_sqlite_the_machine_is_the_database(database: Database) -> None:
    database.vendor = "sqlite"
    assert abs(DatabaseClock().now() - datetime.now(UTC)) < timedelta(seconds=5) and database.asked == 0
