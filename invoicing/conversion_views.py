"""Doors of the draft invoice's page: the question and its answers, what departed since, and billing anew."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.roles import may
from invoicing import again, deciding, drifting, pages, timelines
from invoicing.doors import back, decided, doing, looking, page, person, seen
from invoicing.in_books import books_link
from invoicing.models import Conversion, Invoice
from invoicing.tasks import A_PERSON_WAITS, workbench
from zbridge.zoho.errors import ZohoError


@looking
def conversion(request: HttpRequest, pk: int) -> HttpResponse:
    """The question and its candidates, the timeline, the attempts, the key."""
    row = seen(request, Conversion, pk=pk)
    return page(
        request, "admin/invoicing/conversion.html", "Draft invoice", row=row, sale=row.deal or row.quote,
        headline=pages.headline(row), sentence=pages.state_sentence(row), timeline=timelines.conversion_timeline(row),
        attempts=timelines.attempts(row), may_decide=may(request.user, "decide"), total=pages.money(row.total,
        row.currency), candidates=_candidates(row), gone=again.has_no_live_invoice(row),
        departs=bool(row.drift) and row.drift != row.drift_left,
        mine=row.again_by_id == person(request).pk, second=again.needs_second_person(row),
        wrong=again.is_called_wrong(row),
        link=books_link(row.connection.data_centre, row.books_invoice_id) if row.books_invoice_id else "",
    )  # fmt: skip


def _candidates(row: Conversion) -> list[tuple[Invoice, str]]:
    """Invoices that may be the draft whose answer was lost, with their totals as people read them."""
    if row.state != Conversion.State.REVIEW or not row.attempts:
        return []
    return [(one, pages.money(one.total, one.currency)) for one in deciding.may_be_it(row)]


@looking
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a conversion is, as JSON; the page asks while it is open."""
    row = seen(request, Conversion, pk=pk)
    moving = row.state not in (Conversion.State.DONE, Conversion.State.REVIEW, Conversion.State.REFUSED)
    return JsonResponse(
        {
            "state": row.state, "invoice_number": row.invoice_number, "sentence": pages.state_sentence(row),
            "moving": moving and row.state not in (Conversion.State.CANCELLED, Conversion.State.SUPERSEDED),
        }
    )  # fmt: skip


@doing("decide")
def choose_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Use this customer."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, deciding.choose_customer, row, request.POST.get("customer", ""))


@doing("decide")
def create_anyway(request: HttpRequest, pk: int) -> HttpResponse:
    """I looked: create the draft."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, deciding.create_anyway, row)


@doing("decide")
def link_existing(request: HttpRequest, pk: int) -> HttpResponse:
    """It is this invoice."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, deciding.link_existing, row, request.POST.get("invoice", ""))


@doing("decide")
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """I looked, there is none, and none is wanted."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, deciding.give_up, row, request.POST.get("reason", ""))


@doing("decide")
def look_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Look it up now."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, deciding.look_again, row)


@doing("decide")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up before it was sent."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, deciding.cancel, row)


@doing("decide")
def bill_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Bill a sale anew whose draft was voided or deleted in Books."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, again.ask, row, request.POST.get("reason", ""))


@doing("decide")
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person agrees; nobody agrees with herself."""
    row = seen(request, Conversion, pk=pk)
    if row.again_by_id == person(request).pk:
        raise PermissionDenied
    return decided(request, row, again.agree, row)


@doing("decide")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave what departed as it is."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, again.leave, row)


@doing("decide")
def wrong_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the draft is wrong; a person deletes it in Books."""
    row = seen(request, Conversion, pk=pk)
    return decided(request, row, again.wrong, row, request.POST.get("reason", ""))


@doing("decide")
def check_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the invoice from Books now."""
    row = seen(request, Conversion, pk=pk)
    try:
        gone = row.books_invoice_id and drifting.look_at(row, workbench(patience=A_PERSON_WAITS))
        said = f"{row.invoice_number} is no longer in Books." if gone else f"{row.invoice_number} was read from Books."
        messages.success(request, said)
    except ZohoError as trouble:
        said = f"{row.invoice_number} could not be read just now: {trouble.sentence} What you see is as last read."
        messages.warning(request, said)
    return back(row)
