"""Doors of a price's page: look, align one side as a plan, accept both, take that back; and the weeks of all."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.clients import seams
from accounts.doors import allowed, doing, looking, page, person, seen
from invoicing import price_deeds, price_page, price_weeks
from invoicing.deciding import Refused
from invoicing.models import PriceDrift

RIGHT = "invoicing.view_pricedrift"


def _row(request: HttpRequest, pk: int) -> PriceDrift:
    allowed(request, RIGHT)
    return seen(request, PriceDrift, pk=pk)


@looking
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """Both prices, since when and by whom, what they touch, and the buttons for those who may."""
    row = _row(request, pk)
    shown = price_page.page(row, person(request), seams().clock)
    return page(request, "admin/invoicing/price.html", str(row), **shown)


@looking
def weeks(request: HttpRequest) -> HttpResponse:
    """How far prices were apart, by product and week."""
    allowed(request, RIGHT)
    shown = price_weeks.weeks(request, seams().clock)
    return page(request, "admin/invoicing/price_weeks.html", "Price drift by product and week", **shown)


@doing("settle_money")
def align(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan that brings one side to the other's price; nothing is written until it is applied."""
    row = _row(request, pk)
    try:
        plan = price_deeds.align([row], request.POST.get("target", ""), person(request), seams().clock)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("documents:price", pk)
    return redirect("admin:syncjobs_plan_change", plan.pk)


def _done(request: HttpRequest, pk: int, deed: Callable[[PriceDrift], str]) -> HttpResponse:
    try:
        messages.success(request, deed(_row(request, pk)))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("documents:price", pk)


@doing("settle_money")
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Both prices may stand, with a reason; the two that were seen are the two that are accepted."""
    reason, seen_as = request.POST.get("reason", ""), request.POST.get("seen", "")

    def deed(row: PriceDrift) -> str:
        if seen_as and seen_as != price_deeds.seen_as(row):
            raise Refused("One of the two prices has changed since you saw them; look again. Nothing was accepted.")
        return price_deeds.accept(row, reason, person(request), seams().clock)

    return _done(request, pk, deed)


@doing("settle_money")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """They count as different again."""
    return _done(request, pk, lambda row: price_deeds.take_back(row, person(request), seams().clock))
