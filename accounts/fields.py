"""Columns for money: BIGINT of 1/10,000 units, shown as Decimal (SQLite's own decimals lose digits)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

UNITS = 10_000

if TYPE_CHECKING:
    _Integers = models.BigIntegerField[Any, Any]
else:
    _Integers = models.BigIntegerField


def to_units(amount: Decimal) -> int:
    """1/10,000 units of an amount; ValueError when it carries finer digits."""
    units = amount * UNITS
    if units != units.to_integral_value():
        raise ValueError(f"{amount} has more than four decimals.")
    return int(units)


class AmountField(_Integers):
    """A Decimal amount kept as an integer; its currency stands in a column beside it."""

    description = "Amount in 1/10,000 units"

    def from_db_value(self, value: int | None, expression: object, connection: object) -> Decimal | None:
        return None if value is None else Decimal(value) / UNITS

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError(f"“{value}” is not an amount.") from error

    def get_prep_value(self, value: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("An amount is a Decimal, never a float.")
        return to_units(Decimal(value))
