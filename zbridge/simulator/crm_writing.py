"""Writing CRM: insert, update, upsert, delete, clone, link products (facts CRM 2.3 to 2.7)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from zbridge.simulator import crm_records
from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, acting, data_rows, enter, local, module_of, rows_response
from zbridge.simulator.crm_fields import MODULES, ORG, fields_of
from zbridge.simulator.crm_reading import unknown_id
from zbridge.simulator.crm_values import Fault
from zbridge.simulator.scopes import module_scope
from zbridge.simulator.wire import Request, Response

Write = Callable[[Row, str], Row]


def _credits(request: Request) -> int:
    body = request.json if request.body else None
    rows = body.get("data") if isinstance(body, dict) else None
    return max(1, -(-len(rows) // 10)) if isinstance(rows, list) else 1


def _sent(row: Row) -> Row:
    """A row's fields, without its id and the keys that are CRM's own."""
    return {name: value for name, value in row.items() if name != "id" and not name.startswith("$")}


def _success(sim: Simulator, row: Row, message: str) -> Row:
    created, modified = (datetime.fromisoformat(row[name]) for name in ("Created_Time", "Modified_Time"))
    people = {name: _named(sim, row.get(name)) for name in ("Created_By", "Modified_By")}
    details = {
        "id": row["id"], "Created_Time": local(sim, created), "Modified_Time": local(sim, modified), **people,
        "$approval_state": row.get("$approval_state", "approved"),
    }  # fmt: skip
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


def _named(sim: Simulator, user: Any) -> Row:
    found = sim.store.get(ORG, "users", (user or {}).get("id", "")) or {}
    return {"name": found.get("full_name", ""), "id": (user or {}).get("id", "")}


def _each(sim: Simulator, rows: list[Row], write: Write) -> list[Row]:
    """One result a row, in order; a faulty row leaves nothing behind and doesn't stop the others."""
    results = []
    for number, row in enumerate(rows):
        try:
            with sim.whole():
                results.append(write(row, f"$.data[{number}]"))
        except Fault as fault:
            results.append(fault.row())
    return results


def insert(sim: Simulator, request: Request, module: str) -> Response:
    """New records, 201."""
    module_of(module)
    user = acting(sim, enter(sim, request, module_scope(module, "CREATE"), credits=_credits(request)))

    def write(row: Row, path: str) -> Row:
        return _success(sim, crm_records.create(sim, module, _sent(row), path, user), "record added")

    return rows_response(sim, _each(sim, data_rows(request), write), 201)


def update(sim: Simulator, request: Request, module: str, id: str = "") -> Response:
    """Some fields of records; each row names its id, or the path does."""
    module_of(module)
    user = acting(sim, enter(sim, request, module_scope(module, "UPDATE"), credits=_credits(request)))
    unmodified = request.headers.get("if-unmodified-since", "")

    def write(row: Row, path: str) -> Row:
        wanted = id or str(row.get("id") or "")
        if not wanted:
            raise Fault("MANDATORY_NOT_FOUND", "required field not found", api_name="id", json_path=f"{path}.id")
        _check_unmodified(sim, module, wanted, unmodified)
        return _success(sim, crm_records.update(sim, module, wanted, _sent(row), path, user), "record updated")

    return rows_response(sim, _each(sim, data_rows(request), write), 200)


def _check_unmodified(sim: Simulator, module: str, id: str, unmodified: str) -> None:
    found = sim.store.get(ORG, module, id)
    if not unmodified or found is None:
        return
    try:
        seen = datetime.fromisoformat(unmodified).astimezone(UTC)
    except ValueError as error:
        raise Fault("INVALID_DATA", "invalid data", param_name="If-Unmodified-Since") from error
    modified = datetime.fromisoformat(found["Modified_Time"])
    if modified > seen:
        raise Fault(
            "ALREADY_MODIFIED", "record was modified", id=id, Modified_Time=local(sim, modified),
            Modified_By=_named(sim, found.get("Modified_By")),
        )  # fmt: skip


def upsert(sim: Simulator, request: Request, module: str) -> Response:
    """Update what the duplicate fields find, insert the rest (facts CRM 2.5)."""
    module_of(module)
    scopes = module_scope(module, "CREATE"), module_scope(module, "UPDATE")
    user = acting(sim, enter(sim, request, *scopes, credits=_credits(request)))
    asked = (request.json or {}).get("duplicate_check_fields") if isinstance(request.json, dict) else None
    fields = _check_fields(sim, module, asked)

    def write(row: Row, path: str) -> Row:
        field, found = _match(sim, module, row, fields)
        if found is None:
            made = crm_records.create(sim, module, _sent(row), path, user)
            return _success(sim, made, "record added") | {"duplicate_field": None, "action": "insert"}
        kept = crm_records.update(sim, module, found, _sent(row), path, user)
        return _success(sim, kept, "record updated") | {"duplicate_field": field, "action": "update"}

    return rows_response(sim, _each(sim, data_rows(request), write), 200)


def _check_fields(sim: Simulator, module: str, asked: Any) -> list[str]:
    unique = [field.name for field in fields_of(sim.store, module).values() if field.unique]
    first = [str(name) for name in asked] if isinstance(asked, list) else [MODULES[module].duplicate]
    return first + [name for name in unique if name not in first]


def _match(sim: Simulator, module: str, row: Row, fields: list[str]) -> tuple[str, str | None]:
    for name in fields:
        value = row.get(name)
        hits = sim.store.find(ORG, module, name, str(value).casefold()) if value else []
        if hits:
            return name, str(hits[0]["id"])
    return "", None


def delete(sim: Simulator, request: Request, module: str, id: str = "") -> Response:
    """To the recycle bin, by path or by `ids`."""
    module_of(module)
    user = acting(sim, enter(sim, request, module_scope(module, "DELETE")))
    ids = [id] if id else [one.strip() for one in request.query.get("ids", "").split(",") if one.strip()]
    if not ids:
        raise Refusal(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="ids")

    def write(row: Row, path: str) -> Row:
        crm_records.delete(sim, module, row["id"], user, person=False)
        return {"code": "SUCCESS", "details": {"id": row["id"]}, "message": "record deleted", "status": "success"}

    return rows_response(sim, _each(sim, [{"id": one} for one in ids], write), 200)


def clone(sim: Simulator, request: Request, module: str, id: str) -> Response:
    """A copy with all fields, custom ones too."""
    module_of(module)
    user = acting(sim, enter(sim, request, module_scope(module, "CREATE")))
    if sim.store.get(ORG, module, id) is None:
        return unknown_id(sim)
    changes = data_rows(request, 1) if request.body.strip() else [{}]

    def write(row: Row, path: str) -> Row:
        return _success(sim, crm_records.clone(sim, module, id, _sent(row), user), "record added")

    return rows_response(sim, _each(sim, changes, write), 201)


def link(sim: Simulator, request: Request, module: str, id: str, list_name: str) -> Response:
    """Products of a deal, account or contact: a relation without quantity or price."""
    module_of(module)
    if list_name != "Products":
        raise Refusal(400, "INVALID_DATA", "the relation name given seems to be invalid", resource_path_index=2)
    enter(sim, request, module_scope(module, "UPDATE"))
    name = f"products of {module} {id}"

    def write(row: Row, path: str) -> Row:
        product = str(row.get("id") or "")
        if sim.store.get(ORG, "Products", product) is None:
            raise Fault("INVALID_DATA", "the id given seems to be invalid", id=product, json_path=f"{path}.id")
        known = sim.store.setting(name, [])
        sim.store.set(name, known if product in known else [*known, product])
        return {"code": "SUCCESS", "details": {"id": product}, "message": "relation added", "status": "success"}

    return rows_response(sim, _each(sim, data_rows(request), write), 200)


def unlink(sim: Simulator, request: Request, module: str, id: str, list_name: str) -> Response:
    """Take products off a deal, account or contact."""
    module_of(module)
    if list_name != "Products":
        raise Refusal(400, "INVALID_DATA", "the relation name given seems to be invalid", resource_path_index=2)
    enter(sim, request, module_scope(module, "UPDATE"))
    name = f"products of {module} {id}"

    def write(row: Row, path: str) -> Row:
        known: list[str] = sim.store.setting(name, [])
        if row["id"] not in known:
            raise Fault("INVALID_DATA", "the id given seems to be invalid", id=row["id"])
        sim.store.set(name, [one for one in known if one != row["id"]])
        return {"code": "SUCCESS", "details": {"id": row["id"]}, "message": "relation removed", "status": "success"}

    ids = [one.strip() for one in request.query.get("ids", "").split(",") if one.strip()]
    return rows_response(sim, _each(sim, [{"id": one} for one in ids], write), 200)
