"""Master data as last read from one side, and the links between what is the same thing."""

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat

from accounts.fields import AmountField
from accounts.models import Connection


class Record(models.Model):
    """One account, contact, product, customer or item as last read from its side.

    Promoted columns hold all that lists filter, sort or match; `raw` is the answer's text and never read for money.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "account", "Account"
        CONTACT = "contact", "Contact"
        PRODUCT = "product", "Product"
        CUSTOMER = "customer", "Customer"
        ITEM = "item", "Item"
        PERSON = "person", "Contact person"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10, choices=Kind)
    remote_id = models.CharField(max_length=30)
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300, blank=True)
    email = models.CharField(max_length=200, blank=True)
    email_key = models.CharField(max_length=200, blank=True)
    phone_key = models.CharField(max_length=40, blank=True)
    tax_key = models.CharField(max_length=40, blank=True)
    domain_key = models.CharField(max_length=120, blank=True)
    code = models.CharField("SKU or code", max_length=100, blank=True)
    code_key = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    price = AmountField(null=True, blank=True)
    tax_id = models.CharField(max_length=30, blank=True)
    parent_id = models.CharField("Account of a contact, customer of a person", max_length=30, blank=True)
    owner_id = models.CharField("Rep in CRM", max_length=30, blank=True)
    outstanding = AmountField(null=True, blank=True)
    credits = AmountField(null=True, blank=True)
    outstanding_base = AmountField("Outstanding in the organisation's currency", null=True, blank=True)
    open_count = models.PositiveIntegerField("Open invoices of an account's customers", default=0)
    owed_since = models.DateField("Their oldest open due date", null=True, blank=True)
    active = models.BooleanField(default=True)
    is_vendor = models.BooleanField(default=False)
    fields = models.JSONField(default=dict)
    raw = models.TextField(blank=True)
    digest = models.CharField(max_length=32)
    detail = models.TextField(blank=True, help_text="What only a single read shows (a customer's addresses, persons)")
    detail_of = models.CharField(max_length=80, blank=True, help_text="Its `version` when it was so read")
    changed_at = models.DateTimeField("Changed in Zoho", null=True, blank=True)
    touched = models.CharField(
        "Zoho's own stamp", max_length=40, blank=True, help_text="Moves with what only the detail tells, too"
    )
    read_at = models.DateTimeField("Last read")
    gone_at = models.DateTimeField("Gone since", null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "remote_id"], name="one_record_per_id")]
        indexes = [
            models.Index(fields=["connection", "kind", "name"], name="record_name"),
            models.Index(fields=["kind", "name", "-id"], name="record_by_name"),
            models.Index(fields=["connection", "kind", "name_key"], name="record_name_key"),
            models.Index(fields=["connection", "kind", "email_key"], name="record_email_key"),
            models.Index(fields=["connection", "kind", "phone_key"], name="record_phone_key"),
            models.Index(fields=["connection", "kind", "tax_key"], name="record_tax_key"),
            models.Index(fields=["connection", "kind", "domain_key"], name="record_domain_key"),
            models.Index(fields=["connection", "kind", "code_key"], name="record_code_key"),
            models.Index(fields=["connection", "kind", "parent_id"], name="record_parent"),
            models.Index(fields=["kind", "owed_since"], name="account_owing", condition=models.Q(open_count__gt=0)),
            models.Index(
                fields=["kind", "name", "-id"], name="account_owing_by_name", condition=models.Q(open_count__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> str:
        """What moves when anything of it changes in Zoho, also what its list's row doesn't show."""
        return f"{self.touched}:{self.digest}"


VERSION = Concat("touched", Value(":"), "digest", output_field=models.CharField())


class Link(models.Model):
    """A CRM record and a Books record known to be the same thing; customers also per currency."""

    class Pair(models.TextChoices):
        CUSTOMER = "customer", "Account or contact and customer"
        PRODUCT = "product", "Product and item"
        PERSON = "person", "Contact and contact person"

    class How(models.TextChoices):
        EMAIL = "email", "E-mail of exactly one customer"
        CREATED = "created", "Made by zbridge"
        PERSON = "person", "Chosen by a person"
        CODE = "code", "Same SKU"
        NATIVE = "native", "Left by Zoho's own integration"

    class Fault(models.TextChoices):
        BROKEN = "broken", "Broken"
        ONE_SIDED = "one_sided", "One-sided"
        DOUBLED = "doubled", "Doubled"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    pair = models.CharField(max_length=10, choices=Pair)
    crm_kind = models.CharField(max_length=10, choices=Record.Kind)
    crm_id = models.CharField(max_length=30)
    books_id = models.CharField(max_length=30)
    currency = models.CharField(max_length=3, blank=True)
    base = models.JSONField(default=dict, blank=True)
    flips = models.JSONField(default=dict, blank=True, help_text="field: [writes to and fro, last side, when]")
    decided = models.JSONField(default=dict, blank=True, help_text="field: what a person said it shall be")
    standing = models.JSONField(
        default=dict, blank=True, help_text="field: [CRM's, Books' value] at which it may stand since an undo"
    )
    how = models.CharField(max_length=10, choices=How)
    reason = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField()
    fault = models.CharField("To repair", max_length=9, blank=True, choices=Fault)
    fault_why = models.CharField("What is wrong", max_length=12, blank=True)
    fault_with = models.CharField("The record or link that the fault is about", max_length=60, blank=True)
    fault_since = models.DateTimeField("Wrong since", null=True, blank=True)
    fault_accepted = models.CharField("Sign that a person lets be", max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["fault", "-id"], name="link_by_fault")]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "pair", "crm_id", "currency"], name="one_link_per_crm_record"
            ),
            models.UniqueConstraint(fields=["connection", "pair", "books_id"], name="one_link_per_books_record"),
        ]

    def __str__(self) -> str:
        return f"{self.crm_kind} {self.crm_id} is {self.books_id}"
