"""Doors of a deal's parts: bill one more, take the deal off the list of sales to bill, put it back."""

from django.http import HttpRequest, HttpResponse, QueryDict

from invoicing import billing_parts, not_billing, quote_parts
from invoicing.doors import decided, doing, seen
from invoicing.models import Deal


@doing("convert")
def bill(request: HttpRequest, pk: int) -> HttpResponse:
    """Bill this part."""
    row, said = seen(request, Deal, pk=pk), request.POST
    part = said.get("part", "")
    asked = billing_parts.Asked(
        how=_how(said), percent=said.get("percent", ""), amount=said.get("amount", ""),
        lines=tuple(said.getlist("line")), reason=said.get("reason", ""), previewed=said.get("previewed", ""),
        part=int(part) if part.isdecimal() and len(part) < 4 else 0,
    )  # fmt: skip
    return decided(request, row, billing_parts.bill, row, asked)


@doing("convert")
def bill_quote(request: HttpRequest, pk: int) -> HttpResponse:
    """Bill this further quote."""
    row, said = seen(request, Deal, pk=pk), request.POST
    return decided(request, row, quote_parts.bill, row, said.get("quote", ""), said.get("reason", ""))


def _how(said: QueryDict) -> str:
    """The way she filled in, where it is only one; else the one she chose."""
    filled = [
        name for name, field in (("percent", "percent"), ("amount", "amount"), ("lines", "line")) if said.get(field)
    ]
    return filled[0] if len(filled) == 1 else said.get("how", "")


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
