"""Doors of *Customers without e-mail*: the work-list, and a plan of what was ticked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import allowed, doing, looking, person, seen
from accounts.doors import page as drawn
from accounts.models import Connection
from accounts.roles import may
from syncjobs import email_fill
from syncjobs.mappings import Refused

RIGHT = "syncjobs.view_duplicate"
PER_PAGE = 25


@looking
def page(request: HttpRequest) -> HttpResponse:
    """x of y have one; the others, with what CRM suggests."""
    allowed(request, RIGHT)
    written = request.GET.get("p", "")
    number = max(1, int(written)) if written.isdecimal() and len(written) < 6 else 1
    found = [_shown(row, number) for row in Connection.objects.filter(state=Connection.State.CONNECTED).order_by("pk")]
    return drawn(
        request, "admin/syncjobs/emails.html", "Customers without e-mail", rows=found, number=number,
        before=number - 1, after=number + 1 if any(one["more"] for one in found) else 0,
        may_fill=may(request.user, "decide"),
    )  # fmt: skip


def _shown(connection: Connection, number: int) -> dict[str, object]:
    start = (number - 1) * PER_PAGE
    rows = list(email_fill.lacking(connection)[start : start + PER_PAGE + 1])
    return {
        "connection": connection, "coverage": email_fill.coverage(connection), "more": len(rows) > PER_PAGE,
        "lacking": email_fill.suggestions(connection, rows[:PER_PAGE]), "stop": email_fill.forbidden(connection),
    }  # fmt: skip


@doing("decide")
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan of exactly what was ticked; nothing is written before it is applied."""
    row = seen(request, Connection, pk=pk)
    ticked = [one for one in request.POST.getlist("customer") if one.isdecimal() and len(one) < 19]
    chosen = {int(one): request.POST.get(f"email-{one}", "") for one in ticked}
    try:
        plan = email_fill.plan(row, chosen, person(request), seams().clock)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("emails:page")
    many = len(chosen)
    messages.success(request, f"Planned for {many} customer{'s' if many > 1 else ''}; nothing is written yet.")
    return redirect("admin:syncjobs_plan_change", plan.pk)
