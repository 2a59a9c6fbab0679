"""The answer that a deed on a document gives: what happened, or why not; then back to its page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import doing, looking, page, person, seen
from accounts.roles import may
from invoicing import services
from invoicing.deciding import Refused
from invoicing.models import Conversion, Deal, Quote

__all__ = ["back", "billing_words", "decided", "doing", "looking", "page", "person", "seen"]


def decided(
    request: HttpRequest, row: Deal | Quote | Conversion, deed: Callable[..., str], *args: object
) -> HttpResponse:
    """Do it and say so, or say why not; 303 to the row's page."""
    try:
        messages.success(request, deed(*args, person(request), seams().clock))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return back(row)


def billing_words(request: HttpRequest) -> dict[str, Any] | None:
    """What finance says beside the button: causes waved through, or one of two prices, and why; nothing of others.

    None, with the message, where the reason is missing.
    """
    if not may(request.user, "bill_anyway"):
        return {}
    waived = services.waivers(request.POST.getlist("waived"))
    price, reason = services.price_choice(request.POST.get("price", "")), request.POST.get("reason", "").strip()
    if (waived or price) and not reason:
        deed = "choosing a price" if price else "billing anyway"
        messages.error(request, f"Nothing was created: {deed} needs a reason.")
        return None
    return {"waived": waived, "price": price, "reason": reason}


def back(row: Deal | Quote | Conversion) -> HttpResponse:
    """303 to the row's page."""
    names: dict[type[object], str] = {Deal: "documents:deal", Quote: "documents:quote"}
    name = names.get(type(row), "documents:conversion")
    answer = redirect(name, pk=row.pk)
    answer.status_code = 303
    return answer
