"""CRM's metadata: modules, fields, layouts, pipelines, org, users, currencies, taxes (facts CRM 3)."""

from hashlib import sha256
from typing import Any

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, acting, enter, nothing, org
from zbridge.simulator.crm_fields import MODULES, ORG, Field, fields_of
from zbridge.simulator.wire import Request, Response, json_response

JSON_TYPES = {
    "currency": "double", "double": "double", "percent": "double", "integer": "integer", "boolean": "boolean",
    "lookup": "jsonobject", "ownerlookup": "jsonobject", "subform": "jsonarray", "linetax": "jsonarray",
    "multiselectpicklist": "jsonarray",
}  # fmt: skip
WON, LOST = {"Closed Won", "Gewonnen"}, {"Closed Lost", "Closed Lost to Competition", "Verloren"}
DISPLAY = {
    "Id. Decision Makers": "Identify Decision Makers",
    "Closed Lost to Competition": "Closed-Lost to Competition",
}
STANDARD = (
    "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Proposal/Price Quote",
    "Negotiation/Review", "Closed Won", "Closed Lost", "Closed Lost to Competition",
)  # fmt: skip
GERMAN = ("Erstkontakt", "Verhandlung", "Gewonnen", "Verloren")


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
        "singular_label": found.singular, "plural_label": f"{found.singular}s",
        "api_supported": True, "creatable": True,
        "generated_type": "subform" if found.parent else "default", "editable": True, "deletable": True,
        "viewable": True, "convertable": False, "visibility": 1, "modified_time": None, "profiles": [],
        "parent_module": {"api_name": found.parent, "id": made_id("module", found.parent)} if found.parent else {},
    }  # fmt: skip


def modules(sim: Simulator, request: Request, name: str = "") -> Response:
    """All modules, or one."""
    enter(sim, request, "ZohoCRM.settings.modules.READ")
    if name and name not in MODULES:
        raise Refusal(400, "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0)
    shown = [one for one in ([name] if name else MODULES) if one not in org(sim).get("hidden_modules", ())]
    return json_response(200, {"modules": [_module_row(one) for one in shown]})


def asked_module(request: Request) -> str:
    """The module that a call about settings names."""
    module = request.query.get("module", "")
    if not module:
        raise Refusal(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="module")
    if module not in MODULES:
        raise Refusal(400, "INVALID_MODULE", "the module name given seems to be invalid", param_name="module")
    return module


def fields(sim: Simulator, request: Request, id: str = "") -> Response:
    """All fields of a module, or one."""
    enter(sim, request, "ZohoCRM.settings.fields.READ")
    module = asked_module(request)
    rows = [field_row(module, one) for one in fields_of(sim.store, module).values()]
    wanted = [row for row in rows if not id or row["id"] == id]
    return json_response(200, {"fields": wanted}) if wanted else nothing()


def label_of(one: Field) -> str:
    """What people read above the field."""
    return one.label or one.name.replace("_", " ")


def field_row(module: str, one: Field) -> Row:
    """A field as the fields API gives it."""
    writable, label = not one.read_only, label_of(one)
    return {
        "id": one.id or made_id("field", module, one.name), "api_name": one.name, "data_type": one.type,
        "field_label": label, "display_label": label,
        "json_type": JSON_TYPES.get(one.type, "string"), "length": one.length, "decimal_place": one.digits,
        "system_mandatory": one.mandatory, "custom_field": one.custom, "read_only": one.read_only,
        "field_read_only": one.read_only, "visible": True, "virtual_field": False, "formula": {}, "currency": {},
        "unique": {"casesensitive": "false"} if one.unique else {}, "autonumber": {}, "external": None,
        "lookup": {"module": {"api_name": one.look_up}} if one.type == "lookup" else {},
        "subform": {"module": one.look_up} if one.type == "subform" else None,
        "associated_module": {"module": one.look_up} if one.type == "subform" else None,
        "operation_type": dict.fromkeys(("web_create", "web_update", "api_create", "api_update"), writable),
        "created_source": "custom" if one.custom else "default",
        "pick_list_values": [_choice(one, value, place) for place, value in enumerate(one.choices, start=1)],
    }  # fmt: skip


def _choice(one: Field, value: str, place: int) -> Row:
    found = {
        "id": made_id("choice", one.name, value), "display_value": DISPLAY.get(value, value), "actual_value": value,
        "reference_value": value, "sequence_number": place, "type": "used",
    }  # fmt: skip
    return found | ({"forecast_type": forecast(value), "probability": 100} if one.name == "Stage" else {})


def layouts(sim: Simulator, request: Request) -> Response:
    """The Standard layout of a module."""
    enter(sim, request, "ZohoCRM.settings.layouts.READ")
    module = asked_module(request)
    names = [
        {"api_name": one.name, "id": made_id("field", module, one.name)}
        for one in fields_of(sim.store, module).values()
    ]
    row = {
        "id": made_id("layout", module), "name": "Standard", "api_name": "Standard",
        "status": "active", "visible": True,
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
        "id": found["id"], "zgid": found["zgid"], "company_name": found["company_name"],
        "domain_name": f"org{found['zgid']}",
        "primary_email": found.get("primary_email", "admin@brightwater.example"),
        "currency": f"{found['iso_code']} - {found['iso_code']}",
        "currency_symbol": found.get("currency_symbol", "€"), "currency_locale": "de_DE", "iso_code": found["iso_code"],
        "time_zone": found["time_zone"], "country_code": found.get("country_code", "DE"),
        "mc_status": bool(found.get("multi_currency")), "type": "production",
        "license_details": {
            "paid": True, "paid_type": found["edition"], "users_license_purchased": found.get("users", 10),
            **({"paid_expiry": found["paid_expiry"]} if found.get("paid_expiry") else {}),
        },
    }  # fmt: skip
    return json_response(200, {"org": [row]})


def users(sim: Simulator, request: Request) -> Response:
    """People of the CRM."""
    user = acting(sim, enter(sim, request, "ZohoCRM.users.READ"))
    rows: list[Any] = sim.store.all(ORG, "users")
    if request.query.get("type") == "CurrentUser":
        rows = [row for row in rows if row["id"] == user]
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
    module = asked_module(request)
    names = [other.name for other in MODULES.values() if any(one.look_up == module for one in other.fields.values())]
    rows = [
        {
            "id": made_id("related", module, name), "api_name": name, "display_label": name, "type": "default",
            "module": {"api_name": name, "id": made_id("module", name)}, "href": f"{module}/{{ENTITYID}}/{name}",
        }
        for name in dict.fromkeys([*names, "Products"])
    ]  # fmt: skip
    return json_response(200, {"related_lists": rows})
