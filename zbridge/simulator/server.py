"""The simulator on a loopback socket: faults that belong to the wire (dropped, cut, held answers) happen here."""

import signal
import socket
import struct
import time
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import FrameType

from zbridge.simulator.app import Simulator
from zbridge.simulator.notifying import deliver_pending
from zbridge.simulator.wire import Request, Response, request_of

LARGEST_BODY = 50 * 1024 * 1024
HOLD_SECONDS = 600.0


class Server(ThreadingHTTPServer):
    """One thread per connection; all of them end with the process."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        super().__init__(("127.0.0.1", port), Exchange)


class Exchange(BaseHTTPRequestHandler):
    """One connection: request after request, until a fault or the client ends it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do(self) -> None:
        """Serve one request."""
        told = self.headers.get("Content-Length") or "0"
        if not told.isdigit() or "Transfer-Encoding" in self.headers:
            self._turn_away(Response(411, headers={"Connection": "close"}))
            return
        length = min(int(told), LARGEST_BODY)
        request = request_of(self.command, self.path, _headers(self.headers), self.rfile.read(length))
        flight = _Flight(self.server.simulator, request)
        with flight:
            response = self.server.simulator.respond(request)
            self._wait(response)
        self._deliver(response)
        deliver_pending(self.server.simulator)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do  # noqa: N815

    def _turn_away(self, response: Response) -> None:
        """Answer without reading the body, then read until the client has hung up: closing with bytes unread resets
        the connection and may take the answer with it."""
        self._send(response)
        self.close_connection = True
        self.connection.settimeout(1)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(65536):
                continue

    def _wait(self, response: Response) -> None:
        if response.delay:
            time.sleep(response.delay)
        if response.hold:
            self.server.simulator.faults.released.wait(HOLD_SECONDS)

    def _deliver(self, response: Response) -> None:
        try:
            if response.delivery == "drop":
                self._hang_up()
            else:
                self._send(response)
        except ConnectionError:
            self.close_connection = True  # the client did not wait

    def _send(self, response: Response) -> None:
        self.send_response(response.status or 500)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if response.delivery == "reset_mid_body":
            self.wfile.write(response.body[: len(response.body) // 2])
            self._hang_up()
        elif self.command != "HEAD":
            self._write(response)

    def _write(self, response: Response) -> None:
        if not response.drip:
            self.wfile.write(response.body)
            return
        for number in range(len(response.body)):
            self.wfile.write(response.body[number : number + 1])
            time.sleep(response.drip)

    def _hang_up(self) -> None:
        """End the connection with a reset, so that the client can't mistake it for an end."""
        self.wfile.flush()
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without the library's own Server and Date: the simulator's Date is its own clock's."""
        self.send_response_only(code, message)

    def log_message(self, format: str, *args: object) -> None:
        """The simulator keeps its own log."""

    def finish(self) -> None:
        """A connection that was hung up is finished already."""
        try:
            super().finish()
        except (OSError, ValueError):
            return


class _Flight:
    """Counts a call as in flight with its organisation while it is served."""

    def __init__(self, simulator: Simulator, request: Request) -> None:
        self._counts = simulator.quotas.in_flight
        self._lock = simulator.store.lock
        side = request.path.split("/")[1] if "/" in request.path else ""
        self._name = request.query.get("organization_id", "") if side == "books" else side

    def __enter__(self) -> None:
        with self._lock:
            self._counts[self._name] = self._counts.get(self._name, 0) + 1

    def __exit__(self, *args: object) -> None:
        with self._lock:
            self._counts[self._name] -= 1


def _headers(found: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in found.items()}


def serve(simulator: Simulator, port: int) -> None:
    """Serve on loopback until SIGTERM or SIGINT."""
    server = Server(port, simulator)
    stopping = Event()

    def stop(sign: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    Thread(target=server.serve_forever, name="simulator", daemon=True).start()
    while not stopping.wait(0.2):
        with simulator.store.lock:
            simulator.settle()
        deliver_pending(simulator)
    simulator.faults.release()
    server.shutdown()
