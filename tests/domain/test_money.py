"""Money: currencies never mix, no float gets in, nothing is lost when it is shared out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.drawings import decimals
from zbridge.money import (
    CurrencyMismatch,
    Money,
    allocate,
    display,
    from_units,
    minor_digits,
    round_to,
    rounded,
    to_units,
    total,
    zero,
)

AMOUNTS = decimals("-1000000", "1000000", 4)
WEIGHTS = st.lists(decimals("0", "1000", 2), min_size=1, max_size=10)


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        Money(0.1, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        euros("1") * 0.1  # type: ignore[operator]


def test_what_is_no_number_is_no_amount() -> None:
    with pytest.raises(ValueError):
        Money(Decimal("NaN"), "EUR")


@pytest.mark.parametrize("meet", [Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__])
def test_two_currencies_never_meet(meet: object) -> None:
    with pytest.raises(CurrencyMismatch):
        meet(euros("1"), Money(Decimal(1), "USD"))  # type: ignore[operator]


def test_dollars_are_never_added_to_euros_in_a_sum() -> None:
    with pytest.raises(CurrencyMismatch):
        total([euros("1"), Money(Decimal(1), "USD")], "EUR")


def test_sums_differences_and_signs() -> None:
    assert euros("2.50") + euros("0.50") == euros("3.00")
    assert euros("2.50") - euros("3") == -euros("0.50") == euros("-0.50")
    assert abs(euros("-2")) == euros("2") and euros("2") * 3 == euros("6")
    assert total([], "EUR") == zero("EUR") and not zero("EUR")
    assert euros("1") < euros("2") <= euros("2") and euros("3") > euros("2") >= euros("2")


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("BHD", 3), ("USD", 2)])
def test_a_currency_has_its_own_decimals(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("1.004", "1")]
)
def test_half_a_cent_goes_up(amount: str, cents: str) -> None:
    assert rounded(euros(amount)) == euros(cents)


def test_yen_are_rounded_to_whole_ones() -> None:
    assert rounded(Money(Decimal("10.5"), "JPY")) == Money(Decimal(11), "JPY")


@given(AMOUNTS)
def test_rounding_twice_is_rounding_once(amount: Decimal) -> None:
    once = rounded(Money(amount, "EUR"))
    assert rounded(once) == once and abs(once.amount - amount) <= Decimal("0.005")


@given(AMOUNTS.map(lambda amount: round_to(amount, 2)), WEIGHTS)
def test_what_is_shared_out_adds_up_again(amount: Decimal, weights: list[Decimal]) -> None:
    whole = Money(amount, "EUR")
    assert total(allocate(whole, weights), "EUR") == whole


@given(decimals("0", "1000", 2), WEIGHTS)
def test_each_share_is_within_a_few_cents_of_its_due(amount: Decimal, weights: list[Decimal]) -> None:
    shares = allocate(Money(amount, "EUR"), weights)
    due = [amount * weight / (sum(weights) or 1) for weight in weights]
    largest = weights.index(max(weights))
    near = [abs(share.amount - fair) < Decimal("0.01") for share, fair in zip(shares, due, strict=True)]
    assert all(near[:largest] + near[largest + 1 :])


def test_the_remainder_goes_to_the_largest() -> None:
    shares = allocate(euros("1.00"), [Decimal(1), Decimal(2), Decimal(3)])
    assert shares == (euros("0.16"), euros("0.33"), euros("0.51"))


def test_there_must_be_somebody_to_share_with() -> None:
    for weights in ([], [Decimal(-1), Decimal(2)]):
        with pytest.raises(ValueError):
            allocate(euros("1"), weights)


@given(AMOUNTS)
def test_stored_units_lose_no_digit(amount: Decimal) -> None:
    assert from_units(to_units(amount)) == amount


def test_a_fifth_decimal_is_refused_not_cut() -> None:
    with pytest.raises(ValueError):
        to_units(Decimal("0.00001"))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("14851.2", "EUR", "14,851.20 EUR"), ("-0.4", "EUR", "-0.40 EUR"), ("1000000", "JPY", "1,000,000 JPY"),
        ("1.5", "KWD", "1.500 KWD"), ("0.3333", "EUR", "0.3333 EUR"), ("0", "EUR", "0.00 EUR"),
        ("1E+2", "EUR", "100.00 EUR"),
    ],
)  # fmt: skip
def test_money_is_shown_with_its_currency(amount: str, currency: str, shown: str) -> None:
    assert display(Money(Decimal(amount), currency)) == shown == str(Money(Decimal(amount), currency))
