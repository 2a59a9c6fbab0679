"""The list of quotes: how each stands with billing, and why."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display

from accounts import showing
from accounts.house_list import Tab
from accounts.models import Connection
from accounts.roles import may
from invoicing import auto_switch
from invoicing.auto_rows import live_of_its_deal, live_of_quote
from invoicing.conversion_admin import ATTENTION
from invoicing.models import Conversion, Quote
from invoicing.models.conversions import LIVE
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import QuoteResource

State = Conversion.State


def not_billed(rows: "QuerySet[Quote]") -> "QuerySet[Quote]":
    """Accepted, and neither the quote nor its deal has a draft or one on its way."""
    found = rows.exclude(accepted_seen_at=None).filter(gone_at=None)
    return found.filter(~Exists(live_of_quote()), ~Exists(live_of_its_deal()))


def in_attention(rows: "QuerySet[Quote]") -> "QuerySet[Quote]":
    """A draft that asks a person; refused, or stopped as last weighed; a possible further part."""
    asks = Conversion.objects.filter(ATTENTION, quote=OuterRef("pk"), state__in=LIVE)
    stopped = ~Q(stop="") & ~Q(accepted_seen_at=None) & Q(gone_at=None) & ~Exists(live_of_quote())
    return rows.filter(Exists(asks) | stopped)


def billed(rows: "QuerySet[Quote]") -> "QuerySet[Quote]":
    """With a draft invoice of its own or of its deal."""
    return rows.filter(
        Exists(live_of_quote().exclude(books_invoice_id=""))
        | Exists(live_of_its_deal().exclude(books_invoice_id="")) & ~Q(accepted_seen_at=None)
    )


@admin.register(Quote)
class QuoteAdmin(PagedAdmin):
    """Quotes of CRM, the accepted ones first."""

    page = "documents:quote"
    resource_class = QuoteResource
    left_out = ("raw", "lines", "accepted_as")
    list_display = ("number", "subject", "account", "worth", "stage", "billing", "why", "accepted", "valid_till")
    list_display_links = ("number", "subject")
    list_select_related = ("connection",)
    ordering = (F("accepted_seen_at").desc(nulls_last=True), "-pk")
    search_by = (("number", str.strip), ("crm_id", str))
    search_help_text = "Number of the quote"
    empty_sentence = "No quote here."
    tabs = (
        Tab("accepted", "Accepted, not billed", not_billed),
        Tab("attention", "Needs attention", in_attention),
        Tab("billed", "Billed", billed),
        Tab("all", "All", lambda rows: rows),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to stop what bills itself, for those who may."""
        on = Connection.objects.exclude(bill_quotes_since=None).first()
        top = None
        if on is not None and may(request.user, "stop_automatic"):
            top = ("Stop billing quotes by themselves", reverse("documents:stop_automatic", args=[on.pk]))
        links = [("Automatic drafts", reverse("documents:automatic"))] if auto_switch.may_look(request.user) else []
        return super().changelist_view(request, {"top_action": top, "top_links": links, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Quote]":
        latest = Conversion.objects.filter(quote=OuterRef("pk")).order_by("-pk")
        of_deal = live_of_its_deal().exclude(quote=OuterRef("pk")).order_by("pk")
        rows: QuerySet[Quote] = super().get_queryset(request)
        return rows.annotate(
            live_state=Subquery(latest.values("state")[:1]),
            live_number=Subquery(latest.filter(state__in=LIVE).values("invoice_number")[:1]),
            live_problems=Subquery(latest.values("problems")[:1]),
            live_drift=Coalesce(Subquery(latest.values("drift")[:1]), Subquery(of_deal.values("drift")[:1])),
            left_drift=Subquery(latest.values("drift_left")[:1]),
            invoice_status=Subquery(latest.values("invoice_status")[:1]),
            deal_number=Subquery(of_deal.values("invoice_number")[:1]),
        )  # fmt: skip

    @display(description="Account", ordering="account_name")
    def account(self, row: Quote) -> str:
        return row.account_name or "–"

    @display(description="Total", ordering="total")
    def worth(self, row: Quote) -> str:
        return showing.money(row.total, row.currency)

    @display(description="Accepted", ordering="accepted_seen_at")
    def accepted(self, row: Quote) -> str:
        return showing.when(row.accepted_seen_at) if row.accepted_seen_at else "–"

    @display(
        description="Billing",
        label={"Billed": "success", "Ready": "success", "Blocked": "danger", "Decide": "danger", "Working": "info",
               "Weighed": "info", "Deal": "info", "Not accepted": ""},
    )  # fmt: skip
    def billing(self, row: Any) -> tuple[str, str]:
        """Not accepted; Ready; Blocked: why; Draft INV-...; its deal's invoice."""
        if row.live_number:
            return ("Decide" if _drift(row) else "Billed"), f"{_kind(row)} {row.live_number}"
        if row.live_state in LIVE:
            return ("Decide", "To decide") if row.live_state == State.REVIEW else ("Working", "Draft on its way")
        if row.accepted_seen_at is None:
            return "Not accepted", "Not accepted"
        if row.deal_number is not None:
            return "Deal", f"Its deal: {row.deal_number or 'on its way'}"
        if row.judged_at is None:
            return "Weighed", "Being looked at"
        return ("Blocked", "Blocked") if row.stop else ("Ready", "Ready")

    @display(description="Why")
    def why(self, row: Any) -> str:
        if row.live_number:
            return _drift(row)
        if row.live_state == State.REVIEW:
            return _first(row.live_problems)
        if not row.accepted_seen_at or row.live_state in LIVE:
            return ""
        said = _short(row.stop.replace(f"quote {row.number} was", "was"))
        return said[:1].upper() + said[1:]


def _kind(row: Any) -> str:
    return {"draft": "Draft", "": "Draft", "paid": "Paid", "void": "Voided"}.get(row.invoice_status or "", "Sent")


def _drift(row: Any) -> str:
    return row.live_drift if row.live_drift and row.live_drift != row.left_drift else ""


def _first(problems: Any) -> str:
    return _short(str(problems[0].get("message", ""))) if isinstance(problems, list) and problems else ""


def _short(stop: str) -> str:
    """The why without the what."""
    said = stop.removeprefix("No draft was made: ").split(". ")[0].rstrip(".")
    return said if len(said) <= 120 else said[:118].rsplit(" ", 1)[0] + " …"
