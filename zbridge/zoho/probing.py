"""Calls of the self-test: past the same gate and allowlist as all others; every answer is looked at, not judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zbridge.zoho.caller import NOTHING, Caller
from zbridge.zoho.calling import Reply
from zbridge.zoho.errors import OurFault, System, Waits, WritesStopped, ZohoError
from zbridge.zoho.gate import Priority
from zbridge.zoho.transport import Transport


@dataclass(frozen=True)
class Seen:
    """What came back. `status` None: nothing came. `headers` only of good answers, lower case."""

    call: str
    status: int | None
    code: str = ""
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    error: ZohoError | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.error is None

    def rows(self, *keys: str) -> list[dict[str, Any]]:
        """The rows under the first of these keys; none where there are none."""
        for key in keys:
            found = self.json.get(key) if isinstance(self.json, dict) else None
            if isinstance(found, list):
                return found
        return []

    def one(self, key: str) -> dict[str, Any]:
        """The record under that key; empty where there is none."""
        found = self.json.get(key) if isinstance(self.json, dict) else None
        return found if isinstance(found, dict) else {}


class Prober:
    """Both systems of one connection. Raises only what isn't an answer: waits, stopped writes, lost access."""

    def __init__(self, transport: Transport, organization_id: str, priority: Priority) -> None:
        self._crm = Caller(transport, "crm", priority)
        self._books = Caller(transport, "books", priority, {"organization_id": organization_id})
        self._nowhere = Caller(transport, "books", priority)

    def crm(self, template: str, params: Mapping[str, str] = NOTHING, since: str = "", **parts: str) -> Seen:
        """Read from CRM, with If-Modified-Since where given."""
        if since:
            return _seen(f"GET {template}", lambda: self._crm.get_since(template, params, since, **parts))
        return _seen(f"GET {template}", lambda: self._crm.get(template, params, **parts))

    def books(self, template: str, params: Mapping[str, str] = NOTHING, **parts: str) -> Seen:
        """Read from Books."""
        return _seen(f"GET {template}", lambda: self._books.get(template, params, **parts))

    def books_elsewhere(self, template: str, organization_id: str = "") -> Seen:
        """Read from Books without an organisation, or with another one."""
        params = {"organization_id": organization_id} if organization_id else {}
        return _seen(f"GET {template}", lambda: self._nowhere.get(template, params))

    def create(
        self, system: System, template: str, body: object, params: Mapping[str, str] = NOTHING, **parts: str
    ) -> Seen:
        """Make something, once."""
        caller = self._crm if system == "crm" else self._books
        return _seen(f"POST {template}", lambda: caller.create(template, body, params, credits=1, **parts))

    def change(
        self, system: System, template: str, body: object, headers: Mapping[str, str] = NOTHING, **parts: str
    ) -> Seen:
        """Change something by PUT."""
        caller = self._crm if system == "crm" else self._books
        return _seen(
            f"PUT {template}",
            lambda: caller.change("PUT", template, body, params=NOTHING, headers=headers, credits=1, **parts),
        )


def _seen(call: str, ask: Callable[[], Reply]) -> Seen:
    try:
        reply = ask()
    except (Waits, WritesStopped, OurFault):
        raise
    except ZohoError as trouble:
        if trouble.system == "oauth":
            raise
        return Seen(call, trouble.http, trouble.code, trouble.message, error=trouble)
    code = reply.json.get("code", "") if isinstance(reply.json, dict) else ""
    return Seen(call, reply.status, str(code), "", reply.headers, reply.json)
