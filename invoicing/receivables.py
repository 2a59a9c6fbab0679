"""What customers owe, from the mirror: worked out anew for those whose documents changed, and read for pages."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from accounts.models import Connection
from invoicing import owing
from invoicing.domain.ageing import UNCOUNTED, Ageing, OpenInvoice, ageing, nothing_open
from invoicing.domain.balances import is_older
from invoicing.domain.receivables import Standing, opening_balance
from invoicing.models import CreditNote, Invoice, Payment, Receivable
from syncjobs.models import Checkpoint, Record
from zbridge.money import Money, zero

Documents = Invoice | Payment | CreditNote
OPEN = Q(balance__gt=0) & ~Q(status__in=UNCOUNTED)
DRAFT = Q(status="draft")
DRAFTED: dict[str, Any] = {"status": "draft"}
DAY = 86_400
_WAITED = ExpressionWrapper(F("last_paid_on") - F("issued_on"), output_field=DurationField())


def rework(connection: Connection, customer_ids: Iterable[str], now: datetime) -> None:
    """Work out the receivables of these customers anew, in the caller's transaction; only changes are kept."""
    ids = {one for one in customer_ids if one}
    if not ids:
        return
    known = {row.customer_id: row for row in Receivable.objects.filter(connection=connection, customer_id__in=ids)}
    wanted = _worked_out(connection, ids)
    for key, row in known.items():
        wanted[key]["currency"] = wanted[key]["currency"] or row.currency
    changed = [
        Receivable(connection=connection, customer_id=key, changed_at=now, **values)
        for key, values in wanted.items()
        if key not in known or any(getattr(known[key], name) != value for name, value in values.items())
    ]
    if changed:
        names = [*next(iter(wanted.values())), "changed_at"]
        Receivable.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["connection", "customer_id"], update_fields=names
        )
        owing.keep(connection, owing.accounts_of(connection, ids).values())


def owners(connection: Connection, model: type[Documents], ids: Collection[str]) -> set[str]:
    """Whose these documents are in the mirror, before a page of them is stored: a merge gives them to another."""
    rows = model._default_manager.filter(connection=connection, books_id__in=ids)
    return set(rows.order_by().values_list("customer_id", flat=True))


def moved(connection: Connection, loser: str, master: str, now: datetime) -> None:
    """Books merged one customer into another: all its documents are the other's now, whichever were read since."""
    name = Record.objects.filter(connection=connection, kind="customer", remote_id=master).values("name")[:1]
    for model in (Invoice, Payment, CreditNote):
        rows = model._default_manager.filter(connection=connection, customer_id=loser)
        rows.update(customer_id=master, customer_name=Coalesce(Subquery(name), F("customer_name")))
    rework(connection, {loser, master}, now)
    Receivable.objects.filter(connection=connection, customer_id=master).update(look_since=now)


def after(
    connection: Connection, model: type[Documents], ids: Collection[str], now: datetime,
    before: Collection[str] = (),
) -> None:  # fmt: skip
    """These documents are new, changed or gone: their customers are worked out anew, in the caller's transaction.

    Those whose document moved after Books' own figure was read are to be looked at: Books doesn't say that a
    customer's balance moved (facts Books 7.6). `before`: whose they were.
    """
    if not ids:
        return
    rows = model._default_manager.filter(connection=connection, books_id__in=ids).order_by()
    rework(connection, {*rows.values_list("customer_id", flat=True), *before}, now)
    counted = rows.exclude(**DRAFTED) if model is Invoice else rows
    last = counted.values("customer_id").annotate(last=Max("changed_at"), gone=Max("gone_at"))
    _wait_for_a_look(connection, {row["customer_id"]: row["gone"] or row["last"] for row in last}, now)


def _wait_for_a_look(connection: Connection, moved: Mapping[str, datetime | None], now: datetime) -> None:
    checkpoint = Checkpoint.objects.filter(connection=connection, kind="customer").first()
    listed = checkpoint.listed_at if checkpoint else None
    rows = Receivable.objects.filter(connection=connection, customer_id__in=moved, look_since=None)
    late = [
        pk for pk, customer, looked in rows.values_list("pk", "customer_id", "looked_at")
        if is_older(max((at for at in (listed, looked) if at), default=None), moved[customer])
    ]  # fmt: skip
    Receivable.objects.filter(pk__in=late).update(look_since=now)


def touch(connection: Connection, customer_ids: Iterable[str], now: datetime) -> None:
    """Books' own figures of these customers moved: whatever follows the receivables looks at them again."""
    Receivable.objects.filter(connection=connection, customer_id__in=list(customer_ids)).update(changed_at=now)


def _worked_out(connection: Connection, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    invoices = Invoice.objects.filter(connection=connection, customer_id__in=ids, gone_at=None).order_by()
    found = invoices.values("customer_id").annotate(
        currency_=Min("currency"), open_=Count("pk", filter=OPEN), due=Min("due_on", filter=OPEN),
        drafts_=Sum("total", filter=DRAFT), drafted=Count("pk", filter=DRAFT),
        waited=Avg(_WAITED, filter=Q(status="paid", last_paid_on__isnull=False, issued_on__isnull=False)),
    )  # fmt: skip
    worked = {key: _values({"currency_": ""}) for key in ids}
    worked |= {row["customer_id"]: _values(dict(row)) for row in found}
    for payment in _latest_payments(connection, ids):
        values = worked[payment.customer_id]
        values |= {"last_paid_on": payment.paid_on, "last_paid": payment.amount}
        values["currency"] = values["currency"] or payment.currency
    return worked


def _values(row: dict[str, Any]) -> dict[str, Any]:
    waited = row.get("waited")
    return {
        "currency": row["currency_"] or "", "open_count": row.get("open_") or 0, "oldest_due_on": row.get("due"),
        "draft_count": row.get("drafted") or 0, "drafts": row.get("drafts_") or Decimal(0), "last_paid_on": None,
        "last_paid": None,
        "days_to_pay": None if waited is None else round(Decimal(waited.total_seconds()) / DAY, 1),
    }  # fmt: skip


def _latest_payments(connection: Connection, ids: Collection[str]) -> list[Payment]:
    """One each: of the latest day, and of several on that day the last that Books made."""
    rows = Payment.objects.filter(connection=connection, customer_id__in=ids, gone_at=None).exclude(paid_on=None)
    wanted = ("customer_id", "paid_on", "amount", "currency")
    found: dict[str, Payment] = {}
    for row in rows.only(*wanted).order_by("paid_on", "created_in_books_at", "pk"):
        found[row.customer_id] = row
    return list(found.values())


# -- for pages and for CRM ---------------------------------------------------------------------------------------------


def standings_of(connection: Connection, account_ids: Collection[str], today: date) -> dict[str, list[Standing]]:
    """How the linked Books customers of each of these CRM accounts stand, the first linked first; three queries.

    An account's customers are those linked to it, and those linked to a contact of it. One without any is left out.
    """
    rows = list(owing.customers_of(connection, account_ids))
    known = standings(connection, [row.remote_id for row in rows], today, rows)
    found: dict[str, list[Standing]] = {}
    for row in rows:
        found.setdefault(row.account_id, []).append(known[row.remote_id])
    return found


def standings(
    connection: Connection, customer_ids: Collection[str], today: date, known: Collection[Record] | None = None
) -> dict[str, Standing]:
    """How each of these customers stands on that day of the organisation's zone; three queries for all of them.

    `known`: the customers' rows, where the caller has read them; then two.
    """
    rows = Receivable.objects.filter(connection=connection, customer_id__in=customer_ids)
    kept = {row.customer_id: row for row in rows}
    opens = _open_invoices(connection, [one for one in customer_ids if one not in kept or kept[one].open_count])
    base = connection.currency
    found = {}
    for row in owing.customers(connection, customer_ids) if known is None else known:
        found[row.remote_id] = _standing(row, kept.get(row.remote_id), opens.get(row.remote_id, []), today, base)
    return found


def _open_invoices(connection: Connection, customer_ids: Collection[str]) -> dict[str, list[OpenInvoice]]:
    rows = Invoice.objects.filter(OPEN, connection=connection, customer_id__in=customer_ids, gone_at=None)
    rows = rows.order_by()
    found: dict[str, list[OpenInvoice]] = {}
    columns = ("customer_id", "number", "due_on", "balance", "currency", "status")
    for customer, number, due_on, balance, currency, status in rows.values_list(*columns):
        one = OpenInvoice(number=number, due_on=due_on, balance=Money(balance, currency), status=status)
        found.setdefault(customer, []).append(one)
    return found


def _standing(row: Record, kept: Receivable | None, opens: list[OpenInvoice], today: date, base: str) -> Standing:
    currency = row.currency or (kept.currency if kept else "")
    ages = ageing(opens, today)
    aged = ages.pop(currency, None) or nothing_open(currency)
    owed = Money(row.outstanding, currency) if row.outstanding is not None else None
    paid = kept.last_paid if kept else None
    return Standing(
        customer_id=row.remote_id, name=row.name, currency=currency, outstanding=owed, ageing=aged,
        credits=Money(row.credits, currency) if row.credits is not None else None,
        opening=opening_balance(owed, aged.outstanding),
        drafts=Money(kept.drafts if kept else Decimal(0), currency), draft_count=kept.draft_count if kept else 0,
        last_paid=Money(paid, currency) if paid is not None else None,
        last_paid_on=kept.last_paid_on if kept else None, days_to_pay=kept.days_to_pay if kept else None,
        in_base=Money(row.outstanding_base, base) if row.outstanding_base is not None and base else None,
        read_at=row.read_at, others=tuple(_other(row, aged) for aged in ages.values()),
    )  # fmt: skip


def _other(row: Record, aged: Ageing) -> Standing:
    """What is open in another currency than the customer's; Books' own figures are in the customer's alone."""
    currency = aged.outstanding.currency
    nothing = zero(currency)
    return Standing(
        customer_id=row.remote_id, name=row.name, currency=currency, outstanding=aged.outstanding, credits=nothing,
        opening=nothing, drafts=nothing, draft_count=0, ageing=aged, last_paid=None, last_paid_on=None,
        days_to_pay=None, in_base=None, read_at=row.read_at,
    )  # fmt: skip
