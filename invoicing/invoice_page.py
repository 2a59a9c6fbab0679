"""What an invoice's page shows: how it stands, its lines, what was paid, the sale it bills; from our own tables."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.scope import visible
from invoicing import freshness
from invoicing.account_page import facts
from invoicing.domain import invoice_states
from invoicing.models import Account, Allocation, Conversion, Invoice
from invoicing.owing import accounts_of
from invoicing.pages import Line, frozen_lines, invoice_link, money
from zbridge.clock import Clock
from zbridge.money import Money, display, rounded

SUMS = {
    "sub_total": "Net", "discount_total": "Discount", "tax_total": "Tax", "shipping_charge": "Shipping",
    "adjustment": "Adjustment", "payment_made": "Paid", "credits_applied": "Credits applied",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of its way: draft, sent, part paid, paid or void; `at` None: it was, nobody told when."""

    text: str
    on: date | None
    done: bool = True


@dataclass
class InvoicePage:
    """From top to bottom."""

    invoice: Invoice
    state: str
    late: int
    age: datetime | None
    total: str
    balance: str
    paid: str
    written_off: str = ""
    in_base: str = ""
    link: str = ""
    lines: list[Line] = field(default_factory=list)
    sums: list[tuple[str, str]] = field(default_factory=list)
    lines_read: bool = False
    lines_old: bool = False
    payments: list[tuple[Allocation, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    conversion: Conversion | None = None
    account: Account | None = None


def invoice_page(row: Invoice, user: User, clock: Clock) -> InvoicePage:
    """The page of one invoice for this person."""
    today, known = row.connection.today(clock), facts(row)
    made = Conversion.objects.filter(connection=row.connection, books_invoice_id=row.books_id)
    state = invoice_states.state_of(known, today)
    page = InvoicePage(
        row, state, late=(today - row.due_on).days if state == invoice_states.OVERDUE and row.due_on else 0,
        age=_age(row), total=money(row.total, row.currency), balance=money(row.balance, row.currency),
        paid=money(invoice_states.paid(known), row.currency),
        written_off=money(row.written_off, row.currency) if row.written_off else "", in_base=_in_base(row),
        link=invoice_link(row), conversion=visible(user, made).select_related("deal", "quote").first(),
    )  # fmt: skip
    account = accounts_of(row.connection, [row.customer_id]).get(row.customer_id)
    rows = visible(user, Account.objects.filter(connection=row.connection, remote_id=account or ""))
    page.account = rows.first()
    _show_lines(page)
    parts = Allocation.objects.filter(connection=row.connection, invoice_id=row.books_id, payment__gone_at=None)
    paid = parts.select_related("payment").order_by("payment__paid_on", "pk")
    page.payments = [(one, money(one.amount, row.currency)) for one in paid]
    page.steps = _steps(page)
    return page


def _age(row: Invoice) -> datetime | None:
    """Its own reading, or the last listing that saw it unchanged."""
    listed = freshness.listed_at(row.connection, "invoice")
    return max((at for at in (row.read_at, listed) if at), default=None)


def _in_base(row: Invoice) -> str:
    """Its balance in the organisation's currency by Books' own rate; apart, and only for a foreign one."""
    if not row.rate or row.currency == row.connection.currency:
        return ""
    home = row.connection.currency
    worth = rounded(Money(row.balance * Decimal(row.rate), home))
    return f"{display(worth)} at {row.rate}"


def _show_lines(page: InvoicePage) -> None:
    row = page.invoice
    page.lines_read = row.lines is not None
    if row.lines is not None:
        page.lines = [_line(one, row.currency) for one in row.lines]
        told = ((SUMS[name], Decimal(str(value))) for name, value in row.detail.items() if name in SUMS)
        page.sums = [(title, money(amount, row.currency)) for title, amount in told if amount]
        page.lines_old = row.detail_of != row.digest
    elif page.conversion is not None:
        page.lines = frozen_lines(page.conversion)


def _line(one: dict[str, Any], currency: str) -> Line:
    def amount(name: str) -> str:
        return money(Decimal(str(one.get(name) or 0)), currency)

    discount = str(one.get("discount") or "")
    tax = " ".join(part for part in (str(one.get("tax_name") or ""), _percent(one.get("tax_percentage"))) if part)
    return Line(
        str(one.get("name") or one.get("description") or ""), str(one.get("quantity") or ""), amount("rate"),
        "" if discount in ("0", "0.0", "0.00") else discount, tax, amount("item_total"),
    )  # fmt: skip


def _percent(value: object) -> str:
    return f"{Decimal(str(value)).normalize():f} %" if value not in (None, "") else ""


def _steps(page: InvoicePage) -> list[Step]:
    """Its way so far, and what comes next."""
    row, state = page.invoice, page.state
    found = [Step("Draft made", _day(row.created_in_books_at) or row.issued_on)]
    if state == invoice_states.VOID:
        return [*found, Step("Voided in Books", _day(row.changed_at))]
    if state == invoice_states.DRAFT or row.status in invoice_states.WAITING:
        return [*found, Step("Sent by finance", None, done=False)]
    found.append(Step("Sent by finance", None))
    found += [Step(f"{amount} paid", one.payment.paid_on) for one, amount in page.payments]
    if state == invoice_states.OVERDUE:
        found.append(Step(f"Overdue for {page.late} day{'' if page.late == 1 else 's'}", row.due_on))
    if state in (invoice_states.PAID, invoice_states.WRITTEN_OFF):
        return [*found, Step(state, row.last_paid_on)]
    return [*found, Step("Paid", None, done=False)]


def _day(at: datetime | None) -> date | None:
    return timezone.localtime(at).date() if at else None
