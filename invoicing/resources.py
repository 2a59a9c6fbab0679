"""Which columns the lists of documents have as files; amounts stay numbers, each beside its currency."""

from import_export.resources import ModelResource

from invoicing.models import (
    Account,
    Conversion,
    CreditNote,
    Deal,
    Invoice,
    ListPrice,
    Payment,
    PriceDrift,
    Proof,
    Quote,
)


class DealResource(ModelResource):
    class Meta:
        model = Deal
        fields = (
            "crm_id", "name", "account_name", "amount", "currency", "pipeline", "stage", "outcome", "won_on",
            "owner_name",
            "read_at",
        )  # fmt: skip


class PriceResource(ModelResource):
    class Meta:
        model = PriceDrift
        fields = (
            "code", "name", "state", "crm_price", "books_price", "gap", "currency", "was_crm", "was_books", "since",
            "crm_since", "crm_by", "books_since", "quotes", "deals", "at_stake", "reason", "product_id", "item_id",
            "compared_at",
        )  # fmt: skip


class ListPriceResource(ModelResource):
    class Meta:
        model = ListPrice
        fields = (
            "code", "name", "list_name", "currency", "state", "crm_lowest", "crm_highest", "books_rate", "gap",
            "was_rate", "rate_since", "since", "quotes", "at_stake", "reason", "product_id", "item_id", "compared_at",
        )  # fmt: skip


class QuoteResource(ModelResource):
    class Meta:
        model = Quote
        fields = ("crm_id", "number", "subject", "account_name", "stage", "total", "currency", "valid_till", "read_at")


class InvoiceResource(ModelResource):
    class Meta:
        model = Invoice
        fields = (
            "number", "customer_name", "status", "total", "balance", "written_off", "currency", "rate", "issued_on",
            "due_on", "last_paid_on", "salesperson", "reference", "key",
        )  # fmt: skip


class ConversionResource(ModelResource):
    class Meta:
        model = Conversion
        fields = (
            "sale", "state", "hold", "hold_cause", "held_at", "needs_finance", "drift", "customer_name",
            "total", "currency", "invoice_number", "key",
            "requested_at", "drafted_at", "ended_at",
        )  # fmt: skip


class AccountResource(ModelResource):
    class Meta:
        model = Account
        fields = ("remote_id", "name", "currency", "changed_at")


class ProofResource(ModelResource):
    class Meta:
        model = Proof
        fields = (
            "requested_at", "ended_at", "trigger", "invoices", "keys", "conversions", "attempts", "look_ups", "adopted",
            "calls", "violations", "digest",
        )  # fmt: skip


class PaymentResource(ModelResource):
    class Meta:
        model = Payment
        fields = (
            "number", "customer_name", "paid_on", "amount", "unused", "refunded", "currency", "base_amount",
            "invoice_numbers", "mode", "reference",
        )  # fmt: skip


class CreditNoteResource(ModelResource):
    class Meta:
        model = CreditNote
        fields = ("number", "customer_name", "status", "issued_on", "total", "balance", "currency", "reference")
