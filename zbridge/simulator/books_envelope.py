"""What every call of Books goes through: token, scope, organisation, limits; and the envelope (facts Books 1, 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from zbridge.simulator.app import Endpoint, Row, Simulator
from zbridge.simulator.books_desk import Desk, Refused
from zbridge.simulator.scopes import books_scope, grants
from zbridge.simulator.tokens import Tokens
from zbridge.simulator.wire import Request, Response, json_response

PREFIX = "/books/v3/"
SCHEME = "Zoho-oauthtoken "
NOT_ALLOWED = "You are not authorized to perform this operation"


@dataclass
class Call(Desk):
    """A desk with the call that is served at it."""

    request: Request = Request("GET", "/")

    @property
    def query(self) -> Row:
        return dict(self.request.query)

    def body(self) -> Row:
        """The object sent; refused with code 2 when it is none."""
        found = self.request.json
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise Refused(400, 2, "Invalid value passed for JSONString")
        return found


def answer(message: str = "success", status: int = 200, **found: Any) -> Response:
    """An answer of success."""
    return json_response(status, {"code": 0, "message": message, **found})


def refusal(refused: Refused) -> Response:
    """An answer of failure: flat, without a status field."""
    return json_response(refused.status, {"code": refused.code, "message": refused.message})


def guarded(endpoint: Callable[..., Response]) -> Endpoint:
    """Serve the call when its token, organisation and limits allow it."""

    @wraps(endpoint)
    def serve(sim: Simulator, request: Request, **found: str) -> Response:
        org: Row | None = None
        try:
            _check_token(sim, request)
            org = _organization(sim, request)
            if org is not None:
                _check_limits(sim, org)
            with sim.whole():
                served = endpoint(Call(sim, org or {}, request=request), **found)
        except Refused as refused:
            served = refusal(refused)
        return _with_rates(sim, org, served)

    return serve


def _check_token(sim: Simulator, request: Request) -> None:
    """A dead token and a missing scope look alike (facts 9)."""
    header = request.headers.get("authorization", "")
    if not header.startswith(SCHEME):
        raise Refused(401, 14, "Invalid value passed for authtoken.")
    holder = Tokens(sim.store).holder(header.removeprefix(SCHEME).strip(), sim.clock.now())
    resource, _, tail = request.path.removeprefix(PREFIX).partition("/")
    if holder is None or not grants(holder["scopes"], books_scope(request.method, resource, tail)):
        raise Refused(401, 57, NOT_ALLOWED)


def _organization(sim: Simulator, request: Request) -> Row | None:
    """The organisation of the query; only the list of organisations does without."""
    name = request.query.get("organization_id", "")
    if not name and request.path.rstrip("/") == f"{PREFIX}organizations":
        return None
    if not name:
        raise Refused(int(sim.switches["books_missing_org_status"]), 9, "The parameter organization_id is missing.")
    org = sim.store.get("sim", "books_orgs", name)
    if org is None:
        message = f"This user is not associated with the CompanyID/CompanyName:{name}."
        raise Refused(int(sim.switches["books_6041_status"]), 6041, message)
    return org


def _check_limits(sim: Simulator, org: Row) -> None:
    broken = sim.quotas.books(org, sim.clock.now())
    if broken is not None:
        raise Refused(429, *broken)


def _with_rates(sim: Simulator, org: Row | None, response: Response) -> Response:
    if org is None or not sim.switches["books_rate_headers"]:
        return response
    now, limit = sim.clock.now(), sim.quotas.day_limit(org)
    left = max(0, limit - sim.quotas.used(str(org["organization_id"]), now))
    headers = {"Limit": limit, "Remaining": left, "Reset": sim.quotas.seconds_to_reset(now)}
    return response.with_headers(**{f"X_Rate_Limit_{name}": str(value) for name, value in headers.items()})
