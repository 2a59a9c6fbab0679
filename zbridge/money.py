"""Money: a Decimal amount with its currency. No float gets in, currencies never mix, rounding is half up."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

UNITS_PER_ONE = 10_000

# ISO 4217: currencies whose smallest unit isn't a hundredth.
_WHOLE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF")
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MINOR_DIGITS = dict.fromkeys((*_WHOLE, "XOF", "XPF"), 0) | dict.fromkeys(_THOUSANDTHS, 3)


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum or comparison."""


@dataclass(frozen=True)
class Money:
    """An amount in one currency, of any number of decimals; `rounded` brings it to the currency's own."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"An amount is a Decimal, not {type(self.amount).__name__}.")
        if not self.amount.is_finite():
            raise ValueError(f"{self.amount} is not an amount.")

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} don't add up.")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        if isinstance(factor, float):
            raise TypeError("Money is multiplied by a Decimal, not by a float.")
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return display(self)


def zero(currency: str) -> Money:
    """Nothing, in that currency."""
    return Money(Decimal(0), currency)


def total(parts: Sequence[Money], currency: str) -> Money:
    """The sum of amounts of one currency; zero when there are none."""
    nothing = zero(currency)
    return Money(sum((nothing._same(one) for one in parts), nothing.amount), currency)


def minor_digits(currency: str) -> int:
    """Decimals of the currency's smallest unit: 2 unless ISO 4217 says otherwise (JPY 0, KWD 3)."""
    return _MINOR_DIGITS.get(currency, 2)


def round_to(amount: Decimal, digits: int) -> Decimal:
    """Half up (away from zero at the half), as Books rounds (facts books 5.6)."""
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def rounded(money: Money, digits: int | None = None) -> Money:
    """Half up to the currency's smallest unit, or to so many decimals."""
    places = minor_digits(money.currency) if digits is None else digits
    return Money(round_to(money.amount, places), money.currency)


def allocate(whole: Money, weights: Sequence[Decimal], digits: int | None = None) -> tuple[Money, ...]:
    """Split by weight, each part rounded down; what is left over goes to the largest weight, so the parts add up.

    Weights are not negative. Without any weight the first part takes all. ValueError when there is nothing to give to.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("Money is spread over one or more weights that aren't negative.")
    step = Decimal(1).scaleb(-(minor_digits(whole.currency) if digits is None else digits))
    weight_sum = sum(weights, Decimal(0)) or Decimal(1)
    shares = [(whole.amount * weight / weight_sum).quantize(step, ROUND_DOWN) for weight in weights]
    shares[weights.index(max(weights))] += whole.amount - sum(shares, Decimal(0))
    return tuple(Money(share, whole.currency) for share in shares)


def to_units(amount: Decimal) -> int:
    """1/10,000 units, as stored; ValueError when the amount carries finer digits."""
    units = amount * UNITS_PER_ONE
    if units != units.to_integral_value():
        raise ValueError(f"{amount} has more than four decimals.")
    return int(units)


def from_units(units: int) -> Decimal:
    """The amount of so many 1/10,000 units."""
    return Decimal(units) / UNITS_PER_ONE


def display(money: Money) -> str:
    """As people read it: "14,851.20 EUR", with at least the currency's own decimals."""
    exponent = money.amount.normalize().as_tuple().exponent
    written = -exponent if isinstance(exponent, int) else 0
    digits = max(minor_digits(money.currency), written)
    return f"{money.amount:,.{digits}f} {money.currency}"
