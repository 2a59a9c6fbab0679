"""Pages that a connection has one of each: the first connection's opens by itself, and it names the others."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.doors import page, person
from accounts.models import Connection


def home(request: HttpRequest, right: str, address: str, template: str, title: str) -> HttpResponse:
    """To the page of the first connection; the empty page while there is none. Only with the right."""
    _allowed(request, right)
    first = Connection.objects.exclude(state=Connection.State.DRAFT).order_by("pk").first()
    return redirect(address, pk=first.pk) if first else page(request, template, title, connection=None)


def chosen(request: HttpRequest, right: str, pk: int) -> tuple[Connection, list[Connection]]:
    """The connection and the others; 404 where it isn't set up, 403 without the right."""
    _allowed(request, right)
    rows = list(Connection.objects.exclude(state=Connection.State.DRAFT).order_by("pk"))
    found = next((row for row in rows if row.pk == pk), None)
    if found is None:
        raise Http404("connection")
    return found, [row for row in rows if row.pk != pk]


def _allowed(request: HttpRequest, right: str) -> None:
    if not person(request).has_perm(right):
        raise PermissionDenied
