"""Organisations, taxes, currencies, accounts, price lists and custom fields of Books (facts Books 6.3, 7.5)."""

import re
from datetime import date
from decimal import Decimal

from zbridge.simulator import books_shapes
from zbridge.simulator.app import Row, Simulator, UserError
from zbridge.simulator.books_desk import Desk, invalid, number, text, truth
from zbridge.simulator.books_envelope import Call, answer
from zbridge.simulator.books_modules import BY_ENTITY, MODULES
from zbridge.simulator.books_webhooks import hook_of
from zbridge.simulator.wire import Response

MONTHS = tuple(date(2024, month, 1).strftime("%B").casefold() for month in range(1, 13))
LISTED = (
    "organization_id", "name", "contact_name", "email", "is_default_org", "plan_type", "plan_name", "plan_period",
    "language_code", "fiscal_year_start_month", "account_created_date", "time_zone", "is_org_active", "currency_id",
    "currency_code", "currency_symbol", "currency_format", "price_precision",
)  # fmt: skip
DETAILED = (
    "organization_id", "name", "email", "time_zone", "currency_id", "currency_code", "currency_symbol",
    "price_precision", "plan_name", "version", "country", "language_code",
)  # fmt: skip
TYPES = (
    "string", "number", "decimal", "amount", "date", "dropdown", "check_box", "multiline", "email", "url", "phone",
    "percent", "lookup", "autonumber", "formula", "image", "attachment",
)  # fmt: skip


def organizations(call: Call) -> Response:
    """GET /organizations: every organisation of the user."""
    rows = [row for row in call.sim.store.all("sim", "books_orgs") if not row.get("hidden")]
    return answer(organizations=[{name: row.get(name, "") for name in LISTED} for row in rows])


def organization(call: Call, id: str) -> Response:
    """GET /organizations/{id}: another shape than the list's."""
    row = call.sim.store.get("sim", "books_orgs", id)
    if row is None:
        raise invalid("organization_id")
    one = {name: row.get(name, "") for name in DETAILED} | {
        "fiscal_year_start_month": MONTHS[row["fiscal_year_start_month"]], "status": "1", "date_format": "yyyy-MM-dd",
        "address": {"country": row["country"], "state_code": row.get("state_code", "")},
        "tax_basis": "accrual", "tax_rounding": row["tax_rounding"],
    }  # fmt: skip
    return answer(organization=one)


def me(call: Call) -> Response:
    """GET /users/me."""
    user = {
        "user_id": "4600000000000111", "name": "Maria Admin", "status": "active", "user_role": "admin", "role_id": "1",
        "email_ids": [{"email": "admin@brightwater.example", "is_selected": True}], "user_type": "zoho",
    }  # fmt: skip
    return answer(user=user)


def taxes(call: Call) -> Response:
    """GET /settings/taxes."""
    return answer(taxes=[shown(row) for row in call.all("taxes")])


def tax_group(call: Call, id: str) -> Response:
    """GET /settings/taxgroups/{id}: the group with its parts."""
    row = call.get("taxes", id)
    parts = [shown(call.get("taxes", part)) for part in row["_parts"]]
    group = {"tax_group_id": id, "tax_group_name": row["tax_name"], "tax_group_percentage": row["tax_percentage"]}
    return answer(tax_group=group | {"taxes": parts})


def currencies(call: Call) -> Response:
    """GET /settings/currencies."""
    return answer(currencies=[shown(row) for row in call.all("currencies")])


def exchange_rates(call: Call, id: str) -> Response:
    """GET /settings/currencies/{id}/exchangerates: the one rate that is kept; nobody has told the keys of its rows."""
    row = call.get("currencies", id)
    named = {name: row[name] for name in ("currency_id", "currency_code", "effective_date")}
    return answer(exchange_rates=[named | {"rate": row["exchange_rate"]}])


def tax_exemptions(call: Call) -> Response:
    """GET /settings/taxexemptions."""
    return answer(tax_exemptions=[shown(row) for row in call.all("taxexemptions")])


def accounts(call: Call) -> Response:
    """GET /chartofaccounts."""
    return answer(chartofaccounts=[shown(row) for row in call.all("chartofaccounts")])


def pricebooks(call: Call) -> Response:
    """GET /pricebooks."""
    return answer(pricebooks=[shown(row) for row in call.all("pricebooks")])


def shown(row: Row) -> Row:
    """A row of settings without what the simulator keeps for itself."""
    return {name: value for name, value in row.items() if not name.startswith("_") and name not in books_shapes.TIMES}


def create_setting(desk: Desk, module: str, sent: Row) -> Row:
    """A tax, currency, price list or web hook, as finance makes it."""
    makers = {"taxes": _tax, "currencies": _currency, "pricebooks": _pricebook, "webhooks": _webhook}
    return desk.add(module, makers[module](desk, sent))


def update_setting(desk: Desk, module: str, id: str, sent: Row) -> Row:
    """Some fields changed."""
    return desk.save(module, desk.get(module, id) | sent)


def _webhook(desk: Desk, sent: Row) -> Row:
    return hook_of(sent)


def _tax(desk: Desk, sent: Row) -> Row:
    parts = [str(part["tax_id"] if isinstance(part, dict) else part) for part in sent.get("taxes") or []]
    return {
        "tax_specific_type": text(sent, "tax_specific_type"),
        "tax_name": text(sent, "tax_name"), "tax_percentage": number(sent.get("tax_percentage"), "tax_percentage"),
        "tax_type": text(sent, "tax_type") or "tax", "is_value_added": True, "is_default_tax": False,
        "is_editable": True, "tax_authority_id": "", "tax_authority_name": "", "status": "Active", "_parts": parts,
        "taxes": [{"tax_id": part, "tax_name": desk.get("taxes", part)["tax_name"]} for part in parts],
    }  # fmt: skip


def _currency(desk: Desk, sent: Row) -> Row:
    code = text(sent, "currency_code")
    return {
        "currency_code": code, "currency_name": text(sent, "currency_name") or code,
        "currency_symbol": text(sent, "currency_symbol") or code,
        "price_precision": int(sent.get("price_precision", 2)),
        "currency_format": "1,234,567.89", "is_base_currency": truth(sent.get("is_base_currency", False)),
        "exchange_rate": number(sent.get("exchange_rate", Decimal(1)), "exchange_rate"),
        "effective_date": desk.today.isoformat(),
    }  # fmt: skip


def _pricebook(desk: Desk, sent: Row) -> Row:
    currency = text(sent, "currency_code") or desk.base_currency["currency_code"]
    kind = text(sent, "pricebook_type") or "per_item"
    row = {
        "name": text(sent, "name"), "currency_code": currency, "status": text(sent, "status") or "active",
        "pricebook_type": kind, "sales_or_purchase_type": text(sent, "sales_or_purchase_type") or "sales",
    }  # fmt: skip
    if kind == "per_item":
        return row | {"pricebook_items": sent.get("pricebook_items") or []}
    percentage = number(sent.get("percentage") or 0, "percentage")
    return row | {"percentage": percentage, "is_increase": truth(sent.get("is_increase", False))}


# -- custom fields -----------------------------------------------------------------------------------------------------


def fields(call: Call) -> Response:
    """GET /settings/fields?entity=."""
    module = BY_ENTITY.get(str(call.query.get("entity", "")))
    if module is None:
        raise invalid("entity")
    active = call.query.get("skip_inactive_fields") == "true"
    return answer(fields=[_field(row) for row in call.fields[module] if row["is_active"] or not active])


def create_field(call: Call) -> Response:
    """POST /settings/fields."""
    sent = call.body()
    module = BY_ENTITY.get(text(sent, "entity"))
    if module is None or not sent.get("label"):
        raise invalid("label" if module else "entity")
    if sent.get("data_type") not in TYPES:
        raise invalid("data_type")
    made = new_field(call, module, sent)
    return answer("The custom field has been created.", 201, field=_field(made))


def update_field(call: Call, id: str) -> Response:
    """PUT /settings/fields/{id}."""
    known = ("label", "is_unique", "is_active", "is_mandatory", "show_on_pdf", "value_length")
    changes = {name: value for name, value in call.body().items() if name in known}
    changed = call.save("fields", call.get("fields", id) | changes)
    return answer("The custom field has been updated.", field=_field(changed))


def delete_by_id(call: Call, id: str) -> Response:
    """DELETE /settings/fields/{id}."""
    call.remove("fields", call.get("fields", id))
    return answer("The custom field has been deleted.")


def new_field(desk: Desk, module: str, sent: Row, name: str = "") -> Row:
    """A field; its api_name comes from the label, refused when it is taken."""
    label = text(sent, "label") or name
    api_name = name or f"cf_{re.sub(r'[^a-z0-9]+', '_', label.casefold()).strip('_')}"
    if any(field["api_name"] == api_name for field in desk.fields[module]):
        raise invalid("label: a field of that name exists", 4)
    field = {
        "module": module, "entity": MODULES[module].entity, "label": label, "api_name": api_name,
        "data_type": text(sent, "data_type") or "string", "is_unique": truth(sent.get("is_unique", False)),
        "is_active": True, "is_mandatory": truth(sent.get("is_mandatory", False)), "is_custom_field": True,
        "show_on_pdf": truth(sent.get("show_on_pdf", False)), "index": 1 + len(desk.fields[module]),
        "value_length": int(sent.get("value_length") or 255),
    }  # fmt: skip
    return desk.add("fields", field)


def _field(row: Row) -> Row:
    found = {name: value for name, value in row.items() if name not in ("module", *books_shapes.TIMES)}
    return found | {"customfield_id": row["field_id"]}


def main_desk(sim: Simulator) -> Desk:
    """The first organisation, as its own user sits before it."""
    org = sim.store.get("sim", "books_orgs", str(sim.store.setting("books_organization_id")))
    if org is None:
        raise UserError("Books has no organisation.")
    return Desk(sim, org, person=True)


def put_field(sim: Simulator, module: str, name: str, sent: Row) -> Row:
    """A custom field of the first organisation made or changed by an administrator."""
    desk = main_desk(sim)
    if module not in MODULES:
        raise UserError(f"Books has no module {module}.")
    found = next((field for field in desk.fields[module] if field["api_name"] == name), None)
    return _field(desk.save("fields", found | sent) if found else new_field(desk, module, sent, name))


def delete_field(sim: Simulator, module: str, name: str) -> None:
    """Take a custom field of the first organisation away; records keep what nobody can see any more."""
    desk = main_desk(sim)
    for field in desk.fields.get(module, []):
        if field["api_name"] == name:
            desk.remove("fields", field)
