"""What stands beside a draft's total and stops nothing: the credit limit and Books' own rate."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.credit import notes
from tests.domain.makers import ACME
from zbridge.money import Money


def said(owes: object, limit: object, total: object, currency: str = "EUR") -> tuple[str, ...]:
    customer = replace(ACME, owes=Decimal(str(owes)), credit_limit=Decimal(str(limit)))
    return notes(customer, Money(Decimal(str(total)), currency), "EUR", {"USD": Decimal("0.900000")})


def test_a_draft_within_the_limit_says_both_figures() -> None:
    assert said(4000, 5000, 1000) == ("Acme Ltd owes 4,000.00 EUR of a credit limit of 5,000.00 EUR.",)


def test_a_draft_beyond_the_limit_says_by_how_much() -> None:
    assert said(4800, 5000, 1200)[0].endswith("; with this draft that is 1,000.00 EUR beyond it.")


def test_without_a_limit_nothing_is_said() -> None:
    assert said(4800, 0, 1200) == () == notes(None, Money(Decimal(1), "EUR"), "EUR", {})


def test_another_currency_is_billed_at_books_own_rate_and_held_against_no_limit() -> None:
    assert said(1, 2, 3, "USD") == (
        "Billed in USD. Books converts at its own rate of the day; when last read, 1 USD was 0.9 EUR.",
    )
    assert said(1, 2, 3, "CHF") == ("Billed in CHF. Books converts at its own rate of the day.",)


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 10_000))
def test_beyond_is_said_exactly_when_it_is(owes: int, limit: int, total: int) -> None:
    assert ("beyond" in said(owes, limit, total)[0]) is (owes + total > limit)
