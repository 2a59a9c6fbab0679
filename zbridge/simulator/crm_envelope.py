"""What every CRM call meets first: token, scope, credits; and the shapes of its refusals (facts CRM 5, 6)."""

from typing import Any
from zoneinfo import ZoneInfo

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_fields import MODULES
from zbridge.simulator.scopes import grants
from zbridge.simulator.store import Doc
from zbridge.simulator.tokens import Tokens
from zbridge.simulator.wire import Request, Response, json_response


class Refusal(Exception):
    """A whole call refused, at top level."""

    def __init__(self, status: int, code: str, message: str = "", **details: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"code": code, "details": details, "message": message or code.lower(), "status": "error"}

    def response(self) -> Response:
        """As it is answered."""
        return json_response(self.status, self.body)


def org(sim: Simulator) -> Doc:
    """The CRM organisation with its settings."""
    found = sim.store.get("sim", "crm_orgs", str(sim.store.setting("crm_org_id")))
    if found is None:
        raise LookupError("The world has no CRM organisation.")
    return found


def holder(sim: Simulator, request: Request) -> Doc:
    """Who calls: scopes and user of the token."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind not in ("Zoho-oauthtoken", "Bearer") or not token:
        raise Refusal(401, "AUTHENTICATION_FAILURE", "Authentication failed")
    found = Tokens(sim.store).holder(token, sim.clock.now())
    if found is None:
        raise Refusal(401, "INVALID_TOKEN", "invalid oauth token")
    return found


def enter(sim: Simulator, request: Request, *needed: str, credits: int = 1) -> Doc:
    """The caller, once token, scopes and credits are good; raises Refusal."""
    found = holder(sim, request)
    for scope in needed:
        if not grants(found["scopes"], scope):
            raise Refusal(int(sim.switches["crm_scope_mismatch_status"]), "OAUTH_SCOPE_MISMATCH", "Unauthorized")
    if sim.quotas.crm(org(sim), credits, sim.clock.now()):
        raise Refusal(429, "TOO_MANY_REQUESTS", "You have exceeded the API call limit")
    return found


def acting(sim: Simulator, found: Doc) -> str:
    """The CRM user behind a token; one that came with no user of the CRM acts as its administrator."""
    user = str(found["user"])
    return user if sim.store.get("crm", "users", user) else str(sim.store.setting("crm_admin_id"))


def with_credits(sim: Simulator, response: Response) -> Response:
    """The header that shows only once half of the credits are used."""
    found = org(sim)
    used, limit = sim.quotas.credits_used(str(found["id"]), sim.clock.now()), int(found["credit_limit"])
    if used * 2 < limit or response.status == 429:
        return response
    return response.with_headers(X_API_CREDITS_REMAINING=str(max(0, limit - used)))


def module_of(name: str) -> str:
    """A module that is there; INVALID_MODULE otherwise."""
    if name not in MODULES:
        raise Refusal(400, "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0)
    return name


def scope_module(module: str) -> str:
    """Line items fall under their parent's scope."""
    return MODULES[module].parent or module


def zone(sim: Simulator) -> str:
    """The token user's time zone."""
    return str(org(sim).get("time_zone", "Europe/Berlin"))


def local(sim: Simulator, at: Any) -> str:
    """A time as CRM writes it: the user's offset, with a colon."""
    return str(at.astimezone(ZoneInfo(zone(sim))).isoformat(timespec="seconds"))


def nothing(status: int = 204) -> Response:
    """204 or 304: no body, no content type."""
    return Response(status)


def rows_response(sim: Simulator, rows: list[Row], all_good: int) -> Response:
    """Row results in the order sent: all good 200/201, mixed 207, all failed by switch."""
    good = [row["status"] == "success" for row in rows]
    if all(good):
        status = all_good
    elif any(good):
        status = 207
    elif all(row["code"] == "ALREADY_MODIFIED" for row in rows):
        status = 412
    else:
        status = int(sim.switches["crm_rows_failed_status"])
    return json_response(status, {"data": rows})


def data_rows(request: Request, limit: int = 100) -> list[Row]:
    """The rows of a writing body; raises Refusal for what is no such body."""
    body = request.json
    if not isinstance(body, dict):
        raise Refusal(400, "INVALID_DATA", "invalid data", expected_data_type="jsonobject")
    if "data" not in body:
        raise Refusal(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="data", json_path="$.data")
    rows = body["data"]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refusal(
            400, "INVALID_DATA", "invalid data", expected_data_type="jsonarray", api_name="data", json_path="$.data"
        )
    if len(rows) > limit:
        raise Refusal(400, "LIMIT_EXCEEDED", "limit exceeded", limit=limit, api_name="data", json_path="$.data")
    return rows
