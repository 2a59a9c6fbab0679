"""COQL, the part that is used: one module, and/or, comparisons, in, like, between, null, order, limit.

Facts CRM 2.9.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, enter, nothing, scope_module, zone
from zbridge.simulator.crm_fields import MODULES, ORG, fields_of
from zbridge.simulator.crm_search import number, plain
from zbridge.simulator.crm_values import shown
from zbridge.simulator.scopes import module_scope
from zbridge.simulator.store import stamp
from zbridge.simulator.wire import Request, Response, json_response

WORDS = re.compile(r"'(?:\\.|[^'\\])*'|[A-Za-z_$][\w.$]*|-?\d+(?:\.\d+)?|<=|>=|!=|\S")
VALUE = re.compile(r"'(?:\\.|[^'\\])*'|-?\d+(?:\.\d+)?")
MOST_COLUMNS, MOST_CRITERIA, MOST_ROWS, PAGE = 50, 25, 2000, 200
Test = Callable[[Row], bool]
Condition = tuple[str, str, list[str]]


def refuse(code: str, **details: Any) -> NoReturn:
    """400 with a code."""
    raise Refusal(400, code, code.replace("_", " ").lower(), **details)


@dataclass
class Query:
    """A parsed query."""

    columns: list[str]
    module: str
    test: Test
    named: list[str]
    certain: list[Condition]
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int = PAGE
    offset: int = 0


class Parser:
    """Reads words from left to right."""

    def __init__(self, text: str) -> None:
        self.words = WORDS.findall(text)
        self.place = 0
        self.named: list[str] = []
        self.conditions: list[Condition] = []
        self.is_plain = True

    def peek(self) -> str:
        """The next word in lower case, empty at the end."""
        return self.words[self.place].lower() if self.place < len(self.words) else ""

    def take(self, *expected: str) -> str:
        """The next word, which must be one of those expected, if any are."""
        if self.place >= len(self.words) or expected and self.peek() not in expected:
            refuse("SYNTAX_ERROR", line=1, near=self.peek() or "end", column=self.place)
        self.place += 1
        return str(self.words[self.place - 1])

    def taken(self, word: str) -> bool:
        """Whether the next word is that; it is taken then."""
        if self.peek() != word:
            return False
        self.place += 1
        return True

    def query(self) -> Query:
        """select ... from ... where ... [order by ...] [limit ...]."""
        self.take("select")
        columns = self._names()
        self.take("from")
        module = self.take()
        self.take("where")
        test = self._pair()
        found = Query(columns, module, test, self.named, self.conditions if self.is_plain else [])
        if self.taken("order"):
            self.take("by")
            found.order = self._orders()
        if self.taken("limit"):
            self._limit(found)
        if self.peek():
            refuse("SYNTAX_ERROR", line=1, near=self.peek())
        return found

    def _names(self) -> list[str]:
        names = [self.take()]
        while self.taken(","):
            names.append(self.take())
        return names

    def _orders(self) -> list[tuple[str, bool]]:
        orders = []
        while True:
            name = self.take()
            descending = self.peek() == "desc"
            if self.peek() in ("asc", "desc"):
                self.take()
            orders.append((name, descending))
            if not self.taken(","):
                return orders

    def _limit(self, found: Query) -> None:
        first = self._integer()
        if self.taken(","):
            found.offset, found.limit = first, self._integer()
        else:
            found.limit = first
            if self.taken("offset"):
                found.offset = self._integer()
        if found.limit > MOST_ROWS:
            refuse("LIMIT_EXCEEDED", limit=MOST_ROWS, clause="limit")

    def _integer(self) -> int:
        word = self.take()
        if not word.isdigit():
            refuse("SYNTAX_ERROR", line=1, near=word, clause="limit")
        return int(word)

    def _pair(self) -> Test:
        """One condition, or two joined; more need brackets."""
        first = self._one()
        if self.taken("and"):
            second = self._one()
            return lambda row: first(row) and second(row)
        if self.taken("or"):
            self.is_plain = False
            other = self._one()
            return lambda row: first(row) or other(row)
        return first

    def _one(self) -> Test:
        if self.taken("("):
            test = self._pair()
            self.take(")")
            return test
        name = self.take()
        self.named.append(name)
        negated = self.taken("not")
        self.is_plain = self.is_plain and not negated
        test = self._comparison(name)
        return (lambda row: not test(row) and plain(row.get(_stored(name))) is not None) if negated else test

    def _comparison(self, name: str) -> Test:
        operator = self.take("=", "!=", "<", ">", "<=", ">=", "in", "like", "between", "is").lower()
        if operator == "is":
            wanted = not self.taken("not")
            self.take("null")
            return lambda row: (plain(row.get(_stored(name))) is None) == wanted
        values = self._values() if operator == "in" else [self._value()]
        if operator == "between":
            self.take("and")
            values.append(self._value())
        self.conditions.append((name, operator, values))
        return _test(name, operator, values)

    def _values(self) -> list[str]:
        self.take("(")
        values = [self._value()]
        while self.taken(","):
            values.append(self._value())
        self.take(")")
        if len(values) > 100:
            refuse("LIMIT_EXCEEDED", limit=100, clause="in")
        return values

    def _value(self) -> str:
        word = self.take()
        if not VALUE.fullmatch(word):
            refuse("SYNTAX_ERROR", line=1, near=word, column=self.place)
        return re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith("'") else word


def _stored(name: str) -> str:
    """The stored field of a column; `X.id` is X."""
    return name.removesuffix(".id")


def _compare(value: Any, other: str) -> int:
    mine, theirs = number(value), number(other)
    if mine is not None and theirs is not None:
        return (mine > theirs) - (mine < theirs)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if re.match(r"\d{4}-\d\d-\d\dT", other) and re.match(r"\d{4}-\d\d-\d\dT", text):
        mine_at, theirs_at = datetime.fromisoformat(text), datetime.fromisoformat(other)
        return (mine_at > theirs_at) - (mine_at < theirs_at)
    return (text > other) - (text < other)


def _like(text: str) -> re.Pattern[str]:
    return re.compile("^" + ".*".join(re.escape(part) for part in text.split("%")) + "$", re.IGNORECASE | re.DOTALL)


def _test(name: str, operator: str, values: list[str]) -> Test:
    pattern = _like(values[0]) if operator == "like" else None

    def test(row: Row) -> bool:
        value = plain(row.get(_stored(name)))
        if value is None:
            return operator == "!="
        if pattern is not None:
            return bool(pattern.match(str(value)))
        if operator == "in":
            return any(_compare(value, one) == 0 for one in values)
        if operator == "between":
            return _compare(value, values[0]) >= 0 and _compare(value, values[1]) <= 0
        return _ORDERS[operator](_compare(value, values[0]))

    return test


_ORDERS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


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
        rows.sort(key=lambda row, name=name: _sort_key(plain(row.get(_stored(name)))), reverse=descending)  # type: ignore[misc]
    stretch = rows[query.offset : query.offset + query.limit]
    if not stretch:
        return nothing()
    more = len(rows) > query.offset + query.limit
    info = {"count": len(stretch), "more_records": more}
    return json_response(200, {"data": [_row(sim, query, row) for row in stretch], "info": info})


def _sort_key(value: Any) -> tuple[int, Any]:
    found = number(value)
    if value is None:
        return 0, 0
    return (1, found) if found is not None else (2, str(value))


def _candidates(sim: Simulator, query: Query) -> list[Row]:
    """What ids, look-ups or a time of change narrow down is looked up, everything else is gone through."""
    fields = fields_of(sim.store, query.module)
    is_line = bool(MODULES[query.module].parent)
    look_ups = {"Parent_Id"} if is_line else {name for name, one in fields.items() if one.type == "lookup"}
    for name, operator, values in query.certain:
        wanted = dict.fromkeys(values)
        if operator in ("=", "in") and name == "id":
            return [row for id in wanted if (row := sim.store.get(ORG, query.module, id)) is not None]
        if operator in ("=", "in") and _stored(name) in look_ups:
            return [row for id in wanted for row in sim.store.find(ORG, query.module, _stored(name), id)]
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
