"""Doors of the self-test: RevOps runs it, the auditor reads; a report comes as JSON or text."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.clients import seams
from accounts.models import Connection, SelfTest
from accounts.selftest import pages, working
from accounts.selftest.report import as_text, report
from accounts.views import changing, looking, person, show


@looking
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The self-test of a connection."""
    connection = get_object_or_404(Connection, pk=pk)
    found = pages.page(connection, person(request), request.GET.get("test", ""))
    return show(request, "admin/accounts/self_test.html", found)


@changing("connect")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start one; test records only on an explicit tick."""
    connection = get_object_or_404(Connection, pk=pk)
    if not connection.books_org_id:
        messages.error(request, "Choose the Books organisation first: there is nothing to ask yet.")
        return redirect("connection:page", pk=pk)
    working.start(connection, person(request), request.POST.get("writes") == "yes", seams().clock)
    return redirect("connection:self_test", pk=pk)


@changing("connect")
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The work in Books is done."""
    test = get_object_or_404(SelfTest, pk=pk)
    working.go_on(test, person(request), seams().clock)
    return redirect("connection:self_test", pk=test.connection_id)


@changing("connect")
def leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave out what needs a person in Books."""
    test = get_object_or_404(SelfTest, pk=pk)
    working.leave_out(test, person(request), seams().clock)
    return redirect("connection:self_test", pk=test.connection_id)


@changing("connect")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """No more questions."""
    test = get_object_or_404(SelfTest, pk=pk)
    working.stop(test, person(request), seams().clock)
    return redirect("connection:self_test", pk=test.connection_id)


@looking
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, as JSON."""
    test = get_object_or_404(SelfTest, pk=pk)
    return JsonResponse(pages.progress(test))


@looking
def as_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a file of JSON."""
    test = get_object_or_404(SelfTest, pk=pk)
    answer = JsonResponse(report(test), json_dumps_params={"indent": 2, "ensure_ascii": False})
    return _file(answer, f"zbridge-self-test-{pk}.json")


@looking
def as_readable_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a file to be read."""
    text = as_text(report(get_object_or_404(SelfTest, pk=pk)))
    return _file(HttpResponse(text, content_type="text/plain; charset=utf-8"), f"zbridge-self-test-{pk}.txt")


def _file(answer: HttpResponse, name: str) -> HttpResponse:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
