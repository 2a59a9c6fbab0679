"""The seam to the network: one request out, one whole answer back, within a deadline, a size and one host."""

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError
from urllib3.response import BaseHTTPResponse

from zbridge.clock import Clock
from zbridge.zoho.regions import Region, check_url

DEADLINE = 30.0
CONNECT_WITHIN = 10.0
LARGEST = 20 * 1024 * 1024
CHUNK = 64 * 1024
AdapterFactory = Callable[[], BaseAdapter]


@dataclass(frozen=True)
class Ask:
    """A request as it goes out. `fresh`: on a connection of its own, so that a stale socket can't swallow it."""

    method: str
    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    fresh: bool = False
    deadline: float = DEADLINE


@dataclass(frozen=True)
class Raw:
    """An answer as it came in; header names are lower case. `whole` is False when the body was too large to take."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True


class NoAnswer(Exception):
    """No whole answer came. `sent` is False only if the request surely never left this machine."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class Wire:
    """Makes requests: reads over pooled connections, what creates over a fresh one. Follows nothing, trusts no env."""

    def __init__(self, adapter_factory: AdapterFactory | None = None) -> None:
        self._adapter_factory = adapter_factory or _adapter
        self._pooled = self._session()
        self._process = os.getpid()

    def exchange(self, region: Region, ask: Ask, clock: Clock) -> Raw:
        """Make the request; raises WrongHost before anything leaves, NoAnswer when no whole answer came in time."""
        check_url(region, ask.url)
        if not ask.fresh:
            return _exchange(self._own_pool(), ask, clock)
        with self._session() as session:
            return _exchange(session, ask, clock)

    def _own_pool(self) -> requests.Session:
        """The pool of this process: two processes on one inherited socket would read each other's answers."""
        if self._process != os.getpid():
            self._pooled, self._process = self._session(), os.getpid()
        return self._pooled

    def _session(self) -> requests.Session:
        session = requests.Session()
        # A matching .netrc would replace our Authorization header (reliability 8, 5).
        session.trust_env = False
        session.verify = True
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers["User-Agent"] = "zbridge"
        adapter = self._adapter_factory()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


def _adapter() -> BaseAdapter:
    return HTTPAdapter(pool_connections=4, pool_maxsize=10, max_retries=0)


def _exchange(session: requests.Session, ask: Ask, clock: Clock) -> Raw:
    ends = clock.monotonic() + ask.deadline
    try:
        response = session.request(
            ask.method, ask.url, params=ask.params, data=ask.body, headers=dict(ask.headers), stream=True,
            allow_redirects=False, timeout=(min(CONNECT_WITHIN, ask.deadline), ask.deadline),
        )  # fmt: skip
    except requests.RequestException as trouble:
        raise NoAnswer(type(trouble).__name__, sent=_was_sent(trouble)) from None
    with response:
        return _take(response, ends, clock)


def _was_sent(trouble: requests.RequestException) -> bool:
    """Everything counts as sent but the failures that come before the first byte: look-up, connect, bad certificate."""
    if isinstance(trouble, requests.ConnectTimeout):
        return False
    reason = getattr(trouble.args[0] if trouble.args else None, "reason", None)
    if isinstance(reason, TlsError):
        return not any(isinstance(part, ssl.SSLCertVerificationError) for part in reason.args)
    return not isinstance(reason, NewConnectionError)


def _take(response: requests.Response, ends: float, clock: Clock) -> Raw:
    """Read the body piece by piece: a peer that drips a byte a second meets the deadline, not just a time-out (F51)."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = bytearray()
    while piece := _next_piece(response.raw, ends - clock.monotonic()):
        body += piece
        if len(body) > LARGEST:
            return Raw(response.status_code, headers, b"", whole=False)
    return Raw(response.status_code, headers, bytes(body))


def _next_piece(raw: BaseHTTPResponse, left: float) -> bytes:
    if left <= 0:
        raise NoAnswer("deadline", sent=True)
    sock = getattr(getattr(raw, "connection", None), "sock", None)
    if sock is not None:
        sock.settimeout(left)
    try:
        return raw.read1(CHUNK, decode_content=True)
    except (HTTPError, OSError) as trouble:
        raise NoAnswer(type(trouble).__name__, sent=True) from None
