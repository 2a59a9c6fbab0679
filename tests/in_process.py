"""The simulator without a socket: a requests adapter that hands each call to it, faults of the wire included."""

from collections.abc import Mapping
from io import BytesIO
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from zbridge.clock import Clock
from zbridge.simulator.app import Simulator
from zbridge.simulator.wire import Response, request_of


class CutShort(BytesIO):
    """A body whose connection is reset after what is there."""

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        if not found:
            raise ConnectionResetError("reset in the middle of the body")
        return found

    read1 = read


class Dripping(BytesIO):
    """A body that comes a byte at a time, with a wait before each."""

    def __init__(self, body: bytes, clock: Clock, seconds: float) -> None:
        super().__init__(body)
        self._clock, self._seconds = clock, seconds

    def read(self, size: int | None = -1, /) -> bytes:
        self._clock.sleep(self._seconds)
        return super().read(1)

    read1 = read


class InProcess(BaseAdapter):
    """Serves every request from the simulator; real delays become steps of the clock."""

    def __init__(self, simulator: Simulator, clock: Clock) -> None:
        super().__init__()
        self.simulator = simulator
        self.clock = clock

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        parts = urlsplit(str(request.url))
        target = f"{parts.path}?{parts.query}"
        found = self.simulator.respond(request_of(str(request.method), target, dict(request.headers), bytes(body)))
        self._wait(found, timeout[1] if isinstance(timeout, tuple) else timeout)
        return HTTPAdapter().build_response(request, _raw(found, self.clock))

    def close(self) -> None:
        """There is nothing to close."""

    def _wait(self, found: Response, most: float | None) -> None:
        if found.delivery == "drop":
            raise requests.ConnectionError("the answer was lost")
        if found.hold or most is not None and found.delay > most:
            self.clock.sleep(most or 30.0)
            raise requests.ReadTimeout("no answer in time")
        if found.delay:
            self.clock.sleep(found.delay)


def _raw(found: Response, clock: Clock) -> HTTPResponse:
    return HTTPResponse(_body(found, clock), headers=dict(found.headers), status=found.status, preload_content=False)


def _body(found: Response, clock: Clock) -> BytesIO:
    if found.delivery == "reset_mid_body":
        return CutShort(found.body[: len(found.body) // 2])
    return Dripping(found.body, clock, found.drip) if found.drip else BytesIO(found.body)
