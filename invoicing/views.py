"""Doors of the deal, quote, account and invoice pages: check who may, call a service, say what happened."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.clients import seams
from accounts.models import Connection
from accounts.roles import may
from accounts.scope import visible
from invoicing import asking, deciding, pages, plans, quote_parts, reading, services
from invoicing.billing_parts import parts_of
from invoicing.deal_money import deal_money
from invoicing.deciding import Refused
from invoicing.doors import back, billing_words, decided, doing, looking, page, person, seen
from invoicing.models import Account, Conversion, Deal, Invoice
from invoicing.services import Request
from invoicing.tasks import A_PERSON_WAITS, workbench
from zbridge.zoho.errors import ZohoError

# -- deals -------------------------------------------------------------------------------------------------------------


@looking
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """The deal, its verdict, and the one button."""
    row = seen(request, Deal, pk=pk)
    shown = pages.deal_page(row, person(request), seams().clock)
    deeds = {deed: may(request.user, deed) for deed in ("convert", "link_product", "ask", "bill_anyway", "decide")}
    return page(
        request, "admin/invoicing/deal.html", "Deal", shown=shown, deal=row, may=deeds,
        money=deal_money(row, seams().clock), account=_account_of(row),
        parts=parts_of(row, person(request), seams().clock), further=quote_parts.waiting(row),
    )  # fmt: skip


def _account_of(row: Deal) -> Account | None:
    """The account's page, which shows the payments; whoever may see the deal may see its account."""
    return Account.objects.filter(connection=row.connection, remote_id=row.account_id or "-").first()


@doing("convert")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The button: one press, no second dialog; 303 to the deal's page whatever came of it."""
    row = seen(request, Deal, pk=pk)
    said = billing_words(request)
    if said is None:
        return back(row)
    shown = request.POST.get("previewed", "")
    wanted = Request(row.connection, row, None, user=person(request), previewed=shown, **said)
    made = services.request_conversion(wanted, seams().clock)
    for problem in made.problems if made.state == Conversion.State.REFUSED else []:
        messages.error(request, str(problem.get("message", "")))
    return back(row)


@login_required
@require_POST
def check_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the deal fresh from CRM."""
    row = seen(request, Deal, pk=pk)
    try:
        reading.refresh_deal(row.connection, row.crm_id, workbench(patience=A_PERSON_WAITS))
        messages.success(request, f"{row.name} was read again from CRM.")
    except (ZohoError, LookupError) as trouble:
        said = trouble.sentence if isinstance(trouble, ZohoError) else str(trouble)
        messages.warning(request, f"{row.name} could not be read just now: {said} What you see is as last read.")
    return back(row)


@doing("link_product")
def link_product(request: HttpRequest, pk: int) -> HttpResponse:
    """Link a product of the deal to an item."""
    row = seen(request, Deal, pk=pk)
    return decided(
        request, row, deciding.link_product, row, request.POST.get("product", ""), request.POST.get("item", "")
    )


@doing("ask")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask finance."""
    row = seen(request, Deal, pk=pk)
    return decided(request, row, asking.ask_finance, row, request.POST.get("note", ""))


@doing("decide")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a rep's question."""
    row = seen(request, Deal, pk=pk)
    return decided(request, row, asking.answer, row, request.POST.get("answer", ""))


@doing("convert")
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach an invoice made by hand in Books."""
    row = seen(request, Deal, pk=pk)
    try:
        made = deciding.attach(row, request.POST.get("invoice", ""), person(request), seams().clock)
        messages.success(request, f"{made.invoice_number} is attached to {row.name}; nothing new was made.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return back(row)


@looking
def plan(request: HttpRequest) -> HttpResponse:
    """What would be made of the deals chosen, before anything is."""
    ids = [int(text) for text in request.GET.get("ids", "").split(",") if text.isdecimal()][:200]
    rows = visible(person(request), Deal.objects.filter(pk__in=ids).select_related("connection"))
    found = plans.plan_of(list(rows), seams().clock)
    return page(
        request, "admin/invoicing/plan.html", "Plan", plan=found,
        may_convert=may(request.user, "convert"),
    )  # fmt: skip


@doing("convert")
def create_planned(request: HttpRequest) -> HttpResponse:
    """Make the drafts of the plan: each deal with the preview that was shown."""
    chosen = dict(text.split(":", 1) for text in request.POST.getlist("deal") if ":" in text)
    rows = visible(person(request), Deal.objects.filter(pk__in=[pk for pk in chosen if pk.isdecimal()]))
    for row in rows.select_related("connection"):
        wanted = Request(row.connection, row, None, person(request), "list", previewed=chosen[str(row.pk)])
        services.request_conversion(wanted, seams().clock)
    answer = redirect("documents:plan")
    answer["Location"] += "?ids=" + ",".join(chosen)
    answer.status_code = 303
    return answer


# -- invoices, quotes, accounts -------------------------------------------------------------------------------------


@looking
def go(request: HttpRequest, kind: str, remote_id: str) -> HttpResponse:
    """From a button in CRM or a mail: the page of that deal, account or invoice; the polite 404 otherwise."""
    connected = Connection.objects.filter(state=Connection.State.CONNECTED)
    if kind == "deal":
        return redirect("documents:deal", pk=seen(request, Deal, crm_id=remote_id, connection__in=connected).pk)
    if kind == "invoice":
        return redirect("documents:invoice", pk=seen(request, Invoice, books_id=remote_id, connection__in=connected).pk)
    if kind == "account":
        row = seen(request, Account, remote_id=remote_id, connection__in=connected)
        return redirect("documents:account", pk=row.pk)
    raise Http404(kind)


@login_required
@require_POST
def check_unknown(request: HttpRequest, crm_id: str) -> HttpResponse:
    """A deal that was just given to her: read it from CRM, then try the door again; nothing is told of it here."""
    person(request)
    for connection in Connection.objects.filter(state=Connection.State.CONNECTED):
        try:
            reading.refresh_deal(connection, crm_id, workbench(patience=A_PERSON_WAITS))
        except (ZohoError, LookupError):
            continue
    return redirect("go", kind="deal", remote_id=crm_id)
