"""What the side bar's badges count: one query a page for all of them, each at most a hundred."""

from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value
from django.http import HttpRequest

from accounts.models import Connection
from accounts.scope import visible
from invoicing.conversion_admin import ATTENTION
from invoicing.models import Conversion
from invoicing.models.conversions import LIVE
from invoicing.review import drafts
from syncjobs.models import Conflict, PlannedWrite, Problem

MOST = 100
_KEPT = "_badges"


def open_rows(request: HttpRequest) -> dict[str, int]:
    """What waits for a person, of each kind that this one may see; counted once."""
    if _KEPT not in request.__dict__:
        request.__dict__[_KEPT] = _counted(request)
    found: dict[str, int] = request.__dict__[_KEPT]
    return found


def _counted(request: HttpRequest) -> dict[str, int]:
    rows: dict[str, QuerySet[Any]] = {
        "attention": Conversion.objects.filter(ATTENTION, state__in=LIVE),
        "review": drafts(Conversion.objects.all()),
        "problems": Problem.objects.filter(closed_at=None),
        "failures": PlannedWrite.objects.filter(failing=True),
        "conflicts": Conflict.objects.filter(closed_at=None),
    }
    counts = {name: _number(visible(request.user, found)) for name, found in rows.items()}
    found = Connection.objects.order_by().annotate(**counts).values(*counts).first() or {}
    return {name: found.get(name) or 0 for name in rows}


def _number(rows: "QuerySet[Any]") -> Subquery:
    """How many there are, of the first so many: no table is counted to its end."""
    first = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk")[:MOST]).order_by()
    return Subquery(first.annotate(one=Value(1)).values("one").annotate(number=Count("pk")).values("number"))
