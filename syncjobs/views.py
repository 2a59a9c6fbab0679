"""Doors of the runs: a person asks for a reading now."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.clients import seams
from accounts.models import Connection, User
from accounts.roles import may
from syncjobs.services import KINDS, start_run


@login_required
@require_POST
def read_now(request: HttpRequest) -> HttpResponse:
    """Start a reading of every kind on every connection; those under way go on as they are."""
    if not may(request.user, "run") or not isinstance(request.user, User):
        raise PermissionDenied
    clock = seams().clock
    for connection in Connection.objects.filter(state=Connection.State.CONNECTED):
        for kind in KINDS:
            start_run(connection, kind, clock, trigger="person", user=request.user)
        said = f"Asked to read {connection} now."
        audit.record(request.user, "read", said, connection=connection, clock=clock)
    messages.success(request, "Reading has been asked for; it shows below as it goes on.")
    return redirect("admin:syncjobs_run_changelist")
