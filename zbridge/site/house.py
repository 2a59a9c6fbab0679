"""What stands on every page: the organisation, the DEMO mark, the banner of what waits, who may be switched to."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static

from accounts.at_hand import connections
from accounts.models import Connection
from accounts.roles import roles_of
from zbridge.site import waiting
from zbridge.site.demo import cards, demo_is_open


def icon(request: HttpRequest) -> str:
    """The mark of the house, as SVG."""
    return static("house/mark.svg")


def style(request: HttpRequest) -> str:
    """Our own sheet, after unfold's."""
    return static("house/house.css")


def script(request: HttpRequest) -> str:
    """The one script: it reloads progress bars."""
    return static("house/house.js")


def subheader(request: HttpRequest) -> str:
    """The organisation's name; several are counted."""
    if not request.user.is_authenticated:
        return ""
    found = [row for row in connections(request) if row.state != Connection.State.DRAFT]
    return str(found[0]) if len(found) == 1 else f"{len(found)} organisations" if found else "Not connected yet"


def standing(request: HttpRequest) -> waiting.Standing:
    """What waits, what is silent, what is unread; read once per request."""
    kept = request.__dict__
    if "house_standing" not in kept:
        kept["house_standing"] = waiting.standing(connections(request), request.user)
    found: waiting.Standing = kept["house_standing"]
    return found


def unread(request: HttpRequest) -> int:
    """How many notices this person has not seen."""
    return standing(request).unread


def banners(request: HttpRequest) -> list[waiting.Line]:
    """What stands above every page: each thing that holds work, with the way out for whoever may go it; read once."""
    kept = request.__dict__
    if "house_banners" not in kept:
        kept["house_banners"] = waiting.lines(request, connections(request), standing(request))
    found: list[waiting.Line] = kept["house_banners"]
    return found


def context(request: HttpRequest) -> dict[str, Any]:
    """For every page: the organisation, banners, and in the demo whom one can become."""
    known = request.user.is_authenticated
    return {
        "organisation": subheader(request),
        "production": settings.PRODUCTION,
        "demo": any(row.is_simulator for row in connections(request)),
        "my_roles": ", ".join(role.title for role in roles_of(request.user)),
        "banners": banners(request) if known else [],
        "switch_to": cards() if known and demo_is_open(request, connections(request)) else [],
    }
