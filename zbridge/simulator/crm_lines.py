"""Line items: update rules of subforms, the arithmetic of quotes (facts CRM 2.10; simulator-defaults, Arithmetic)."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from zbridge.simulator.app import Simulator
from zbridge.simulator.crm_fields import ORG, Field, fields_of
from zbridge.simulator.crm_settings import made_id
from zbridge.simulator.crm_values import Fault, checked
from zbridge.simulator.store import Store, stamp

Row = dict[str, Any]
CENT = Decimal("0.01")
DISCOUNT = re.compile(r"\d{1,13}(\.\d{0,9})?%?")


def cents(amount: Decimal) -> Decimal:
    """Half up to two decimals."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def decimal(value: Any) -> Decimal:
    """A stored number; empty is zero."""
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def lines_of(sim: Simulator, subform: str, parent: str) -> list[Row]:
    """The stored lines of a record in their order."""
    rows = sim.store.find(ORG, subform, "Parent_Id", parent)
    return sorted(rows, key=lambda row: int(row.get("Sequence_Number") or 0))


def plan_lines(sim: Simulator, subform: str, parent: str, sent: Any, path: str) -> list[Row]:
    """What the lines will be: rows without id are appended, with id patched, with `_delete` removed; [] clears all."""
    if not isinstance(sent, list):
        raise Fault("INVALID_DATA", "invalid data", expected_data_type="jsonarray", api_name=subform, json_path=path)
    kept = {row["id"]: row for row in lines_of(sim, subform, parent)} if parent else {}
    if not sent:
        return []
    mentioned = set()
    added = []
    for number, row in enumerate(sent):
        place = f"{path}[{number}]"
        if not isinstance(row, dict):
            raise Fault("INVALID_DATA", "invalid data", expected_data_type="jsonobject", json_path=place)
        id = str(row["id"]) if row.get("id") not in (None, "") else ""
        mentioned.add(id)
        if id and id not in kept:
            raise Fault("INVALID_DATA", "the id given seems to be invalid", api_name="id", json_path=f"{place}.id")
        if id and "_delete" in row:
            del kept[id]
        elif id:
            kept[id] = kept[id] | checked_line(sim, subform, row, place, patch=True)
        else:
            added.append(checked_line(sim, subform, row, place, patch=False))
    if sim.switches["crm_subform_unmentioned_rows"] == "removed":
        kept = {id: row for id, row in kept.items() if id in mentioned}
    return [*kept.values(), *added]


def checked_line(sim: Simulator, subform: str, row: Row, path: str, *, patch: bool) -> Row:
    """One line's values; a new line needs what is mandatory, sums are never taken."""
    fields = fields_of(sim.store, subform)
    found: Row = {}
    for name, value in row.items():
        field = fields.get(name)
        if field is None or field.read_only or name in ("Parent_Id", "Sequence_Number"):
            continue
        check = checked_discount if name == "Discount" else checked
        found[name] = check(sim.store, field, value, f"{path}.{name}")
    for field in fields.values():
        if field.mandatory and not patch and found.get(field.name) is None:
            raise Fault(
                "MANDATORY_NOT_FOUND", "required field not found", api_name=field.name, json_path=f"{path}.{field.name}"
            )
    return found


def checked_discount(store: Store, field: Field, value: Any, path: str) -> Any:
    """A discount may come as a number, as a number in a text, or as a percentage: "5", "5.90", "5.%"."""
    if isinstance(value, str) and DISCOUNT.fullmatch(value.strip()):
        return value.strip()
    return checked(store, field, value, path)


def store_lines(sim: Simulator, subform: str, parent: str, rows: Sequence[Row]) -> list[Row]:
    """Make the stored lines those, computed and numbered; the rows as stored."""
    now = stamp(sim.clock.now())
    before = {row["id"] for row in lines_of(sim, subform, parent)}
    stored = []
    for number, row in enumerate(rows, start=1):
        id = row.get("id") or sim.store.new_id("crm")
        made = row | {"id": id, "Sequence_Number": number, "Parent_Id": {"id": parent}}
        made = (computed(sim, made) if subform == "Quoted_Items" else _sent_discount(made)) | {"Modified_Time": now}
        made.setdefault("Created_Time", now)
        sim.store.save(
            ORG, subform, id, made, created=made["Created_Time"], modified=now, written=sim.clock.real(),
            keys={"Parent_Id": parent},
        )  # fmt: skip
        stored.append(made)
    for id in before - {row["id"] for row in stored}:
        note = {"id": id, "display_name": None, "type": "recycle", "deleted_time": now, "deleted_by": None}
        sim.store.remove(ORG, subform, id, at=now, note=note)
    return stored


def _sent_discount(row: Row) -> Row:
    """A discount of a user's own subform is kept as a number or a percentage text."""
    value = row.get("Discount")
    return row | ({"Discount": Decimal(value)} if isinstance(value, str) and _is_number(value) else {})


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def computed(sim: Simulator, row: Row) -> Row:
    """A quote's line with its sums; a discount may come as a number, a text or a percentage."""
    product = sim.store.get(ORG, "Products", (row.get("Product_Name") or {}).get("id", "")) or {}
    price = row.get("List_Price")
    price = decimal(product.get("Unit_Price")) if price is None else decimal(price)
    total = decimal(row.get("Quantity")) * price
    discount = discount_amount(row.get("Discount"), total)
    net = total - discount
    taxes = [_taxed(sim, tax, net) for tax in row.get("Line_Tax") or []]
    tax = sum((decimal(one["value"]) for one in taxes), Decimal(0))
    return row | {
        "List_Price": price, "Total": cents(total), "Discount": discount, "Total_After_Discount": cents(net),
        "Line_Tax": taxes, "Tax": tax, "Net_Total": cents(net) + tax,
    }  # fmt: skip


def discount_amount(value: Any, total: Decimal) -> Decimal:
    """A line's discount in money."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return cents(total * decimal(value.strip().rstrip("%").rstrip(".") or 0) / 100)
    return decimal(value)


def _taxed(sim: Simulator, tax: Row, net: Decimal) -> Row:
    known = next((one for one in sim.store.all(ORG, "taxes") if one["name"] == tax.get("name")), {})
    rate = decimal(tax.get("percentage", known.get("value")))
    found = {"name": tax.get("name") or known.get("name", ""), "percentage": rate, "value": cents(net * rate / 100)}
    return found | {"id": known.get("id") or str(tax.get("id") or made_id("tax", found["name"]))}


def quote_sums(quote: Row, lines: Sequence[Row]) -> Row:
    """Sub_Total, Tax, Grand_Total of a quote, and its taxes by name."""
    sub_total = sum((decimal(row["Net_Total"]) for row in lines), Decimal(0))
    taxes: dict[str, Row] = {}
    for row in lines:
        for tax in row.get("Line_Tax") or []:
            found = taxes.setdefault(tax["name"], {**tax, "value": Decimal(0)})
            found["value"] += decimal(tax["value"])
    grand = sub_total - decimal(quote.get("Discount")) + decimal(quote.get("Adjustment"))
    return {"Sub_Total": sub_total, "Tax": Decimal(0), "Grand_Total": grand, "$line_tax": list(taxes.values())}


def shown_discount(sim: Simulator, row: Row) -> Row:
    """In which form a line's discount reads is nobody's certainty: a switch."""
    form = sim.switches["crm_item_discount_form"]
    if form == "number" or "Discount" not in row or not isinstance(row["Discount"], int | Decimal):
        return row
    amount = decimal(row["Discount"])
    if form == "string":
        return row | {"Discount": f"{amount.normalize():f}"}
    total = decimal(row.get("Total"))
    return row | {"Discount": f"{(amount * 100 / total).normalize():f}%" if total else "0%"}
