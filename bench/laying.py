"""A mirror of a size laid by SQL, on SQLite and PostgreSQL alike: accounts and customers, invoices, payments."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bench.stage import START

from accounts.models import Connection  # isort: skip
from django.db import connection as database, models  # isort: skip
from invoicing.models import Account, Invoice, Payment, Receivable  # isort: skip
from syncjobs.models import Checkpoint, Link, Record  # isort: skip

CUSTOMERS, INVOICES, PAYMENTS = 100, 1_000, 500
BIG = 5_000
TOTAL: Any = Decimal("14851.20")
NOTHING: Any = Decimal(0)


def lay(invoices: int) -> Connection:
    """So many invoices, a tenth as many customers, half as many payments; one customer has 5,000 more invoices."""
    connection = Connection.objects.create(name="Bench", state="connected", currency="EUR", go_live=date(2026, 10, 1))
    for kind in ("invoice", "payment", "creditnote", "customer", "account"):
        Checkpoint.objects.create(connection=connection, kind=kind, read_at=START, listed_at=START)
    _parties(connection)
    Invoice.objects.bulk_create(_invoice(connection, number, number % CUSTOMERS) for number in range(INVOICES))
    Payment.objects.bulk_create(_payment(connection, number) for number in range(PAYMENTS))
    for copy in range(1, invoices // INVOICES):
        _copied(Record, copy * CUSTOMERS, "kind <> ''", ("remote_id",), ("name", "name_key"), CUSTOMERS * 2)
        _copied(Link, copy * CUSTOMERS, "pair <> ''", ("crm_id", "books_id"), (), CUSTOMERS)
        _copied(Receivable, copy * CUSTOMERS, "currency <> ''", ("customer_id",), (), CUSTOMERS)
        _copied(Invoice, copy * INVOICES, "status <> ''", ("books_id",), ("number",), INVOICES, CUSTOMERS * copy)
        _copied(Payment, copy * PAYMENTS, "currency <> ''", ("books_id",), ("number",), PAYMENTS, CUSTOMERS * copy)
    first = 10**9
    Invoice.objects.bulk_create(_invoice(connection, first + number, 7) for number in range(BIG))
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    return connection


def big_account() -> Account:
    """The account whose customer has 5,000 invoices more than others."""
    return Account.objects.get(remote_id="2000000007")


def _parties(connection: Connection) -> None:
    made: dict[str, Any] = {"connection": connection, "read_at": START, "digest": "0", "currency": "EUR"}
    for number in range(CUSTOMERS):
        name = f"Firm {number} GmbH "
        common = {**made, "name": name, "name_key": name.lower().strip()}
        opened = number % 4 == 0
        due = START.date() + timedelta(days=number - 50) if opened else None
        Record.objects.create(
            kind="account", remote_id=f"{2_000_000_000 + number}", owner_id=f"u-{number}", open_count=int(opened),
            owed_since=due, **common,
        )  # fmt: skip
        Record.objects.create(
            kind="customer", remote_id=f"{1_000_000_000 + number}", outstanding=TOTAL, credits=NOTHING, **common
        )
        Receivable.objects.create(
            connection=connection, customer_id=f"{1_000_000_000 + number}", currency="EUR", changed_at=START,
            open_count=int(opened), last_paid_on=START.date(), last_paid=TOTAL, oldest_due_on=due,
        )  # fmt: skip
        Link.objects.create(
            connection=connection, pair="customer", crm_kind="account", crm_id=f"{2_000_000_000 + number}",
            books_id=f"{1_000_000_000 + number}", how="email", made_at=START,
        )  # fmt: skip


def _invoice(connection: Connection, number: int, customer: int) -> Invoice:
    """One in ten open, one in fifty a draft, one in a hundred void, gone or ours."""
    state = "sent" if number % 10 == 0 else "draft" if number % 50 == 1 else "void" if number % 100 == 2 else "paid"
    day = START.date() - timedelta(days=number % 997)
    return Invoice(
        connection=connection, read_at=START, digest="0", books_id=f"{3_000_000_000 + number}",
        number=f"INV-{number}-", status=state, customer_id=f"{1_000_000_000 + customer}",
        customer_name=f"Firm {customer} GmbH", currency="EUR", total=TOTAL,
        balance=TOTAL if state in ("sent", "draft") else NOTHING, issued_on=day, due_on=day + timedelta(days=30),
        reference=f"PO {number}", key=f"ZB-{number}" if number % 100 == 3 else "",
        gone_at=START if number % 100 == 4 else None, raw="x" * 400,
    )  # fmt: skip


def _payment(connection: Connection, number: int) -> Payment:
    return Payment(
        connection=connection, read_at=START, digest="0", books_id=f"{4_000_000_000 + number}", number=f"PAY-{number}-",
        customer_id=f"{1_000_000_000 + number % CUSTOMERS}", customer_name=f"Firm {number % CUSTOMERS} GmbH",
        paid_on=START.date() - timedelta(days=number % 997), amount=TOTAL, currency="EUR", mode="banktransfer",
        unused=TOTAL if number % 50 == 0 else NOTHING, gone_at=START if number % 100 == 4 else None, raw="x" * 400,
    )  # fmt: skip


def _copied(
    model: type[models.Model], shift: int, where: str, ids: Sequence[str], texts: Sequence[str], first: int,
    customers: int = 0,
) -> None:  # fmt: skip
    """The first rows once more, their ids and names moved on, in one statement."""

    def column(name: str) -> str:
        if name in ids:
            return f"CAST(CAST({name} AS BIGINT) + {shift} AS VARCHAR(30))"
        if name == "customer_id":
            return f"CAST(CAST({name} AS BIGINT) + {customers} AS VARCHAR(30))"
        return f"{name} || '{shift}'" if name in texts else f'"{name}"'

    names = [str(field.column) for field in model._meta.concrete_fields if field.column != "id"]
    columns, table = ", ".join(f'"{name}"' for name in names), model._meta.db_table
    new = ", ".join(column(name) for name in names)
    with database.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {new} FROM {table} WHERE {where} AND id <= {first}")  # noqa: S608
