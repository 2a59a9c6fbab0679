"""Storing rows that were read: ours (mapping, digest, compare, write) beside plain bulk upserts and one by one."""

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from bench.stage import Stage
from syncjobs import columns
from syncjobs.absorbing import with_digest
from syncjobs.feeds import CUSTOMERS, Rows
from syncjobs.models import Record
from zbridge.zoho.gate import Priority

PAGE, NAIVE_ROWS = 200, 400
Store = Callable[[Rows], None]


class Upserts:
    """The same customers of a simulated organisation, stored in one way after the other."""

    def __init__(self, size: int) -> None:
        self.stage = Stage(str(size))
        clients = self.stage.seams.clients(self.stage.connection, Priority.BULK)
        self.rows: Rows = [dict(row) for page in clients.books.contact_pages() for row in page.rows]
        self.now: datetime = self.stage.clock.now()

    def ours(self, rows: Rows) -> None:
        """A page as reading stores it."""
        CUSTOMERS.absorb(self.stage.connection, rows, self.now)

    def bulk(self, rows: Rows) -> None:
        """The same columns, written whether they changed or not; mapping is not counted."""
        made = [
            Record(connection=self.stage.connection, kind="customer", **columned) for columned in self._columned(rows)
        ]
        unique = ["connection", "kind", "remote_id"]
        names = [name for name in self._columned(rows[:1])[0] if name != "remote_id"]
        Record.objects.bulk_create(made, update_conflicts=True, unique_fields=unique, update_fields=names)

    def naive(self, rows: Rows) -> None:
        """One row after the other."""
        for columned in self._columned(rows):
            key = {"connection": self.stage.connection, "kind": "customer", "remote_id": columned.pop("remote_id")}
            Record.objects.update_or_create(**key, defaults=columned)

    def _columned(self, rows: Rows) -> Rows:
        return [with_digest(columns.customer(row), row, self.now) for row in rows]

    def mapping(self, rows: Rows) -> None:
        """What ours and the others spend before the database is asked."""
        self._columned(rows)

    def timed(self, store: Store, rows: Rows) -> float:
        """Microseconds of CPU a row, a page of 200 in a transaction."""
        began = time.process_time()
        for start in range(0, len(rows), PAGE):
            with transaction.atomic():
                store(rows[start : start + PAGE])
        return (time.process_time() - began) * 1e6 / len(rows)


def _changed(rows: Rows, every: int) -> Rows:
    return [row | {"contact_name": f"{row['contact_name']} *"} if n % every == 0 else row for n, row in enumerate(rows)]


def measure(size: int = 5_000) -> list[tuple[str, ...]]:
    """Rows: what, microseconds of CPU a row, times the plain bulk upsert of the same rows."""
    found = Upserts(size)
    empty = Record.objects.filter(kind="customer").delete
    mapping = found.timed(found.mapping, found.rows)
    empty()
    times = {"bulk_create(update_conflicts) of 200, mapping not counted": found.timed(found.bulk, found.rows) - mapping}
    empty()
    times["ours, first time (mapping, digest and compare counted)"] = found.timed(found.ours, found.rows)
    times["ours, unchanged"] = found.timed(found.ours, found.rows)
    times["ours, one in ten changed"] = found.timed(found.ours, _changed(found.rows, 10))
    empty()
    times["update_or_create"] = found.timed(found.naive, found.rows[:NAIVE_ROWS]) - mapping
    times["mapping and digest alone"] = mapping
    base = next(iter(times.values()))
    return [(what, f"{took:,.0f}", f"{took / base:.2f}") for what, took in times.items()]
