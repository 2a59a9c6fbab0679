"""Custom fields of CRM: made over the API within its limits, or by an administrator at the desk (facts CRM 3.3)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, enter, org
from zbridge.simulator.crm_fields import (
    MODULES,
    Field,
    custom_fields,
    fields_of,
    remove_field,
    removed_fields,
    save_custom_field,
)
from zbridge.simulator.crm_settings import asked_module, field_row, label_of, made_id
from zbridge.simulator.crm_values import Fault
from zbridge.simulator.wire import Request, Response, json_response

MOST_AT_ONCE, MOST_UNIQUE = 5, 2
MOST_BY_EDITION = {"standard": 10, "professional": 155, "enterprise": 300, "ultimate": 500}
# The longest a field of a type may be, and how long it is when nothing is said.
LENGTHS = {
    "text": (255, 255), "textarea": (50000, 2000), "email": (100, 100), "phone": (30, 30), "website": (450, 450),
    "integer": (9, 9), "bigint": (18, 18), "double": (18, 16), "currency": (16, 16), "percent": (5, 5),
    "picklist": (120, 120), "multiselectpicklist": (2000, 2000), "date": (20, 20), "datetime": (120, 120),
    "boolean": (5, 5), "lookup": (120, 120), "autonumber": (50, 50),
}  # fmt: skip


def create_fields(sim: Simulator, request: Request) -> Response:
    """Custom fields, at most five a call; the API name is not told."""
    enter(sim, request, "ZohoCRM.settings.fields.CREATE")
    module = asked_module(request)
    body = request.json
    rows = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        raise Refusal(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="fields", json_path="$.fields")
    if len(rows) > MOST_AT_ONCE:
        raise Refusal(400, "LIMIT_EXCEEDED", "limit exceeded", limit=MOST_AT_ONCE, json_path="$.fields")
    results = [_created(sim, module, row, f"$.fields[{place}]") for place, row in enumerate(rows)]
    good = [row["status"] == "success" for row in results]
    return json_response(201 if all(good) else 207 if any(good) else 400, {"fields": results})


def _created(sim: Simulator, module: str, row: Any, path: str) -> Row:
    try:
        made = _create_field(sim, module, row, path)
    except Fault as fault:
        return fault.row()
    return {"code": "SUCCESS", "details": {"id": made.id}, "message": "field created", "status": "success"}


def _create_field(sim: Simulator, module: str, row: Any, path: str) -> Field:
    if not isinstance(row, dict):
        raise Fault("INVALID_DATA", "invalid data", expected_data_type="jsonobject", json_path=path)
    known = fields_of(sim.store, module)
    for code, name, details in _objections(sim, row, known):
        raise Fault(code, code.replace("_", " ").lower(), api_name=name, json_path=f"{path}.{name}", **details)
    made = new_field(module, row["field_label"], row["data_type"], row, set(known))
    before = removed_fields(sim.store, module).count(made.name)
    if before:
        made = replace(made, id=made_id("field", module, made.name, str(before)))
    save_custom_field(sim.store, module, made)
    return made


def _objections(sim: Simulator, row: Row, known: dict[str, Field]) -> Iterator[tuple[str, str, Row]]:
    """What stands against a new field: code, the key that is wrong, details."""
    for name in ("field_label", "data_type"):
        if not row.get(name):
            yield "MANDATORY_NOT_FOUND", name, {}
        if not isinstance(row[name], str):
            yield "INVALID_DATA", name, {"expected_data_type": "text"}
    if row["data_type"] not in LENGTHS:
        yield "INVALID_DATA", "data_type", {"supported_values": sorted(LENGTHS)}
    yield from _wrong_length(row)
    if any(label_of(one).casefold() == row["field_label"].casefold() for one in known.values()):
        yield "DUPLICATE_DATA", "field_label", {}
    most = MOST_BY_EDITION.get(str(org(sim).get("edition")), 10)
    if sum(one.custom for one in known.values()) >= most:
        yield "LIMIT_EXCEEDED", "fields", {"limit": most}
    if row.get("unique") and sum(one.unique for one in known.values()) >= MOST_UNIQUE:
        yield "LIMIT_EXCEEDED", "unique", {"limit": MOST_UNIQUE}
    if row["data_type"] == "lookup" and _look_up(row) not in MODULES:
        yield "INVALID_DATA", "lookup", {}


def _wrong_length(row: Row) -> Iterator[tuple[str, str, Row]]:
    most = {"length": LENGTHS[row["data_type"]][0], "decimal_place": 9}
    for name, limit in most.items():
        value = row.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            yield "INVALID_DATA", name, {"expected_data_type": "integer"}
        elif value is not None and value > limit:
            yield "INVALID_DATA", name, {"maximum_value": limit}


def _look_up(row: Row) -> str:
    found = row.get("lookup")
    module = found.get("module") if isinstance(found, dict) else None
    return str(module.get("api_name", "")) if isinstance(module, dict) else ""


def _choices(row: Row) -> tuple[str, ...]:
    found = row.get("pick_list_values")
    rows = found if isinstance(found, list) else []
    return tuple(str(one.get("actual_value") or one.get("display_value")) for one in rows if isinstance(one, dict))


def new_field(module: str, label: str, kind: str, row: Row, taken: set[str]) -> Field:
    """A custom field; its API name comes from the label, with digits where that is taken."""
    base = "_".join("".join(part if part.isalnum() else " " for part in label).split()) or "Field"
    name, number = base, 1
    while name in taken:
        name, number = f"{base}{number}", number + 1
    return Field(
        name, kind, int(row.get("length") or LENGTHS.get(kind, (255, 255))[1]), unique=bool(row.get("unique")),
        custom=True, look_up=_look_up(row), digits=int(row.get("decimal_place") or 2), label=label,
        id=made_id("field", module, name), choices=_choices(row),
    )  # fmt: skip


def put_field(sim: Simulator, module: str, name: str, spec: Row) -> Row:
    """A custom field as an administrator of CRM makes (or changes) it."""
    known = custom_fields(sim.store, module).get(name)
    row = spec if known is None else {"data_type": known.type, "length": known.length} | spec
    label = str(spec.get("label") or spec.get("field_label") or name.replace("_", " "))
    made = replace(new_field(module, label, str(row.get("data_type") or "text"), row, set()), name=name)
    save_custom_field(sim.store, module, made)
    return field_row(module, made)


def delete_field(sim: Simulator, module: str, name: str) -> None:
    """A custom field taken away."""
    remove_field(sim.store, module, name)
