"""Values as CRM takes them: checked by the field's type, cut or refused, look-ups by id only (facts CRM 2.3, 7)."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from zbridge.simulator.crm_fields import MODULES, ORG, Field
from zbridge.simulator.store import Store

MOST_DIGITS = 16
BEYOND = Decimal(f"1e{MOST_DIGITS}")
Check = Callable[[Store, Field, Any, str], Any]


class Fault(Exception):
    """A row error: its code and details."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.details = details

    def row(self) -> dict[str, Any]:
        """As it stands in `data[]`."""
        return {"code": self.code, "details": self.details, "message": self.message, "status": "error"}


def invalid(field: Field, path: str, expected: str) -> Fault:
    """The value is of another type."""
    return Fault("INVALID_DATA", "invalid data", expected_data_type=expected, api_name=field.name, json_path=path)


def checked(store: Store, field: Field, value: Any, path: str) -> Any:
    """The value as it is kept; raises Fault when the field can't hold it. None and "" clear."""
    if value is None or value == "":
        return None
    check: Check = _CHECKS.get(field.type, _text)
    return check(store, field, value, path)


def _text(store: Store, field: Field, value: Any, path: str) -> str:
    if isinstance(value, dict | list | bool):
        raise invalid(field, path, "text")
    text = str(value)
    if len(text) > field.length:
        raise Fault("INVALID_DATA", "invalid data", maximum_length=field.length, api_name=field.name, json_path=path)
    return text


def _email(store: Store, field: Field, value: Any, path: str) -> str:
    text = _text(store, field, value, path)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text.strip()):
        raise invalid(field, path, "email")
    return text


def _number(store: Store, field: Field, value: Any, path: str) -> Decimal | int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid(field, path, "double")
    if not -BEYOND < value < BEYOND:
        raise Fault("INVALID_DATA", "invalid data", maximum_length=MOST_DIGITS, api_name=field.name, json_path=path)
    if isinstance(value, int):
        return value
    return value.quantize(Decimal(1).scaleb(-field.digits), ROUND_DOWN).normalize()


def _integer(store: Store, field: Field, value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**9:
        raise invalid(field, path, "integer")
    return value


def _boolean(store: Store, field: Field, value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(field, path, "boolean")
    return value


def _date(store: Store, field: Field, value: Any, path: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise invalid(field, path, "date") from error


def _datetime(store: Store, field: Field, value: Any, path: str) -> str:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise invalid(field, path, "datetime") from error
    if found.tzinfo is None:
        raise invalid(field, path, "datetime")
    return found.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds")


def _look_up(store: Store, field: Field, value: Any, path: str) -> dict[str, str]:
    """An id of a record that is there; ids come as text or (from Zoho's SDK) as JSON numbers."""
    wanted = value.get("id") if isinstance(value, dict) else value
    if wanted is None or isinstance(wanted, dict | list):
        raise Fault("MANDATORY_NOT_FOUND", "required field not found", api_name="id", json_path=f"{path}.id")
    module = "users" if field.type == "ownerlookup" else field.look_up
    if store.get(ORG, module, str(wanted)) is None:
        raise Fault("INVALID_DATA", "the id given seems to be invalid", api_name=field.name, json_path=f"{path}.id")
    return {"id": str(wanted)}


def _list(store: Store, field: Field, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(field, path, "jsonarray")
    return value


def _is_rate(value: Any) -> bool:
    return value is None or isinstance(value, int | Decimal) and not isinstance(value, bool) and 0 <= value <= 100


def _line_tax(store: Store, field: Field, value: Any, path: str) -> list[dict[str, Any]]:
    """Taxes of a line: names, and percentages where they are sent."""
    rows: list[dict[str, Any]] = [row for row in _list(store, field, value, path) if isinstance(row, dict)]
    named = all(isinstance(row.get("name"), str) and _is_rate(row.get("percentage")) for row in rows)
    if len(rows) != len(value) or not named:
        raise invalid(field, path, "jsonarray")
    return rows


_CHECKS: dict[str, Check] = {
    "currency": _number, "double": _number, "percent": _number, "integer": _integer, "boolean": _boolean,
    "date": _date, "datetime": _datetime, "lookup": _look_up, "ownerlookup": _look_up,
    "email": _email, "multiselectpicklist": _list, "linetax": _line_tax,
}  # fmt: skip


def shown(store: Store, field: Field | None, value: Any, zone: str) -> Any:
    """The value as CRM gives it: look-ups with names, times in the token user's zone."""
    if field is None or value is None:
        return value
    if field.type == "ownerlookup" and isinstance(value, dict):
        user = store.get(ORG, "users", value["id"]) or {}
        return {"name": user.get("full_name", ""), "id": value["id"], "email": user.get("email", "")}
    if field.type == "lookup" and isinstance(value, dict):
        return _shown_look_up(store, field, value)
    if field.type == "datetime":
        return datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    return value


def _shown_look_up(store: Store, field: Field, value: dict[str, str]) -> dict[str, str]:
    found = store.get(ORG, field.look_up, value["id"]) or {}
    named = {"name": str(found.get(MODULES[field.look_up].title) or ""), "id": value["id"]}
    if field.look_up == "Products" and field.name == "Product_Name":
        named = {"name": named["name"], "Product_Code": str(found.get("Product_Code") or ""), "id": value["id"]}
    return named
