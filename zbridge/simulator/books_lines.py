"""Lines and taxes of a document as sent, made whole from items and taxes of the organisation (facts Books 5.2)."""

from decimal import Decimal
from typing import Any

from zbridge.simulator.app import Row
from zbridge.simulator.books_arithmetic import HUNDRED, Discount, Line, LineSum, Tax
from zbridge.simulator.books_contacts import check_lengths
from zbridge.simulator.books_desk import LARGEST, Desk, Refused, invalid, number, rows, text

KEPT = ("name", "description", "unit", "rate", "quantity", "discount", "tax_id", "item_id", "account_id", "header_name")
LENGTHS = {"name": 100, "description": 2000, "unit": 100}


def read(desk: Desk, sent: Any, before: list[Row]) -> list[Row]:
    """The lines sent, and no others; a line that names its id keeps what it doesn't say."""
    if not sent:
        raise Refused(400, 4, "Invalid value passed for line_items")
    known = {row["line_item_id"]: row for row in before}
    return [
        _line(desk, row, known.get(str(row.get("line_item_id"))), place)
        for place, row in enumerate(rows(sent, "line_items"), 1)
    ]


def _line(desk: Desk, sent: Row, before: Row | None, place: int) -> Row:
    check_lengths(sent, LENGTHS)
    typed = {name: sent[name] for name in KEPT if name in sent and sent[name] is not None}
    item = _item(desk, str(sent["item_id"])) if sent.get("item_id") and before is None else {}
    line: Row = dict.fromkeys(KEPT, "") | {"rate": 0, "quantity": 1, "discount": 0} | item | (before or {}) | typed
    if not (line["name"] or line["description"]):
        raise Refused(400, 4, "Invalid value passed for line_items: name")
    line["rate"], line["quantity"] = number(line["rate"], "rate"), number(line["quantity"], "quantity")
    if abs(line["rate"] * line["quantity"]) >= LARGEST:
        raise invalid("rate")
    if line["tax_id"]:
        taxes(desk, str(line["tax_id"]))
    kept = {name: line[name] for name in KEPT} | {"item_id": str(line["item_id"]), "tax_id": str(line["tax_id"])}
    return kept | {"line_item_id": (before or {}).get("line_item_id") or desk.new_id(), "item_order": place}


def _item(desk: Desk, id: str) -> Row:
    item = desk.look("items", id)
    if item is None:
        raise Refused(404, 1002, "Item does not exist.")
    if item["status"] != "active" and desk.sim.switches["books_inactive_item"] != "accepted":
        raise Refused(400, 4, f'The item "{item["name"]}" is inactive.')
    return {name: item[name] for name in ("name", "description", "unit", "rate", "tax_id", "account_id")}


def taxes(desk: Desk, id: str) -> tuple[Tax, ...]:
    """The taxes of a tax or of a tax group; none for an empty id."""
    if not id:
        return ()
    row = desk.look("taxes", id)
    if row is None:
        raise invalid("tax_id")
    parts = [desk.get("taxes", part) for part in row["_parts"]] or [row]
    return tuple(_tax(part) for part in parts)


def _tax(row: Row) -> Tax:
    return Tax(row["tax_id"], f"{row['tax_name']} ({row['tax_percentage']}%)", Decimal(row["tax_percentage"]))


def discount(value: Any) -> Discount:
    """A number is an amount, a text with % a percentage."""
    words = str(value if value not in (None, "") else 0).strip()
    off = Discount(number(words.removesuffix("%"), "discount"), words.endswith("%"))
    if off.percent and not 0 <= off.value <= HUNDRED:
        raise invalid("discount")
    return off


def summed(desk: Desk, line: Row, *, discounted: bool) -> Line:
    """A line for the arithmetic."""
    off = discount(line["discount"]) if discounted else Discount()
    return Line(Decimal(line["rate"]), Decimal(line["quantity"]), off, taxes(desk, line["tax_id"]))


def with_sum(desk: Desk, line: Row, added: LineSum, rate: Decimal) -> Row:
    """A line as answers carry it."""
    tax = desk.look("taxes", line["tax_id"]) if line["tax_id"] else None
    return line | {
        "item_total": added.item_total, "discount_amount": added.discount, "bcy_rate": line["rate"] * rate,
        "discounts": [], "salesorder_item_id": "", "project_id": "", "account_name": "Sales",
        "tax_name": tax["tax_name"] if tax else "", "tax_type": tax["tax_type"] if tax else "",
        "tax_percentage": tax["tax_percentage"] if tax else 0,
        "line_item_taxes": [
            {"tax_id": one.id, "tax_name": one.name, "tax_percentage": one.percentage, "tax_amount": amount}
            for one, amount in added.taxes
        ],
    }  # fmt: skip


def names_of(row: Row) -> list[str]:
    """The items that a document uses."""
    return sorted({line["item_id"] for line in row["line_items"] if text(line, "item_id")})
