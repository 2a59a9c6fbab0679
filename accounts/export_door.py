"""The door of every file: a small one at once, a large one in the background; either is noted in the audit trail."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts import audit, exporting, exports
from accounts.clients import seams
from accounts.models import User
from accounts.roles import may


def give(request: HttpRequest, kind: str, what: str, build: Callable[[], exports.Source]) -> HttpResponseBase:
    """The file in the form asked for, or the page on which a large one will stand; 403 and 404 as for any page."""
    form, user = request.GET.get("format", "csv"), request.user
    if not isinstance(user, User) or not may(user, "export"):
        raise PermissionDenied
    if form not in exports.FORMATS:
        raise Http404
    source, clock = build(), seams().clock
    if source.more_than(exporting.LARGE):
        row = exporting.ask(user, kind, what, request.GET.dict(), form, source, clock)
        messages.info(request, f"{row.total:,} rows take a while: the file is made in the background and stands here.")
        return redirect("exports:page")
    detail = {"format": form, "query": request.GET.dict()}
    audit.record(user, "export", f"Exported {source.title} as {form.upper()}.", clock=clock, detail=detail)
    return exports.answer(source, form, source.title.replace(" ", "-").replace(",", ""))
