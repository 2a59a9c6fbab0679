"""Lists of Books: sorting, paging, counts (facts Books 1.5, 3.2, 5.3, 7.6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from zbridge.simulator import books_shapes
from zbridge.simulator.app import Row
from zbridge.simulator.books_buckets import bucket, default_bucket
from zbridge.simulator.books_desk import invalid, number
from zbridge.simulator.books_envelope import Call, answer
from zbridge.simulator.books_modules import MODULES
from zbridge.simulator.store import stamp
from zbridge.simulator.wire import Response

Test = Callable[[Row], bool]
MOST, CHUNK, LAST_PAGE = 200, 1000, 10**9
TEXTS: dict[str, tuple[str, ...]] = {
    "contacts": ("contact_name", "company_name", "first_name", "last_name", "email", "phone", "contact_type"),
    "items": ("name", "description", "tax_id", "tax_name", "account_id"),
    "invoices": ("invoice_number", "reference_number", "customer_name", "email"),
    "estimates": ("estimate_number", "reference_number", "customer_name"),
    "creditnotes": ("creditnote_number", "reference_number", "customer_name"),
    "customerpayments": ("payment_number", "reference_number", "customer_name", "payment_mode", "notes"),
}
EXACT = {
    "contacts": ("zcrm_account_id", "zcrm_contact_id", "zcrm_vendor_id"),
    "items": (),
    "invoices": ("customer_id", "zcrm_potential_id", "recurring_invoice_id"),
    "estimates": ("customer_id", "zcrm_potential_id"),
    "creditnotes": ("customer_id",),
    "customerpayments": ("customer_id",),
}
NUMBERS = {"invoices": ("total", "balance"), "estimates": ("total",), "creditnotes": ("total",), "items": ("rate",)}
NUMBERS |= {"customerpayments": ("amount",), "contacts": ()}
DATES = {
    "invoices": ("date", "due_date"),
    "estimates": ("date",),
    "creditnotes": ("date",),
    "customerpayments": ("date",),
}
SEARCHED: dict[str, tuple[str, ...]] = {
    "contacts": ("contact_name", "company_name", "notes"), "items": ("name", "description", "sku"),
    "invoices": ("invoice_number", "reference_number", "customer_name"),
    "estimates": ("estimate_number", "reference_number", "customer_name"),
    "creditnotes": ("creditnote_number", "reference_number", "customer_name"),
    "customerpayments": ("payment_number", "reference_number", "customer_name"),
}  # fmt: skip
SORTED = {
    "contacts": (
        "contact_name",
        "first_name",
        "last_name",
        "email",
        "outstanding_receivable_amount",
        "last_modified_time",
    ),
    "items": ("name", "rate", "tax_name"),
    "invoices": ("customer_name", "invoice_number", "date", "due_date", "total", "balance"),
    "estimates": ("customer_name", "estimate_number", "date", "total"),
    "creditnotes": ("customer_name", "creditnote_number", "balance", "total", "date"),
    "customerpayments": ("date", "amount", "customer_name"),
}
TITLES = {"customerpayments": "Customer Payments", "creditnotes": "Credit Notes"}
BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "_less_than": lambda one, two: one < two, "_less_equals": lambda one, two: one <= two,
    "_greater_than": lambda one, two: one > two, "_greater_equals": lambda one, two: one >= two,
    "": lambda one, two: one == two,
}  # fmt: skip
DAYS = {"": BOUNDS[""], "_start": BOUNDS["_greater_equals"], "_end": BOUNDS["_less_equals"]}
DAYS |= {"_before": BOUNDS["_less_than"], "_after": BOUNDS["_greater_than"]}


@dataclass
class Wanted:
    """What a list call asks for: one look-up key at most, the rest as tests."""

    module: str
    filter_by: str
    key: tuple[str, str] | None = None
    tests: list[Test] = field(default_factory=list)
    modified_from: str = ""
    sort: str = "created_time"
    order: str = "D"


def wanted(call: Call, module: str) -> Wanted:
    """The call's query, read; refused only for a bad filter_by, number or time."""
    query = call.query
    asked = Wanted(module, str(query.get("filter_by") or default_bucket(call, module)))
    asked.sort, asked.order = _sorting(query, module)
    for name, value in query.items():
        _read_filter(asked, name, str(value))
    if query.get("last_modified_time") and module not in call.sim.switches["books_modified_filter"]:
        asked.modified_from = moment(query["last_modified_time"])
    if query.get("custom_field") and module == "invoices":
        _read_custom_field(call, asked, str(query["custom_field"]))
    _read_buckets(call, asked, str(query.get("status", "")))
    return asked


def _read_custom_field(call: Call, asked: Wanted, value: str) -> None:
    """Any custom field of that value: its look-up key, as long as one field holds it or none."""
    keys = [f"cf:{field['api_name']}" for field in call.fields[asked.module]]
    holding = [key for key in keys if call.sim.store.page(call.name, asked.module, key=(key, value), limit=1)]
    if asked.key is None and len(holding) < 2:
        asked.key = (next(iter(holding), "cf:"), value)
        return
    asked.tests.append(lambda doc: value in [str(one) for one in doc["_cf"].values()])


def _read_buckets(call: Call, asked: Wanted, status: str) -> None:
    names = [asked.filter_by] + (
        [f"Status.{status.replace('_', '')}"] if status and asked.module != "customerpayments" else []
    )
    for name in names:
        found = bucket(call, asked.module, name)
        if found is None:
            raise invalid("filter_by" if name == asked.filter_by else "Status")
        if found.key and asked.key is None:
            asked.key = found.key
        if found.test:
            asked.tests.append(found.test)


def moment(text: str) -> str:
    """A time with an offset, as a stamp; an unencoded plus has become a space and is no time."""
    try:
        return stamp(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC))
    except ValueError as error:
        raise invalid("last_modified_time") from error


def _sorting(query: Row, module: str) -> tuple[str, str]:
    column = str(query.get("sort_column", ""))
    known = column if column in SORTED[module] else "created_time"
    return known, "A" if query.get("sort_order", "A" if column else "D") == "A" else "D"


def _read_filter(asked: Wanted, name: str, value: str) -> None:
    module, short = asked.module, value[:100].casefold()
    if name in (*TEXTS[module], *EXACT[module]):
        if name in MODULES[module].found_by and asked.key is None and short:
            asked.key = (name, short)
        else:
            asked.tests.append(lambda doc: str(doc.get(name) or "").casefold() == short)
    elif name == "search_text":
        asked.tests.append(lambda doc: any(short in str(doc.get(one) or "").casefold() for one in SEARCHED[module]))
    elif test := _ranged(module, name, value):
        asked.tests.append(test)
    elif name == "item_id" and module == "invoices":
        asked.tests.append(lambda doc: value in doc["_items"])


def _ranged(module: str, name: str, value: str) -> Test | None:
    """The variants of a filter: beginnings and parts of texts, bounds of amounts and dates."""
    return (
        _text_test(module, name, value[:100].casefold())
        or _bound_test(NUMBERS, BOUNDS, module, name, value)
        or _bound_test(DATES, DAYS, module, name, value)
    )


def _text_test(module: str, name: str, short: str) -> Test | None:
    for key in TEXTS[module]:
        if name == f"{key}_startswith":
            return lambda doc: str(doc.get(key) or "").casefold().startswith(short)
        if name == f"{key}_contains":
            return lambda doc: short in str(doc.get(key) or "").casefold()
    return None


def _bound_test(
    keys: dict[str, tuple[str, ...]], bounds: dict[str, Callable[[Any, Any], bool]], module: str, name: str, value: str
) -> Test | None:
    for key in keys.get(module, ()):
        for ending, holds in bounds.items():
            if name == key + ending:
                limit: Any = number(value, name) if keys is NUMBERS else value
                return lambda doc: holds(doc.get(key, limit), limit)
    return None


def found(call: Call, asked: Wanted) -> Iterator[Row]:
    """All matching documents in order, read as they are needed."""
    if asked.sort not in ("created_time", "last_modified_time"):
        rows = [doc for chunk in _chunks(call, asked) for doc in chunk]
        yield from sorted(rows, key=lambda doc: _sort_key(doc, asked.sort), reverse=asked.order == "D")
        return
    for chunk in _chunks(call, asked):
        yield from chunk


def _sort_key(doc: Row, column: str) -> tuple[bool, Any]:
    value = doc["_open"] if column == "outstanding_receivable_amount" else doc.get(column)
    return value is not None, Decimal(value) if isinstance(value, int | Decimal) else str(value or "").casefold()


def _chunks(call: Call, asked: Wanted) -> Iterator[list[Row]]:
    offset = 0
    while True:
        rows = _stretch(call, asked, offset, CHUNK)
        yield [doc for doc in rows if _visible(call, asked, doc)]
        if len(rows) < CHUNK:
            return
        offset += CHUNK


def _stretch(call: Call, asked: Wanted, offset: int, limit: int) -> list[Row]:
    return call.sim.store.page(
        call.name, asked.module, order="modified" if asked.sort == "last_modified_time" else "seq", limit=limit,
        descending=asked.order == "D", offset=offset, key=asked.key, modified_from=asked.modified_from,
    )  # fmt: skip


def _visible(call: Call, asked: Wanted, doc: Row) -> bool:
    id = str(doc[MODULES[asked.module].id_key])
    hidden = call.sim.faults.is_hidden(call.name, asked.module, id, call.sim.clock.real())
    return not hidden and all(test(doc) for test in asked.tests)


def _page(call: Call, asked: Wanted, page: int, size: int) -> list[Row]:
    """One row more than the page holds, when there are more. Without tests the store pages by itself, however far."""
    plain = asked.sort in ("created_time", "last_modified_time") and not asked.tests and not call.sim.faults.hidden
    if plain:
        return _stretch(call, asked, (page - 1) * size, size + 1)
    return list(islice(found(call, asked), (page - 1) * size, page * size + 1))


def listed(call: Call, module: str) -> Response:
    """GET of a module's list."""
    asked = wanted(call, module)
    page, size = min(LAST_PAGE, max(1, _whole(call, "page", 1))), min(MOST, max(1, _whole(call, "per_page", MOST)))
    option = call.query.get("response_option", "0") if module == "invoices" else "0"
    rows = [] if option in ("2", "3") else _page(call, asked, page, size)
    shown = [books_shapes.row(call, module, doc) for doc in rows[:size]]
    context = {
        "page": page, "per_page": size, "has_more_page": len(rows) > size,
        "report_name": TITLES.get(module, module.capitalize()), "applied_filter": asked.filter_by, "custom_fields": [],
        "sort_column": asked.sort, "sort_order": asked.order,
    }  # fmt: skip
    found_rows: Row = {module: shown}
    return answer(page_context=context | _figures(call, asked, option), **found_rows)


def _figures(call: Call, asked: Wanted, option: str) -> Row:
    """Count and sums where they are asked for; their keys are made up, nobody has told them."""
    if option not in ("1", "2", "3", "4"):
        return {}
    docs = list(found(call, asked))
    sums = {"sum_total": sum(doc["total"] for doc in docs), "sum_balance": sum(doc["balance"] for doc in docs)}
    return ({"total": len(docs)} if option != "4" else {}) | (sums if option != "2" else {})


def _whole(call: Call, name: str, otherwise: int) -> int:
    text = str(call.query.get(name) or otherwise)
    if not text.isdecimal():
        raise invalid(name)
    return int(text)
