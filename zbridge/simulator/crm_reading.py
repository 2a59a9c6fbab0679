"""Reading CRM: lists with page tokens, one record, related lists, deleted list (facts CRM 2.1, 2.2, 2.6, 2.7)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from zbridge.simulator import crm_lines
from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, enter, holder, local, module_of, nothing, scope_module, zone
from zbridge.simulator.crm_fields import MODULES, ORG, fields_of
from zbridge.simulator.crm_values import shown
from zbridge.simulator.scopes import module_scope
from zbridge.simulator.store import dumps, loads, stamp
from zbridge.simulator.wire import Request, Response, json_response

PAGE, REACH, TOKEN_REACH = 200, 2000, 100_000
SORTS = {"id": "id", "Created_Time": "created", "Modified_Time": "modified"}
BOUND = ("fields", "per_page", "sort_by", "sort_order", "ids", "cvid")


def shown_row(sim: Simulator, module: str, row: Row, names: Iterable[str] | None = None, *, whole: bool = False) -> Row:
    """A record as CRM gives it: the fields asked for (null when empty), or all with its lines."""
    fields, at = fields_of(sim.store, module), zone(sim)
    wanted = [name for name in (names if names is not None else fields) if name in fields]
    found = {"id": row["id"]}
    for name in wanted:
        if fields[name].type != "subform":
            found[name] = shown(sim.store, fields[name], row.get(name), at)
    if not _many_currencies(sim):
        found.pop("Currency", None)
        found.pop("Exchange_Rate", None)
    if whole:
        found |= _lines(sim, module, row) | {"$approval_state": row.get("$approval_state", "approved")}
        found |= {"$line_tax": row.get("$line_tax", [])} if module == "Quotes" else {}
    return found


def _many_currencies(sim: Simulator) -> bool:
    found = sim.store.get("sim", "crm_orgs", str(sim.store.setting("crm_org_id"))) or {}
    return bool(found.get("multi_currency"))


def _lines(sim: Simulator, module: str, row: Row) -> Row:
    found: Row = {}
    for subform in MODULES[module].subforms:
        lines = [crm_lines.shown_discount(sim, line) for line in crm_lines.lines_of(sim, subform, row["id"])]
        found[subform] = [shown_row(sim, subform, line) for line in lines]
        found.setdefault("$has_more", {})[subform] = False
    return found


def list_records(sim: Simulator, request: Request, module: str) -> Response:
    """One page of a module."""
    module_of(module)
    enter(sim, request, module_scope(scope_module(module), "READ"))
    names = _asked_fields(request)
    query = request.query
    if "page" in query and "page_token" in query or "cvid" in query and "sort_by" in query:
        raise Refusal(400, "AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request")
    page, per_page = _place(sim, request, module)
    rows = _stretch(sim, request, module, page, per_page)
    if not rows:
        return nothing(304 if "if-modified-since" in request.headers and page == 1 else 204)
    shown_rows = [shown_row(sim, module, row, names) for row in rows[:per_page]]
    return json_response(200, {"data": shown_rows, "info": _info(sim, request, module, page, per_page, rows)})


def _asked_fields(request: Request) -> list[str]:
    names = [name.strip() for name in request.query.get("fields", "").split(",") if name.strip()]
    if not names:
        raise Refusal(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="fields")
    if len(names) > 50:
        raise Refusal(400, "LIMIT_EXCEEDED", "fields limit exceeded", param_name="fields", limit=50)
    return names


def _place(sim: Simulator, request: Request, module: str) -> tuple[int, int]:
    per_page = integer(request, "per_page", PAGE)
    if per_page > PAGE or per_page < 1:
        raise Refusal(400, "INVALID_DATA", "invalid data", param_name="per_page", maximum_value=PAGE)
    if "page_token" in request.query:
        return _token_page(sim, request, module, per_page), per_page
    page = integer(request, "page", 1)
    if page * per_page > REACH:
        raise Refusal(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "use page_token beyond this", limit=REACH)
    return page, per_page


def integer(request: Request, name: str, default: int) -> int:
    """A whole number of the query, at least 1."""
    text = request.query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise Refusal(400, "INVALID_DATA", "invalid data", param_name=name, expected_data_type="integer")
    return int(text)


def _bound(request: Request, module: str) -> list[str]:
    return [module, *(request.query.get(name, "") for name in BOUND)]


def _token_page(sim: Simulator, request: Request, module: str, per_page: int) -> int:
    try:
        found = loads(urlsafe_b64decode(request.query["page_token"].encode()))
        page, until, bound, user = int(found["page"]), str(found["until"]), list(found["bound"]), found["user"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(400, "INVALID_DATA", "invalid data", param_name="page_token") from error
    if user != holder(sim, request)["user"]:
        raise Refusal(400, "INVALID_DATA", "the token belongs to another user", param_name="page_token")
    if until < stamp(sim.clock.now()):
        raise Refusal(400, "EXPIRED_VALUE", "the page token is expired", param_name="page_token")
    if bound != _bound(request, module):
        raise Refusal(400, "TOKEN_BOUND_DATA_MISMATCH", "the token was made for another call", param_name="page_token")
    if page * per_page > TOKEN_REACH:
        raise Refusal(400, "PAGINATION_LIMIT_EXCEEDED", "limit exceeded", limit=TOKEN_REACH)
    return page


def _token(sim: Simulator, request: Request, module: str, page: int) -> str:
    until = stamp(sim.clock.now() + timedelta(hours=24))
    user = holder(sim, request)["user"]
    made = {"page": page, "until": until, "bound": _bound(request, module), "user": user}
    return urlsafe_b64encode(dumps(made).encode()).decode()


def _stretch(sim: Simulator, request: Request, module: str, page: int, per_page: int) -> list[Row]:
    """The page's rows and one more, if there is one."""
    query = request.query
    if query.get("ids"):
        ids = [one.strip() for one in query["ids"].split(",")]
        found = [row for row in (sim.store.get(ORG, module, one) for one in ids) if row is not None]
        return found[(page - 1) * per_page : page * per_page + 1]
    order = SORTS.get(query.get("sort_by", "id"))
    if order is None:
        raise Refusal(400, "INVALID_DATA", "invalid data", param_name="sort_by", supported_values=sorted(SORTS))
    inclusive = sim.switches["crm_if_modified_since_boundary"] == "inclusive"
    since = _since(request)
    rows = sim.store.page(
        ORG, module, order=order, descending=query.get("sort_order", "desc") == "desc", offset=(page - 1) * per_page,
        limit=per_page + 1, modified_from=since if inclusive else "", modified_after="" if inclusive else since,
    )  # fmt: skip
    real = sim.clock.real()
    return [row for row in rows if not sim.faults.is_hidden(ORG, module, row["id"], real)]


def _since(request: Request) -> str:
    text = request.headers.get("if-modified-since", "")
    if not text:
        return ""
    try:
        return stamp(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError as error:
        raise Refusal(400, "INVALID_DATA", "invalid data", param_name="If-Modified-Since") from error


def _info(sim: Simulator, request: Request, module: str, page: int, per_page: int, rows: list[Row]) -> Row:
    more = len(rows) > per_page
    expiry = local(sim, sim.clock.now() + timedelta(hours=24))
    return {
        "call": False, "email": False, "per_page": per_page, "count": min(len(rows), per_page), "page": page,
        "sort_by": request.query.get("sort_by", "id"), "sort_order": request.query.get("sort_order", "desc"),
        "next_page_token": _token(sim, request, module, page + 1) if more else None,
        "previous_page_token": _token(sim, request, module, page - 1) if page > 1 else None,
        "page_token_expiry": expiry if more or page > 1 else None, "more_records": more,
    }  # fmt: skip


def one_record(sim: Simulator, request: Request, module: str, id: str) -> Response:
    """A record with all its fields and lines; 204 (by switch 400, 404) when it isn't there."""
    module_of(module)
    enter(sim, request, module_scope(scope_module(module), "READ"))
    if not id.isdigit():
        raise Refusal(400, "INVALID_DATA", "the id given seems to be invalid", resource_path_index=1)
    found = sim.store.get(ORG, module, id)
    if found is None:
        return unknown_id(sim)
    names = request.query.get("fields")
    wanted = [name.strip() for name in names.split(",")] if names else None
    return json_response(200, {"data": [shown_row(sim, module, found, wanted, whole=True)]})


def unknown_id(sim: Simulator) -> Response:
    """Nobody knows for sure how CRM answers: a switch."""
    status = int(sim.switches["crm_unknown_id"])
    if status == 204:
        return nothing()
    raise Refusal(status, "INVALID_DATA", "the id given seems to be invalid", resource_path_index=1)


def related(sim: Simulator, request: Request, module: str, id: str, list_name: str) -> Response:
    """Quotes, Products (without quantity or price of sale), Contacts, Deals of a record."""
    module_of(module)
    target = module_of(list_name)
    enter(sim, request, module_scope(module, "READ"), module_scope(target, "READ"))
    names = _asked_fields(request)
    rows = _related_rows(sim, module, id, target)
    if not rows:
        return nothing()
    shown_rows = [shown_row(sim, target, row, names) for row in rows[:PAGE]]
    info = {"per_page": PAGE, "count": len(shown_rows), "page": 1, "more_records": len(rows) > PAGE}
    return json_response(200, {"data": shown_rows, "info": info})


def _related_rows(sim: Simulator, module: str, id: str, target: str) -> list[Row]:
    if target == "Products":
        ids: list[str] = sim.store.setting(f"products of {module} {id}", [])
        return [row for row in (sim.store.get(ORG, "Products", one) for one in ids) if row is not None]
    names = [
        field.name for field in MODULES[target].fields.values() if field.look_up == module and field.type == "lookup"
    ]
    return sim.store.find(ORG, target, names[0], id) if names else []


def deleted(sim: Simulator, request: Request, module: str) -> Response:
    """The deleted feed; the simulator's bin is never emptied, so nothing is permanent."""
    module_of(module)
    enter(sim, request, module_scope(module, "READ"))
    kind = request.query.get("type", "all")
    if kind not in ("all", "recycle", "permanent"):
        raise Refusal(
            400, "PATTERN_NOT_MATCHED", "please check whether the input values are correct", param_name="type"
        )
    since = _since(request)
    rows = [row for row in sim.store.removed(ORG, module) if not since or row["deleted_time"] > since]
    page, per_page = integer(request, "page", 1), integer(request, "per_page", PAGE)
    stretch = [] if kind == "permanent" else rows[(page - 1) * per_page : page * per_page]
    if not stretch:
        return nothing()
    at = [row | {"deleted_time": local(sim, datetime.fromisoformat(row["deleted_time"]))} for row in stretch]
    info = {"per_page": per_page, "count": len(at), "page": page, "more_records": len(rows) > page * per_page}
    return json_response(200, {"data": at, "info": info})
