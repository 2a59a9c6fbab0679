"""What a part of a sale bills, line by line, and how a conversion keeps it. Frozen, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicing.domain.documents import ZERO


@dataclass(frozen=True, kw_only=True)
class LinePart:
    """What of one line a part bills: its price before its discount, and the discount."""

    source_id: str
    price: Decimal
    discount: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        """What the part bills for the line."""
        return self.price - self.discount


@dataclass(frozen=True, kw_only=True)
class Portion:
    """One part of a sale. `amount`: its share of what CRM says the sale comes to. `label` as people read it."""

    lines: tuple[LinePart, ...]
    header: Decimal = ZERO
    adjustment: Decimal = ZERO
    amount: Decimal | None = None
    label: str = ""

    @property
    def value(self) -> Decimal:
        """What it bills in the sale's own terms."""
        return sum((one.amount for one in self.lines), ZERO) - self.header + self.adjustment


def row_of(portion: Portion) -> dict[str, Any]:
    """As a conversion keeps it: decimal texts."""
    return {
        "label": portion.label, "header": f"{portion.header:f}", "adjustment": f"{portion.adjustment:f}",
        "amount": None if portion.amount is None else f"{portion.amount:f}",
        "lines": [[one.source_id, f"{one.price:f}", f"{one.discount:f}"] for one in portion.lines],
    }  # fmt: skip


def portion_of(row: Mapping[str, Any]) -> Portion | None:
    """The part that was kept; None where the whole sale is billed."""
    if not row:
        return None
    amount = row["amount"]
    return Portion(
        lines=tuple(
            LinePart(source_id=source, price=Decimal(price), discount=Decimal(discount))
            for source, price, discount in row["lines"]
        ),
        header=Decimal(row["header"]), adjustment=Decimal(row["adjustment"]),
        amount=None if amount is None else Decimal(amount), label=row["label"],
    )  # fmt: skip
