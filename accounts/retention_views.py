"""Doors of *What is kept*: the auditor reads, RevOps sets."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import doors, retention, retention_page
from accounts.clients import seams

RIGHT = "accounts.view_retention"
CLEARED = "What is too old goes with the next sweeps, a few at a time."


@doors.looking
def shown(request: HttpRequest) -> HttpResponse:
    """Every sort of rows that goes one day."""
    return _show(request)


def _show(request: HttpRequest, form: retention_page.RetentionForm | None = None, status: int = 200) -> HttpResponse:
    user = doors.person(request)
    if not user.has_perm(RIGHT):
        raise PermissionDenied
    found = retention_page.page(user, seams().clock, form)
    answer = doors.page(request, "admin/accounts/retention.html", "What is kept, and how long", **found)
    answer.status_code = status
    return answer


@doors.doing("retain")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the days, or say which are too few with nothing lost that was typed."""
    form = retention_page.form_of(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: some days below don't fit.")
        return _show(request, form, status=400)
    said = retention.keep(form.cleaned_data, doors.person(request), seams().clock)
    messages.success(request, f"{' '.join(said)} {CLEARED}" if said else "Nothing was different.")
    return redirect("retention:page")
