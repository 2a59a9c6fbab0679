"""The house's middleware: a sitting ends, pages are not stored anywhere, and times are the reader's."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User

BEGAN, SEEN = "sitting_began", "sitting_seen"
# Writing the session on every page would cost a write each; a minute is near enough.
NEAR_ENOUGH = 60


class SittingMiddleware:
    """Logs out after half an hour without a deed, and twelve hours after the log-in whatever happened (8, 27)."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and _is_over(request):
            logout(request)
        return self.answer(request)


def _is_over(request: HttpRequest) -> bool:
    """Whether the sitting has ended; a page that only asks how far something is doesn't prolong it."""
    kept, now = request.session, int(timezone.now().timestamp())
    began, seen = kept.setdefault(BEGAN, now), kept.setdefault(SEEN, now)
    if now - seen > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_COOKIE_AGE:
        return True
    if now - seen >= NEAR_ENOUGH and "text/html" in request.headers.get("Accept", "text/html"):
        kept[SEEN] = now
    return False


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
