"""Which column of a deal's own lines holds what: found by name and kind, changed by a person. Pure (facts CRM 2.10)."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]

# Meaning -> names it goes by, compared without case and underscores; the first that the subform has counts.
NAMES: dict[str, tuple[str, ...]] = {
    "product": ("product", "product_name", "item", "article", "sku"),
    "quantity": ("quantity", "qty", "count", "units"),
    "rate": ("rate", "list_price", "unit_price", "price", "sales_price"),
    "discount": ("discount", "discount_amount"),
    "tax": ("line_tax", "tax", "tax_rate", "vat"),
    "description": ("description", "note", "text"),
    "order": ("sequence_number",),
}
NEEDED = ("product", "quantity", "rate")
LABELS = {
    "product": "Product", "quantity": "Quantity", "rate": "Price of one", "discount": "Discount",
    "tax": "Tax (name or percentage)", "description": "Description",
}  # fmt: skip
NUMBERS = frozenset({"integer", "double", "decimal", "currency", "bigint", "percent"})


def guess(fields: Iterable[Row]) -> dict[str, str]:
    """Meaning -> API name, for the meanings that are certain; a product is a look-up to Products or a text."""
    rows = list(fields)
    found = {meaning: _column(meaning, rows) for meaning in NAMES}
    return {meaning: name for meaning, name in found.items() if name}


def _column(meaning: str, rows: list[Row]) -> str:
    known = {_plain(row.get("api_name")): row for row in rows if _fits(meaning, row)}
    named = next((str(known[name]["api_name"]) for name in map(_plain, NAMES[meaning]) if name in known), "")
    return named or (_link_to_products(rows) if meaning == "product" else "")


def _fits(meaning: str, row: Row) -> bool:
    return meaning not in ("quantity", "rate") or str(row.get("data_type")) in NUMBERS


def _link_to_products(rows: list[Row]) -> str:
    found = [str(row["api_name"]) for row in rows if _target(row) == "Products"]
    return found[0] if len(found) == 1 else ""


def _target(row: Row) -> str:
    """The module that a look-up leads to; it is named by itself or with its id."""
    module = (row.get("lookup") or {}).get("module")
    return str(module.get("api_name") if isinstance(module, Mapping) else module or "")


def links_to(fields: Iterable[Row], module: str) -> list[tuple[str, str]]:
    """The look-ups among them that lead to the module: API name and label."""
    return [
        (str(row["api_name"]), str(row.get("field_label") or row["api_name"]))
        for row in fields
        if _target(row) == module
    ]


def _plain(name: object) -> str:
    return str(name or "").casefold().replace("_", "")
