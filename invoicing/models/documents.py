"""Deals, quotes and invoices as last read; columns for all that lists filter and sort."""

from django.conf import settings
from django.db import models

from accounts.fields import AmountField
from accounts.models import Connection


class Document(models.Model):
    """What every mirrored document has."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    raw = models.TextField(blank=True)
    digest = models.CharField(max_length=32)
    changed_at = models.DateTimeField("Changed in Zoho", null=True, blank=True)
    read_at = models.DateTimeField("Last read")
    gone_at = models.DateTimeField("Gone since", null=True, blank=True)

    class Meta:
        abstract = True


class Deal(Document):
    """A CRM deal. `amount` is in `currency`, net or gross by the connection's setting."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    crm_id = models.CharField(max_length=30)
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300, blank=True)
    pipeline = models.CharField(max_length=120, blank=True)
    stage = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=5, choices=Outcome, default=Outcome.OPEN)
    won_on = models.DateField(null=True, blank=True)
    amount = AmountField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    account_id = models.CharField(max_length=30, blank=True)
    account_name = models.CharField(max_length=300, blank=True)
    payer_id = models.CharField(max_length=30, blank=True, help_text="Another account that is billed")
    payer_name = models.CharField(max_length=300, blank=True)
    contact_id = models.CharField(max_length=30, blank=True)
    contact_name = models.CharField(max_length=300, blank=True)
    owner_id = models.CharField(max_length=30, blank=True)
    owner_name = models.CharField(max_length=150, blank=True)
    lines = models.JSONField(null=True, blank=True, help_text="Subform rows as last read; null: not read yet")
    stop = models.CharField("What stops it", max_length=300, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    won_seen_at = models.DateTimeField("First seen won", null=True, blank=True)
    not_billable = models.CharField("Why it isn't billed", max_length=300, blank=True)
    not_billable_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    not_billable_at = models.DateTimeField(null=True, blank=True)
    won_change_at = models.DateTimeField(
        "Seen being won", null=True, blank=True, help_text="Empty: nobody saw it change, it was won already"
    )
    auto_state = models.CharField(max_length=32, blank=True, help_text="As it was when it was last asked for by itself")

    class Meta:
        ordering = ["-won_on", "-pk"]
        verbose_name = "deal"
        constraints = [models.UniqueConstraint(fields=["connection", "crm_id"], name="one_deal_per_id")]
        indexes = [
            models.Index(fields=["connection", "owner_id", "won_on"], name="deal_by_owner"),
            models.Index(fields=["connection", "outcome", "won_on"], name="deal_by_outcome"),
            models.Index(fields=["connection", "account_id"], name="deal_by_account"),
            models.Index(fields=["connection", "name_key"], name="deal_by_name"),
            models.Index(
                fields=["connection", "won_change_at"],
                name="deal_by_won_change",
                condition=models.Q(won_change_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Quote(Document):
    """A CRM quote; `lines` as CRM gave them in `Quoted_Items`."""

    crm_id = models.CharField(max_length=30)
    subject = models.CharField(max_length=300)
    number = models.CharField(max_length=60, blank=True)
    stage = models.CharField(max_length=120, blank=True)
    deal_id = models.CharField("CRM deal", max_length=30, blank=True)
    account_id = models.CharField(max_length=30, blank=True)
    account_name = models.CharField(max_length=300, blank=True)
    contact_id = models.CharField(max_length=30, blank=True)
    owner_id = models.CharField(max_length=30, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    total = AmountField(null=True, blank=True)
    discount = AmountField("Document discount", null=True, blank=True)
    adjustment = AmountField(null=True, blank=True)
    document_tax = AmountField(null=True, blank=True)
    valid_till = models.DateField(null=True, blank=True)
    replaced_by_id = models.CharField(max_length=30, blank=True)
    accepted_seen_at = models.DateTimeField("Acceptance seen", null=True, blank=True)
    accepted_before = models.BooleanField(default=False, help_text="Nobody saw it being accepted: it was so already")
    accepted_by = models.CharField(max_length=150, blank=True, help_text="Who changed it last when that was seen")
    accepted_as = models.TextField(blank=True, help_text="What is billed of it, as it was accepted")
    stop = models.CharField("Why not billed", max_length=300, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    auto_state = models.CharField(max_length=32, blank=True, help_text="As it was when it was last asked for by itself")
    lines = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-changed_at"]
        verbose_name = "quote"
        constraints = [models.UniqueConstraint(fields=["connection", "crm_id"], name="one_quote_per_id")]
        indexes = [
            models.Index(fields=["connection", "deal_id"], name="quote_by_deal"),
            models.Index(fields=["connection", "number"], name="quote_by_number"),
            models.Index(fields=["connection", "owner_id"], name="quote_by_owner"),
            models.Index(fields=["connection", "stage", "accepted_seen_at"], name="quote_by_stage"),
        ]

    def __str__(self) -> str:
        return self.number or self.subject


class Invoice(Document):
    """A Books invoice; overdue is computed from `due_on`, never stored. `lines` only where it was opened or is ours.

    `rate`: units of the organisation's currency for one of the invoice's, as Books holds it; empty where it told none.
    `net`, `tax` and `discount` only Books' detail tells; they hold as long as `net_of` is the total.
    """

    books_id = models.CharField(max_length=30)
    number = models.CharField(max_length=100)
    status = models.CharField(max_length=30)
    customer_id = models.CharField(max_length=30)
    customer_name = models.CharField(max_length=300)
    reference = models.CharField(max_length=200, blank=True)
    key = models.CharField("zbridge key", max_length=60, blank=True)
    potential_id = models.CharField(max_length=30, blank=True)
    issued_on = models.DateField("Date", null=True, blank=True)
    due_on = models.DateField("Due", null=True, blank=True)
    currency = models.CharField(max_length=3)
    total = AmountField()
    balance = AmountField()
    written_off = AmountField(default=0)
    net = AmountField(null=True, blank=True)
    tax = AmountField(null=True, blank=True)
    discount = AmountField(null=True, blank=True)
    net_of = AmountField("Its total when the net was read", null=True, blank=True)
    rate = models.CharField("Exchange rate", max_length=30, blank=True)
    last_paid_on = models.DateField("Last paid on", null=True, blank=True)
    salesperson = models.CharField(max_length=200, blank=True)
    lines = models.JSONField(null=True, blank=True, help_text="As Books last gave them; null: not read yet")
    detail = models.JSONField(default=dict, blank=True, help_text="Sub total, tax, paid, credited: as its lines")
    detail_of = models.CharField(max_length=32, blank=True, help_text="Its digest when the lines were read")
    created_in_books_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-issued_on", "-pk"]
        verbose_name = "invoice"
        constraints = [models.UniqueConstraint(fields=["connection", "books_id"], name="one_invoice_per_id")]
        indexes = [
            models.Index(fields=["connection", "number"], name="invoice_by_number"),
            models.Index(fields=["connection", "customer_id", "issued_on"], name="invoice_by_customer"),
            models.Index(fields=["connection", "reference"], name="invoice_by_reference"),
            models.Index(fields=["connection", "key"], name="invoice_by_key"),
            models.Index(fields=["connection", "potential_id"], name="invoice_by_potential"),
            models.Index(fields=["connection", "status", "due_on"], name="invoice_by_status"),
            models.Index(fields=["connection", "issued_on"], name="invoice_by_day"),
            models.Index(
                fields=["connection", "due_on"], name="invoice_open_by_due", condition=models.Q(balance__gt=0)
            ),
            # All that the sums of what customers owe look at: a tenth of the rows, and no row itself is read.
            models.Index(
                fields=[
                    "connection",
                    "customer_id",
                    "currency",
                    "due_on",
                    "balance",
                    "status",
                    "gone_at",
                    "customer_name",
                ],
                name="invoice_owed",
                condition=models.Q(balance__gt=0),
            ),
            # Lists show all connections, newest first; without these each page of a million rows is a scan.
            models.Index(fields=["-issued_on", "-id"], name="invoice_newest"),
            models.Index(fields=["-issued_on", "-id"], name="invoice_newest_draft", condition=models.Q(status="draft")),
            models.Index(fields=["-issued_on", "-id"], name="invoice_newest_open", condition=models.Q(balance__gt=0)),
            models.Index(fields=["-issued_on", "-id"], name="invoice_newest_ours", condition=models.Q(key__gt="")),
        ]

    def __str__(self) -> str:
        return self.number
