"""Rows and answers that tests of accounts share: a connection with a credential, and Zoho's token answers by script."""

from collections.abc import Callable, Mapping
from io import BytesIO
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from accounts.models import Connection, Credential
from accounts.tokens import keep_client, store_consent
from zbridge.clock import Clock
from zbridge.zoho import wire_json
from zbridge.zoho.oauth import TokenAnswer
from zbridge.zoho.secret import Secret

Reply = tuple[int, dict[str, Any]]
Script = Callable[[str, str, Mapping[str, str]], Reply]


class Scripted(BaseAdapter):
    """Answers (method, URL, form) from a function; remembers the URLs it was asked."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.script = script
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self._lock = Lock()

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        body = request.body if isinstance(request.body, bytes) else b""
        with self._lock:
            self.asked.append(f"{request.method} {request.url}")
        status, found = self.script(str(request.method), str(request.url), dict(parse_qsl(body.decode())))
        raw = HTTPResponse(BytesIO(wire_json.dumps(found)), headers=self.headers, status=status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """There is nothing to close."""

    def calls(self, path: str) -> int:
        """How many of the calls went there."""
        return sum(1 for url in self.asked if path in url)


def token_answer(**changed: Any) -> dict[str, Any]:
    """What Zoho answers to a refresh in the European data centre."""
    return {
        "access_token": "1000.fresh.token", "api_domain": "https://www.zohoapis.eu", "token_type": "Bearer",
        "expires_in": 3600, "scope": "ZohoBooks.settings.READ",
    } | changed  # fmt: skip


def connected(clock: Clock, *, expired: bool = False, **changed: Any) -> Connection:
    """A connected European connection with tokens; `expired`: the access token has just ended."""
    columns = {"name": "Brightwater", "data_centre": "eu", "state": "connected", "books_org_id": "1", "crm_org_id": "2"}
    connection = Connection.objects.create(**(columns | changed))
    credential = Credential(connection=connection)
    keep_client(credential, "1000.CLIENT", Secret("client-secret-canary"))
    tokens = TokenAnswer(Secret("1000.access.canary"), Secret("1000.refresh.canary"), frozenset({"a.READ"}), 3600, "")
    store_consent(credential, tokens, clock)
    if expired:
        Credential.objects.filter(pk=credential.pk).update(expires_at=clock.now())
    return connection
