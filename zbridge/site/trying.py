"""“Try these five”: what a newcomer to the demo may do first, each with the way there."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.scope import visible
from invoicing.models import Deal


@dataclass(frozen=True)
class Try:
    """One thing to try: who can, in words, and either the demo deal or the page it begins on."""

    who: str
    words: str
    deal: str = ""
    page: str = ""


TRY_THESE = (
    Try("Ada", "“Warehouse fit-out” of Acme Ltd: create its draft invoice with one press.", deal="Warehouse fit-out"),
    Try(
        "Ada", "“Spare parts” of Northgate Tools: one product isn't known in Books. Link it, then create the draft.",
        deal="Spare parts",
    ),
    Try(
        "Ben", "“Studio cabinets” of Lumen Studio: two Books customers share one e-mail address. Choose one.",
        deal="Studio cabinets",
    ),
    Try("Cy", "Connections: look at the checks, and stop all writes for a moment.", page="connection:list"),
    Try("Dee", "Audit: read who did what, and when.", page="admin:accounts_auditevent_changelist"),
)  # fmt: skip


def try_these(request: HttpRequest) -> list[tuple[str, str, str]]:
    """(who, words, link); without a link where this person may not go."""
    names = [one.deal for one in TRY_THESE if one.deal]
    found = visible(request.user, Deal.objects.filter(name__in=names)).values_list("name", "crm_id")[: len(names)]
    links = {name: reverse("go", args=["deal", crm_id]) for name, crm_id in found}
    return [(one.who, one.words, links.get(one.deal, "") or _page(request, one)) for one in TRY_THESE]


def _page(request: HttpRequest, one: Try) -> str:
    may_set_up = request.user.has_perm("accounts.view_connection")
    return reverse(one.page) if one.page and may_set_up else ""
