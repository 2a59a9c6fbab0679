"""One row of a subform or of `Quoted_Items` as a line: product, quantity, rate, discount and tax in all their forms."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicing.domain.documents import NO_DISCOUNT, ZERO, Discount, SaleLine

Row = Mapping[str, Any]
_PERCENTAGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")


@dataclass(frozen=True, kw_only=True)
class LineColumns:
    """API names of a subform's columns; the first one that the row has counts."""

    product: tuple[str, ...] = ("Product", "Product_Name", "Item")
    quantity: tuple[str, ...] = ("Quantity", "Qty")
    rate: tuple[str, ...] = ("Rate", "List_Price", "Unit_Price", "Price")
    discount: tuple[str, ...] = ("Discount",)
    tax: tuple[str, ...] = ("Line_Tax", "Tax")
    description: tuple[str, ...] = ("Description",)
    price_book: tuple[str, ...] = ()


# In `Quoted_Items`, Tax is an amount of money; the taxes themselves stand in Line_Tax.
QUOTE_COLUMNS = LineColumns(
    product=("Product_Name",), quantity=("Quantity",), rate=("List_Price",), tax=("Line_Tax",),
    price_book=("Price_Book_Name",),
)  # fmt: skip


def line(row: Row, place: int, columns: LineColumns) -> SaleLine:
    """A row as a line; `place` counts from 1 and names a row that has no id."""
    product = _first(row, columns.product)
    is_link = isinstance(product, Mapping)
    name, percent, count = tax(_first(row, columns.tax))
    return SaleLine(
        source_id=text(row.get("id")) or f"row {place}",
        product_id=text(product.get("id")) if is_link else "",
        product_name=text(product.get("name")) if is_link else text(product),
        product_code=text(product.get("Product_Code")) if is_link else "",
        quantity=number(_first(row, columns.quantity)),
        rate=number(_first(row, columns.rate)),
        discount=discount(_first(row, columns.discount)),
        tax_name=name,
        tax_percent=percent,
        tax_count=count,
        description=text(_first(row, columns.description)),
        price_book=named(_first(row, columns.price_book)),
    )


def named(value: object) -> str:
    """A text, or the name of a look-up; one that tells its id only has none."""
    return text(value.get("name")) if isinstance(value, Mapping) else text(value)


def _first(row: Row, names: Sequence[str]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def text(value: object) -> str:
    """Trimmed; null is the empty text."""
    return "" if value is None else str(value).strip()


def number(value: object) -> Decimal:
    """A number in any of Zoho's forms; empty is zero. TypeError for a float: the digits would be lost already."""
    return optional_number(value) or ZERO


def optional_number(value: object) -> Decimal | None:
    """As `number`, but empty stays None."""
    if isinstance(value, float):
        raise TypeError("A number from Zoho is read as Decimal, never as float.")
    written = text(value)
    return Decimal(written) if written else None


def discount(value: object) -> Discount:
    """An amount as number or text, or a percentage as text that ends in %."""
    written = text(value)
    if written.endswith("%"):
        return Discount(number(written.removesuffix("%")), is_percent=True)
    return Discount(number(value)) if number(value) else NO_DISCOUNT


def tax(value: object) -> tuple[str, Decimal | None, int]:
    """Name, percentage and count of a line's taxes: `Line_Tax` rows, one such row, "VAT - 19.0 %", 19 or "19"."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _line_taxes([part for part in value if isinstance(part, Mapping)])
    if isinstance(value, Mapping):
        return _line_taxes([value])
    written = text(value)
    if not written:
        return "", None, 0
    found = _PERCENTAGE.search(written)
    if found:
        name = (written[: found.start()] + written[found.end() :]).strip(" -()")
        return name, Decimal(found[1].replace(",", ".")), 1
    return ("", Decimal(written), 1) if re.fullmatch(r"\d+(\.\d+)?", written) else (written, None, 1)


def _line_taxes(rows: Sequence[Row]) -> tuple[str, Decimal | None, int]:
    names = ", ".join(text(row.get("name")) for row in rows)
    if len(rows) != 1:
        return names, None, len(rows)
    if rows[0].get("percentage") is None:
        return tax(names)
    return names, optional_number(rows[0]["percentage"]), 1


def look_up(row: Row, column: str, part: str) -> str:
    """One part (id, name) of a look-up field; empty when it points nowhere."""
    found = row.get(column)
    return text(found.get(part)) if isinstance(found, Mapping) else text(found) if part == "id" else ""


def truncated(row: Row, subform: str) -> bool:
    """Whether CRM gave only the first rows (facts CRM 2.2)."""
    more = row.get("$has_more")
    return bool(more.get(subform)) if isinstance(more, Mapping) else False
