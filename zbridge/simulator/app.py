"""The simulator itself: routes a request, applies the faults ordered, and logs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from zbridge.clock import Clock, SystemClock
from zbridge.simulator.clock import SimulatedClock
from zbridge.simulator.faults import Faults, Late
from zbridge.simulator.log import RequestLog
from zbridge.simulator.misshaped import misshape
from zbridge.simulator.quotas import Quotas
from zbridge.simulator.store import Store
from zbridge.simulator.switches import Switches
from zbridge.simulator.wire import BadBody, Delivery, Request, Response, html_response, json_response, redirect

Row = dict[str, Any]
Endpoint = Callable[..., Response]
Route = tuple[str, str, Endpoint]


class UserError(ValueError):
    """What that system's own user interface would refuse, in words."""


@dataclass(frozen=True)
class Verbs:
    """What a system's own user does to its records; each answers with the full row."""

    create: Callable[["Simulator", str, Row], Row]
    update: Callable[["Simulator", str, str, Row], Row]
    delete: Callable[["Simulator", str, str], Row]
    act: Callable[["Simulator", str, str, str, Row], Row]
    read: Callable[["Simulator", str, str], Row | None]
    rows: Callable[["Simulator", str], list[Row]]


@dataclass(frozen=True)
class Room:
    """A part of the simulator: its addresses (methods, path, endpoint)."""

    routes: Iterable[Route]


class Simulator:
    """Accounts server, CRM and Books of one made-up company, on one state file."""

    def __init__(
        self, path: str = ":memory:", *, base_url: str = "http://127.0.0.1:8900", clock: Clock | None = None,
        rooms: Iterable[Room] = (), verbs: Mapping[str, Verbs] | None = None,
    ) -> None:  # fmt: skip
        self.base_url = base_url
        self.store = Store(path)
        self.clock = SimulatedClock(clock or SystemClock(), self.store)
        self.switches = Switches(self.store)
        self.faults = Faults()
        self.quotas = Quotas(self.store)
        self.log = RequestLog()
        self.outbox: list[tuple[str, Mapping[str, str], bytes]] = []
        self.outbox_numbers: list[int] = []
        self._verbs = dict(verbs or {})
        routes = [route for room in rooms for route in room.routes]
        self._endpoints: dict[str, Endpoint] = {_name(endpoint): endpoint for _, _, endpoint in routes}
        self._map = _map_of(tuple((methods, path, _name(endpoint)) for methods, path, endpoint in routes))

    # -- what that system's own user does --------------------------------------------------------------------------

    def verbs(self, side: str) -> Verbs:
        """The verbs of a side ("crm" or "books")."""
        if side not in self._verbs:
            raise UserError(f"There is no side called {side}.")
        return self._verbs[side]

    def user_create(self, side: str, module: str, row: Row) -> Row:
        """Create a record as a user of that system would; the full row."""
        with self.whole():
            return self.verbs(side).create(self, module, row)

    def user_update(self, side: str, module: str, id: str, row: Row) -> Row:
        """Change some fields; the full row."""
        with self.whole():
            return self.verbs(side).update(self, module, id, row)

    def user_delete(self, side: str, module: str, id: str) -> Row:
        """Delete it; the row as it was."""
        with self.whole():
            return self.verbs(side).delete(self, module, id)

    def act(self, side: str, module: str, id: str, action: str, params: Row | None = None) -> Row:
        """Send, pay, void, merge, lock ...; the row afterwards."""
        with self.whole():
            return self.verbs(side).act(self, module, id, action, params or {})

    @contextmanager
    def whole(self) -> Iterator[None]:
        """What is refused halfway leaves nothing behind: no record, no number, no call of a hook."""
        noted = len(self.outbox)
        try:
            with self.store.piece():
                yield
        except Exception:
            self._unsend(noted)
            raise

    def _unsend(self, noted: int) -> None:
        del self.outbox[noted:], self.outbox_numbers[noted:]

    # -- requests --------------------------------------------------------------------------------------------------

    def respond(self, request: Request) -> Response:
        """The response to a request, faults applied; the socket's part of a fault stands on the response."""
        with self.store.lock:
            self.settle()
            if not request.path.startswith(("/oauth/", "/crm/", "/books/")):
                return self._answer(request)
            row = self.log.begin(request, self.clock.now())
            response = self._with_faults(request)
            self.log.end(row, response)
            return response

    def settle(self) -> None:
        """Apply late commits whose time has come."""
        for late in self.faults.due(self.clock.real()):
            late.apply()

    def _with_faults(self, request: Request) -> Response:
        effects = self.faults.effects_for(request)
        if not effects:
            return self._answer(request)
        return misshape(self._faulty(request, effects), effects)

    def _faulty(self, request: Request, effects: Mapping[str, Any]) -> Response:
        if "commit_after" in effects:
            self._commit_later(request, float(effects["commit_after"]))
        if "location" in effects:
            return redirect(str(effects["location"]), int(effects.get("status", 302)))
        if "status" in effects:
            return replace(_ordered(request, effects), delay=float(effects.get("delay", 0)))
        if "commit_after" in effects:
            return Response(0, delivery="drop")
        if effects.get("drop_before"):
            return Response(0, delivery="drop")
        return self._answered_badly(request, effects)

    def _commit_later(self, request: Request, seconds: float) -> None:
        """The call is applied when that time has passed, unless such commits are dropped.

        The client hears nothing, or the error that the fault orders beside it (a gateway's 502 after the commit).
        """
        if self.switches["books_late_commit"] == "applied":
            self.faults.late.append(Late(self.clock.real() + seconds, lambda: self._apply_late(request)))

    def _apply_late(self, request: Request) -> None:
        self._answer(request)

    def _answered_badly(self, request: Request, effects: Mapping[str, Any]) -> Response:
        first = self.store.setting("number:seq", 0)
        response = self._answer(request)
        if effects.get("duplicate"):
            self._answer(request)
        if effects.get("visible_after"):
            self._hide_since(int(first), float(effects["visible_after"]))
        delivery: Delivery = "reset_mid_body" if effects.get("reset_mid_body") else "ok"
        if effects.get("drop_after"):
            delivery = "drop"
        delay, drip = (float(effects.get(name, 0)) for name in ("delay", "drip"))
        return replace(response, delivery=delivery, hold=bool(effects.get("hold")), delay=delay, drip=drip)

    def _hide_since(self, seq: int, seconds: float) -> None:
        for org, module, id in self.store.made_since(seq):
            self.faults.hidden[org, module, id] = self.clock.real() + seconds

    def _answer(self, request: Request) -> Response:
        """Route it and serve it as one piece of work; a refusal of the API leaves no trace."""
        noted = len(self.outbox)
        self.store.begin()
        try:
            response = self._served(request)
        except BadBody:
            self.store.rollback()
            return bad_body(request)
        except Exception:
            self.store.rollback()
            self._unsend(noted)
            raise
        if response.status >= 500:
            self.store.rollback()
            self._unsend(noted)
        self.store.commit()
        return response.with_headers(Date=format_datetime(self.clock.now(), usegmt=True))

    def _served(self, request: Request) -> Response:
        off = self._side_off(request)
        if off is not None:
            return off
        try:
            name, found = self._map.bind("simulator").match(request.path, request.method)
        except MethodNotAllowed:
            return no_such_method(request)
        except HTTPException:
            return no_such_path(request)
        return self._endpoints[name](self, request, **found)

    def _side_off(self, request: Request) -> Response | None:
        """A side that somebody switched off answers 503 with a page, as gateways do."""
        side = request.path.split("/")[1]
        if side in ("crm", "books") and self.store.setting("sides", {}).get(side) == "off":
            return html_response(503, "<html><body><h1>Service Unavailable</h1></body></html>")
        return None


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.__module__}.{endpoint.__qualname__}"


@lru_cache(maxsize=4)
def _map_of(routes: tuple[tuple[str, str, str], ...]) -> Map:
    """The addresses (methods, path, endpoint's name), compiled once for all simulators of a process."""
    rules = [Rule(path, endpoint=name, methods=methods.split(",")) for methods, path, name in routes]
    return Map(rules, strict_slashes=False, merge_slashes=False)


def _ordered(request: Request, effects: Mapping[str, Any]) -> Response:
    """The status and code that a fault orders, in the shape of that side."""
    status, code, message = int(effects["status"]), effects.get("code", ""), str(effects.get("message", "ordered"))
    if request.path.startswith("/books/"):
        response = json_response(status, {"code": code, "message": message})
    elif request.path.startswith("/oauth/"):
        response = json_response(status, {"error": code})
    else:
        response = json_response(status, {"code": code, "details": {}, "message": message, "status": "error"})
    if not code and (status >= 500 or status == 200):
        # Gateways in between answer with pages, now and then under 200.
        response = html_response(status, "<html><body>Gateway</body></html>")
    return response.with_headers(Retry_After=str(effects["retry_after"])) if "retry_after" in effects else response


def bad_body(request: Request) -> Response:
    """The answer to a body that is no JSON, in the shape of that side."""
    if request.path.startswith("/books/"):
        return json_response(400, {"code": 2, "message": "Invalid value passed for JSONString"})
    details = {"expected_data_type": "jsonobject"}
    return json_response(
        400, {"code": "INVALID_DATA", "details": details, "message": "invalid data", "status": "error"}
    )


def no_such_path(request: Request) -> Response:
    """404 in the shape of that side."""
    if request.path.startswith("/books/"):
        return json_response(404, {"code": 5, "message": "Invalid URL Passed"})
    if request.path.startswith("/crm/"):
        message = "Please check if the URL trying to access is a correct one"
        return json_response(404, {"code": "INVALID_URL_PATTERN", "details": {}, "message": message, "status": "error"})
    return html_response(404, "<html><body><h1>Not here</h1><p><a href='/'>The simulator's pages</a></p></body></html>")


def no_such_method(request: Request) -> Response:
    """405 (Books) or 400 INVALID_REQUEST_METHOD (CRM)."""
    if request.path.startswith("/crm/"):
        message = "The http request method type is not a valid one"
        return json_response(
            400, {"code": "INVALID_REQUEST_METHOD", "details": {}, "message": message, "status": "error"}
        )
    return json_response(405, {"code": 37, "message": "The HTTP method is not allowed for the requested resource"})
