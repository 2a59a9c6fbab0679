"""A request and a response of the simulator, apart from any socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from zbridge.simulator.store import dumps, loads

Delivery = Literal["ok", "drop", "reset_mid_body"]


class BadBody(ValueError):
    """The body is no JSON."""


@dataclass(frozen=True)
class Request:
    """One call as it came in; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def json(self) -> Any:
        """The parsed body: JSON whatever its content type says, or the form's `JSONString`; None when empty."""
        if not self.body.strip():
            return None
        if "JSONString" in self.form:
            return _parsed(self.form["JSONString"])
        return _parsed(self.body)

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a form body."""
        if "x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True)
class Response:
    """What goes back, and how: whole, not at all, or cut in the middle; after `delay` seconds of real time.

    With `drip` the body comes a byte at a time, that many seconds apart.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delivery: Delivery = "ok"
    delay: float = 0.0
    hold: bool = False
    drip: float = 0.0

    @property
    def json(self) -> Any:
        """The parsed body, or None when it is no JSON."""
        try:
            return loads(self.body) if self.body else None
        except ValueError:
            return None

    def with_headers(self, **headers: str) -> "Response":
        """The same with more headers; underscores become hyphens."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **more})


def request_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """A request from a request line's target; a repeated query name keeps its last value."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(method.upper(), parts.path, query, {name.lower(): value for name, value in headers.items()}, body)


def json_response(status: int, value: Any) -> Response:
    """A JSON answer."""
    return Response(status, {"Content-Type": "application/json;charset=UTF-8"}, dumps(value).encode())


def html_response(status: int, text: str) -> Response:
    """A page."""
    return Response(status, {"Content-Type": "text/html;charset=UTF-8"}, text.encode())


def redirect(location: str, status: int = 303) -> Response:
    """Go there."""
    return Response(status, {"Location": location})


def _parsed(text: str | bytes) -> Any:
    try:
        return loads(text)
    except ValueError as error:
        raise BadBody(str(error)) from error
