"""Doors that Zoho knocks at (design 10): POST only, no session, little and seldom, answered before anything is read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.clients import seams
from syncjobs import hooks
from syncjobs.hooks import Knock, NotBelieved

MOST_BYTES = 1_000_000
SIGNATURE = "X-Zoho-Webhook-Signature"


@csrf_exempt
@require_POST
def crm(request: HttpRequest, secret: str) -> HttpResponse:
    """CRM's notifications."""
    return _answer(request, "crm", secret)


@csrf_exempt
@require_POST
def books(request: HttpRequest, secret: str) -> HttpResponse:
    """Books' web hooks."""
    return _answer(request, "books", secret)


@csrf_exempt
@require_POST
def convert(request: HttpRequest, secret: str) -> HttpResponse:
    """A workflow of CRM asks for a draft invoice."""
    return _answer(request, "convert", secret)


def _answer(request: HttpRequest, sort: str, secret: str) -> HttpResponse:
    """404 for an address that isn't one, 413 too large, 429 too often, 400 or 401 not believed, else 200."""
    clock = seams().clock
    if _length(request) > MOST_BYTES:
        return HttpResponse(status=413)
    row = hooks.found_at(sort, secret, clock)
    if row is None:
        raise Http404
    if not hooks.may_knock(row, clock):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    knock = Knock(
        request.META.get("QUERY_STRING", ""), request.body, request.content_type or "",
        request.headers.get(SIGNATURE, ""),
    )  # fmt: skip
    try:
        hooks.hear(row, knock, clock)
    except NotBelieved as refused:
        return HttpResponse(status=refused.status)
    return HttpResponse(status=200)


def _length(request: HttpRequest) -> int:
    """The length that was announced; Django reads no more than that."""
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(said) if said.isdigit() else 0
