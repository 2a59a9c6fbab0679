"""Lists of documents: deals, quotes, accounts, invoices, and what needs attention. No rule lives here."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, DateField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action, display

from accounts import showing
from accounts.clients import seams
from accounts.house_list import DayTab, Tab, zoho_id
from accounts.roles import may
from invoicing import (  # noqa: F401  (they register their lists)
    account_admin,
    duplicate_admin,
    list_price_admin,
    money_admin,
    price_admin,
    proof_admin,
    quote_admin,
)
from invoicing.account_page import facts
from invoicing.asking import with_question
from invoicing.billing import live_conversions, to_invoice
from invoicing.conversion_admin import ATTENTION
from invoicing.domain.invoice_states import state_of
from invoicing.models import Conversion, Deal, Invoice
from invoicing.models.conversions import LIVE
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import DealResource, InvoiceResource
from syncjobs.domain.normalising import normal_name

State = Conversion.State


def in_attention(rows: "QuerySet[Deal]") -> "QuerySet[Deal]":
    """With a conversion that waits for a person, or refused and not yet asked again."""
    waiting = Conversion.objects.filter(ATTENTION, deal=OuterRef("pk"), state__in=LIVE)
    refused = Conversion.objects.filter(deal=OuterRef("pk"), state=State.REFUSED)
    stopped = Exists(waiting) | (Exists(refused) & ~Exists(live_conversions()))
    return rows.filter(stopped | Q(pk__in=with_question(rows).values("pk")))


@admin.register(Deal)
class DealAdmin(PagedAdmin):
    """Deals, the ones to invoice first."""

    page = "documents:deal"
    resource_class = DealResource
    left_out = ("raw", "lines")
    ordering = ("-won_on", "-pk")
    list_display = ("name", "account", "worth", "stage", "billing", "why", "won", "rep")
    list_select_related = ("connection",)
    search_by = (("name_key", normal_name), ("crm_id", str))
    search_help_text = "Name of the deal, or its CRM id"
    empty_sentence = "No won deal since go-live."
    actions = ("convert_selected",)
    tabs = (
        Tab("to-invoice", "To invoice", to_invoice),
        Tab("attention", "Needs attention", in_attention),
        Tab("invoiced", "Invoiced", lambda rows: rows.filter(Exists(live_conversions().exclude(books_invoice_id="")))),
        Tab("all", "All", lambda rows: rows),
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Deal]":
        latest = Conversion.objects.filter(deal=OuterRef("pk")).order_by("-pk")
        status = Invoice.objects.filter(connection=OuterRef("connection"), books_id=OuterRef("live_invoice_id")).values(
            "status"
        )[:1]
        rows: QuerySet[Deal] = super().get_queryset(request)
        return rows.annotate(
            live_state=Subquery(latest.values("state")[:1]),
            live_number=Subquery(latest.values("invoice_number")[:1]),
            live_invoice_id=Subquery(latest.values("books_invoice_id")[:1]),
            live_problems=Subquery(latest.values("problems")[:1]),
            live_drift=Subquery(latest.values("drift")[:1]),
            left_drift=Subquery(latest.values("drift_left")[:1]),
            invoice_status=Coalesce(Subquery(status), Subquery(latest.values("invoice_status")[:1])),
        )  # fmt: skip

    @display(description="Account", ordering="account_name")
    def account(self, row: Deal) -> str:
        return row.account_name or row.contact_name or "–"

    @display(description="Amount", ordering="amount")
    def worth(self, row: Deal) -> str:
        return showing.money(row.amount, row.currency)

    @display(description="Won", ordering="won_on")
    def won(self, row: Deal) -> str:
        return f"{row.won_on:%-d %b %Y}" if row.won_on else "–"

    @display(description="Rep", ordering="owner_name")
    def rep(self, row: Deal) -> str:
        return row.owner_name or "–"

    @display(
        description="Billing",
        label={"Draft": "success", "Sent": "success", "Gone": "danger", "Paid": "success", "Ready": "success",
               "Blocked": "danger", "Decide": "danger", "Working": "info", "To invoice": "info", "Not won": "",
               "Before go-live": ""},
    )  # fmt: skip
    def billing(self, row: Any) -> tuple[str, str] | str:
        """Ready; Blocked: why; Draft INV-...; Sent; Paid; Voided."""
        if row.live_number:
            return _billed(row)
        if row.live_state == State.REVIEW:
            return "Decide", "To decide"
        if row.live_state == State.REFUSED:
            return ("Blocked", "Blocked") if row.stop else _unbilled(row)
        if row.live_state in LIVE:
            return "Working", "Draft on its way"
        return _unbilled(row)

    @display(description="Why")
    def why(self, row: Any) -> str:
        if row.live_number:
            return _drift(row)
        if row.live_state in (State.REVIEW, State.REFUSED):
            return _short(_reason(row.live_problems)) if row.live_state == State.REVIEW or row.stop else ""
        return _short(row.stop) if row.stop and row.live_state not in LIVE else ""

    @action(description="Convert selected to draft invoices", permissions=["view"])
    def convert_selected(self, request: HttpRequest, rows: "QuerySet[Deal]") -> HttpResponse | None:
        """A plan first."""
        if not may(request.user, "convert"):
            messages.warning(request, "Only sales and finance create draft invoices; this is their plan.")
        ids = ",".join(str(pk) for pk in rows.values_list("pk", flat=True)[:200])
        return redirect(f"{reverse('documents:plan')}?ids={ids}")


def _billed(row: Any) -> tuple[str, str]:
    """The invoice as it stands in Books, also when it no longer does."""
    if (row.live_drift or "").endswith("deleted in Books.") or row.invoice_status == "void":
        return "Gone", f"{'Voided' if row.invoice_status == 'void' else 'Deleted'} {row.live_number}"
    kind = {"draft": "Draft", "paid": "Paid"}.get(row.invoice_status or "draft", "Sent")
    return "Decide" if _drift(row) else kind, f"{kind} {row.live_number}"


def _drift(row: Any) -> str:
    """In what the draft departs from the sale, unless somebody left it so."""
    return row.live_drift if row.live_drift and row.live_drift != row.left_drift else ""


def _unbilled(row: Deal) -> tuple[str, str] | str:
    go_live = row.connection.go_live
    if row.outcome != Deal.Outcome.WON:
        return "Not won", "Not won"
    if go_live is None or row.won_on is None or row.won_on < go_live:
        return "Before go-live", "Before go-live"
    if row.judged_at is None or not row.amount:
        return "To invoice", "To invoice"
    return ("Blocked", "Blocked") if row.stop else ("Ready", "Ready")


def _short(stop: str) -> str:
    """The why without the what: "WID-9 has no item in Books"."""
    said = stop.removeprefix("No draft was made: ").split(". ")[0].split(", so zbridge didn't guess")[0].rstrip(".")
    return said if len(said) <= 120 else said[:118].rsplit(" ", 1)[0] + " …"


def _reason(problems: Any) -> str:
    first = problems[0] if isinstance(problems, list) and problems else {}
    return str(first.get("message", ""))


def late(rows: "QuerySet[Invoice]", days: Mapping[int, date]) -> "QuerySet[Invoice]":
    """As billing.overdue, for a list by date: said so that the order's index is taken, not the one by due day."""
    found = rows.filter(balance__gt=0, gone_at=None).exclude(status__in=["draft", "void"])
    today = [When(connection=pk, then=Value(day)) for pk, day in days.items()]
    return found.filter(due_on__lt=Case(*today, output_field=DateField())) if days else found.none()


@admin.register(Invoice)
class InvoiceAdmin(PagedAdmin):
    """Invoices of Books, as last read."""

    page = "documents:invoice"
    resource_class = InvoiceResource
    left_out = ("raw", "lines", "detail")
    list_display = ("number", "customer_name", "how_it_stands", "worth", "open_balance", "issued_on", "due_on")
    list_select_related = ("connection",)
    search_by = (("number", str.strip), ("reference", str.strip), ("customer_id", zoho_id))
    search_help_text = "Number or reference of the invoice, or Books' id of the customer"
    empty_sentence = "No invoice here. An account's invoices appear once it is linked to its customer in Books."
    tabs = (
        Tab("all", "All", lambda rows: rows.filter(gone_at=None)),
        Tab("drafts", "Drafts", lambda rows: rows.filter(status="draft", gone_at=None)),
        Tab(
            "open", "Open", lambda rows: rows.filter(balance__gt=0, gone_at=None).exclude(status__in=["draft", "void"])
        ),
        DayTab("overdue", "Overdue", late),
        Tab("ours", "Made by zbridge", lambda rows: rows.filter(key__gt="", key__startswith="ZB-")),
    )

    @display(
        description="State", ordering="status",
        label={"Paid": "success", "Draft": "info", "Sent": "info", "Partly paid": "info", "Overdue": "danger",
               "Void": "danger"},
    )  # fmt: skip
    def how_it_stands(self, row: Invoice) -> tuple[str, str]:
        """By the organisation's day, not by Books' word of when it was read."""
        state = state_of(facts(row), row.connection.today(seams().clock))
        return state, state

    @display(description="Total", ordering="total")
    def worth(self, row: Invoice) -> str:
        return showing.money(row.total, row.currency)

    @display(description="Balance", ordering="balance")
    def open_balance(self, row: Invoice) -> str:
        return showing.money(row.balance, row.currency)
