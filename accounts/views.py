"""Doors of the connection pages: check who may, call a service, say what happened. No page calls Zoho to be drawn."""

from collections.abc import Callable
from functools import wraps

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts import connecting, consent, organisations, own_fields, pages, readiness, summary, uniqueness
from accounts.clients import seams
from accounts.data_centres import centre_name
from accounts.forms import ClientForm, NewConnectionForm, SettingsForm, simulator_is_offered
from accounts.models import Connection, User
from accounts.roles import may
from zbridge.zoho.errors import ZohoError
from zbridge.zoho.regions import REGIONS

View = Callable[..., HttpResponse]
# Zoho's log-in hosts: Chrome checks form-action on the redirect that follows the Connect button, too.
LOG_INS = [found.accounts for found in REGIONS.values()]
if not settings.PRODUCTION:
    LOG_INS.append(settings.ZBRIDGE_SIMULATOR_URL)


def looking(view: View) -> View:
    """Only for those who may look at connections (RevOps and the auditor)."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: int) -> HttpResponse:
        if not request.user.has_perm("accounts.view_connection"):
            raise PermissionDenied
        return view(request, **kwargs)

    return login_required(require_GET(guarded))


def changing(deed: str) -> Callable[[View], View]:
    """Only by POST, and only for those who may do the deed."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: int) -> HttpResponse:
            if not may(request.user, deed):
                raise PermissionDenied
            return view(request, **kwargs)

        return login_required(require_POST(guarded))

    return guard


def person(request: HttpRequest) -> User:
    """Who asks; nobody but a logged-in user does."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def show(request: HttpRequest, template: str, found: pages.Row, status: int = 200) -> HttpResponse:
    """A page in the frame of the house."""
    return render(request, template, {**admin.site.each_context(request), **found}, status=status)


def _back(pk: int) -> HttpResponse:
    return redirect("connection:page", pk=pk)


def _trying(request: HttpRequest, pk: int, deed: Callable[[Connection], str]) -> HttpResponse:
    """Do it and say what happened, in words; then back to the page."""
    try:
        messages.success(request, deed(get_object_or_404(Connection, pk=pk)))
    except (organisations.CannotConnect, consent.ConsentRefused) as refusal:
        messages.error(request, str(refusal))
    except ZohoError as trouble:
        messages.error(request, trouble.sentence)
    return _back(pk)


@looking
def listing(request: HttpRequest) -> HttpResponse:
    """All connections."""
    found = pages.list_page(person(request)) | {"form": NewConnectionForm()}
    return show(request, "admin/accounts/connections.html", found)


@csp_update({"form-action": LOG_INS})
@looking
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One connection."""
    connection = get_object_or_404(Connection, pk=pk)
    found = pages.detail_page(connection, person(request), seams().clock)
    found["organisations"] = request.session.get(_listed(pk), [])
    return show(request, "admin/accounts/connection.html", found)


@login_required
@require_GET
def how_sales_become_invoices(request: HttpRequest, pk: int) -> HttpResponse:
    """All settings in words; for RevOps, the auditor and finance."""
    user = person(request)
    if not user.has_perm("accounts.view_connection") and not may(user, "decide"):
        raise PermissionDenied
    return show(request, "admin/accounts/summary.html", summary.page(get_object_or_404(Connection, pk=pk), user))


@login_required
@require_GET
def summary_home(request: HttpRequest) -> HttpResponse:
    """The settings of the first connection."""
    first = Connection.objects.exclude(books_org_id="").first()
    return redirect("connection:summary", pk=first.pk) if first else redirect("connection:list")


@changing("connect")
def make(request: HttpRequest) -> HttpResponse:
    """A new connection from the form."""
    form = NewConnectionForm(request.POST)
    if not form.is_valid():
        found = pages.list_page(person(request)) | {"form": form}
        return show(request, "admin/accounts/connections.html", found, status=400)
    made = connecting.new_connection(**form.cleaned_data, user=person(request), clock=seams().clock)
    return _back(made.pk)


@changing("connect")
def make_simulated(request: HttpRequest) -> HttpResponse:
    """One more connection to the simulator, to try a second organisation."""
    if not simulator_is_offered():
        raise PermissionDenied
    return _back(connecting.new_simulator_connection(person(request), seams().clock).pk)


@changing("connect")
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Off to Zoho's consent page."""
    connection = get_object_or_404(Connection, pk=pk)
    return redirect(consent.begin(connection, _visitor(request), _callback_url(request), seams().clock))


@login_required
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Back from Zoho: judge, exchange, keep, and list the organisations; a refusal is a 400 and changes nothing."""
    if not may(request.user, "connect"):
        raise PermissionDenied
    query = request.GET
    answer = consent.Redirect(
        query.get("state", ""), query.get("code", ""), query.get("location", ""), query.get("accounts-server", ""),
        query.get("error", ""),
    )  # fmt: skip
    try:
        connection = consent.finish(answer, _visitor(request), _callback_url(request), seams())
    except consent.ConsentRefused as refusal:
        found = {"title": "Not connected", "sentence": str(refusal)}
        return show(request, "admin/accounts/refused.html", found, status=400)
    if connection.asked_in not in ("", connection.data_centre):
        said = f"This Zoho account lives in {centre_name(connection.data_centre)}, not in "
        messages.warning(request, f"{said}{centre_name(connection.asked_in)} as chosen; zbridge goes by Zoho.")
    if connection.books_org_id:
        return _trying(request, connection.pk, _check)
    return _trying(request, connection.pk, lambda row: _list(request, row))


@changing("connect")
def client(request: HttpRequest, pk: int) -> HttpResponse:
    """Another OAuth client, or its new secret."""
    connection, form = get_object_or_404(Connection, pk=pk), ClientForm(request.POST)
    if connection.is_simulator or not form.is_valid():
        messages.error(request, "Nothing was changed: both the client ID and its secret are needed.")
        return _back(pk)
    connecting.change_client(connection, **form.cleaned_data, user=person(request), clock=seams().clock)
    messages.success(request, "The OAuth client is kept, encrypted. Press Reconnect to see that Zoho takes it.")
    return _back(pk)


@changing("connect")
def list_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the organisations of the connected user."""
    return _trying(request, pk, lambda row: _list(request, row))


@changing("connect")
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Bind the connection to an organisation."""
    wanted, user = request.POST.get("organisation", ""), person(request)

    def deed(row: Connection) -> str:
        chosen = organisations.choose_organisation(row, wanted, user, seams())
        return f"{chosen.crm_org_name} (CRM) and {chosen.books_org_name} (Books) are connected. Next: make the fields."

    return _trying(request, pk, deed)


@changing("connect")
def fields(request: HttpRequest, pk: int) -> HttpResponse:
    """Make zbridge's own fields."""

    def deed(row: Connection) -> str:
        own_fields.make_fields(row, person(request), seams())
        return "The fields stand in CRM and Books."

    return _trying(request, pk, deed)


@changing("connect")
def probe(request: HttpRequest, pk: int) -> HttpResponse:
    """See whether Books refuses a twin."""
    return _trying(request, pk, lambda row: uniqueness.probe_uniqueness(row, person(request), seams()).sentence)


@changing("connect")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the checks of the connection."""
    return _trying(request, pk, _check)


@changing("connect")
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the settings."""
    connection = get_object_or_404(Connection, pk=pk)
    form = SettingsForm(connection, request.POST)
    if not form.is_valid():
        found = pages.detail_page(connection, person(request), seams().clock, form)
        return show(request, "admin/accounts/connection.html", found, status=400)
    stops = readiness.stops_going_live(connection, seams()) if _goes_live(connection, form) else []
    if stops:
        form.add_error("go_live", f"Set-up can't be finished yet. {' '.join(stops)} Mend it, then set the day.")
        found = pages.detail_page(connection, person(request), seams().clock, form)
        return show(request, "admin/accounts/connection.html", found, status=400)
    read_before = connection.subform
    connecting.keep_settings(connection, form.wanted(), person(request), seams().clock)
    messages.success(request, "The settings are kept; drafts made from now on follow them.")
    if connection.subform != read_before:
        return _trying(request, pk, _check)
    return _back(pk)


def _goes_live(connection: Connection, form: SettingsForm) -> bool:
    return connection.go_live is None and form.wanted()["go_live"] is not None


@changing("stop_writes")
def writes(request: HttpRequest, pk: int) -> HttpResponse:
    """The kill switch."""
    connection = get_object_or_404(Connection, pk=pk)
    stopped = request.POST.get("stopped") == "yes"
    connecting.stop_writes(connection, stopped, person(request), seams().clock)
    messages.success(request, "All writes to Zoho are stopped." if stopped else "Writes to Zoho go on.")
    return _back(pk)


def _check(row: Connection) -> str:
    rows = readiness.check(row, seams())
    red = sum(1 for found in rows if found["state"] == "red")
    return f"{len(rows) - red} of {len(rows)} checks passed." if red else f"All {len(rows)} checks passed."


def _list(request: HttpRequest, row: Connection) -> str:
    found = organisations.list_organisations(row, seams())
    request.session[_listed(row.pk)] = [one.as_dict() for one in found]
    return "Zoho gave access. Choose the Books organisation."


def _listed(pk: int) -> str:
    return f"organisations:{pk}"


def _visitor(request: HttpRequest) -> consent.Person:
    return consent.Person(person(request), request.session.session_key or "")


def _callback_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("connection:callback"))
