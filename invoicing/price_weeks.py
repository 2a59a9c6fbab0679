"""How far prices were apart, by product and week; from the kept steps of each price."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from accounts import at_hand
from accounts.models import Connection
from invoicing.domain.price_drift import Moment, by_week, monday
from invoicing.models import PriceDrift, PriceStep
from invoicing.stakes import DIFFERING
from zbridge.clock import Clock
from zbridge.money import Money, display

State = PriceDrift.State
MOST_ROWS, WEEKS = 40, 12


@dataclass(frozen=True)
class WeekCell:
    """One product in one week: how far its prices were apart at most, in words, and how strongly it is coloured."""

    said: str
    heat: int


def weeks(request: HttpRequest, clock: Clock) -> dict[str, Any]:
    """The products with the most at stake, and those that drifted lately, each with its widest gap week by week."""
    connection = _of(request)
    if connection is None:
        return {"rows": [], "weeks": []}
    today = connection.today(clock)
    first_day = monday(today) - timedelta(weeks=WEEKS - 1)
    zone = ZoneInfo(connection.time_zone)
    first = datetime.combine(first_day, datetime.min.time(), zone)
    prices = _shown_in_weeks(connection, first)
    moments: dict[int, list[Moment]] = {one.pk: [] for one in prices}
    for step in PriceStep.objects.filter(price__in=prices).order_by("at", "pk"):
        moments[step.price_id].append(Moment(step.at, step.crm_price, step.books_price))
    gaps = {one.pk: by_week(moments[one.pk], first, WEEKS) for one in prices}
    most = max((gap for row in gaps.values() for gap in row if gap), default=Decimal(1))
    rows = [(one, [_cell(gap, most, one.currency) for gap in gaps[one.pk]]) for one in prices]
    return {"rows": rows, "weeks": [first_day + timedelta(weeks=number) for number in range(WEEKS)], "of": connection}


def _of(request: HttpRequest) -> Connection | None:
    """The connection asked for, else the first."""
    asked = request.GET.get("connection", "")
    rows = [row for row in at_hand.connections(request) if row.state == Connection.State.CONNECTED]
    return next((row for row in rows if str(row.pk) == asked), rows[0] if rows else None)


def _shown_in_weeks(connection: Connection, first: datetime) -> Sequence[PriceDrift]:
    rows = PriceDrift.objects.filter(connection=connection)
    now = list(rows.filter(state__in=DIFFERING).order_by("-at_stake", "-gap")[:MOST_ROWS])
    moved = PriceStep.objects.filter(price__connection=connection, at__gte=first).exclude(was_crm=None, was_books=None)
    ids = moved.order_by("-at").values_list("price_id", flat=True)[: MOST_ROWS * 2]
    known = {one.pk for one in now}
    lately = rows.filter(pk__in=[pk for pk in ids if pk not in known], state=State.SAME).order_by("name_key")
    return [*now, *lately[: MOST_ROWS - len(now)]]


def _cell(gap: Decimal | None, most: Decimal, currency: str) -> WeekCell:
    if gap is None:
        return WeekCell("", 0)
    if not gap:
        return WeekCell("0", 0)
    return WeekCell(display(Money(gap, currency)).split()[0], max(1, min(4, int(4 * gap / most + Decimal("0.5")))))
