"""The accounts server: consent page, token endpoint, revoke (facts CRM 1)."""

from html import escape
from typing import Any
from urllib.parse import urlencode

from zbridge.simulator.app import Simulator
from zbridge.simulator.crm_fields import ORG
from zbridge.simulator.tokens import ADMINISTRATOR, CLIENT_ID, CLIENT_SECRET, Throttled, Tokens
from zbridge.simulator.wire import Request, Response, html_response, json_response, redirect

THROTTLED = {
    "error": "Access Denied",
    "error_description": "You have made too many requests continuously. Please try again after some time.",
    "status": "failure",
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Zoho (simulator): consent</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}
body{{background:#fff;color:#1c2430}}
@media (prefers-color-scheme:dark){{body{{background:#141a22;color:#e6ebf2}}}}
button,select{{font:inherit;padding:.6rem 1.4rem;border:1px solid #888;border-radius:.4rem;margin-right:.6rem}}
button{{cursor:pointer}}
button.yes{{background:#1f6f4a;color:#fff;border-color:#1f6f4a}}
li{{font-family:ui-monospace,monospace;font-size:.85rem}}
small{{color:#66728a}}</style></head><body><small>Simulator: plays Zoho's accounts server</small>
<h1>An application asks for access</h1><p><b>{client}</b> wants to act for Brightwater Supplies GmbH:</p>
<ul>{scopes}</ul><form method="post" action="?{query}">
<p><label>As <select name="user">{users}</select></label></p>
<button class="yes" name="answer" value="accept">Accept</button>
<button name="answer" value="deny">Reject</button></form></body></html>"""


def consent_page(sim: Simulator, request: Request) -> Response:
    """Ask before answering."""
    fault = _consent_fault(request)
    if fault:
        return html_response(400, f"<html><body><h1>{escape(fault)}</h1></body></html>")
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in request.query.get("scope", "").split(","))
    query = escape(urlencode(dict(request.query)))
    client = escape(request.query["client_id"])
    return html_response(200, PAGE.format(client=client, scopes=scopes, query=query, users=_options(sim)))


def _options(sim: Simulator) -> str:
    """The people who may consent; the administrator first."""
    people = sorted(sim.store.all(ORG, "users"), key=lambda one: one["id"] != sim.store.setting("crm_admin_id"))
    return "".join(f'<option value="{escape(one["id"])}">{escape(one["full_name"])}</option>' for one in people)


def _consenting(sim: Simulator, chosen: str) -> str:
    """Who consents; the administrator's grants all count as one user's, however they came."""
    is_other = chosen != sim.store.setting("crm_admin_id") and sim.store.get(ORG, "users", chosen) is not None
    return chosen if is_other else ADMINISTRATOR


def consent_answer(sim: Simulator, request: Request) -> Response:
    """Back to the application, with a code or a denial; the data centre comes along."""
    fault = _consent_fault(request)
    if fault:
        return html_response(400, f"<html><body><h1>{escape(fault)}</h1></body></html>")
    query = dict(request.query)
    back, state = query["redirect_uri"], query.get("state", "")
    glue = "&" if "?" in back else "?"
    if request.form.get("answer") != "accept":
        return redirect(back + glue + urlencode({"error": "access_denied", "state": state}), 302)
    user = _consenting(sim, request.form.get("user", ""))
    before: list[str] = sim.store.setting("consents", [])
    sim.store.set("consents", [*before, user])
    is_asked = query.get("prompt") == "consent" or user not in before
    wanted = {
        "scopes": query.get("scope", "").split(","), "redirect_uri": back, "client_id": query["client_id"],
        "offline": query.get("access_type") == "offline" and is_asked, "user": user,
    }  # fmt: skip
    code = Tokens(sim.store).add_code(wanted, sim.clock.now())
    crm = sim.store.get("sim", "crm_orgs", str(sim.store.setting("crm_org_id"))) or {}
    location = str(crm.get("location") or "simulator")
    found = {"state": state, "code": code, "location": location, "accounts-server": sim.base_url}
    return redirect(back + glue + urlencode(found), 302)


def _consent_fault(request: Request) -> str:
    if request.query.get("client_id") != CLIENT_ID:
        return "Invalid Client ID"
    if request.query.get("response_type") != "code" or not request.query.get("redirect_uri"):
        return "Invalid request"
    return ""


def token(sim: Simulator, request: Request) -> Response:
    """Both grants; errors come with HTTP 200 and an `error` key (facts CRM 1.4)."""
    form = {**request.query, **request.form}
    if form.get("client_id") != CLIENT_ID:
        return json_response(200, {"error": "invalid_client"})
    if form.get("client_secret") != CLIENT_SECRET:
        return json_response(200, {"error": "invalid_client_secret"})
    if form.get("grant_type") == "authorization_code":
        return _by_code(sim, form)
    if form.get("grant_type") == "refresh_token":
        return _by_refresh(sim, form.get("refresh_token", ""))
    return json_response(200, {"error": "general_error"})


def _by_code(sim: Simulator, form: dict[str, str]) -> Response:
    tokens, now = Tokens(sim.store), sim.clock.now()
    wanted = tokens.take_code(form.get("code", ""), now)
    if wanted is None:
        return json_response(200, {"error": "invalid_code"})
    if wanted["redirect_uri"] != form.get("redirect_uri"):
        return json_response(200, {"error": "invalid_redirect_uri"})
    scopes, user = wanted["scopes"], wanted["user"]
    if not wanted["offline"]:
        return json_response(200, _answer(sim, tokens.add_access(scopes, user, "", now), scopes))
    refresh_token = tokens.add_grant(scopes, user, now)
    answer = _answer(sim, tokens.access(refresh_token, now), scopes)
    return json_response(200, answer | {"refresh_token": refresh_token})


def _by_refresh(sim: Simulator, refresh_token: str) -> Response:
    tokens, now = Tokens(sim.store), sim.clock.now()
    grant = tokens.grant(refresh_token)
    if grant is None:
        return json_response(200, {"error": "invalid_code"})
    try:
        access = tokens.access(refresh_token, now)
    except Throttled:
        return json_response(int(sim.switches["oauth_throttle_status"]), THROTTLED)
    return json_response(200, _answer(sim, access, grant["scopes"]))


def _answer(sim: Simulator, access: str, scopes: list[str]) -> dict[str, Any]:
    held = " ".join(scope for scope in scopes if not scope.startswith("-"))
    return {
        "access_token": access, "scope": held, "api_domain": sim.base_url, "token_type": "Bearer", "expires_in": 3600,
    }  # fmt: skip


def revoke(sim: Simulator, request: Request) -> Response:
    """End a refresh token with its access tokens."""
    known = Tokens(sim.store).revoke({**request.query, **request.form}.get("token", ""))
    return json_response(200, {"status": "success"}) if known else json_response(400, {"status": "failure"})


ROUTES = (
    ("GET", "/oauth/v2/auth", consent_page),
    ("POST", "/oauth/v2/auth", consent_answer),
    ("POST", "/oauth/v2/token", token),
    ("POST", "/oauth/v2/token/revoke", revoke),
)
