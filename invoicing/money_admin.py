"""Lists of payments and credit notes, as last read from Books."""

from django.contrib import admin
from unfold.decorators import display

from accounts import showing
from accounts.house_list import Tab
from invoicing.models import CreditNote, Payment
from invoicing.paged_admin import PagedAdmin
from invoicing.resources import CreditNoteResource, PaymentResource


@admin.register(Payment)
class PaymentAdmin(PagedAdmin):
    """What customers paid, the latest first."""

    page = "documents:payment"
    resource_class = PaymentResource
    left_out = ("raw",)
    ordering = ("-paid_on", "-pk")
    list_display = ("paid", "customer_name", "worth", "invoice_numbers", "unused_part", "mode", "reference")
    list_select_related = ("connection",)
    search_by = (("number", str.strip), ("customer_id", str.strip))
    search_help_text = "Number of the payment"
    empty_sentence = "No payment here. An account's payments appear once it is linked to its customer in Books."
    tabs = (
        Tab("all", "All", lambda rows: rows.filter(gone_at=None)),
        Tab("unused", "Not used up", lambda rows: rows.filter(gone_at=None, unused__gt=0)),
        Tab("gone", "Gone from Books", lambda rows: rows.exclude(gone_at=None)),
    )

    @display(description="Paid", ordering="paid_on")
    def paid(self, row: Payment) -> str:
        return f"{row.paid_on:%-d %b %Y}" if row.paid_on else "–"

    @display(description="Amount", ordering="amount")
    def worth(self, row: Payment) -> str:
        return showing.money(row.amount, row.currency)

    @display(description="Not used yet", ordering="unused")
    def unused_part(self, row: Payment) -> str:
        return showing.money(row.unused, row.currency) if row.unused else ""


@admin.register(CreditNote)
class CreditNoteAdmin(PagedAdmin):
    """Credit notes, the latest first."""

    page = "documents:creditnote"
    resource_class = CreditNoteResource
    left_out = ("raw",)
    ordering = ("-issued_on", "-pk")
    list_display = ("number", "customer_name", "how_it_stands", "worth", "usable", "issued_on")
    list_select_related = ("connection",)
    search_by = (("number", str.strip), ("customer_id", str.strip))
    search_help_text = "Number of the credit note"
    empty_sentence = "No credit note here."
    tabs = (
        Tab("all", "All", lambda rows: rows.filter(gone_at=None)),
        Tab("usable", "Usable", lambda rows: rows.filter(gone_at=None, balance__gt=0).exclude(status="void")),
    )

    @display(description="State", ordering="status", label={"open": "info", "closed": "success", "void": "danger"})
    def how_it_stands(self, row: CreditNote) -> tuple[str, str]:
        return row.status, row.status.capitalize()

    @display(description="Total", ordering="total")
    def worth(self, row: CreditNote) -> str:
        return showing.money(row.total, row.currency)

    @display(description="Usable", ordering="balance")
    def usable(self, row: CreditNote) -> str:
        return showing.money(row.balance, row.currency)
