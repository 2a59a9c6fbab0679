"""States that many tests begin with: made once the honest way, kept, and put back for the next test in a moment.

What is kept are the rows of the apps, Zoho's state and how far the clock went; people are never kept, so every row that
names a user is put back naming the present one.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection as database
from django.db import models, transaction

from accounts.models import AuditEvent, Connection, User
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

OURS = ("accounts", "invoicing", "syncjobs")
# The audit trail can't be emptied: its rows are only added to.
FOR_EVER = AuditEvent._meta.db_table
Rows = dict[str, tuple[type[models.Model], list[str], list[tuple[Any, ...]]]]


@dataclass(frozen=True)
class Kept:
    """One state, as it was left."""

    rows: Rows
    user: int
    zoho: sqlite3.Connection
    after: float
    made: Any


class KeptStates:
    """The states of one process, by name."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def reach(self, name: str, make: Callable[[], Any], *, user: User, zoho: Simulator, clock: SteppedClock) -> Any:
        """Bring rows, Zoho and the clock to that state: by making it the first time, then by putting it back.

        What the making answered is answered again: plain values, since they are shared.
        """
        began = clock.now()
        if name in self._kept:
            _put_back(self._kept[name], user, zoho, clock, began)
            return self._kept[name].made
        made = make()
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        zoho.store._db.backup(copy)
        self._kept[name] = Kept(_rows(), user.pk, copy, (clock.now() - began).total_seconds(), made)
        return made

    @contextmanager
    def rows_as_they_are(self) -> Iterator[None]:
        """A backup of our database, restored after the block; Zoho, the clock and the audit trail go on."""
        kept = _rows()
        yield
        _restore(kept, 0, 0)


def _tables() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        is_people = model is User or model._meta.auto_created or model._meta.proxy
        if model._meta.app_label in OURS and not is_people:
            yield model


def _rows() -> Rows:
    found: Rows = {}
    with database.cursor() as cursor:
        for model in _tables():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')  # noqa: S608
            rows = cursor.fetchall()
            if rows:
                found[model._meta.db_table] = (model, [column[0] for column in cursor.description], rows)
    return found


def _put_back(kept: Kept, user: User, zoho: Simulator, clock: SteppedClock, began: datetime) -> None:
    _restore(kept.rows, kept.user, user.pk)
    kept.zoho.backup(zoho.store._db)
    clock.advance(kept.after - (clock.now() - began).total_seconds())


def _restore(kept: Rows, before: int, now: int) -> None:
    with transaction.atomic(), database.cursor() as cursor:
        for model in _tables():
            if model._meta.db_table != FOR_EVER:
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608
        for model, columns, rows in kept.values():
            _insert(cursor, model, columns, _named(model, columns, rows, before, now))
        for statement in database.ops.sequence_reset_sql(no_style(), [model for model, _, _ in kept.values()]):
            cursor.execute(statement)


def _insert(cursor: Any, model: type[models.Model], columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    table = model._meta.db_table
    if table == FOR_EVER:
        known = set(AuditEvent.objects.values_list("pk", flat=True))
        rows = [row for row in rows if row[columns.index("id")] not in known]
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)  # noqa: S608


def _named(
    model: type[models.Model], columns: list[str], rows: list[tuple[Any, ...]], before: int, now: int
) -> list[tuple[Any, ...]]:
    """The rows with the present user in the place of the one who was there when they were made."""
    people = {field.column for field in model._meta.concrete_fields if field.related_model is User}
    at = [number for number, column in enumerate(columns) if column in people]
    if before == now or not at:
        return rows
    return [
        tuple(now if number in at and value == before else value for number, value in enumerate(row)) for row in rows
    ]


def the_connection() -> Connection:
    """The one there is."""
    return Connection.objects.get()
