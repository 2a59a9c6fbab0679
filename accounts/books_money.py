"""Taxes and currencies of a Books organisation as a connection keeps them (facts Books 7.5; its OpenAPI for India)."""

from decimal import Decimal
from typing import Any

from accounts.clients import Clients

Row = dict[str, Any]

# India: the tax of a supply that crosses a state's border, and the two that one inside a state carries together.
BETWEEN, WITHIN = "igst", frozenset({"cgst", "sgst"})


def read_taxes(clients: Clients) -> list[Row]:
    """Every tax with its percentage as text; a group with its parts, read by its id: the list doesn't tell them."""
    rows = clients.books.taxes()
    kinds = {str(row["tax_id"]): str(row.get("tax_specific_type") or "").lower() for row in rows}
    return [_tax(row, _parts(row, clients), kinds) for row in rows]


def read_currencies(clients: Clients) -> list[Row]:
    """The currencies that are switched on, with their decimals and Books' rate to the base currency as text."""
    return [_currency(row) for row in clients.books.currencies()]


def _parts(row: Row, clients: Clients) -> list[Row]:
    return clients.books.tax_group(str(row["tax_id"])) if row.get("tax_type") == "tax_group" else []


def _tax(row: Row, parts: list[Row], kinds: dict[str, str]) -> Row:
    found = {str(part.get("tax_specific_type") or kinds.get(str(part.get("tax_id")), "")).lower() for part in parts}
    alone = kinds[str(row["tax_id"])]
    return {
        "id": str(row["tax_id"]),
        "name": str(row.get("tax_name") or ""),
        "percentage": _text(row.get("tax_percentage")),
        "default": bool(row.get("is_default_tax")),
        "active": str(row.get("status") or "").lower() != "inactive",
        "supply": "between" if BETWEEN in {alone, *found} else "within" if found >= WITHIN else "",
        "parts": [
            {"name": str(part.get("tax_name") or ""), "percentage": _text(part.get("tax_percentage"))} for part in parts
        ],
    }


def _currency(row: Row) -> Row:
    return {
        "id": str(row["currency_id"]),
        "code": str(row["currency_code"]),
        "digits": int(str(row.get("price_precision", 2))),
        "base": bool(row.get("is_base_currency")),
        "rate": _text(row.get("exchange_rate")),
    }


def _text(number: object) -> str:
    return format(Decimal(str(number or 0)), "f")
