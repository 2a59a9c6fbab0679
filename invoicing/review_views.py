"""Doors of *Drafts to review*: the list for finance, and *wrong draft* beside a row."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import allowed
from accounts.roles import may
from invoicing import again, review
from invoicing.deciding import Refused
from invoicing.doors import doing, looking, page, person, seen
from invoicing.models import Conversion

# Finance, and those who look after it or audit it; a rep sees her own drafts among the invoices.
RIGHT = "syncjobs.view_problem"
MOST_PAGES = 10_000


@looking
def drafts(request: HttpRequest) -> HttpResponse:
    """Warnings first, then the oldest."""
    allowed(request, RIGHT)
    written = request.GET.get("p", "")
    number = max(1, min(int(written), MOST_PAGES)) if written.isdecimal() else 1
    found = review.page(Conversion.objects.all(), number)
    return page(
        request, "admin/invoicing/review.html", "Drafts to review", may_decide=may(request.user, "decide"), **found
    )


@doing("decide")
def wrong(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is wrong with a draft; the answer leads into Books, where a person deletes it."""
    row = seen(request, Conversion, pk=pk)
    try:
        messages.success(request, again.wrong(row, request.POST.get("reason", ""), person(request), seams().clock))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _back()
    answer = redirect("documents:conversion", pk=row.pk)
    answer.status_code = 303
    return answer


def _back() -> HttpResponse:
    answer = redirect("documents:review")
    answer.status_code = 303
    return answer
