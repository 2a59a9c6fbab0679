"""Doors of *Exports*: one's own files, how far they are, and the file to fetch."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from accounts import audit, doors, exporting, exports
from accounts.clients import seams
from accounts.models import Export, User
from accounts.retention import days_kept
from accounts.roles import may

MOST = 25


def _person(request: HttpRequest) -> User:
    user = doors.person(request)
    if not may(user, "export"):
        raise PermissionDenied
    return user


@doors.looking
def page(request: HttpRequest) -> HttpResponse:
    """The person's latest files."""
    rows = list(Export.objects.filter(user=_person(request))[:MOST])
    tones = {Export.State.DONE: "success", Export.State.REFUSED: "danger", Export.State.EXPIRED: "warning"}
    shown = [(row, tones.get(Export.State(row.state), "info")) for row in rows]
    context = {"rows": shown, "days": days_kept()["exports"], "large": exporting.LARGE}
    return doors.page(request, "admin/accounts/exports.html", "Exports", **context)


def _own(request: HttpRequest, pk: int) -> Export:
    """Only one's own; the same 404 for another's and for none."""
    row = Export.objects.filter(user=_person(request), pk=pk).first()
    if row is None:
        raise Http404("export")
    return row


@doors.looking
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """done, total, moving, state, sentence."""
    row = _own(request, pk)
    return JsonResponse(
        {"state": row.state, "done": row.done, "total": row.total, "moving": row.moving, "sentence": row.sentence}
    )


def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, streamed; only while the person still has the rights with which she asked."""
    row = _own(request, pk)
    if not exporting.is_still_hers(row):
        raise PermissionDenied
    path = exporting.path_of(row) if row.file_name else None
    if row.state != Export.State.DONE or path is None or not path.is_file():
        raise Http404("export")
    said = f"Fetched {row.title} as {row.form.upper()}, {row.done:,} rows."
    audit.record(row.user, "export", said, clock=seams().clock, subject=("export", str(row.pk)))
    name = f"{row.title.replace(' ', '-').replace(',', '')}.{row.form}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=exports.TYPES[row.form])
