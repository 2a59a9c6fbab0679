"""What the side bar's badges count: with the query of the connections, each at most a hundred."""

from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value
from django.http import HttpRequest

from accounts import at_hand
from accounts.models import Alarm
from accounts.scope import visible
from invoicing.conversion_admin import ATTENTION
from invoicing.models import Conversion, PriceDrift
from invoicing.models.conversions import LIVE
from invoicing.review import drafts
from syncjobs.freshness import ALARMS
from syncjobs.link_faults import FAULTS
from syncjobs.models import Conflict, Duplicate, Link, PlannedWrite, Problem
from syncjobs.models.duplicates import OPEN_STATES

MOST = 100


def open_rows(request: HttpRequest) -> dict[str, int]:
    """What waits for a person, of each kind that this one may see; counted once."""
    return {name: at_hand.number(request, f"badge_{name}") for name in _rows()}


def _rows() -> dict[str, QuerySet[Any]]:
    return {
        "attention": Conversion.objects.filter(ATTENTION, state__in=LIVE),
        "review": drafts(Conversion.objects.all()),
        "problems": Problem.objects.filter(closed_at=None),
        "failures": PlannedWrite.objects.filter(failing=True),
        "conflicts": Conflict.objects.filter(closed_at=None),
        "prices": PriceDrift.objects.filter(state=PriceDrift.State.DIFFERENT),
        "duplicates": Duplicate.objects.filter(state__in=OPEN_STATES),
        "links": Link.objects.filter(fault__in=FAULTS),
        "late": Alarm.objects.filter(kind__in=ALARMS.values(), closed_at=None),
    }


def counted(request: HttpRequest) -> dict[str, Subquery]:
    """The numbers as subqueries, for this person."""
    return {f"badge_{name}": _number(visible(request.user, rows)) for name, rows in _rows().items()}


def _number(rows: "QuerySet[Any]") -> Subquery:
    """How many there are, of the first so many: no table is counted to its end."""
    first = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk")[:MOST]).order_by()
    return Subquery(first.annotate(one=Value(1)).values("one").annotate(number=Count("pk")).values("number"))


at_hand.count_along(counted)
