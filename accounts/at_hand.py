"""What one request looks up once, whoever on the page asks for it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from accounts.models import Connection

_KEPT = "_connections"
Counts = Callable[[HttpRequest], dict[str, Any]]
_with: list[Counts] = []


def count_along(counts: Counts) -> None:
    """Every page also needs these numbers (by name, as subqueries): they come with its connections, in one query."""
    if counts not in _with:
        _with.append(counts)


def connections(request: HttpRequest) -> list[Connection]:
    """All connections, read once per request."""
    kept = request.__dict__
    if _KEPT not in kept:
        along = {name: number for counts in _with for name, number in counts(request).items()}
        kept[_KEPT] = list(Connection.objects.annotate(**along))
    found: list[Connection] = kept[_KEPT]
    return found


def number(request: HttpRequest, name: str) -> int:
    """One of the numbers counted along; 0 where there is no connection, and so nothing that waits."""
    return next((getattr(row, name, None) or 0 for row in connections(request)), 0)
