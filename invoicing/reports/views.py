"""Doors of the reports: whoever has the right sees her own rows; no call to Zoho."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts import doors, export_door
from accounts.clients import seams
from accounts.models import Connection
from accounts.scope import visible
from invoicing import reconciling
from invoicing.models import Account, Invoice
from invoicing.reports import files, page, reconciled
from invoicing.reports.asked import asked
from invoicing.reports.files import REPORTS
from invoicing.reports.shape import Report
from syncjobs.models import Link, Record

MOST_PAGES = 100_000


def connections() -> list[Connection]:
    """Those that are set up."""
    return list(Connection.objects.exclude(state=Connection.State.DRAFT).order_by("pk"))


def chosen(request: HttpRequest, found: list[Connection]) -> Connection:
    """The connection asked for, else the first; 404 where there is none."""
    wanted = request.GET.get("connection", "")
    if not found or wanted and wanted not in {str(row.pk) for row in found}:
        raise Http404("connection")
    return next((row for row in found if str(row.pk) == wanted), found[0])


def number_of(request: HttpRequest) -> int:
    """The page asked for."""
    written = request.GET.get("p", "")
    return min(int(written), MOST_PAGES) if written.isdecimal() and int(written) else 1


@doors.looking
def index(request: HttpRequest) -> HttpResponse:
    """Every report that this person may open, as its question."""
    user = doors.person(request)
    rows = [(one.question, one.title, reverse(f"reports:{one.name}")) for one in REPORTS if user.has_perm(one.right)]
    if user.has_perm("invoicing.view_deal"):
        rows.insert(0, (reconciled.QUESTION, reconciled.TITLE, reverse("reports:reconciliation")))
    return doors.page(request, "admin/reports/index.html", "Reports", reports=rows)


def shown(report: Report) -> Callable[..., HttpResponse]:
    """The page of that report."""

    def view(request: HttpRequest) -> HttpResponse:
        doors.allowed(request, report.right)
        found = connections()
        query = asked(doors.person(request), chosen(request, found), request.GET, seams().clock)
        context = page.page(report, query, number_of(request), found)
        return doors.page(request, "admin/reports/report.html", report.question, **context)

    return doors.looking(view)


@doors.looking
def reconciliation(request: HttpRequest) -> HttpResponse:
    """One month, won against invoiced."""
    doors.allowed(request, "invoicing.view_deal")
    found, clock = connections(), seams().clock
    query = reconciled.of_month(doors.person(request), chosen(request, found), request.GET, clock)
    context = reconciled.page(query, number_of(request), found, clock)
    return doors.page(request, "admin/reports/reconciliation.html", reconciled.QUESTION, **context)


def export(name: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """The file of that report."""

    def view(request: HttpRequest) -> HttpResponseBase:
        user = doors.person(request)
        try:
            return export_door.give(request, files.REPORT, name, lambda: files.source(user, name, request.GET.dict()))
        except reconciling.NotReconciled as refusal:
            messages.error(request, f"No file was made: {refusal}")
            return redirect(f"reports:{name}")

    return login_required(require_GET(view))


@doors.looking
def customer(request: HttpRequest, customer_id: str) -> HttpResponse:
    """To the account that stands for the Books customer; where none does, to its invoices."""
    user = doors.person(request)
    links = Link.objects.filter(pair=Link.Pair.CUSTOMER, books_id=customer_id)
    contacts = Record.objects.filter(kind=Record.Kind.CONTACT, remote_id__in=links.values("crm_id"))
    accounts = visible(user, Account.objects.filter(connection__in=links.values("connection")))
    found = accounts.filter(remote_id__in=links.values("crm_id")).first()
    found = found or accounts.filter(remote_id__in=contacts.values("parent_id")).first()
    if found is not None:
        return redirect("documents:account", pk=found.pk)
    invoices = visible(user, Invoice.objects.filter(customer_id=customer_id))
    name = invoices.values_list("customer_name", flat=True).first()
    if name is None:
        raise Http404("customer")
    return redirect(f"{reverse('reports:invoices')}?{urlencode({'customer': name})}")
