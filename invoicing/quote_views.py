"""Doors of the quote's page: look, create its draft, read it again, link a product."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.clients import seams
from accounts.roles import may
from invoicing import deciding, quote_page, reading, services
from invoicing.doors import back, billing_words, decided, doing, looking, page, person, seen
from invoicing.models import Conversion, Quote
from invoicing.services import Request
from invoicing.tasks import A_PERSON_WAITS, workbench
from zbridge.zoho.errors import ZohoError


@looking
def quote(request: HttpRequest, pk: int) -> HttpResponse:
    """The quote, its verdict, and the one button."""
    row = seen(request, Quote, pk=pk)
    shown = quote_page.quote_page(row, person(request), seams().clock)
    deeds = {deed: may(request.user, deed) for deed in ("convert", "link_product", "bill_anyway", "decide")}
    return page(request, "admin/invoicing/quote.html", "Quote", shown=shown, row=row, may=deeds)


@doing("convert")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The button: the same service as the deal's; 303 to the quote's page whatever came of it."""
    row = seen(request, Quote, pk=pk)
    said = billing_words(request)
    if said is None:
        return back(row)
    shown = request.POST.get("previewed", "")
    wanted = Request(row.connection, None, row, user=person(request), previewed=shown, **said)
    made = services.request_conversion(wanted, seams().clock)
    for problem in made.problems if made.state == Conversion.State.REFUSED else []:
        messages.error(request, str(problem.get("message", "")))
    return back(row)


@login_required
@require_POST
def check_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the quote fresh from CRM."""
    row = seen(request, Quote, pk=pk)
    try:
        reading.refresh_quote(row.connection, row.crm_id, workbench(patience=A_PERSON_WAITS))
        messages.success(request, f"{row} was read again from CRM.")
    except (ZohoError, LookupError) as trouble:
        said = trouble.sentence if isinstance(trouble, ZohoError) else str(trouble)
        messages.warning(request, f"{row} could not be read just now: {said} What you see is as last read.")
    return back(row)


@doing("link_product")
def link_product(request: HttpRequest, pk: int) -> HttpResponse:
    """Link a product of the quote to an item."""
    row = seen(request, Quote, pk=pk)
    return decided(
        request, row, deciding.link_product, row, request.POST.get("product", ""), request.POST.get("item", "")
    )
