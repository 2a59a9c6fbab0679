"""A long list as CSV: ours, guarded cell by cell, against values_list and csv of the standard library alone."""

import csv
import json
import os
import resource
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from bench.stage import HOME, START, empty

from accounts import exporting, exports, sheets  # isort: skip
from accounts.models import Connection, Export, User  # isort: skip
from django.contrib.auth.models import Group  # isort: skip
from django.db import connection as database  # isort: skip
from django.db import connections  # isort: skip
from invoicing.models import Invoice  # isort: skip
from invoicing.resources import InvoiceResource  # isort: skip
from zbridge.clock import SystemClock  # isort: skip

ROWS = int(os.environ.get("ZBRIDGE_BENCH_EXPORT_ROWS", "200000"))
LAID = 10_000
GOAL = 2.0
HEAD = ("way", "us CPU a row", "times plain", "memory, MB more")
AMOUNT: Any = Decimal("14851.20")


def measure() -> list[tuple[str, ...]]:
    """Each way in a process of its own, so that its memory is its own."""
    _lay()
    ways: dict[str, Callable[[], None]] = {
        "plain: values_list and csv": _plain, "ours, at once": _at_once,
        "ours, in the background, csv": lambda: _background("csv"),
        "ours, in the background, xlsx": lambda: _background("xlsx"),
    }  # fmt: skip
    taken = {name: _alone(way) for name, way in ways.items()}
    base = taken["plain: values_list and csv"][0]
    return [(name, f"{cpu:.1f}", f"{cpu / base:.2f}", f"{more:.0f}") for name, (cpu, more) in taken.items()]


def _lay() -> None:
    empty()
    connection = Connection.objects.create(name="Bench", state="connected", currency="EUR", go_live=date(2026, 10, 1))
    Invoice.objects.bulk_create(
        Invoice(
            connection=connection, read_at=START, digest="0", books_id=str(number), number=f"INV-{number:07}",
            status="sent", customer_id=f"c-{number % 997}", customer_name=f"Customer {number % 997} GmbH",
            currency="EUR", total=AMOUNT, balance=AMOUNT, issued_on=START.date(), due_on=START.date(),
            reference=f"PO {number}",
        )
        for number in range(LAID)
    )  # fmt: skip
    names = [str(field.column) for field in Invoice._meta.concrete_fields if field.column != "id"]
    new = ["CAST(books_id + %s AS TEXT)" if name == "books_id" else name for name in names]
    table = Invoice._meta.db_table
    copy = f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(new)} FROM {table} WHERE id <= %s"  # noqa: S608
    with database.cursor() as cursor:
        for start in range(LAID, ROWS, LAID):
            cursor.execute(copy, [start, LAID])


def _alone(way: Callable[[], None]) -> tuple[float, float]:
    """Microseconds of CPU a row, and by how many MB the process grew."""
    connections.close_all()
    reader, writer = os.pipe()
    if os.fork() == 0:
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        way()
        spent = (time.process_time() - began) / ROWS * 1e6
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        os.write(writer, json.dumps([spent, more]).encode())
        os._exit(0)
    os.wait()
    spent, more = json.loads(os.read(reader, 1000))
    return spent, more


def _plain() -> None:
    names = [str(field.attribute) for field in InvoiceResource().get_export_fields()]
    with (HOME / "plain.csv").open("w") as file:
        write = csv.writer(file).writerow
        write(names)
        for row in Invoice.objects.values_list(*names).iterator(chunk_size=2000):
            write(row)


def _at_once() -> None:
    source = exports.list_source(InvoiceResource(), Invoice.objects.all(), "invoices")
    with (HOME / "ours.csv").open("w") as file:
        file.writelines(exports.csv_lines(source.headers, source.all_rows()))


def _background(form: str) -> None:
    assert sheets.MOST_ROWS > ROWS
    user, _ = User.objects.get_or_create(username="bench", defaults={"is_staff": True})
    user.groups.set([Group.objects.get(name="finance")])
    clock = SystemClock()
    source = exports.list_source(InvoiceResource(), Invoice.objects.all(), "invoices")
    exporting.register("bench", lambda user, what, query: source)
    row = Export.objects.create(
        user=user, title="invoices", kind="bench", form=form, scope=exporting.scope_of(user), total=ROWS,
        requested_at=clock.now(),
    )  # fmt: skip
    while (found := exporting.work(row.pk, clock)) is not None and found.moving:
        continue
    row.refresh_from_db()
    assert (row.state, row.done) == (Export.State.DONE, ROWS), row.sentence
