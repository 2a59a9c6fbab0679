"""The answer that a deed on a document gives: what happened, or why not; then back to its page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person, seen
from invoicing.deciding import Refused
from invoicing.models import Conversion, Deal, Quote

__all__ = ["back", "decided", "doing", "looking", "page", "person", "seen"]


def decided(
    request: HttpRequest, row: Deal | Quote | Conversion, deed: Callable[..., str], *args: object
) -> HttpResponse:
    """Do it and say so, or say why not; 303 to the row's page."""
    try:
        messages.success(request, deed(*args, person(request), seams().clock))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return back(row)


def back(row: Deal | Quote | Conversion) -> HttpResponse:
    """303 to the row's page."""
    names: dict[type[object], str] = {Deal: "documents:deal", Quote: "documents:quote"}
    name = names.get(type(row), "documents:conversion")
    answer = redirect(name, pk=row.pk)
    answer.status_code = 303
    return answer
