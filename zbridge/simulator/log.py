"""What was asked and answered, for tests to read: bodies kept, secrets masked."""

from collections import deque
from datetime import datetime
from typing import Any

from zbridge.simulator.wire import BadBody, Request, Response

SECRET = {"client_secret", "refresh_token", "access_token", "token"}
SECRET_OF_OAUTH = SECRET | {"code"}


class RequestLog:
    """The last 100,000 calls to the two systems and to OAuth."""

    def __init__(self) -> None:
        self.rows: deque[dict[str, Any]] = deque(maxlen=100_000)
        self.last = 0

    def begin(self, request: Request, at: datetime) -> dict[str, Any]:
        """A row for a call that has come in; numbered in order of arrival."""
        self.last += 1
        row = {
            "n": self.last,
            "time": at.isoformat(),
            "method": request.method,
            "path": request.path,
            "query": _masked(dict(request.query), _secret(request.path)),
            "body": _masked(_body(request), _secret(request.path)),
            "status": None,
            "answer": None,
        }
        self.rows.append(row)
        return row

    def end(self, row: dict[str, Any], response: Response) -> None:
        """How it was answered, and whether the answer was delivered."""
        row["status"] = response.status
        row["answer"] = _masked(response.json, _secret(row["path"]))
        if response.delivery != "ok":
            row["lost"] = True

    def since(self, number: int) -> list[dict[str, Any]]:
        """Calls after that number."""
        return [row for row in self.rows if row["n"] > number]

    def clear(self) -> None:
        """Start anew at 1."""
        self.rows.clear()
        self.last = 0


def _body(request: Request) -> Any:
    try:
        return dict(request.form) if request.form and "JSONString" not in request.form else request.json
    except BadBody:
        return request.body.decode("utf-8", "replace")[:2000]


def _secret(path: str) -> set[str]:
    """A grant's `code` is a secret; the code of an outcome is what a test wants to read."""
    return SECRET_OF_OAUTH if path.startswith("/oauth/") else SECRET


def _masked(value: Any, secret: set[str]) -> Any:
    if isinstance(value, dict):
        hidden = {key for key, part in value.items() if key in secret and isinstance(part, str)}
        return {key: "***" if key in hidden else _masked(part, secret) for key, part in value.items()}
    return [_masked(part, secret) for part in value] if isinstance(value, list) else value
