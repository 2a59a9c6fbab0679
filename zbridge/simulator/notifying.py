"""What both systems send out by themselves (CRM notifications, Books web hooks): kept, delivered to loopback only."""

from threading import Thread
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request as Post
from urllib.request import urlopen

from zbridge.simulator.app import Simulator
from zbridge.simulator.store import dumps

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PATIENCE_SECONDS = 5.0


def note_delivery(simulator: Simulator, url: str, body: Any, headers: dict[str, str], system: str) -> int:
    """Keep a delivery, to be sent after the request that caused it; its number."""
    number = simulator.store.next_number("delivery")
    rows = simulator.store.setting("deliveries", [])
    row = {
        "n": number, "system": system, "url": url, "headers": headers, "body": body,
        "time": simulator.clock.now().isoformat(), "status": None, "sent": 0,
    }  # fmt: skip
    simulator.store.set("deliveries", [*rows, row][-1000:])
    simulator.outbox.append((url, headers, dumps(body).encode() if not isinstance(body, bytes) else body))
    simulator.outbox_numbers.append(number)
    return number


def redeliver(simulator: Simulator, number: int, *, forged: bool) -> dict[str, Any]:
    """Send a kept delivery again, or the same with another secret, as a stranger would."""
    row = next((one for one in simulator.store.setting("deliveries", []) if one["n"] == number), None)
    if row is None:
        raise ValueError(f"There is no delivery {number}.")
    body, headers = row["body"], dict(row["headers"])
    if forged and isinstance(body, dict) and "token" in body:
        body = body | {"token": "forged"}
    if forged and "X-Zoho-Webhook-Signature" in headers:
        headers["X-Zoho-Webhook-Signature"] = "0" * 64
    simulator.outbox.append((row["url"], headers, dumps(body).encode()))
    simulator.outbox_numbers.append(number)
    return {"n": number}


def deliver_pending(simulator: Simulator) -> None:
    """Send what waits, each on a thread of its own, as a cloud would."""
    with simulator.store.lock:
        waiting = list(zip(simulator.outbox, simulator.outbox_numbers, strict=True))
        simulator.outbox.clear()
        simulator.outbox_numbers.clear()
    for (url, headers, body), number in waiting:
        Thread(target=_send, args=(simulator, number, url, dict(headers), body), daemon=True).start()


def _send(simulator: Simulator, number: int, url: str, headers: dict[str, str], body: bytes) -> None:
    status = _post(url, headers, body)
    with simulator.store.lock:
        rows = simulator.store.setting("deliveries", [])
        for row in rows:
            if row["n"] == number:
                row["status"], row["sent"] = status, row["sent"] + 1
        simulator.store.set("deliveries", rows)


def _post(url: str, headers: dict[str, str], body: bytes) -> int | None:
    """The receiver's status; None when it is not on this machine or did not answer."""
    if urlsplit(url).hostname not in LOOPBACK or urlsplit(url).scheme != "http":
        return None
    try:
        with urlopen(Post(url, data=body, headers=headers, method="POST"), timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except URLError as error:
        return getattr(error, "code", None)
    except OSError:
        return None
