"""Sample rows of every kind for the walk over all pages: Ada's, Raj's, and what belongs to nobody."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Connection, Exchange, Notice
from invoicing.models import Conversion, Deal, Invoice, ListPrice, PriceDrift, Proof, Quote
from syncjobs.models import (
    Attempt,
    Checkpoint,
    Duplicate,
    DuplicateMember,
    Entry,
    Link,
    Plan,
    PlannedWrite,
    Problem,
    Record,
    Rules,
    Run,
    RunPage,
)

NET: Any = Decimal("12480.00")
GROSS: Any = Decimal("14851.20")
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def sample() -> dict[str, Any]:
    """Rows of two reps in one organisation; "raj's" are those that Ada may not see, all named raj's ..."""
    connection = make_connection()
    make_common(connection)
    found = {who: make_rows(connection, who) for who in ("ada", "raj")}
    return {"connection": connection, "deal": found["ada"][0], "ada's": found["ada"], "raj's": found["raj"]}


def make_connection() -> Connection:
    return Connection.objects.create(
        name="Brightwater", data_centre="eu", state="connected", crm_org_id="1", books_org_id="2",
        books_org_name="Brightwater Supplies GmbH", currency="EUR", go_live=date(2026, 10, 1),
    )  # fmt: skip


def make_rows(connection: Connection, who: str) -> list[Any]:
    """A deal with its account, customer, quote, draft and invoice."""
    read = {"connection": connection, "read_at": NOW, "digest": "0"}
    deal = Deal.objects.create(
        **read, crm_id=f"d-{who}", name=f"{who}'s deal", name_key=f"{who} s deal", owner_id=f"u-{who}", outcome="won",
        won_on=date(2026, 11, 2), account_id=f"a-{who}", account_name=f"{who}'s account", amount=NET,
        currency="EUR",
    )  # fmt: skip
    quote = Quote.objects.create(
        **read, crm_id=f"q-{who}", subject=f"{who}'s quote", number=f"Q-{who}", deal_id=f"d-{who}"
    )
    account = record(read, "account", f"a-{who}", f"{who}'s account")
    customer = record(read, "customer", f"c-{who}", f"{who}'s customer")
    Link.objects.create(
        connection=connection, pair="customer", crm_kind="account", crm_id=f"a-{who}", books_id=f"c-{who}", how="email",
        made_at=NOW,
    )  # fmt: skip
    conversion = Conversion.objects.create(
        connection=connection, deal=deal, sale=f"deal:d-{who}", key=f"ZB-{who}", state="review", requested_at=NOW,
        customer_name=f"{who}'s customer", currency="EUR", expected_total=GROSS,
    )  # fmt: skip
    invoice = Invoice.objects.create(
        **read, books_id=f"b-{who}", number=f"INV-{who}'s", status="sent", customer_id=f"c-{who}",
        customer_name=f"{who}'s customer", currency="EUR", total=GROSS, balance=GROSS,
        due_on=date(2026, 11, 1),
    )  # fmt: skip
    make_duplicate(connection, who, [account, customer])
    PriceDrift.objects.create(
        connection=connection, product_id=f"p-{who}", item_id=f"i-{who}", name="Shelf", name_key="shelf", code="SHF",
        currency="EUR", state="different", crm_price=NET, books_price=GROSS, compared_at=NOW,
    )  # fmt: skip
    ListPrice.objects.create(
        connection=connection, list_name="Dealers", list_key=f"dealers {who}", currency="EUR", product_id=f"p-{who}",
        item_id=f"i-{who}", name="Shelf", name_key="shelf", code="SHF", state="different", crm_lowest=NET,
        crm_highest=NET, books_rate=GROSS, compared_at=NOW,
    )  # fmt: skip
    return [deal, quote, account, customer, conversion, invoice]


def make_duplicate(connection: Connection, who: str, records: list[Record]) -> None:
    row = Duplicate.objects.create(
        connection=connection, where="across", name=f"{who}'s account", name_key=f"{who} s account", in_crm=1,
        in_books=1, score=0.9, reasons="same e-mail", pairs=[[one.pk for one in records] + [0.9, ["same e-mail"]]],
        found_at=NOW, seen_at=NOW,
    )  # fmt: skip
    DuplicateMember.objects.bulk_create(DuplicateMember(duplicate=row, record=one) for one in records)


def record(read: dict[str, Any], kind: str, remote_id: str, name: str) -> Record:
    return Record.objects.create(**read, kind=kind, remote_id=remote_id, name=name, name_key=name.replace("'", " "))


def make_common(connection: Connection) -> None:
    """What is nobody's own."""
    read = {"connection": connection, "read_at": NOW, "digest": "0"}
    record(read, "item", "i-1", "WID 9")
    record(read, "product", "p-1", "WID-9")
    Checkpoint.objects.create(connection=connection, kind="deal", read_at=NOW)
    Notice.objects.create(connection=connection, event="e", title="The client secret ends", created_at=NOW)
    Exchange.objects.create(
        connection=connection, side="crm", method="GET", template="/crm/v8/Deals", priority="poll", started_at=NOW,
        outcome="OK",
    )  # fmt: skip
    Attempt.objects.create(connection=connection, purpose="invoice", key="ZB-ada", number=1, started_at=NOW)
    wrong = {"kind": "doubled", "key": "ZB-ada", "detail": "Live invoices INV-1, INV-2 carry one key."}
    Proof.objects.create(
        connection=connection, trigger="night", requested_at=NOW, ended_at=NOW, violations=[wrong], keys=1
    )  # fmt: skip
    make_writes(make_run(connection, 1))
    make_problem(connection, 1)


def make_run(connection: Connection, number: int) -> Run:
    run = Run.objects.create(
        connection=connection, kind=f"kind{number}", state="complete", requested_at=NOW, sentence="Complete: 60 = 60."
    )
    RunPage.objects.create(run=run, number=1, rows=60, changed=1, read_at=NOW)
    Entry.objects.create(
        run=run, kind="deal", remote_id="1", name="Acme", outcome="failed", cause="Unknown tax", at=NOW
    )
    return run


def make_writes(run: Run) -> None:
    """A plan of the run, with a write that was refused."""
    rules = Rules.objects.create(digest="0", text='{"pair": "product", "version": 1, "fields": []}')
    plan = Plan.objects.create(
        connection=run.connection, pair="product", run=run, state="applied", rules=rules, digest="0", made_at=NOW
    )
    change = {"field": "name", "before": "WID 9", "after": "WID-9", "rule": "crm", "lost": None}
    PlannedWrite.objects.create(
        plan=plan, position=0, name="WID-9", name_key="wid 9", side="books", remote_id="i-1", from_id="p-1",
        changes=[change], fields="|name|", outcome="refused", sentence="Books refused it.", ended_at=NOW,
    )  # fmt: skip


def make_problem(connection: Connection, number: int) -> Problem:
    return Problem.objects.create(
        connection=connection, cause="unknown_tax", subject_kind="item", subject_id=str(number), who="finance",
        subject_name="WID-9", sentence="WID-9 has no item in Books.", opened_at=NOW,
    )  # fmt: skip
