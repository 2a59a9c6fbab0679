"""A scripted network for the client's tests: each answer is written down, each request is kept."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from zbridge.clock import Clock, SystemClock
from zbridge.zoho.books import Books
from zbridge.zoho.crm import Crm
from zbridge.zoho.gate import Answer, Call, Priority
from zbridge.zoho.oauth import Token
from zbridge.zoho.regions import Region, region
from zbridge.zoho.secret import Secret
from zbridge.zoho.transport import Transport
from zbridge.zoho.wire import Wire

CANARY = "1000.canary0canary.f00dfeed"


@dataclass
class Scripted:
    """One answer: a status with JSON or bytes, or a failure of the network."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: Exception | None = None


def ok(**body: object) -> Scripted:
    """A Books success."""
    return Scripted(200, {"code": 0, "message": "success", **body})


def rows(*found: Mapping[str, Any], token: str | None = None) -> Scripted:
    """A CRM list."""
    return Scripted(200, {"data": list(found), "info": {"more_records": bool(token), "next_page_token": token}})


class ScriptedAdapter(BaseAdapter):
    """Answers in the order of the script; `built` counts how many connections pools were made."""

    def __init__(self, script: "Script") -> None:
        super().__init__()
        self.script = script

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.script.asked.append(request)
        answer = self.script.answers.pop(0)
        if answer.failure is not None:
            raise answer.failure
        raw = HTTPResponse(BytesIO(_bytes(answer.body)), dict(answer.headers), answer.status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing to close."""


def _bytes(body: object) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


class Script:
    """The answers to come and the requests that went out."""

    def __init__(self, *answers: Scripted) -> None:
        self.answers = list(answers)
        self.asked: list[requests.PreparedRequest] = []
        self.adapters = 0

    def adapter(self) -> BaseAdapter:
        self.adapters += 1
        return ScriptedAdapter(self)

    def query(self, number: int = -1) -> dict[str, str]:
        """The parameters of a request, decoded."""
        return {name: values[0] for name, values in parse_qs(urlsplit(str(self.asked[number].url)).query).items()}

    def sent(self, number: int = -1) -> Any:
        """The JSON body of a request."""
        return json.loads(self.asked[number].body or b"null")


class Tokens:
    """A token store whose renewal always gives the next version."""

    def __init__(self) -> None:
        self.version = 1

    def current(self) -> Token:
        return Token(Secret(f"{CANARY}{self.version}"), self.version)

    def renew(self, stale_version: int) -> Token:
        assert stale_version == self.version
        self.version += 1
        return self.current()


class KeptGate:
    """Lets everything pass and keeps what it saw; or stops at a given refusal."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.before_calls: list[Call] = []
        self.answers: list[Answer] = []

    def before(self, call: Call) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.before_calls.append(call)

    def after(self, call: Call, answer: Answer) -> None:
        self.answers.append(answer)


def transport(
    script: Script, gate: KeptGate | None = None, tokens: Tokens | None = None, *,
    here: Region | None = None, clock: Clock | None = None, deadline: float = 30.0,
    adapter: Callable[[], BaseAdapter] | None = None,
) -> Transport:  # fmt: skip
    wire = Wire(adapter or script.adapter)
    return Transport(
        here or region("eu"), wire, tokens or Tokens(), gate or KeptGate(), clock or SystemClock(), deadline=deadline
    )


def crm(*answers: Scripted, gate: KeptGate | None = None) -> tuple[Crm, Script]:
    """A CRM that will give these answers."""
    script = Script(*answers)
    return Crm(transport(script, gate), Priority.POLL), script


def books(*answers: Scripted, gate: KeptGate | None = None) -> tuple[Books, Script]:
    """A Books that will give these answers."""
    script = Script(*answers)
    return Books(transport(script, gate), "6001", Priority.POLL), script
