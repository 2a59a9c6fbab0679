"""Fills in what all verbs of one system share, so that each verb is its path and its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zbridge.zoho.calling import Reply
from zbridge.zoho.errors import System, Unreadable
from zbridge.zoho.gate import Call, Priority
from zbridge.zoho.transport import Transport

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Caller:
    """Makes the calls of one system at one priority; `always` are parameters that every call carries."""

    transport: Transport
    system: System
    priority: Priority
    always: Mapping[str, str] = field(default_factory=dict)

    def get(self, template: str, params: Mapping[str, str] = NOTHING, **parts: str) -> Reply:
        """Read."""
        return self._send("GET", template, params, parts)

    def get_since(self, template: str, params: Mapping[str, str], since: str, **parts: str) -> Reply:
        """Read what changed since; nothing is a reply without a body (304)."""
        return self._send("GET", template, params, parts, headers={"If-Modified-Since": since})

    def document(self, template: str, params: Mapping[str, str], **parts: str) -> bytes:
        """Read a document that is no JSON (`accept=pdf`). Raises Unreadable when something else came."""
        reply = self._send("GET", template, params, parts)
        if reply.json is not None:
            raise Unreadable(self.system, message="the answer is no document")
        return reply.body

    def query(self, template: str, body: object, *, credits: int) -> Reply:
        """Ask by POST; changes nothing over there."""
        return self._send("POST", template, NOTHING, {}, body=body, credits=credits)

    def create(
        self, template: str, body: object, params: Mapping[str, str] = NOTHING, *, credits: int = 1, **parts: str
    ) -> Reply:
        """Make something new: on a fresh connection, never repeated."""
        return self._send("POST", template, params, parts, body=body, writes=True, creates=True, credits=credits)

    def change(
        self, method: str, template: str, body: object, *, params: Mapping[str, str] = NOTHING,
        headers: Mapping[str, str] = NOTHING, credits: int = 1, **parts: str,
    ) -> Reply:  # fmt: skip
        """Change what is there; the same change twice does no harm."""
        return self._send(method, template, params, parts, body=body, headers=headers, writes=True, credits=credits)

    def _send(
        self, method: str, template: str, params: Mapping[str, str], parts: Mapping[str, str], *,
        body: object = None, headers: Mapping[str, str] = NOTHING, writes: bool = False, creates: bool = False,
        credits: int = 1,
    ) -> Reply:  # fmt: skip
        return self.transport.send(
            Call(
                self.system, method, template.format(**parts), template, {**self.always, **params}, self.priority,
                body, writes, creates, credits, headers,
            )
        )  # fmt: skip
