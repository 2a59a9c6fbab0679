"""Doors of *Calls and quota*: the auditor reads, RevOps sets."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts import quota_form, quota_page
from accounts.clients import seams
from accounts.models import Connection
from accounts.views import changing, looking, person, show


@looking
def home(request: HttpRequest) -> HttpResponse:
    """Of the first connection; the page names the others."""
    first = Connection.objects.exclude(books_org_id="").first()
    return redirect("connection:calls", pk=first.pk) if first else redirect("connection:list")


def _shown(request: HttpRequest, pk: int, form: quota_form.QuotaForm | None = None, status: int = 200) -> HttpResponse:
    rows = {row.pk: row for row in Connection.objects.exclude(books_org_id="")}
    if pk not in rows:
        raise Http404
    others = [row for row in rows.values() if row.pk != pk]
    found = quota_page.page(rows[pk], person(request), seams().clock, form=form, others=others)
    return show(request, "admin/accounts/calls.html", found, status=status)


@looking
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Calls and quota of one connection."""
    return _shown(request, pk)


@changing("connect")
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep pace and editions."""
    connection = get_object_or_404(Connection, pk=pk)
    form = quota_form.form_of(connection, data=request.POST)
    if not form.is_valid():
        return _shown(request, pk, form, status=400)
    quota_form.keep(connection, form.cleaned_data, person(request), seams().clock)
    messages.success(request, "Kept; the next call follows it.")
    return redirect("connection:calls", pk=pk)
