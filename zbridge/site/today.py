"""Today: what needs this person, each with a count, the money, the oldest, and the way there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.at_hand import connections
from accounts.models import Connection
from accounts.roles import role_names
from syncjobs.models import Checkpoint
from zbridge.money import Money, display
from zbridge.site.demo import demo_is_open
from zbridge.site.trying import try_these

MOST = 100


@dataclass(frozen=True)
class Waiting:
    """What a panel found: how many (bounded), what they are worth per currency, and the oldest."""

    count: int
    money: tuple[Money, ...] = ()
    oldest: str = ""
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def counted(self) -> str:
        """The count as people read it; never a full count of a big table."""
        return f"{MOST}+" if self.count >= MOST else str(self.count)

    @property
    def worth(self) -> str:
        """Each currency by itself; they are never added."""
        return " + ".join(display(money) for money in self.money)


@dataclass(frozen=True)
class Panel:
    """One card of Today: for whom, what it counts, where its button leads; `press` may offer a deed (text, address)."""

    title: str
    roles: frozenset[str]
    look: Callable[[HttpRequest], Waiting]
    url: str
    button: str
    query: str = ""
    calm: str = "Nothing waits."
    press: Callable[[HttpRequest], tuple[str, str] | None] = lambda request: None

    @property
    def link(self) -> str:
        """The list behind the card; Today itself while that page doesn't exist."""
        try:
            return reverse(self.url) + self.query
        except NoReverseMatch:
            return reverse("admin:index")


@dataclass(frozen=True)
class Shown:
    """A panel with what it found just now."""

    panel: Panel
    waiting: Waiting
    first: bool = field(default=False)
    press: tuple[str, str] | None = None


_panels: list[Panel] = []


def panel(*found: Panel) -> None:
    """Put cards on Today, in this order."""
    _panels.extend(found)


def by_currency(amounts: Iterable[tuple[Decimal | None, str]]) -> tuple[Money, ...]:
    """Sums per currency, largest first."""
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts:
        if amount is not None and currency:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return tuple(Money(value, currency) for currency, value in sorted(sums.items(), key=lambda pair: -pair[1]))


def today_page(request: HttpRequest) -> dict[str, Any]:
    """What Today shows to this person; the first waiting item carries the page's one primary button."""
    mine = [found for found in _panels if found.roles & set(role_names(request.user))]
    looked = [(found, found.look(request)) for found in mine]
    first = next((found for found, waiting in looked if waiting.count), None)
    demo = demo_is_open(request, connections(request))
    return {
        "title": "Today",
        "panels": [Shown(found, waiting, found is first, found.press(request)) for found, waiting in looked],
        "nothing_waits": first is None,
        "last_read": last_read(),
        "try_these": try_these(request) if demo else [],
        "connected": any(row.state == Connection.State.CONNECTED for row in connections(request)),
        "greeting": greeting(request),
    }


def greeting(request: HttpRequest) -> str:
    """Whom the page is for, on which day in her zone."""
    name = getattr(request.user, "first_name", "") or request.user.get_username()
    return f"{name}, {timezone.localtime():%A %-d %B}"


def last_read() -> datetime | None:
    """When Zoho was last read to the end of a list."""
    found = Checkpoint.objects.exclude(read_at=None).order_by("-read_at").values_list("read_at", flat=True).first()
    return found
