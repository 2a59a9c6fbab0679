"""Custom fields of Books: how a call names them, their values on a record, the unique constraint (facts Books 6)."""

from datetime import datetime
from typing import Any

from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk, Refused, invalid, rows
from zbridge.simulator.books_modules import id_key

NAMES = {"customfield_id": "field_id"} | {name: name for name in ("field_id", "api_name", "label", "index")}
TWIN = "Duplicate value for a unique field"


def read(desk: Desk, module: str, sent: Any) -> Row:
    """Values by api_name out of `custom_fields` as sent; fields are named by id, api_name, label or index."""
    found = {}
    for row in rows(sent, "custom_fields"):
        field = _named(desk, module, row)
        if field is None:
            raise invalid("custom_fields")
        value = row.get("value")
        if value is not None and len(str(value)) > int(field.get("value_length") or 255):
            raise invalid(str(field["label"]))
        found[field["api_name"]] = value
    return found


def _named(desk: Desk, module: str, row: Row) -> Row | None:
    for field in desk.fields[module]:
        for name, own in NAMES.items():
            if row.get(name) not in (None, "") and str(row[name]) == str(field[own]):
                return field
    return None


def stored(desk: Desk, module: str, sent: Row, before: Row | None) -> Row:
    """The record's values after a write; refused when one is another's and must be unique."""
    values: Row = dict((before or {}).get("_cf", {}))
    if "custom_fields" in sent:
        values |= read(desk, module, sent["custom_fields"])
    values = {name: value for name, value in values.items() if value not in (None, "")}
    check(desk, module, values, str((before or {}).get(id_key(module), "")))
    return values


def check(desk: Desk, module: str, values: Row, own: str) -> None:
    """The unique constraint, as it is switched."""
    twin = desk.sim.switches["books_unique_twin"]
    for field in desk.fields[module]:
        value = values.get(field["api_name"])
        unique = field["is_unique"] and value is not None and twin != "accepted"
        if unique and _held(desk, module, field, str(value), own):
            raise Refused(400, 4 if twin == "400_code_4" else 120, TWIN)


def _held(desk: Desk, module: str, field: Row, value: str, own: str) -> bool:
    rule, name = desk.sim.switches["books_unique_after_void"], field["api_name"]
    for other in desk.find(module, f"cf:{name}", value):
        free = other[id_key(module)] == own or rule == "void_frees" and other.get("_state") == "void"
        if not free and not _too_fresh(desk, other):
            return True
    gone = desk.sim.store.removed(desk.name, module) if rule == "deleted_holds" else []
    return any(str(note["_cf"].get(name)) == value for note in gone)


def _too_fresh(desk: Desk, other: Row) -> bool:
    """A racy constraint doesn't see what was written within the last second."""
    if desk.sim.switches["books_unique_twin"] != "racy":
        return False
    return (desk.sim.clock.now() - datetime.fromisoformat(other["created_time"])).total_seconds() <= 1


def by_key(desk: Desk, module: str, name: str, value: str) -> Row | None:
    """The record that the upsert headers name; refused unless the field is a unique custom field."""
    field = next((one for one in desk.fields[module] if one["api_name"] == name and one["is_unique"]), None)
    if field is None or not value:
        raise invalid("X-Unique-Identifier-Key")
    return next(iter(desk.find(module, f"cf:{name}", value)), None)


def shown(desk: Desk, module: str, doc: Row) -> Row:
    """The values three times, as answers carry them (facts 3.3, 5.4)."""
    values = doc.get("_cf", {})
    fields = [field for field in desk.fields[module] if values.get(field["api_name"]) is not None]
    row: Row = {"custom_fields": [_item(field, values[field["api_name"]]) for field in fields], "custom_field_hash": {}}
    for field in fields:
        name = field["api_name"]
        pair = {name: values[name], f"{name}_unformatted": values[name]}
        row |= pair
        row["custom_field_hash"] |= pair
    return row


def _item(field: Row, value: Any) -> Row:
    return {
        "customfield_id": field["field_id"], "field_id": field["field_id"], "api_name": field["api_name"],
        "placeholder": field["api_name"], "label": field["label"], "index": field["index"],
        "data_type": field["data_type"], "value": value, "value_formatted": str(value),
        "search_entity": field["entity"], "show_on_pdf": field["show_on_pdf"], "show_in_portal": False,
        "is_active": field["is_active"], "is_dependent_field": False,
    }  # fmt: skip
