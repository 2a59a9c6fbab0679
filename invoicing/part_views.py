"""Doors of a deal's parts: bill one more, take the deal off the list of sales to bill, put it back."""

from django.http import HttpRequest, HttpResponse

from invoicing import billing_parts, not_billing
from invoicing.doors import decided, doing, seen
from invoicing.models import Deal


@doing("convert")
def bill(request: HttpRequest, pk: int) -> HttpResponse:
    """Bill this part."""
    row, said = seen(request, Deal, pk=pk), request.POST
    part = said.get("part", "")
    asked = billing_parts.Asked(
        how=said.get("how", ""), percent=said.get("percent", ""), amount=said.get("amount", ""),
        lines=tuple(said.getlist("line")), reason=said.get("reason", ""), previewed=said.get("previewed", ""),
        part=int(part) if part.isdecimal() and len(part) < 4 else 0,
    )  # fmt: skip
    return decided(request, row, billing_parts.bill, row, asked)


@doing("bill_anyway")
def not_billable(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it off the list."""
    row = seen(request, Deal, pk=pk)
    return decided(request, row, not_billing.take_off, row, request.POST.get("reason", ""))


@doing("bill_anyway")
def billable(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it back."""
    row = seen(request, Deal, pk=pk)
    return decided(request, row, not_billing.put_back, row)
