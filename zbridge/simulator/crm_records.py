"""CRM records: what a write does, for API and users alike; and the verbs of CRM's own users."""

from collections.abc import Iterable

from zbridge.simulator import crm_lines
from zbridge.simulator.app import Row, Simulator, UserError, Verbs
from zbridge.simulator.crm_fields import MODULES, ORG, Field, fields_of
from zbridge.simulator.crm_notify import announce
from zbridge.simulator.crm_values import Fault, checked
from zbridge.simulator.store import stamp

PENDING = "approval_process_pending"


def create(sim: Simulator, module: str, row: Row, path: str, user: str) -> Row:
    """A new record as stored; raises Fault for what the row lacks or gets wrong."""
    values, lines = _checked(sim, module, row, path, None)
    _check_unique(sim, module, values, path, "")
    now = stamp(sim.clock.now())
    values |= {
        "id": sim.store.new_id("crm"), "Created_Time": now, "Modified_Time": now, "Created_By": {"id": user},
        "Modified_By": {"id": user}, "$approval_state": row.get("$approval_state", "approved"),
    }  # fmt: skip
    values["Owner"] = values.get("Owner") or {"id": user}
    if module == "Quotes" and not values.get("Quote_Number"):
        values["Quote_Number"] = f"Q-{sim.store.next_number('quote number', 2001)}"
    stored = _store(sim, module, values, lines)
    announce(sim, module, [values["id"]], "insert", {})
    return stored


def update(sim: Simulator, module: str, id: str, row: Row, path: str, user: str, *, person: bool = False) -> Row:
    """Some fields of a record changed; null clears. Locked and pending records refuse, except to CRM's own users."""
    before = sim.store.get(ORG, module, id)
    if before is None:
        raise Fault("INVALID_DATA", "the id given seems to be invalid", id=id, api_name="id", json_path=f"{path}.id")
    if before.get("$locked") and not person:
        raise Fault("RECORD_LOCKED", "record is locked", id=id)
    if before.get("$approval_state") == PENDING and not person:
        raise Fault("NOT_APPROVED", "record not approved", id=id)
    values, lines = _checked(sim, module, row, path, id)
    _check_unique(sim, module, values, path, id)
    now = stamp(sim.clock.now())
    changed = {name: values[name] for name in values if values[name] != before.get(name)}
    stored = _store(sim, module, before | values | {"Modified_Time": now, "Modified_By": {"id": user}}, lines)
    announce(sim, module, [id], "update", changed)
    return stored


def delete(sim: Simulator, module: str, id: str, user: str, *, person: bool = True) -> Row:
    """To the recycle bin; a locked record only by CRM's own users."""
    found = sim.store.get(ORG, module, id)
    if found is None:
        raise Fault("INVALID_DATA", "record not deleted", id=id)
    if found.get("$locked") and not person:
        raise Fault("RECORD_LOCKED", "record is locked", id=id)
    at = stamp(sim.clock.now())
    note = {
        "id": id, "display_name": found.get(MODULES[module].title), "type": "recycle", "deleted_time": at,
        "deleted_by": _person(sim, user), "created_by": _person(sim, (found.get("Created_By") or {}).get("id", "")),
    }  # fmt: skip
    for subform in MODULES[module].subforms:
        crm_lines.store_lines(sim, subform, id, [])
    sim.store.remove(ORG, module, id, at=at, note=note)
    announce(sim, module, [id], "delete", {})
    return found


def _person(sim: Simulator, id: str) -> Row | None:
    found = sim.store.get(ORG, "users", id)
    return {"name": found["full_name"], "id": id} if found else None


def _checked(sim: Simulator, module: str, row: Row, path: str, id: str | None) -> tuple[Row, dict[str, list[Row]]]:
    """The row's values and planned lines; several faults come together."""
    fields, faults, values = fields_of(sim.store, module), [], {}
    lines: dict[str, list[Row]] = {}
    for name, value in row.items():
        field = fields.get(name)
        try:
            if field is not None and field.type == "subform":
                if value is not None:
                    lines[name] = crm_lines.plan_lines(sim, name, id or "", value, f"{path}.{name}")
            elif field is not None and not field.read_only:
                values[name] = checked(sim.store, field, value, f"{path}.{name}")
        except Fault as fault:
            faults.append(fault)
    faults += _missing(fields.values(), row, path, creating=id is None)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Fault("MULTIPLE_OR_MULTI_ERRORS", "multiple errors", errors=[fault.row() for fault in faults])
    if module == "Contacts" and ("First_Name" in values or "Last_Name" in values):
        before = (sim.store.get(ORG, module, id) if id else None) or {}
        both = before | values
        values["Full_Name"] = f"{both.get('First_Name') or ''} {both.get('Last_Name') or ''}".strip()
    return _money_basis(sim, module, values, id is None), lines


def _missing(fields: Iterable[Field], row: Row, path: str, *, creating: bool) -> list[Fault]:
    def fault(name: str) -> Fault:
        return Fault("MANDATORY_NOT_FOUND", "required field not found", api_name=name, json_path=f"{path}.{name}")

    mandatory = [field.name for field in fields if field.mandatory]
    if creating:
        return [fault(name) for name in mandatory if row.get(name) in (None, "", [])]
    return [fault(name) for name in mandatory if name in row and row[name] in (None, "")]


def _money_basis(sim: Simulator, module: str, values: Row, creating: bool) -> Row:
    """A record's currency, where the organisation has several."""
    org = sim.store.get("sim", "crm_orgs", sim.store.setting("crm_org_id")) or {}
    if not org.get("multi_currency"):
        values.pop("Currency", None)
        values.pop("Exchange_Rate", None)
        return values
    if creating and "Currency" in MODULES[module].fields:
        values["Currency"] = values.get("Currency") or org["iso_code"]
        rates = {row["iso_code"]: row["exchange_rate"] for row in sim.store.all(ORG, "currencies")}
        if not values.get("Exchange_Rate"):
            values["Exchange_Rate"] = crm_lines.decimal(rates.get(values["Currency"], "1"))
    return values


def _check_unique(sim: Simulator, module: str, values: Row, path: str, id: str) -> None:
    for field in fields_of(sim.store, module).values():
        value = values.get(field.name)
        if not field.unique or value in (None, ""):
            continue
        for other in sim.store.find(ORG, module, field.name, str(value).casefold()):
            if other["id"] != id:
                duplicate = {
                    "id": other["id"],
                    "Owner": other.get("Owner"),
                    "module": {"api_name": module, "id": module},
                }
                raise Fault(
                    "DUPLICATE_DATA", "duplicate data", api_name=field.name, json_path=f"{path}.{field.name}",
                    id=other["id"], duplicate_record=duplicate, more_records=False,
                )  # fmt: skip


def _store(sim: Simulator, module: str, values: Row, lines: dict[str, list[Row]]) -> Row:
    for subform, rows in lines.items():
        crm_lines.store_lines(sim, subform, values["id"], rows)
    if module == "Quotes":
        values |= crm_lines.quote_sums(values, crm_lines.lines_of(sim, "Quoted_Items", values["id"]))
    sim.store.save(
        ORG, module, values["id"], values, created=values["Created_Time"], modified=values["Modified_Time"],
        written=sim.clock.real(), keys=look_up_keys(sim, module, values),
    )  # fmt: skip
    return values


def look_up_keys(sim: Simulator, module: str, values: Row) -> dict[str, str]:
    """What a record is found by: look-ups, the duplicate field, unique fields."""
    found = {}
    for field in fields_of(sim.store, module).values():
        value = values.get(field.name)
        if field.type == "lookup" and isinstance(value, dict):
            found[field.name] = str(value["id"])
        elif value and (field.unique or field.name in (MODULES[module].duplicate, "Email", "Quote_Number")):
            found[field.name] = str(value).casefold()
    return found


# -- what CRM's own users do -------------------------------------------------------------------------------------------


def _user(sim: Simulator) -> str:
    return str(sim.store.setting("crm_admin_id"))


def user_create(sim: Simulator, module: str, row: Row) -> Row:
    """As a CRM user would on the screen."""
    if module == "users":
        return _new_user(sim, row)
    if module not in MODULES:
        raise UserError(f"CRM has no module {module}.")
    try:
        owner = row.get("Owner")
        user = str((owner.get("id") if isinstance(owner, dict) else None) or _user(sim))
        made = create(sim, module, row, "$.data[0]", user)
    except Fault as fault:
        raise UserError(f"{fault.code}: {fault.details}") from fault
    return user_read(sim, module, made["id"]) or made


def _new_user(sim: Simulator, row: Row) -> Row:
    id = sim.store.new_id("crm")
    name = f"{row.get('first_name', '')} {row.get('last_name', '')}".strip()
    made = {
        "id": id, "zuid": f"7{id[-8:]}", "full_name": name, "email": row.get("email"),
        "status": "active", "confirm": True,
        "role": {"name": row.get("role", "CEO"), "id": "5437018000000026005"}, "type__s": "Regular User",
        "profile": {"name": row.get("profile", "Standard"), "id": "5437018000000026011"}, "locale": "en_US",
        "time_zone": "Europe/Berlin", "first_name": row.get("first_name"), "last_name": row.get("last_name"),
    }  # fmt: skip
    return _keep_user(sim, made)


def _keep_user(sim: Simulator, user: Row) -> Row:
    now = stamp(sim.clock.now())
    sim.store.save(ORG, "users", user["id"], user, created=now, modified=now, written=0.0, keys={})
    return user


def user_update(sim: Simulator, module: str, id: str, row: Row) -> Row:
    """As a CRM user would; people (module users) are renamed or made inactive the same way."""
    known = sim.store.get(ORG, module, id)
    if module == "users" and known is not None:
        return _keep_user(sim, known | row)
    if known is None:
        raise UserError(f"There is no {module} {id}.")
    try:
        update(sim, module, id, row, "$.data[0]", _user(sim), person=True)
    except Fault as fault:
        raise UserError(f"{fault.code}: {fault.details}") from fault
    return user_read(sim, module, id) or {}


def user_delete(sim: Simulator, module: str, id: str) -> Row:
    """As a CRM user would."""
    try:
        return delete(sim, module, id, _user(sim))
    except Fault as fault:
        raise UserError(f"There is no {module} {id}.") from fault


def user_read(sim: Simulator, module: str, id: str) -> Row | None:
    """The stored record with its lines."""
    found = sim.store.get(ORG, module, id)
    if found is None or module not in MODULES:
        return found
    return found | {name: crm_lines.lines_of(sim, name, id) for name in MODULES[module].subforms}


def user_rows(sim: Simulator, module: str) -> list[Row]:
    """All records of a module, without lines."""
    return sim.store.all(ORG, module)


def act(sim: Simulator, module: str, id: str, action: str, params: Row) -> Row:
    """lock, unlock, submit (for approval), approve, clone, merge (into), delete."""
    found = sim.store.get(ORG, module, id)
    if found is None:
        raise UserError(f"There is no {module} {id}.")
    if action in ("submit", "approve"):
        return _store(sim, module, found | {"$approval_state": PENDING if action == "submit" else "approved"}, {})
    if action in ("lock", "unlock"):
        change = {"$locked": action == "lock"}
        return _store(sim, module, found | change, {})
    if action == "clone":
        return _cloned(sim, module, id)
    if action == "delete":
        return user_delete(sim, module, id)
    if action == "merge":
        return _merge(sim, module, id, str(params.get("into", "")))
    raise UserError(f"CRM users can't {action} a record.")


def clone(sim: Simulator, module: str, id: str, changes: Row, user: str) -> Row:
    """A copy with every field, those of other applications too (design 6); what is unique stays with the first."""
    found = user_read(sim, module, id)
    if found is None:
        raise Fault("INVALID_DATA", "the id given seems to be invalid", id=id)
    own = {"id", "Quote_Number", *(field.name for field in fields_of(sim.store, module).values() if field.unique)}
    row = {name: value for name, value in found.items() if not name.startswith("$") and name not in own}
    for subform in MODULES[module].subforms:
        row[subform] = [{key: value for key, value in line.items() if key != "id"} for line in row[subform]]
    return create(sim, module, row | changes, "$.data[0]", user)


def _cloned(sim: Simulator, module: str, id: str) -> Row:
    try:
        return clone(sim, module, id, {}, _user(sim))
    except Fault as fault:
        raise UserError(f"{fault.code}: {fault.details}") from fault


def _merge(sim: Simulator, module: str, id: str, into: str) -> Row:
    """The loser's related records move to the master, the loser is deleted."""
    if sim.store.get(ORG, module, into) is None or into == id:
        raise UserError("Merge into which record?")
    for other in MODULES.values():
        for field in other.fields.values():
            if field.type == "lookup" and field.look_up == module:
                for row in sim.store.find(ORG, other.name, field.name, id):
                    moved = {field.name: {"id": into}}
                    _store(sim, other.name, row | moved | {"Modified_Time": stamp(sim.clock.now())}, {})
                    announce(sim, other.name, [row["id"]], "update", moved)
    delete(sim, module, id, _user(sim))
    return sim.store.get(ORG, module, into) or {}


VERBS = Verbs(user_create, user_update, user_delete, act, user_read, user_rows)
