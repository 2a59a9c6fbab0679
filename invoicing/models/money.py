"""What customers paid, were credited and owe, as last read from Books; and what follows from it per customer."""

from django.db import models

from accounts.fields import AmountField
from accounts.models import Connection
from invoicing.models.documents import Document


class Payment(Document):
    """A customer's payment; amounts are in `currency`, `base_amount` in the organisation's."""

    books_id = models.CharField(max_length=30)
    number = models.CharField(max_length=100, blank=True)
    customer_id = models.CharField(max_length=30)
    customer_name = models.CharField(max_length=300)
    paid_on = models.DateField("Paid on", null=True, blank=True)
    amount = AmountField()
    unused = AmountField("Not used yet", default=0)
    refunded = AmountField(default=0)
    currency = models.CharField(max_length=3)
    base_amount = AmountField("In the organisation's currency", null=True, blank=True)
    mode = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    invoice_numbers = models.CharField("Invoices", max_length=500, blank=True)
    created_in_books_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-paid_on", "-pk"]
        verbose_name = "payment"
        constraints = [models.UniqueConstraint(fields=["connection", "books_id"], name="one_payment_per_id")]
        indexes = [
            models.Index(fields=["connection", "customer_id", "paid_on"], name="payment_by_customer"),
            models.Index(fields=["connection", "paid_on"], name="payment_by_day"),
            models.Index(fields=["connection", "number"], name="payment_by_number"),
            models.Index(fields=["-paid_on", "-id"], name="payment_newest"),
            models.Index(fields=["-paid_on", "-id"], name="payment_newest_unused", condition=models.Q(unused__gt=0)),
            models.Index(
                fields=["-paid_on", "-id"], name="payment_newest_gone", condition=models.Q(gone_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.number}"


class Allocation(models.Model):
    """So much of a payment (or credit note) paid that invoice; in the payment's currency."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="allocations")
    invoice_id = models.CharField("Books invoice", max_length=30)
    invoice_number = models.CharField(max_length=100, blank=True)
    amount = AmountField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payment", "invoice_id"], name="one_allocation_per_invoice")]
        indexes = [models.Index(fields=["connection", "invoice_id"], name="allocation_by_invoice")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.invoice_number}"


class CreditNote(Document):
    """A credit note; `balance` is what can still be used of `total`."""

    books_id = models.CharField(max_length=30)
    number = models.CharField(max_length=100)
    status = models.CharField(max_length=30)
    customer_id = models.CharField(max_length=30)
    customer_name = models.CharField(max_length=300)
    reference = models.CharField(max_length=200, blank=True)
    issued_on = models.DateField("Date", null=True, blank=True)
    currency = models.CharField(max_length=3)
    total = AmountField()
    balance = AmountField()

    class Meta:
        ordering = ["-issued_on", "-pk"]
        verbose_name = "credit note"
        constraints = [models.UniqueConstraint(fields=["connection", "books_id"], name="one_credit_note_per_id")]
        indexes = [
            models.Index(fields=["connection", "customer_id", "issued_on"], name="credit_note_by_customer"),
            models.Index(fields=["connection", "number"], name="credit_note_by_number"),
            models.Index(fields=["-issued_on", "-id"], name="credit_note_newest"),
            models.Index(
                fields=["-issued_on", "-id"], name="credit_note_newest_usable", condition=models.Q(balance__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Receivable(models.Model):
    """What follows from one Books customer's documents, in `currency`; worked out anew when one of them changes.

    What is overdue depends on the day and is never kept: only the oldest open due date is.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    customer_id = models.CharField(max_length=30)
    currency = models.CharField(max_length=3, blank=True)
    open_count = models.PositiveIntegerField("Open invoices", default=0)
    oldest_due_on = models.DateField("Oldest open due date", null=True, blank=True)
    draft_count = models.PositiveIntegerField("Drafts", default=0)
    drafts = AmountField("Worth of the drafts", default=0)
    last_paid_on = models.DateField("Last payment", null=True, blank=True)
    last_paid = AmountField("Last payment's amount", null=True, blank=True)
    days_to_pay = models.DecimalField("Average days to pay", max_digits=7, decimal_places=1, null=True, blank=True)
    changed_at = models.DateTimeField()
    look_since = models.DateTimeField(
        "To be looked at", null=True, blank=True, help_text="Its documents moved: Books' own figure is asked for anew"
    )
    looked_at = models.DateTimeField("Last looked at in Books", null=True, blank=True)

    noticed_at = models.DateTimeField(
        "Handed on", null=True, blank=True, help_text="The change up to which CRM's figures follow"
    )

    class Meta:
        verbose_name = "receivable"
        constraints = [
            models.UniqueConstraint(fields=["connection", "customer_id"], name="one_receivable_per_customer")
        ]
        indexes = [
            models.Index(fields=["connection", "oldest_due_on"], name="receivable_by_due"),
            models.Index(fields=["connection", "changed_at"], name="receivable_by_change"),
            models.Index(fields=["connection", "look_since"], name="receivable_to_look_at"),
            models.Index(
                fields=["connection", "changed_at"],
                name="receivable_to_hand_on",
                condition=models.Q(noticed_at=None) | models.Q(changed_at__gt=models.F("noticed_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"What customer {self.customer_id} owes"
