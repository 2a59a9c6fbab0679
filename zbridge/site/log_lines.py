"""Log lines for machines: one JSON object a line, secrets masked before, with the reference of its request."""

import json
import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

_reference: ContextVar[str] = ContextVar("reference", default="")


def reference() -> str:
    """What names the request at work in log and error page; empty outside of requests."""
    return _reference.get()


class ReferenceMiddleware:
    """Gives each request a reference: read by a person on an error page, found by others in the log."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _reference.set(secrets.token_hex(4))
        try:
            return self.answer(request)
        finally:
            _reference.reset(token)


class JsonLines(logging.Formatter):
    """`time level logger message pid`, `reference` and `exception` where there is one; never more than one line."""

    def format(self, record: logging.LogRecord) -> str:
        found = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        if reference():
            found["reference"] = reference()
        if record.exc_text:
            found["exception"] = record.exc_text
        return json.dumps(found, ensure_ascii=False)
