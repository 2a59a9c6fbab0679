"""The life of one sale becoming one draft invoice (design 5), and frozen copies of what it followed."""

from django.conf import settings
from django.db import models

from accounts.fields import AmountField
from accounts.models import Connection, HoldCause
from invoicing.models.documents import Deal, Quote

LIVE = ("requested", "prepared", "sending", "unknown", "drafted", "done", "review")


class Frozen(models.Model):
    """A frozen, deduplicated text: rules in force, a sale's snapshot."""

    digest = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.digest[:12]


class Conversion(models.Model):
    """One billing claim. `live` states are all but refused, cancelled and superseded."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        PREPARED = "prepared", "Prepared"
        SENDING = "sending", "Sending"
        UNKNOWN = "unknown", "Answer lost, being looked up"
        DRAFTED = "drafted", "Draft made"
        DONE = "done", "Done"
        REVIEW = "review", "A person must decide"
        REFUSED = "refused", "Refused"
        CANCELLED = "cancelled", "Cancelled"
        SUPERSEDED = "superseded", "Billed anew"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.PROTECT, related_name="conversions")
    quote = models.ForeignKey(Quote, null=True, blank=True, on_delete=models.PROTECT, related_name="conversions")
    sale = models.CharField(max_length=40, help_text="deal:<CRM id> or quote:<CRM id>")
    generation = models.PositiveSmallIntegerField(default=1)
    part = models.PositiveSmallIntegerField(default=1)
    portion = models.JSONField(default=dict, blank=True, help_text="What of the sale this part bills; empty: all")
    key = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    hold = models.CharField(max_length=200, blank=True)
    hold_cause = models.CharField(max_length=12, choices=HoldCause, blank=True)
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when it waits")
    needs_finance = models.CharField(max_length=300, blank=True)
    drift = models.CharField(max_length=300, blank=True)
    drift_left = models.CharField(max_length=300, blank=True, help_text="The drift that a person chose to leave")
    again_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    again_at = models.DateTimeField(null=True, blank=True)
    again_reason = models.CharField("Why it shall be billed again", max_length=300, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    look_ups = models.PositiveSmallIntegerField(default=0)
    previewed_hash = models.CharField(max_length=64, blank=True)
    snapshot = models.ForeignKey(Frozen, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rules = models.ForeignKey(Frozen, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    payload = models.TextField(blank=True)
    payload_hash = models.CharField(max_length=64, blank=True)
    problems = models.JSONField(default=list, blank=True, help_text="Why it was refused or waits for a person")
    customer_id = models.CharField(max_length=30, blank=True)
    customer_name = models.CharField(max_length=300, blank=True)
    customer_reason = models.CharField(max_length=300, blank=True)
    candidates = models.JSONField(default=list, blank=True)
    bill_anyway = models.CharField("Reason to bill anyway", max_length=300, blank=True)
    price_choice = models.CharField(
        max_length=5, blank=True, choices=[("sale", "The sale's price"), ("books", "Books' price")],
        help_text="The price that a person chose where the two differ",
    )  # fmt: skip
    prices = models.JSONField(default=list, blank=True, help_text="Lines sold at another price than Books', as billed")
    accepted = models.JSONField(default=list, blank=True, help_text="Causes that a person chose to bill in spite of")
    expected_total = AmountField(null=True, blank=True)
    total = AmountField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    difference = models.JSONField(default=list, blank=True)
    books_invoice_id = models.CharField(max_length=30, blank=True)
    invoice_number = models.CharField(max_length=100, blank=True)
    invoice_status = models.CharField(max_length=30, blank=True)
    adopted = models.BooleanField(default=False, help_text="Found by its key, not answered")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    requested_via = models.CharField(max_length=20, default="button")
    requested_at = models.DateTimeField()
    prepared_at = models.DateTimeField(null=True, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    drafted_at = models.DateTimeField(null=True, blank=True)
    written_back_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The sale's moments in business time, as zbridge saw them; the first two only of a sale's first draft.
    accepted_seen_at = models.DateTimeField("Quote seen accepted", null=True, blank=True)
    won_seen_at = models.DateTimeField("Deal seen won", null=True, blank=True)
    stood_at = models.DateTimeField("Draft stood", null=True, blank=True)
    sent_seen_at = models.DateTimeField("Seen sent", null=True, blank=True)
    paid_seen_at = models.DateTimeField("Seen paid", null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "draft invoice"
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "key"], condition=models.Q(state__in=LIVE), name="one_live_conversion_per_key"
            ),
            models.UniqueConstraint(
                fields=["connection", "deal", "part"],
                condition=models.Q(state__in=LIVE, deal__isnull=False),
                name="one_live_conversion_per_deal_part",
            ),
            models.UniqueConstraint(
                fields=["connection", "quote", "part"],
                condition=models.Q(state__in=LIVE, quote__isnull=False),
                name="one_live_conversion_per_quote_part",
            ),
            models.UniqueConstraint(
                fields=["connection", "books_invoice_id"],
                condition=~models.Q(books_invoice_id=""),
                name="one_conversion_per_invoice",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["drafted", "done"]) | ~models.Q(books_invoice_id=""),
                name="drafted_has_an_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(deal__isnull=False) | models.Q(quote__isnull=False), name="conversion_has_a_sale"
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "state", "next_at"], name="conversion_due"),
            models.Index(fields=["connection", "requested_at"], name="conversion_by_time"),
            models.Index(fields=["connection", "stood_at"], name="conversion_by_draft"),
            models.Index(fields=["connection", "sent_seen_at"], name="conversion_by_sending"),
            models.Index(fields=["connection", "paid_seen_at"], name="conversion_by_payment"),
            models.Index(
                fields=["connection", "hold_cause"], condition=~models.Q(hold_cause=""), name="conversion_held"
            ),
        ]

    def __str__(self) -> str:
        return f"Draft invoice {self.invoice_number}" if self.invoice_number else f"Conversion {self.key}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE
