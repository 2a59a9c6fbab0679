"""The wire against real sockets on this machine: peers that drip, hang or are not there."""

import gzip
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from requests.adapters import HTTPAdapter

from tests.zoho.wires import CANARY, Script, transport
from zbridge.clock import SystemClock
from zbridge.zoho.books import Books
from zbridge.zoho.errors import Unavailable
from zbridge.zoho.regions import simulator
from zbridge.zoho.wire import Ask, NoAnswer, Raw, Wire

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
CLOSING = HEAD.replace(b"Content-Type", b"Connection: close\r\nContent-Type")


@contextmanager
def _peer(first: bytes, drip: bytes = b"", every: float = 0.05) -> Iterator[str]:
    """A server that answers each connection with `first`, then drips for at most 5 s, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listener, first, drip, every), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _serve(listener: socket.socket, first: bytes, drip: bytes, every: float) -> None:
    try:
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(first)
                ends = time.monotonic() + (5.0 if drip else 0.0)
                while time.monotonic() < ends:
                    connection.sendall(drip)
                    time.sleep(every)
    except OSError:
        return


def _ask(base: str, deadline: float, *, fresh: bool = False) -> Raw:
    url = f"{base}/books/v3/invoices"
    ask = Ask("GET", url, {}, {}, fresh=fresh, deadline=deadline)
    return Wire().exchange(simulator(base), ask, SystemClock())


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("head", [HEAD, CLOSING])
def test_a_body_that_drips_meets_the_total_deadline(fresh: bool, head: bytes) -> None:
    began = time.monotonic()
    with _peer(head, drip=b" ") as base, pytest.raises(NoAnswer) as caught:
        _ask(base, 0.5, fresh=fresh)
    assert caught.value.sent
    assert time.monotonic() - began < 2.0


def test_a_body_cut_off_in_the_middle_is_no_answer() -> None:
    with _peer(HEAD + b'{"code":0,') as base, pytest.raises(NoAnswer) as caught:
        _ask(base, 5.0)
    assert caught.value.sent


def test_a_peer_that_hangs_up_without_a_word_may_have_done_it() -> None:
    with _peer(b"") as base, pytest.raises(NoAnswer) as caught:
        _ask(base, 5.0)
    assert caught.value.sent


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NoAnswer) as caught:
        _ask(base, 5.0)
    assert not caught.value.sent


def test_a_whole_answer_comes_back_with_its_headers() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Rate-Limit-Remaining: 7\r\n\r\n{}"
    with _peer(whole) as base:
        raw = _ask(base, 5.0)
    assert (raw.status, raw.body, raw.headers["x-rate-limit-remaining"]) == (200, b"{}", "7")


def test_a_gzipped_answer_is_unpacked() -> None:
    packed = gzip.compress(b'{"code":0}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with _peer(head.encode() + packed) as base:
        assert _ask(base, 5.0).body == b'{"code":0}'


def test_the_token_is_in_no_log_line_even_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with _peer(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") as base, pytest.raises(Unavailable) as caught:
        Books(transport(Script(), here=simulator(base), adapter=HTTPAdapter), "6001").taxes()
    shown = "".join(repr(entry.frame.f_locals) for entry in caught.traceback if "/zbridge/zoho/" in str(entry.path))
    assert caplog.records
    assert CANARY not in caplog.text + shown
