"""`/healthz`, for monitors: "ok" or "unhealthy" and nothing more; it tells a stranger no version and no name."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts import watching
from accounts.clients import seams


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers and the workers of both queues beat; else 503."""
    try:
        well = watching.is_well(seams().clock)
    except DatabaseError:
        well = False
    return HttpResponse("ok" if well else "unhealthy", status=200 if well else 503, content_type="text/plain")
