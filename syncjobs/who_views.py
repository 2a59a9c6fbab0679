"""Doors of *Who is who*: look, count anew, link what a person chose."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person, seen
from accounts.models import Connection
from accounts.roles import may
from syncjobs import who
from syncjobs.domain.pairs import RUN_KINDS
from syncjobs.failures import failing
from syncjobs.models import Mapping
from syncjobs.services import start_run


@looking
def listing(request: HttpRequest) -> HttpResponse:
    """Every pair of kinds: the numbers of both sides, and whom a person could link."""
    if not person(request).has_perm("syncjobs.view_link"):
        raise PermissionDenied
    connections = Connection.objects.filter(state=Connection.State.CONNECTED)
    rows = Mapping.objects.filter(connection__in=connections).select_related("connection").order_by("pk")
    found = [
        who.shown(row) | {"failing": failing([row.connection_id]).filter(plan__pair=row.pair).count()} for row in rows
    ]
    return page(
        request, "admin/syncjobs/who.html", "Who is who", rows=found, may_link=may(request.user, "decide")
    )  # fmt: skip


@doing("decide")
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Link the chosen pairs; their fields follow with the next run."""
    row, clock, user = seen(request, Mapping, pk=pk), seams().clock, person(request)
    chosen = [tuple(one.split(":", 1)) for one in request.POST.getlist("pair") if ":" in one]
    if "all" in request.POST:
        chosen = [(here.remote_id, there.remote_id) for here, there in who.shown(row)["sure"]]
    linked, said = who.link_chosen(row, [(one[0], one[1]) for one in chosen], user, clock)
    if linked:
        messages.success(request, f"{linked} linked. Their fields come into step with the next run.")
        start_run(row.connection, RUN_KINDS[row.pair], clock, trigger="person", user=user)
    for sentence in said or ([] if linked else ["Nothing was chosen; tick what belongs together first."]):
        messages.warning(request, sentence)
    return redirect("who:list")
