"""What CRM's account and deal show of Books, as plain values: one currency's amounts, or a text of several. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from invoicing.domain.invoice_states import (
    DRAFT,
    OVERDUE,
    PAID,
    PART,
    SENT,
    VOID,
    WRITTEN_OFF,
    InvoiceFacts,
    state_of,
)
from invoicing.domain.receivables import Standing, by_currency, last_payment, outstanding, worst
from zbridge.money import Money, minor_digits, round_to, total

Value = Decimal | int | date | str | None
Figures = Mapping[str, Value]
NUMBERS, SUMMARY = 100, 255
DELETED = "Deleted"
UNSENT = frozenset({"draft", "pending_approval", "approved", "rejected"})


def text_of(value: Value) -> str:
    """The value's one spelling, by which a change is told: amounts as plain decimals, days as ISO; empty for None."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


# -- the account -------------------------------------------------------------------------------------------------------


def account_figures(standings: Sequence[Standing], home: str) -> Figures:
    """An account's fields by meaning, from all its customers; `home` is the organisation's currency.

    Amounts are filled in only where one currency alone is meant: with several they stay empty, since a part would be
    taken for the whole, and the summary tells each. A customer with nothing at all doesn't make a second currency.
    """
    found = by_currency(standings)
    currencies = _spoken(found, home)
    one = currencies[0] if len(currencies) == 1 else ""
    mine = found.get(one, [])
    told = any(row.outstanding is not None for row in mine)
    late = total([row.ageing.overdue for row in mine], one)
    paid = last_payment(row for rows in found.values() for row in rows)
    return {
        "outstanding": _amount(outstanding(mine, one)) if told else None,
        "overdue_count": sum(row.ageing.overdue_count for rows in found.values() for row in rows),
        "overdue": _amount(late) if one else None,
        "last_paid_on": paid[0] if paid else None,
        "last_paid": _amount(paid[1]) if paid and paid[1].currency == one else None,
        "status": worst(standings),
        "currency": ", ".join(currencies),
        "summary": _summary([part for currency in currencies if (part := _said(found[currency], currency))]),
    }


def _spoken(found: Mapping[str, Sequence[Standing]], home: str) -> list[str]:
    """The currencies in which there is anything; where there is nothing, the organisation's, else the first."""
    busy = [currency for currency, rows in found.items() if any(_is_busy(row) for row in rows)]
    return busy or ([home] if home in found else list(found)[:1])


def _is_busy(row: Standing) -> bool:
    return bool(row.outstanding or row.ageing.outstanding or row.last_paid_on)


def _said(rows: Sequence[Standing], currency: str) -> str:
    """“EUR 4,500.00 (2 overdue, 3,900.00)”; empty where Books told no balance and nothing is overdue."""
    number = sum(row.ageing.overdue_count for row in rows)
    late = total([row.ageing.overdue for row in rows], currency)
    if not number and all(row.outstanding is None for row in rows):
        return ""
    overdue = f" ({number} overdue, {_grouped(late)})" if number else ""
    return f"{currency} {_grouped(outstanding(rows, currency))}{overdue}"


def _summary(parts: Sequence[str]) -> str:
    """As many whole parts as CRM's text field takes."""
    for kept in range(len(parts), 0, -1):
        rest = f"; and {len(parts) - kept} more" if kept < len(parts) else ""
        said = "; ".join(parts[:kept]) + rest
        if len(said) <= SUMMARY:
            return said
    return ""


def _amount(money: Money) -> Decimal:
    return round_to(money.amount, minor_digits(money.currency))


def _grouped(money: Money) -> str:
    return f"{_amount(money):,.{minor_digits(money.currency)}f}"


# -- the deal ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Billed:
    """One invoice of a deal as last read; `status` is Books' word. `due_on` in the organisation's zone."""

    number: str
    status: str
    total: Money
    balance: Money
    written_off: Money
    due_on: date | None
    link: str
    gone: bool = False

    @property
    def is_unsent(self) -> bool:
        """A draft, or waiting for its approval in Books."""
        return self.status in UNSENT

    @property
    def counts(self) -> bool:
        """Whether it stands: neither void nor deleted."""
        return not self.gone and self.status != "void"


def invoice_status(one: Billed, today: date) -> str:
    """Overdue by the organisation's day: Books' own word may be a day old, or another zone's."""
    if not one.counts:
        return DELETED if one.gone else VOID
    if one.is_unsent:
        return DRAFT
    return state_of(
        InvoiceFacts(
            status=one.status, total=one.total.amount, balance=one.balance.amount, due_on=one.due_on,
            written_off=one.written_off.amount,
        ),
        today,
    )  # fmt: skip


def deal_figures(invoices: Sequence[Billed], today: date) -> Figures:
    """A deal's fields by meaning, from its invoices, oldest first: those that stand, else the last one that stood.

    Paid is what was paid or credited, without what was written off. Several invoices of one currency add up; amounts
    of several stay empty. Without any invoice all is empty.
    """
    standing = [one for one in invoices if one.counts]
    shown = standing or list(invoices[-1:])
    currencies = {one.total.currency for one in shown}
    sums = _sums(standing, currencies.pop()) if len(currencies) == 1 else {"total": None, "paid": None, "balance": None}
    return {
        "number": _numbers([one.number for one in shown]),
        "status": _together([invoice_status(one, today) for one in shown]),
        **sums,
        "link": shown[-1].link if shown else "",
    }


def _sums(standing: Sequence[Billed], currency: str) -> Figures:
    whole = total([one.total for one in standing], currency)
    left = total([one.balance for one in standing], currency)
    paid = [one.total - one.balance - one.written_off for one in standing if not one.is_unsent]
    return {"total": _amount(whole), "paid": _amount(total(paid, currency)), "balance": _amount(left)}


def _together(found: Sequence[str]) -> str:
    """One status for several invoices: the most pressing, and partly paid where only some are."""
    several = set(found)
    if len(several) <= 1:
        return found[0] if found else ""
    if OVERDUE in several:
        return OVERDUE
    return PART if several & {PAID, PART, WRITTEN_OFF} else SENT


def _numbers(found: Sequence[str]) -> str:
    for kept in range(len(found), 0, -1):
        said = ", ".join(found[:kept]) + (" …" if kept < len(found) else "")
        if len(said) <= NUMBERS:
            return said
    return found[0][:NUMBERS] if found else ""
