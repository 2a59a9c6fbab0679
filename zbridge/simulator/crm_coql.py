"""COQL answered straight from the store: no index, no lag (facts CRM 2.9)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_coql_parser import PAGE, Parser, Query, refuse, stored
from zbridge.simulator.crm_envelope import Refusal, enter, nothing, scope_module, zone
from zbridge.simulator.crm_fields import MODULES, ORG, fields_of
from zbridge.simulator.crm_search import number, plain
from zbridge.simulator.crm_values import shown
from zbridge.simulator.scopes import module_scope
from zbridge.simulator.store import stamp
from zbridge.simulator.wire import Request, Response, json_response

MOST_COLUMNS, MOST_CRITERIA = 50, 25


def coql(sim: Simulator, request: Request) -> Response:
    """Rows straight from the store: no index, no lag."""
    body = request.json
    text = body.get("select_query") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise Refusal(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="select_query")
    wanted = re.search(r"\blimit\s+(?:\d+\s*,\s*)?(\d+)", text, re.IGNORECASE)
    rows_asked = int(wanted[1]) if wanted else PAGE
    enter(sim, request, "ZohoCRM.coql.READ", credits=1 if rows_asked <= 200 else 2 if rows_asked <= 1000 else 3)
    query = Parser(text).query()
    _check(sim, query)
    enter(sim, request, module_scope(scope_module(query.module), "READ"), credits=0)
    rows = [row for row in _candidates(sim, query) if query.test(row)]
    for name, descending in reversed(query.order):
        rows.sort(key=_sort_key(name), reverse=descending)
    stretch = rows[query.offset : query.offset + query.limit]
    if not stretch:
        return nothing()
    more = len(rows) > query.offset + query.limit
    info = {"count": len(stretch), "more_records": more}
    return json_response(200, {"data": [_row(sim, query, row) for row in stretch], "info": info})


def _sort_key(name: str) -> Callable[[Row], tuple[int, Any]]:
    """Empty first, then numbers as numbers, then text."""

    def key(row: Row) -> tuple[int, Any]:
        value = plain(row.get(stored(name)))
        found = number(value)
        if value is None:
            return 0, 0
        return (1, found) if found is not None else (2, str(value))

    return key


def _candidates(sim: Simulator, query: Query) -> list[Row]:
    """What ids, look-ups or a time of change narrow down is looked up, everything else is gone through."""
    fields = fields_of(sim.store, query.module)
    is_line = bool(MODULES[query.module].parent)
    look_ups = {"Parent_Id"} if is_line else {name for name, one in fields.items() if one.type == "lookup"}
    for name, operator, values in query.certain:
        wanted = dict.fromkeys(values)
        if operator in ("=", "in") and name == "id":
            return [row for id in wanted if (row := sim.store.get(ORG, query.module, id)) is not None]
        if operator in ("=", "in") and stored(name) in look_ups:
            return [row for id in wanted for row in sim.store.find(ORG, query.module, stored(name), id)]
        if operator in (">", ">=") and name == "Modified_Time":
            return sim.store.page(ORG, query.module, limit=-1, modified_from=_stamped(values[0]))
    return sim.store.all(ORG, query.module)


def _stamped(text: str) -> str:
    try:
        return stamp(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError:
        refuse("INVALID_QUERY", column_name="Modified_Time", reason="invalid value")


def _check(sim: Simulator, query: Query) -> None:
    if query.module not in MODULES:
        refuse("INVALID_MODULE", module=query.module)
    if len(query.columns) > MOST_COLUMNS:
        refuse("LIMIT_EXCEEDED", limit=MOST_COLUMNS, clause="select")
    if len(query.named) > MOST_CRITERIA:
        refuse("LIMIT_EXCEEDED", limit=MOST_CRITERIA, clause="where")
    fields = fields_of(sim.store, query.module)
    for name in (*query.columns, *query.named, *(name for name, _ in query.order)):
        if name != "id" and name.split(".")[0] not in fields:
            refuse("INVALID_QUERY", column_name=name, reason="column given seems to be invalid")
    for name in query.named:
        if name in fields and fields[name].type in ("textarea", "fileupload", "imageupload"):
            refuse("INVALID_QUERY", column_name=name, reason="column can't stand in a criterion")


def _row(sim: Simulator, query: Query, row: Row) -> Row:
    found: Row = {"id": row["id"]}
    fields = fields_of(sim.store, query.module)
    for name in query.columns:
        if "." in name:
            found[name] = _joined(sim, query, row, name)
        elif name != "id":
            value = row.get(name)
            one = fields[name]
            found[name] = value if isinstance(value, dict) else shown(sim.store, one, value, zone(sim))
    return found


def _joined(sim: Simulator, query: Query, row: Row, name: str) -> Any:
    """A field of the record that a look-up points to."""
    first, _, second = name.partition(".")
    target = fields_of(sim.store, query.module)[first].look_up
    value = row.get(first)
    if not isinstance(value, dict) or not target:
        return None
    other = sim.store.get(ORG, target, value["id"]) or {}
    return value["id"] if second == "id" else other.get(second)
