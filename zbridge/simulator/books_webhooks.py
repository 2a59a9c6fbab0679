"""Web hooks of Books: the whole document under its singular key, signed when there is a secret (facts Books 8)."""

import hmac
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

from zbridge.simulator import books_shapes
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Desk, invalid, text
from zbridge.simulator.books_envelope import Call, answer
from zbridge.simulator.books_modules import MODULES
from zbridge.simulator.notifying import note_delivery
from zbridge.simulator.store import dumps
from zbridge.simulator.wire import Response

SIGNATURE = "X-Zoho-Webhook-Signature"


def announce(desk: Desk, module: str, doc: Row) -> None:
    """Call the hooks of a module; deletions and overdue dates call none."""
    kind = MODULES[module]
    for hook in desk.all("webhooks"):
        if hook["entity"] not in (kind.entity, module, kind.single):
            continue
        body: Row = {kind.single: books_shapes.detail(desk, module, doc)}
        if desk.sim.switches["books_webhook_org_id"]:
            body["organization_id"] = desk.name
        headers = {"Content-Type": "application/json"}
        if hook["secret"]:
            headers[SIGNATURE] = signature(hook["secret"], hook["url"], dumps(body).encode())
        note_delivery(desk.sim, hook["url"], body, headers, "books")


def signature(secret: str, url: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 over the query's pairs, sorted and decoded, and the raw body."""
    pairs = sorted(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    signed = "".join(key + value for key, value in pairs).encode() + body
    return hmac.new(secret.encode(), signed, sha256).hexdigest()


def create(call: Call) -> Response:
    """POST /settings/webhooks."""
    return answer("The webhook has been created.", 201, webhook=_shown(call.add("webhooks", hook_of(call.body()))))


def hook_of(sent: Row) -> Row:
    """The row of a hook that an administrator or an app asks for."""
    for name in ("webhook_name", "entity", "url"):
        if not text(sent, name):
            raise invalid(name)
    secret = text(sent, "secret")
    if secret and not (12 <= len(secret) <= 50 and secret.isalnum()):
        raise invalid("secret")
    return {
        "webhook_name": text(sent, "webhook_name"), "entity": text(sent, "entity"), "url": text(sent, "url"),
        "method": text(sent, "method") or "POST", "secret": secret, "is_active": True,
    }  # fmt: skip


def listed(call: Call) -> Response:
    """GET /settings/webhooks."""
    return answer(webhooks=[_shown(hook) for hook in call.all("webhooks")])


def delete(call: Call, id: str) -> Response:
    """DELETE /settings/webhooks/{id}."""
    call.remove("webhooks", call.get("webhooks", id) | {"_cf": {}})
    return answer("The webhook has been deleted.")


def _shown(hook: Row) -> Row:
    return {name: value for name, value in hook.items() if name != "secret"}
