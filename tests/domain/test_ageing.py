"""What is owed and since when."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.ageing import OpenInvoice, ageing, days_overdue
from tests.domain.drawings import decimals
from zbridge.money import Money, total

TODAY = date(2026, 7, 2)


def owed(amount: str | Decimal, days: int, status: str = "sent", currency: str = "EUR") -> OpenInvoice:
    """An invoice that was due so many days ago."""
    due = TODAY - timedelta(days=days)
    return OpenInvoice(number="INV", due_on=due, balance=Money(Decimal(amount), currency), status=status)


def test_acme_owes_4500_of_which_3900_is_overdue_and_the_draft_stands_apart() -> None:
    found = ageing([owed("2700", 43), owed("1200", 12), owed("600", -5), owed("950", 9, "draft")], TODAY)["EUR"]
    assert [found.outstanding.amount, found.overdue.amount, found.not_due.amount] == [4500, 3900, 600]
    assert (found.overdue_count, found.oldest_days) == (2, 43)
    assert [amount.amount for _, amount in found.buckets] == [1200, 2700, 0, 0]


def test_an_invoice_due_today_is_overdue_from_midnight_on() -> None:
    due_today = owed("1020", 0)
    assert (days_overdue(due_today, TODAY), days_overdue(due_today, TODAY + timedelta(days=1))) == (0, 1)


def test_void_and_paid_invoices_are_never_overdue() -> None:
    assert days_overdue(owed("5", 9, "void"), TODAY) == 0 and days_overdue(owed("0", 9, "paid"), TODAY) == 0


def test_an_invoice_without_due_day_is_owed_and_not_overdue() -> None:
    invoice = OpenInvoice(number="INV", due_on=None, balance=Money(Decimal(5), "EUR"))
    assert ageing([invoice], TODAY)["EUR"].not_due.amount == 5


def test_currencies_stay_apart() -> None:
    found = ageing([owed("5", 1), owed("7", 1, currency="USD")], TODAY)
    assert {currency: row.overdue.amount for currency, row in found.items()} == {"EUR": 5, "USD": 7}


@given(st.lists(st.builds(owed, decimals("0", "9999", 2), st.integers(-100, 200)), min_size=1, max_size=8))
def test_buckets_add_up_to_what_is_overdue(invoices: list[OpenInvoice]) -> None:
    found = ageing(invoices, TODAY)["EUR"]
    assert total([amount for _, amount in found.buckets], "EUR") == found.overdue
    assert found.outstanding == found.overdue + found.not_due
