"""CRM's metadata: modules, fields and their making, layouts, pipelines, org, users, currencies, taxes (facts CRM 3)."""

from hashlib import sha256
from typing import Any

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, enter, nothing, org
from zbridge.simulator.crm_fields import (
    MODULES,
    ORG,
    Field,
    custom_fields,
    fields_of,
    remove_field,
    save_custom_field,
)
from zbridge.simulator.wire import Request, Response, json_response

JSON_TYPES = {
    "currency": "double", "double": "double", "percent": "double", "integer": "integer", "boolean": "boolean",
    "lookup": "jsonobject", "ownerlookup": "jsonobject", "subform": "jsonarray", "linetax": "jsonarray",
    "multiselectpicklist": "jsonarray",
}  # fmt: skip
WON, LOST = {"Closed Won", "Gewonnen"}, {"Closed Lost", "Closed Lost to Competition", "Verloren"}
DISPLAY = {"Id. Decision Makers": "Identify Decision Makers", "Closed Lost to Competition": "Closed-Lost to Competition"}
STANDARD = (
    "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Proposal/Price Quote",
    "Negotiation/Review", "Closed Won", "Closed Lost", "Closed Lost to Competition",
)  # fmt: skip
GERMAN = ("Erstkontakt", "Verhandlung", "Gewonnen", "Verloren")
MOST_AT_ONCE, MOST_UNIQUE = 5, 2


def made_id(*parts: str) -> str:
    """A steady 19-digit id for what is no record."""
    return f"5437018{int(sha256('|'.join(parts).encode()).hexdigest(), 16) % 10**12:012d}"


def forecast(stage: str) -> str:
    """Open, Closed Won or Closed Lost."""
    return "Closed Won" if stage in WON else "Closed Lost" if stage in LOST else "Open"


def _module_row(name: str) -> Row:
    found = MODULES[name]
    return {
        "id": made_id("module", name), "api_name": name, "module_name": found.legacy or name,
        "singular_label": found.singular, "plural_label": f"{found.singular}s", "api_supported": True, "creatable": True,
        "generated_type": "subform" if found.parent else "default", "editable": True, "deletable": True,
        "viewable": True, "convertable": False, "visibility": 1, "modified_time": None, "profiles": [],
        "parent_module": {"api_name": found.parent, "id": made_id("module", found.parent)} if found.parent else {},
    }  # fmt: skip


def modules(sim: Simulator, request: Request, name: str = "") -> Response:
    """All modules, or one."""
    enter(sim, request, "ZohoCRM.settings.modules.READ")
    if name and name not in MODULES:
        raise Refusal(400, "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0)
    return json_response(200, {"modules": [_module_row(one) for one in ([name] if name else MODULES)]})


def _asked_module(request: Request) -> str:
    module = request.query.get("module", "")
    if not module:
        raise Refusal(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="module")
    if module not in MODULES:
        raise Refusal(400, "INVALID_MODULE", "the module name given seems to be invalid", param_name="module")
    return module


def fields(sim: Simulator, request: Request) -> Response:
    """All fields of a module."""
    enter(sim, request, "ZohoCRM.settings.fields.READ")
    module = _asked_module(request)
    return json_response(200, {"fields": [field_row(module, one) for one in fields_of(sim.store, module).values()]})


def field_row(module: str, one: Field) -> Row:
    """A field as the fields API gives it."""
    writable = not one.read_only
    return {
        "id": one.id or made_id("field", module, one.name), "api_name": one.name, "data_type": one.type,
        "field_label": one.label or one.name.replace("_", " "), "display_label": one.label or one.name.replace("_", " "),
        "json_type": JSON_TYPES.get(one.type, "string"), "length": one.length, "decimal_place": one.digits,
        "system_mandatory": one.mandatory, "custom_field": one.custom, "read_only": one.read_only,
        "field_read_only": one.read_only, "visible": True, "virtual_field": False, "formula": {}, "currency": {},
        "unique": {"casesensitive": "false"} if one.unique else {}, "autonumber": {}, "external": None,
        "lookup": {"module": {"api_name": one.look_up}} if one.type == "lookup" else {},
        "subform": {"module": one.look_up} if one.type == "subform" else None,
        "associated_module": {"module": one.look_up} if one.type == "subform" else None,
        "operation_type": {"web_create": writable, "web_update": writable, "api_create": writable, "api_update": writable},
        "created_source": "custom" if one.custom else "default",
        "pick_list_values": [_choice(one, value, place) for place, value in enumerate(one.choices, start=1)],
    }  # fmt: skip


def _choice(one: Field, value: str, place: int) -> Row:
    found = {
        "id": made_id("choice", one.name, value), "display_value": DISPLAY.get(value, value), "actual_value": value,
        "reference_value": value, "sequence_number": place, "type": "used",
    }  # fmt: skip
    return found | ({"forecast_type": forecast(value), "probability": 100} if one.name == "Stage" else {})


def create_fields(sim: Simulator, request: Request) -> Response:
    """Custom fields, at most five a call; the API name is not told."""
    enter(sim, request, "ZohoCRM.settings.fields.CREATE")
    module = _asked_module(request)
    body = request.json
    rows = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        raise Refusal(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="fields", json_path="$.fields")
    if len(rows) > MOST_AT_ONCE:
        raise Refusal(400, "LIMIT_EXCEEDED", "limit exceeded", limit=MOST_AT_ONCE, json_path="$.fields")
    results = [_create_field(sim, module, row, f"$.fields[{place}]") for place, row in enumerate(rows)]
    good = [row["status"] == "success" for row in results]
    return json_response(201 if all(good) else 207 if any(good) else 400, {"fields": results})


def _create_field(sim: Simulator, module: str, row: Row, path: str) -> Row:
    def fault(code: str, name: str) -> Row:
        details = {"api_name": name, "json_path": f"{path}.{name}"}
        return {"code": code, "details": details, "message": code.lower(), "status": "error"}

    label, kind = str(row.get("field_label") or ""), str(row.get("data_type") or "")
    for name, value in (("field_label", label), ("data_type", kind)):
        if not value:
            return fault("MANDATORY_NOT_FOUND", name)
    known = fields_of(sim.store, module)
    if any((one.label or one.name.replace("_", " ")) == label for one in known.values()):
        return fault("DUPLICATE_DATA", "field_label")
    if row.get("unique") and sum(one.unique for one in known.values()) >= MOST_UNIQUE:
        return fault("LIMIT_EXCEEDED", "unique")
    made = new_field(module, label, kind, row, set(known))
    save_custom_field(sim.store, module, made)
    return {"code": "SUCCESS", "details": {"id": made.id}, "message": "field created", "status": "success"}


def new_field(module: str, label: str, kind: str, row: Row, taken: set[str]) -> Field:
    """A custom field; its API name comes from the label, with digits where that is taken."""
    base = "_".join("".join(part if part.isalnum() else " " for part in label).split())
    name, number = base, 1
    while name in taken:
        name, number = f"{base}{number}", number + 1
    look_up = ((row.get("lookup") or {}).get("module") or {}).get("api_name", "")
    choices = tuple(str(one.get("actual_value")) for one in row.get("pick_list_values") or [])
    return Field(
        name, kind, int(row.get("length") or 255), unique=bool(row.get("unique")), custom=True, look_up=look_up,
        digits=int(row.get("decimal_place") or 2), label=label, id=made_id("field", module, name), choices=choices,
    )  # fmt: skip


def layouts(sim: Simulator, request: Request) -> Response:
    """The Standard layout of a module."""
    enter(sim, request, "ZohoCRM.settings.layouts.READ")
    module = _asked_module(request)
    names = [{"api_name": one.name, "id": made_id("field", module, one.name)} for one in fields_of(sim.store, module).values()]
    row = {
        "id": made_id("layout", module), "name": "Standard", "api_name": "Standard", "status": "active", "visible": True,
        "sections": [{"display_label": f"{module} Information", "fields": names}],
    }  # fmt: skip
    return json_response(200, {"layouts": [row]})


def pipeline(sim: Simulator, request: Request) -> Response:
    """The deal pipelines of a layout, with what each stage means."""
    enter(sim, request, "ZohoCRM.settings.pipeline.READ")
    if not request.query.get("layout_id"):
        raise Refusal(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="layout_id")
    rows = [
        _pipeline("Standard (Standard)", sim.store.setting("stages", list(STANDARD)), True),
        _pipeline("Enterprise (DE)", list(GERMAN), False),
    ]
    return json_response(200, {"pipeline": rows})


def _pipeline(name: str, stages: list[str], default: bool) -> Row:
    maps = [
        {
            "id": made_id("stage", name, stage), "display_value": DISPLAY.get(stage, stage), "actual_value": stage,
            "sequence_number": place, "colour_code": None, "forecast_type": forecast(stage),
            "forecast_category": {"name": forecast(stage).split()[0], "id": made_id("forecast", forecast(stage))},
        }
        for place, stage in enumerate(stages, start=1)
    ]  # fmt: skip
    return {
        "id": made_id("pipeline", name), "display_value": name, "actual_value": name, "default": default, "maps": maps,
        "child_available": True,
    }  # fmt: skip


def organisation(sim: Simulator, request: Request) -> Response:
    """The CRM organisation."""
    enter(sim, request, "ZohoCRM.org.READ")
    found = org(sim)
    row = {
        "id": found["id"], "zgid": found["zgid"], "company_name": found["company_name"], "domain_name": f"org{found['zgid']}",
        "primary_email": "admin@brightwater.example", "currency": f"{found['iso_code']} - {found['iso_code']}",
        "currency_symbol": found.get("currency_symbol", "€"), "currency_locale": "de_DE", "iso_code": found["iso_code"],
        "time_zone": found["time_zone"], "country_code": found.get("country_code", "DE"),
        "mc_status": bool(found.get("multi_currency")), "type": "production",
        "license_details": {"paid": True, "paid_type": found["edition"], "users_license_purchased": found.get("users", 10)},
    }  # fmt: skip
    return json_response(200, {"org": [row]})


def users(sim: Simulator, request: Request) -> Response:
    """People of the CRM."""
    enter(sim, request, "ZohoCRM.users.READ")
    rows: list[Any] = sim.store.all(ORG, "users")
    if request.query.get("type") == "CurrentUser":
        rows = [row for row in rows if row["id"] == sim.store.setting("crm_admin_id")]
    if not rows:
        return nothing()
    info = {"per_page": 200, "count": len(rows), "page": 1, "more_records": False}
    return json_response(200, {"users": rows, "info": info})


def currencies(sim: Simulator, request: Request) -> Response:
    """Currencies of an organisation that has several; rates are texts."""
    enter(sim, request, "ZohoCRM.settings.currencies.READ")
    if not org(sim).get("multi_currency"):
        raise Refusal(403, "CURRENCIES_NOT_ENABLED", "multi-currency is not enabled")
    return json_response(200, {"currencies": sim.store.all(ORG, "currencies")})


def taxes(sim: Simulator, request: Request) -> Response:
    """Taxes of quotes."""
    enter(sim, request, "ZohoCRM.org.READ")
    return json_response(200, {"org_taxes": {"taxes": sim.store.all(ORG, "taxes"), "preference": {}}})


def related_lists(sim: Simulator, request: Request) -> Response:
    """What hangs on a record of a module."""
    enter(sim, request, "ZohoCRM.settings.related_lists.READ")
    module = _asked_module(request)
    names = [other.name for other in MODULES.values() if any(one.look_up == module for one in other.fields.values())]
    rows = [
        {
            "id": made_id("related", module, name), "api_name": name, "display_label": name, "type": "default",
            "module": {"api_name": name, "id": made_id("module", name)}, "href": f"{module}/{{ENTITYID}}/{name}",
        }
        for name in dict.fromkeys([*names, "Products"])
    ]  # fmt: skip
    return json_response(200, {"related_lists": rows})


def put_field(sim: Simulator, module: str, name: str, spec: Row) -> Row:
    """A custom field as an administrator of CRM makes (or changes) it."""
    known = custom_fields(sim.store, module).get(name)
    row = spec if known is None else {"data_type": known.type, "length": known.length} | spec
    label = str(spec.get("label") or spec.get("field_label") or name.replace("_", " "))
    made = new_field(module, label, str(row.get("data_type") or "text"), row, set())
    save_custom_field(sim.store, module, Field(**{**vars(made), "name": name}))
    return field_row(module, Field(**{**vars(made), "name": name}))


def delete_field(sim: Simulator, module: str, name: str) -> None:
    """A custom field taken away."""
    remove_field(sim.store, module, name)


