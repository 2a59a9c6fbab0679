"""One Zoho organisation pair, how it is reached, and the settings that its documents follow."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from accounts.fields import AmountField
from zbridge.clock import Clock


def default_line_sources() -> list[str]:
    return ["subform", "quote", "amount"]


def default_accepted_stages() -> list[str]:
    return ["Accepted"]


class Connection(models.Model):
    """A CRM organisation and a Books organisation that belong together."""

    class State(models.TextChoices):
        DRAFT = "draft", "Being set up"
        CONNECTED = "connected", "Connected"
        RECONNECT = "reconnect", "Reconnect needed"

    class Parties(models.TextChoices):
        ACCOUNTS = "accounts", "Accounts, with their contacts as persons"
        CONTACTS = "contacts", "Contacts"

    class Amounts(models.TextChoices):
        NET = "net", "Net (tax comes on top)"
        GROSS = "gross", "Gross (tax included)"

    class Reference(models.TextChoices):
        QUOTE = "quote", "The quote's number, else the deal's name"
        DEAL = "deal", "The deal's name"

    class PricePolicy(models.TextChoices):
        SALE = "sale", "Bill the sale's price"
        BOOKS = "books", "Bill Books' price"
        STOP = "stop", "Stop and ask finance"

    class BothDiscounts(models.TextChoices):
        ADJUST = "adjust", "Put the document discount into the adjustment"
        STOP = "stop", "Stop and ask finance"

    # Where the person thought the account lives, for the request in which Zoho says where it does.
    asked_in = ""

    name = models.CharField(max_length=200)
    data_centre = models.CharField(max_length=20, default="simulator")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    hold = models.CharField(max_length=200, blank=True, help_text="Why work waits; empty when it doesn't.")
    hold_until = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when work waits")
    writes_stopped = models.BooleanField("Kill switch: no writes to Zoho", default=False)
    restored_at = models.DateTimeField(null=True, blank=True, help_text="Restored from a copy, and not released yet")
    writes_stopped_at = models.DateTimeField(null=True, blank=True)
    crm_org_id = models.CharField(max_length=30, blank=True)
    crm_org_name = models.CharField(max_length=200, blank=True)
    books_org_id = models.CharField(max_length=30, blank=True)
    books_org_name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    country = models.CharField(max_length=60, blank=True)
    state_code = models.CharField(max_length=20, blank=True, help_text="The state it supplies from, as Books names it")
    time_zone = models.CharField(max_length=60, default="UTC")
    crm_edition = models.CharField(max_length=60, blank=True)
    crm_licences = models.PositiveIntegerField(default=0, help_text="Users that the CRM edition was bought for")
    books_plan = models.CharField(max_length=60, blank=True)
    tax_regime = models.CharField(max_length=20, default="vat")
    price_precision = models.PositiveSmallIntegerField(default=2)
    tax_rounding = models.CharField(max_length=20, default="entity_level")
    discount_before_tax_always = models.BooleanField(default=False)
    go_live = models.DateField("Go-live", null=True, blank=True, help_text="Nothing won before this day is billed.")
    amounts = models.CharField("Deal amounts are", max_length=5, choices=Amounts, default=Amounts.NET)
    line_sources = models.JSONField("Line sources, first that has lines", default=default_line_sources)
    subform = models.CharField(max_length=100, blank=True)
    subform_columns = models.JSONField(default=dict, blank=True, help_text="Meaning -> API name of a column")
    bill_to_field = models.CharField(max_length=100, blank=True, help_text="Look-up on deals: who is billed")
    parties = models.CharField("Customers are", max_length=8, choices=Parties, default=Parties.ACCOUNTS)
    location_id = models.CharField("Books location", max_length=30, blank=True, help_text="Where drafts are made")
    amount_item_id = models.CharField(max_length=30, blank=True)
    default_tax_id = models.CharField(max_length=30, blank=True)
    accepted_stages = models.JSONField(default=default_accepted_stages, blank=True)
    excluded_stages = models.JSONField(default=list, blank=True)
    crm_users = models.JSONField(default=list, blank=True, help_text="People of CRM as last read: id, name, email")
    stage_types = models.JSONField(default=dict, blank=True, help_text="pipeline|stage -> forecast type, read from CRM")
    taxes = models.JSONField(default=list, blank=True, help_text="Books' taxes as last read")
    currencies = models.JSONField(default=list, blank=True, help_text="Books' currencies as last read")
    reference = models.CharField(max_length=5, choices=Reference, default=Reference.QUOTE)
    price_policy = models.CharField(max_length=5, choices=PricePolicy, default=PricePolicy.SALE)
    match_certain = models.PositiveSmallIntegerField("Linked without a person from", default=95, help_text="Per cent")
    match_likely = models.PositiveSmallIntegerField("Shown to a person from", default=50, help_text="Per cent")
    both_discounts = models.CharField(max_length=6, choices=BothDiscounts, default=BothDiscounts.ADJUST)
    bulk_opens = models.TimeField("Bulk work from", null=True, blank=True, help_text="In the organisation's zone")
    bulk_closes = models.TimeField("Bulk work until", null=True, blank=True)
    outside_window_days = models.PositiveSmallIntegerField(default=90)
    second_person_over = AmountField("A second person agrees to bill again above", null=True, blank=True)
    bill_quotes_since = models.DateTimeField(
        "Accepted quotes bill themselves since", null=True, blank=True, help_text="Business time; empty: they don't"
    )
    bill_pipelines = models.JSONField(
        default=dict, blank=True, help_text="Pipeline whose won deals bill themselves -> since when, ISO business time"
    )
    invoice_key_field = models.CharField(max_length=30, blank=True, help_text="Id of Books' unique field on invoices")
    invoice_key_name = models.CharField(max_length=60, blank=True)
    customer_key_field = models.CharField(max_length=30, blank=True, help_text="Id of Books' unique field on customers")
    customer_key_name = models.CharField(max_length=60, blank=True)
    uniqueness_seen_at = models.DateTimeField(null=True, blank=True, help_text="When a twin was seen refused")
    crm_fields = models.JSONField(
        default=dict, blank=True, help_text="Our fields in CRM: meaning -> API name; empty: chosen not to be written"
    )
    fire_workflows = models.BooleanField("CRM's workflows fire when figures are written", default=False)
    readiness = models.JSONField(default=list, blank=True, help_text="Rows of the last check")
    readiness_at = models.DateTimeField(null=True, blank=True)
    answers = models.JSONField(default=dict, blank=True, help_text="What self-tests found: question -> answer")
    lists_by_change = models.JSONField(
        default=dict, blank=True, help_text="List of Books -> whether it honours the filter by change, once asked"
    )
    health_at = models.DateTimeField(null=True, blank=True, help_text="When health was last checked")
    health_state = models.CharField(max_length=5, blank=True)
    clock_offset = models.FloatField(default=0, help_text="Seconds the simulator's clock is ahead of ours")
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords(
        excluded_fields=[
            "hold",
            "hold_until",
            "held_at",
            "readiness",
            "readiness_at",
            "clock_offset",
            "health_at",
            "health_state",
        ]
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["data_centre", "crm_org_id", "books_org_id"],
                condition=models.Q(state="connected"),
                name="one_connection_per_pair",
            )
        ]

    def __str__(self) -> str:
        return self.books_org_name or self.name

    @property
    def is_simulator(self) -> bool:
        return self.data_centre == "simulator"

    def now(self, clock: Clock) -> datetime:
        """The business instant, UTC: ours, or on the simulator its own clock as last heard."""
        return clock.now() + timedelta(seconds=self.clock_offset if self.is_simulator else 0)

    def today(self, clock: Clock) -> date:
        """The calendar day in the organisation's zone: due dates and overdue follow it."""
        return self.now(clock).astimezone(ZoneInfo(self.time_zone)).date()


class Credential(models.Model):
    """A connection's one OAuth grant; the three secrets are ciphertexts (accounts.secrets)."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="credential")
    client_id = models.CharField(max_length=100)
    client_secret_cipher = models.TextField(blank=True)
    refresh_token_cipher = models.TextField(blank=True)
    access_token_cipher = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    refreshing_until = models.DateTimeField(null=True, blank=True)
    refreshes = models.JSONField(default=list, blank=True, help_text="Times of the last refreshes, ISO")
    scopes = models.JSONField(default=list, blank=True)
    consented_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    consented_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Credential of connection {self.connection_id}"


class OAuthState(models.Model):
    """A single-use `state` of the consent flow, bound to one session, user and connection for ten minutes."""

    digest = models.CharField(max_length=64, unique=True)
    session_digest = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Consent started for connection {self.connection_id}"
