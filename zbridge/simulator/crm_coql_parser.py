"""COQL's grammar, the part that is used: one module, and/or, comparisons, in, like, between, null, order, limit.

Facts CRM 2.9.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from zbridge.simulator.app import Row
from zbridge.simulator.crm_envelope import Refusal
from zbridge.simulator.crm_search import number, plain

WORDS = re.compile(r"'(?:\\.|[^'\\])*'|[A-Za-z_$][\w.$]*|-?\d+(?:\.\d+)?|<=|>=|!=|\S")
VALUE = re.compile(r"'(?:\\.|[^'\\])*'|-?\d+(?:\.\d+)?")
MOST_ROWS, PAGE = 2000, 200
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
        return (lambda row: not test(row) and plain(row.get(stored(name))) is not None) if negated else test

    def _comparison(self, name: str) -> Test:
        operator = self.take("=", "!=", "<", ">", "<=", ">=", "in", "like", "between", "is").lower()
        if operator == "is":
            wanted = not self.taken("not")
            self.take("null")
            return lambda row: (plain(row.get(stored(name))) is None) == wanted
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


def stored(name: str) -> str:
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
        value = plain(row.get(stored(name)))
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
