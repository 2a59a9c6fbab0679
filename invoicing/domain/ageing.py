"""What a customer owes and since when: open balances by currency and age. Drafts and void invoices count nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zbridge.money import Money, total, zero

UNCOUNTED = frozenset({"draft", "void", "pending_approval", "approved", "rejected"})
# Days overdue up to which a bucket reaches; what is older is in the last.
BUCKETS = ((30, "1-30 days"), (60, "31-60 days"), (90, "61-90 days"))
OLDEST = "over 90 days"


@dataclass(frozen=True, kw_only=True)
class OpenInvoice:
    """A Books invoice by what is still open of it; `due_on` in the organisation's zone."""

    number: str
    due_on: date | None
    balance: Money
    status: str = "sent"


@dataclass(frozen=True, kw_only=True)
class Ageing:
    """One currency's open balances. outstanding = not due + overdue; the buckets add up to overdue."""

    outstanding: Money
    not_due: Money
    overdue: Money
    overdue_count: int
    oldest_days: int
    buckets: tuple[tuple[str, Money], ...]


def days_overdue(invoice: OpenInvoice, today: date) -> int:
    """0 up to and on the due day, and for what is paid, drafted or void; 1 from the next midnight on."""
    if invoice.status in UNCOUNTED or invoice.balance.amount <= 0 or invoice.due_on is None:
        return 0
    return max((today - invoice.due_on).days, 0)


def ageing(invoices: Iterable[OpenInvoice], today: date) -> dict[str, Ageing]:
    """By currency; currencies are never added together."""
    by_currency: dict[str, list[OpenInvoice]] = {}
    for invoice in invoices:
        if invoice.status not in UNCOUNTED:
            by_currency.setdefault(invoice.balance.currency, []).append(invoice)
    return {currency: _aged(currency, found, today) for currency, found in sorted(by_currency.items())}


def nothing_open(currency: str) -> Ageing:
    """The ageing of a customer without open invoices."""
    return _aged(currency, [], date.min)


def _aged(currency: str, invoices: list[OpenInvoice], today: date) -> Ageing:
    late = [(days_overdue(invoice, today), invoice) for invoice in invoices]
    overdue = [(days, invoice.balance) for days, invoice in late if days]
    outstanding = total([invoice.balance for invoice in invoices], currency)
    owed = total([balance for _, balance in overdue], currency)
    return Ageing(
        outstanding=outstanding,
        not_due=outstanding - owed,
        overdue=owed,
        overdue_count=len(overdue),
        oldest_days=max((days for days, _ in overdue), default=0),
        buckets=_buckets(currency, overdue),
    )


def _buckets(currency: str, overdue: list[tuple[int, Money]]) -> tuple[tuple[str, Money], ...]:
    sums = {label: zero(currency) for _, label in BUCKETS} | {OLDEST: zero(currency)}
    for days, balance in overdue:
        label = next((name for reach, name in BUCKETS if days <= reach), OLDEST)
        sums[label] += balance
    return tuple(sums.items())
