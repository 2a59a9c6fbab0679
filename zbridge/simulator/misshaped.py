"""Answers that aren't as documented, for a fault that orders them: other values, missing names, bad packing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zbridge.simulator.store import dumps, loads
from zbridge.simulator.wire import Response

EFFECTS = ("change", "omit", "ids_as_numbers", "bad_gzip")
BAD_GZIP = b"\x1f\x8b\x08\x00 this was never packed"


def misshape(response: Response, effects: Mapping[str, Any]) -> Response:
    """The same answer, misshaped as ordered; what isn't JSON stays as it is but for its packing."""
    if any(name in effects for name in ("change", "omit", "ids_as_numbers")) and response.json is not None:
        response = replace(response, body=dumps(_misshaped(loads(response.body), effects)).encode())
    if effects.get("bad_gzip"):
        response = replace(response.with_headers(Content_Encoding="gzip"), body=BAD_GZIP)
    return response


def _misshaped(found: Any, effects: Mapping[str, Any]) -> Any:
    for path, value in dict(effects.get("change", {})).items():
        _put(found, path.split("."), value)
    for path in effects.get("omit", ()):
        _drop(found, path.split("."))
    return _with_numbers(found) if effects.get("ids_as_numbers") else found


def _put(found: Any, path: list[str], value: Any) -> None:
    """Through dots into objects, and into every row of a list."""
    if isinstance(found, list):
        for row in found:
            _put(row, path, value)
    elif isinstance(found, dict) and len(path) == 1:
        found[path[0]] = value
    elif isinstance(found, dict):
        _put(found.get(path[0]), path[1:], value)


def _drop(found: Any, path: list[str]) -> None:
    if isinstance(found, list):
        for row in found:
            _drop(row, path)
    elif isinstance(found, dict) and len(path) == 1:
        found.pop(path[0], None)
    elif isinstance(found, dict):
        _drop(found.get(path[0]), path[1:])


def _with_numbers(found: Any) -> Any:
    """Ids as JSON numbers, as careless serialisers write them."""
    if isinstance(found, list):
        return [_with_numbers(row) for row in found]
    if not isinstance(found, dict):
        return found
    return {name: _number(name, value) for name, value in found.items()}


def _number(name: str, value: Any) -> Any:
    is_id = name == "id" or name.endswith("_id")
    return int(value) if is_id and isinstance(value, str) and value.isdigit() else _with_numbers(value)
