"""Prices of what is sold, compared between CRM and Books; and which open sales carry which product."""

from django.conf import settings
from django.db import models

from accounts.fields import AmountField
from accounts.models import Connection
from invoicing.models.documents import Deal, Quote
from syncjobs.models import Link


class PriceDrift(models.Model):
    """The price of a linked product and item, or of what only one side sells; most are the same on both sides.

    Amounts are net, in `currency`, the organisation's own. `product_id` or `item_id` is empty for what a side lacks.
    """

    class State(models.TextChoices):
        DIFFERENT = "different", "Different"
        ACCEPTED = "accepted", "Accepted as different"
        SAME = "same", "Identical"
        ONLY_CRM = "only_crm", "Only in CRM"
        ONLY_BOOKS = "only_books", "Only in Books"
        OFF = "off", "No longer compared"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    link = models.ForeignKey(Link, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    product_id = models.CharField("Product in CRM", max_length=30, blank=True)
    item_id = models.CharField("Item in Books", max_length=30, blank=True)
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300, blank=True)
    code = models.CharField("SKU or code", max_length=100, blank=True)
    code_key = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    state = models.CharField(max_length=10, choices=State)
    crm_price = AmountField("Price in CRM", null=True, blank=True)
    books_price = AmountField("Price in Books", null=True, blank=True)
    gap = AmountField("Apart by", default=0)
    crm_since = models.DateTimeField("In CRM since", null=True, blank=True)
    books_since = models.DateTimeField("In Books since", null=True, blank=True)
    crm_by = models.CharField("Changed in CRM by", max_length=150, blank=True)
    was_crm = AmountField("Before in CRM", null=True, blank=True)
    was_books = AmountField("Before in Books", null=True, blank=True)
    agreed = AmountField("Last price on both sides", null=True, blank=True)
    since = models.DateTimeField("Different since", null=True, blank=True)
    quotes = models.PositiveIntegerField("Open quotes", default=0)
    deals = models.PositiveIntegerField(default=0)
    at_stake = AmountField("Money at stake", default=0)
    staked_at = models.DateTimeField("Money at stake as of", null=True, blank=True)
    reason = models.CharField("Why it may differ", max_length=300, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField("Last compared")

    class Meta:
        verbose_name, verbose_name_plural = "price", "price drift"
        ordering = ["-at_stake", "-gap", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "product_id", "item_id"], name="one_price_per_pair"),
        ]
        indexes = [
            models.Index(fields=["state", "-at_stake", "-gap", "-id"], name="price_by_stake"),
            models.Index(fields=["-at_stake", "-gap", "-id"], name="price_all_by_stake"),
            models.Index(fields=["connection", "item_id"], name="price_by_item"),
            models.Index(fields=["connection", "name_key"], name="price_by_name"),
            models.Index(fields=["connection", "code_key"], name="price_by_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def is_pair(self) -> bool:
        """Whether both sides sell it."""
        return bool(self.product_id and self.item_id)


class PriceStep(models.Model):
    """Both prices from a moment on, what they were before, and who moved which side."""

    price = models.ForeignKey(PriceDrift, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField(help_text="When Zoho says that the record was changed; else when it was seen")
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=PriceDrift.State)
    crm_price = AmountField(null=True, blank=True)
    books_price = AmountField(null=True, blank=True)
    was_crm = AmountField(null=True, blank=True)
    was_books = AmountField(null=True, blank=True)
    crm_moved = models.BooleanField(default=False)
    books_moved = models.BooleanField(default=False)
    who = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["price", "at"], name="price_steps")]

    def __str__(self) -> str:
        return f"{self.crm_price} in CRM, {self.books_price} in Books"


class SoldProduct(models.Model):
    """One line of a quote, or of a deal's own lines, by its product: to find the sales that a price touches."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    quote = models.ForeignKey(Quote, null=True, blank=True, on_delete=models.CASCADE, related_name="products")
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="products")
    product_id = models.CharField(max_length=30)
    quantity = models.CharField(max_length=40, help_text="Decimal text, as CRM gave it")
    rate = AmountField(null=True, blank=True)
    price_book = models.CharField(max_length=200, blank=True, help_text="CRM's price book that priced it, by name")

    class Meta:
        indexes = [models.Index(fields=["connection", "product_id"], name="sold_by_product")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class PriceCheck(models.Model):
    """How far the comparing of prices got on a connection, and what it came to, so that no page counts."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE)
    different = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    only_crm = models.IntegerField(default=0)
    only_books = models.IntegerField(default=0)
    off = models.IntegerField(default=0)
    last_link = models.BigIntegerField(default=0, help_text="Links up to this one were compared")
    whole_at = models.DateTimeField(null=True, blank=True, help_text="When all that was there before was compared")
    lists_read_at = models.DateTimeField("Price lists read", null=True, blank=True)
    lists_tried_at = models.DateTimeField(null=True, blank=True)
    lists_trouble = models.CharField("Why Books gave no price lists", max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.same} identical, {self.different} different"
