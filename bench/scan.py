"""Looking for duplicates among all accounts and customers of an organisation, from the database to the groups kept."""

import resource
import time
from typing import Any

from bench.matching_made import made
from bench.stage import START, empty

from accounts.models import Connection  # isort: skip
from django.db import connection as database  # isort: skip
from syncjobs import columns, duplicates  # isort: skip
from syncjobs.domain.digesting import canonical_json  # isort: skip
from syncjobs.models import Checkpoint, Duplicate, Link, Record, Run  # isort: skip
from zbridge.clock import SteppedClock  # isort: skip

SIZES = (5_000, 100_000)
HEAD = ("accounts and customers, each", "what", "CPU s", "us CPU a record", "groups", "peak MB")
ABOVE = "SQLite. Nine of ten are on both sides and linked; no calls. All by night; what changed after a reading."
AT_ONCE = 5_000


def measure() -> list[tuple[str, ...]]:
    """Each size: the whole look, then one after a hundred rows were read anew."""
    found = []
    for size in SIZES:
        connection, clock = _laid(size), SteppedClock(START)
        found.append(_row(size, "all", 2 * size, _took(connection, clock, whole=True)))
        clock.advance(600)
        touched = list(Record.objects.filter(kind="account").values_list("pk", flat=True)[:100])
        Record.objects.filter(pk__in=touched).update(read_at=clock.now())
        found.append(_row(size, "100 changed", 100, _took(connection, clock, whole=False)))
    return found


def _took(connection: Connection, clock: SteppedClock, whole: bool) -> float:
    began = time.process_time()
    duplicates.find(connection, clock, whole=whole)
    return time.process_time() - began


def _row(size: int, what: str, rows: int, took: float) -> tuple[str, ...]:
    groups = Duplicate.objects.filter(state=Duplicate.State.OPEN).count()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"{size:,}", what, f"{took:.1f}", f"{took / rows * 1e6:.0f}", f"{groups:,}", f"{peak:,}"


def _laid(size: int) -> Connection:
    """Two lists of the made-up set, linked where they are the same."""
    empty()
    connection = Connection.objects.create(name="Bench", state="connected", currency="EUR")
    for kind in ("account", "customer"):
        Checkpoint.objects.create(connection=connection, kind=kind, read_at=START, listed_at=START)
    Run.objects.create(connection=connection, kind="customers", state="complete", requested_at=START, ended_at=START)
    found = made(size)
    _store(connection, (_account(row) for row in found.left), "account")
    _store(connection, (_customer(row) for row in found.right or ()), "customer")
    common = {"connection": connection, "pair": "customer", "crm_kind": "account", "currency": "EUR", "how": "email"}
    links = (Link(crm_id=here, books_id=there, made_at=START, **common) for here, there in sorted(found.truth))
    Link.objects.bulk_create(links, batch_size=AT_ONCE)
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    return connection


def _account(row: dict[str, str]) -> dict[str, Any]:
    address = {"Billing_Street": row["street"], "Billing_City": row["city"], "Billing_Code": row["zip"]}
    return {"id": row["id"], "Account_Name": row["name"], "Phone": row["phone"], **address, "mail": row["email"]}


def _customer(row: dict[str, str]) -> dict[str, Any]:
    return {
        "contact_id": row["id"], "contact_name": row["name"], "email": row["email"], "phone": row["phone"],
        "currency_code": "EUR", "status": "active", "contact_type": "customer",
    }  # fmt: skip


def _store(connection: Connection, rows: Any, kind: str) -> None:
    """As the reading keeps them; an account's e-mail is a contact's of it."""
    to_columns = columns.account if kind == "account" else columns.customer
    records = []
    for row in rows:
        kept: dict[str, Any] = {"connection": connection, "digest": "0", "read_at": START}
        record = Record(kind=kind, raw=canonical_json(row), **kept, **to_columns(row))
        records.append(record)
        if row.get("mail"):
            person = columns.contact({"id": f"c{row['id']}", "Email": row["mail"], "Account_Name": {"id": row["id"]}})
            records.append(Record(kind="contact", **kept, **person))
        if len(records) >= AT_ONCE:
            Record.objects.bulk_create(records)
            records.clear()
    Record.objects.bulk_create(records)
