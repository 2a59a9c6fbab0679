"""Search: criteria, e-mail, phone, word; fuzzy `equals`, a lagging index, unapproved records hidden (facts CRM 2.8)."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, enter, module_of, nothing
from zbridge.simulator.crm_fields import ORG, Field, fields_of
from zbridge.simulator.crm_reading import PAGE, REACH, integer, shown_row
from zbridge.simulator.scopes import module_scope
from zbridge.simulator.wire import Request, Response, json_response

SCOPE = "ZohoSearch.securesearch.READ"
MOST_CRITERIA = 15
CRITERION = re.compile(r"\((?P<field>[A-Za-z_.$][\w.$]*):(?P<operator>\w+):(?P<value>(?:\\.|[^()\\])*)\)")
TOKEN = re.compile(rf"{CRITERION.pattern}|[()]|\band\b|\bor\b|\S")
Test = Callable[[Row], bool]
NUMBERS = {"currency", "double", "percent", "integer", "bigint"}
ORDERED = NUMBERS | {"date", "datetime"}
TEXT = {"equals", "not_equal", "starts_with", "in"}
CHOICES = {"equals", "not_equal", "in"}
UNORDERED = {
    "picklist": CHOICES, "autonumber": CHOICES, "lookup": CHOICES, "ownerlookup": CHOICES,
    "boolean": {"equals", "not_equal"}, "textarea": TEXT - {"in"},
}  # fmt: skip


def search(sim: Simulator, request: Request, module: str) -> Response:
    """Criteria win over e-mail, phone, word."""
    module_of(module)
    enter(sim, request, SCOPE, module_scope(module, "READ"))
    test = _test(sim, request, module)
    page, per_page = integer(request, "page", 1), min(integer(request, "per_page", PAGE), PAGE)
    if page * per_page > REACH:
        raise Refusal(400, "LIMIT_REACHED", "limit reached", limit=REACH)
    rows = [row for row in _indexed(sim, request, module) if test(row)]
    stretch = rows[(page - 1) * per_page : page * per_page]
    if not stretch:
        return nothing()
    names = request.query.get("fields")
    wanted = [name.strip() for name in names.split(",")] if names else None
    info = {"per_page": per_page, "count": len(stretch), "page": page, "more_records": len(rows) > page * per_page}
    return json_response(200, {"data": [shown_row(sim, module, row, wanted) for row in stretch], "info": info})


def count(sim: Simulator, request: Request, module: str) -> Response:
    """How many records a module has, or how many of them a criterion, e-mail, phone or word finds."""
    module_of(module)
    enter(sim, request, SCOPE, module_scope(module, "READ"))
    if not any(request.query.get(name) for name in ("criteria", "email", "phone", "word")):
        return json_response(200, {"count": sim.store.count(ORG, module)})
    test = _test(sim, request, module)
    return json_response(200, {"count": sum(test(row) for row in _indexed(sim, request, module))})


def _indexed(sim: Simulator, request: Request, module: str) -> list[Row]:
    """Records that the index knows by now and that are not hidden for want of approval."""
    lag, real = float(sim.switches["crm_search_lag"]), sim.clock.real()
    approved = request.query.get("approved", "true")
    found = []
    for row in sim.store.all(ORG, module):
        is_approved = row.get("$approval_state", "approved") == "approved"
        hidden = approved == "true" and not is_approved or approved == "false" and is_approved
        fresh = lag and sim.store.written(ORG, module, row["id"]) + lag > real
        if not hidden and not fresh:
            found.append(row)
    return found


def _test(sim: Simulator, request: Request, module: str) -> Test:
    fields, query = fields_of(sim.store, module), request.query
    if query.get("criteria"):
        return criteria_test(fields, query["criteria"])
    if query.get("email"):
        wanted = query["email"].casefold()
        return lambda row: any(str(row.get(name) or "").casefold() == wanted for name in _named(fields, "email"))
    if query.get("phone"):
        return lambda row: any(row.get(name) == query["phone"] for name in _named(fields, "phone"))
    if "word" not in query:
        raise Refusal(
            400, "EXPECTED_PARAM_MISSING", "expected param missing", param_names=["criteria", "email", "phone", "word"]
        )
    if len(query["word"]) < 2:
        raise Refusal(400, "INVALID_DATA", "invalid data", param_name="word", minimum_length=2)
    word = query["word"].casefold()
    return lambda row: any(word in str(value).casefold() for value in row.values() if isinstance(value, str))


def _named(fields: dict[str, Field], kind: str) -> list[str]:
    return [field.name for field in fields.values() if field.type == kind]


def criteria_test(fields: dict[str, Field], text: str) -> Test:
    """The criteria as a test; Refusal INVALID_QUERY or CRITERIA_LIMIT_EXCEEDED."""
    parts = list(CRITERION.finditer(text))
    if len(parts) > MOST_CRITERIA:
        raise Refusal(400, "CRITERIA_LIMIT_EXCEEDED", "criteria limit exceeded", limit=MOST_CRITERIA)
    if not parts:
        raise Refusal(400, "INVALID_QUERY", "Invalid query formed")
    return _Criteria(fields, text).whole()


class _Criteria:
    """Criteria joined by `and` and `or`, grouped by brackets; `and` binds closer."""

    def __init__(self, fields: dict[str, Field], text: str) -> None:
        self._fields = fields
        self._tokens = list(TOKEN.finditer(text))

    def whole(self) -> Test:
        test = self._any()
        if self._tokens:
            raise Refusal(400, "INVALID_QUERY", "Invalid query formed")
        return test

    def _take(self, text: str) -> bool:
        found = bool(self._tokens) and self._tokens[0].group() == text
        if found:
            self._tokens.pop(0)
        return found

    def _any(self) -> Test:
        tests = [self._all()]
        while self._take("or"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._take("and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._take("("):
            test = self._any()
            if self._take(")"):
                return test
        elif self._tokens and self._tokens[0]["field"]:
            return _criterion(self._fields, self._tokens.pop(0))
        raise Refusal(400, "INVALID_QUERY", "Invalid query formed")


def _criterion(fields: dict[str, Field], part: re.Match[str]) -> Test:
    name, operator = part["field"].removesuffix(".id"), part["operator"]
    if name not in fields and name != "id" or operator not in OPERATORS:
        raise Refusal(400, "INVALID_QUERY", "Invalid query formed", reason=f"{name} {operator}")
    values = _split(part["value"]) if operator in ("in", "between") else [re.sub(r"\\(.)", r"\1", part["value"])]
    if name != "id":
        _check_criterion(fields[name], operator, values)
    compare = OPERATORS[operator]
    return lambda row: compare(plain(row.get(name)), values)


def _check_criterion(field: Field, operator: str, values: list[str]) -> None:
    """Each type has its operators, and numbers are compared with numbers (facts CRM 2.8)."""
    ordered = field.type in ORDERED
    allowed = set(OPERATORS) - {"starts_with"} if ordered else UNORDERED.get(field.type, TEXT)
    is_wrong = field.type in NUMBERS and any(number(value) is None for value in values)
    if operator not in allowed or is_wrong or operator == "between" and len(values) != 2:
        raise Refusal(400, "INVALID_QUERY", "Invalid query formed", reason=f"{field.name} {operator}")


def _split(text: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", value).strip() for value in re.split(r"(?<!\\),", text)]


def plain(value: Any) -> Any:
    """A stored value for comparing: look-ups by their id."""
    return value["id"] if isinstance(value, dict) and "id" in value else value


def number(value: Any) -> Decimal | None:
    """As a number, or None."""
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None


def _order(value: Any, other: str) -> int | None:
    """-1, 0, 1; numbers as numbers, the rest as text; None when there is no value."""
    if value is None:
        return None
    mine, theirs = number(value), number(other)
    if mine is not None and theirs is not None:
        return (mine > theirs) - (mine < theirs)
    return (str(value) > other) - (str(value) < other)


def _equals(value: Any, values: list[str]) -> bool:
    """On text it is a word match, not equality (facts CRM 2.8)."""
    if isinstance(value, str) and not value.isdigit():
        return values[0].casefold() in value.casefold()
    return _order(value, values[0]) == 0


def _between(value: Any, values: list[str]) -> bool:
    return len(values) == 2 and _order(value, values[0]) in (0, 1) and _order(value, values[1]) in (0, -1)


OPERATORS: dict[str, Callable[[Any, list[str]], bool]] = {
    "equals": _equals,
    "not_equal": lambda value, values: not _equals(value, values),
    "starts_with": lambda value, values: str(value or "").casefold().startswith(values[0].casefold()),
    "in": lambda value, values: any(str(value) == one for one in values),
    "between": _between,
    "greater_than": lambda value, values: _order(value, values[0]) == 1,
    "greater_equal": lambda value, values: _order(value, values[0]) in (0, 1),
    "less_than": lambda value, values: _order(value, values[0]) == -1,
    "less_equal": lambda value, values: _order(value, values[0]) in (0, -1),
}
