"""The demo's doors: log in as one of its people with one press, where Zoho is simulated and only on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.models import Connection, User

BACKEND = "accounts.role_backend.RoleBackend"


@dataclass(frozen=True)
class Card:
    """One of the demo's people and what she is there to try."""

    username: str
    title: str
    deed: str


CARDS = (
    Card("ada", "Ada, sales", "convert a deal"),
    Card("ben", "Ben, finance", "review a draft"),
    Card("cy", "Cy, RevOps", "connect and sync"),
    Card("dee", "Dee, auditor", "check what happened"),
    Card("raj", "Raj, sales", "see other deals than Ada"),
)


def cards() -> list[Card]:
    """The people that this database has."""
    there = set(User.objects.filter(username__in=[card.username for card in CARDS]).values_list("username", flat=True))
    return [card for card in CARDS if card.username in there]


def demo_is_open(request: HttpRequest, connections: Sequence[Connection]) -> bool:
    """Every connection is simulated, and the request came over loopback without a proxy in between."""
    simulated = bool(connections) and all(row.is_simulator for row in connections)
    return simulated and not settings.PRODUCTION and _is_local(request)


def _is_local(request: HttpRequest) -> bool:
    try:
        near = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return near and "HTTP_X_FORWARDED_FOR" not in request.META and "HTTP_FORWARDED" not in request.META


@require_POST
def become(request: HttpRequest, username: str) -> HttpResponse:
    """Log in as one of the demo's people; anywhere but in the demo there is no such page."""
    if username not in {card.username for card in CARDS} or not demo_is_open(request, list(Connection.objects.all())):
        raise Http404
    login(request, get_object_or_404(User, username=username, is_active=True), backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)
