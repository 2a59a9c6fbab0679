"""The house's middleware: pages are not stored anywhere, and times are the reader's."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User


class HouseMiddleware:
    """Adds no-store to what is answered; a logged-in person reads times in her own zone."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone(request)):
            response = self.answer(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _zone(request: HttpRequest) -> ZoneInfo | None:
    """The reader's zone; the server's for visitors, and where a zone's name is unknown."""
    if not isinstance(request.user, User):
        return None
    try:
        return ZoneInfo(request.user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
