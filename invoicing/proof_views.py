"""The door of a proof: a person asks for one now."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.clients import seams
from accounts.models import Connection, User
from accounts.roles import may
from invoicing.models import Proof
from invoicing.proving import ask


@login_required
@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Ask for a proof of every connection; those under way go on as they are."""
    if not may(request.user, "prove") or not isinstance(request.user, User):
        raise PermissionDenied
    for connection in Connection.objects.exclude(state=Connection.State.DRAFT):
        ask(connection, seams().clock, trigger=Proof.Trigger.PERSON, user=request.user)
    messages.success(request, "A proof has been asked for; it reads every invoice in Books and shows below.")
    return redirect("admin:invoicing_proof_changelist")
