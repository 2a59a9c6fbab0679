"""Doors of *Failures* and of undoing: what didn't go through by cause; try it again, or undo a run, a plan first."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person, seen
from accounts.models import Connection
from accounts.roles import may
from syncjobs import failures
from syncjobs.domain.causes import CAUSES
from syncjobs.mappings import Refused
from syncjobs.models import PairKind, Run
from syncjobs.narrowing import undo_run
from syncjobs.words import SIDES

RIGHT = "syncjobs.view_plannedwrite"


def _connections() -> list[Connection]:
    return list(Connection.objects.filter(state=Connection.State.CONNECTED))


@looking
def listing(request: HttpRequest) -> HttpResponse:
    """What didn't go through over all runs and isn't settled since, by cause, with the fix."""
    if not person(request).has_perm(RIGHT):
        raise PermissionDenied
    found = failures.groups(failures.failing(_connections()))
    return page(
        request, "admin/syncjobs/failures.html", "Failures", groups=found, may_retry=may(request.user, "run"), run=None
    )


@doing("run")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan how to set back what a run wrote."""
    row = seen(request, Run, pk=pk)
    try:
        run = undo_run(row, person(request), seams().clock)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:syncjobs_run_change", pk)
    messages.success(request, "Both sides are read, then the plan of the undo shows here. Nothing is written yet.")
    return redirect("admin:syncjobs_run_change", run.pk)


@doing("run")
def retry(request: HttpRequest) -> HttpResponse:
    """Plan again for one write, or for a group: its cause, side and pair, of one run or of all."""
    rows = failures.failing(_connections())
    asked = request.POST
    back = redirect("failures:list")
    if asked.get("run", "").isdecimal():
        run = seen(request, Run, pk=int(asked["run"]))
        rows, back = rows.filter(plan__run=run), redirect("admin:syncjobs_run_change", run.pk)
    if asked.get("write", "").isdecimal():
        rows = rows.filter(pk=int(asked["write"]))
    elif asked.get("cause") in CAUSES and asked.get("side") in SIDES and asked.get("pair") in PairKind.values:
        rows = rows.filter(cause=asked["cause"], side=asked["side"], plan__pair=asked["pair"])
    else:
        messages.error(request, "Say first what to try again.")
        return back
    first = rows.select_related("plan").order_by("pk").first()
    try:
        if first is None:
            raise Refused("Nothing of this waits any more: it was settled meanwhile.")
        connection = get_object_or_404(Connection, pk=first.plan.connection_id)
        of_one = rows.filter(plan__connection=connection)
        run = failures.retry(connection, of_one, person(request), seams().clock)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return back
    messages.success(
        request, "Both sides are read, then the plan of what is tried again shows here. Nothing is written yet."
    )
    return redirect("admin:syncjobs_run_change", run.pk)
