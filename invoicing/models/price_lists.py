"""Price lists of Books, held against what CRM's quotes were priced at by the price book of the same name."""

from django.conf import settings
from django.db import models

from accounts.fields import AmountField
from accounts.models import Connection


class PriceList(models.Model):
    """One active price list for sales, as Books told it last. Its rates per item are rows of `ListPrice`."""

    class Kind(models.TextChoices):
        ITEMS = "items", "A rate per item"
        PERCENTAGE = "percentage", "A percentage"
        UNTOLD = "untold", "Rates not told"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    books_id = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=10, choices=Kind)

    class Meta:
        ordering = ["name_key", "currency", "pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "books_id"], name="one_row_per_price_list")]
        indexes = [models.Index(fields=["connection", "name_key", "currency"], name="price_list_by_name")]

    def __str__(self) -> str:
        return self.name


class ListPrice(models.Model):
    """One product's price under one price list: Books' rate, and what CRM's open quotes were priced at by that name.

    `price_list` is empty where Books has none of that name and currency. `item_id` or `product_id` is empty where that
    side has nothing linked. Amounts are net, in `currency`, the list's and the quotes'.
    """

    class State(models.TextChoices):
        DIFFERENT = "different", "Different"
        MISSING = "missing", "Missing in Books"
        ACCEPTED = "accepted", "Accepted as different"
        SAME = "same", "Identical"
        UNUSED = "unused", "On no open quote"
        UNPRICED = "unpriced", "No single rate in Books"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    price_list = models.ForeignKey(PriceList, null=True, blank=True, on_delete=models.CASCADE, related_name="prices")
    is_listed = models.BooleanField(default=False, help_text="The list in Books has the item")
    list_name = models.CharField("Price list", max_length=200)
    list_key = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    product_id = models.CharField("Product in CRM", max_length=30, blank=True)
    item_id = models.CharField("Item in Books", max_length=30, blank=True)
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300, blank=True)
    code = models.CharField("SKU or code", max_length=100, blank=True)
    code_key = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State)
    books_rate = AmountField("Rate in Books", null=True, blank=True)
    was_rate = AmountField("Before in Books", null=True, blank=True)
    rate_since = models.DateTimeField("In Books since", null=True, blank=True)
    crm_lowest = AmountField("Lowest on CRM's quotes", null=True, blank=True)
    crm_highest = AmountField("Highest on CRM's quotes", null=True, blank=True)
    gap = AmountField("Apart by", default=0)
    since = models.DateTimeField("Different since", null=True, blank=True)
    quotes = models.PositiveIntegerField("Open quotes", default=0)
    at_stake = AmountField("Money at stake", default=0)
    reason = models.CharField("Why it may differ", max_length=300, blank=True)
    accepted_rate = AmountField(null=True, blank=True)
    accepted_lowest = AmountField(null=True, blank=True)
    accepted_highest = AmountField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField("Last compared")

    class Meta:
        verbose_name, verbose_name_plural = "price in a price list", "price lists"
        ordering = ["-at_stake", "-gap", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["price_list", "item_id", "product_id"], condition=models.Q(price_list__isnull=False),
                name="one_row_per_list_and_item",
            ),
            models.UniqueConstraint(
                fields=["connection", "list_key", "currency", "product_id"],
                condition=models.Q(price_list__isnull=True), name="one_row_per_missing_list",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["state", "-at_stake", "-gap", "-id"], name="list_price_by_stake"),
            models.Index(fields=["-at_stake", "-gap", "-id"], name="list_price_all"),
            models.Index(fields=["list_key", "-at_stake", "-gap", "-id"], name="list_price_by_list"),
            models.Index(fields=["connection", "product_id"], name="list_price_by_product"),
            models.Index(fields=["connection", "item_id"], name="list_price_by_item"),
            models.Index(fields=["connection", "name_key"], name="list_price_by_name"),
            models.Index(fields=["connection", "code_key"], name="list_price_by_code"),
            models.Index(
                fields=["connection", "compared_at"], condition=models.Q(quotes__gt=0), name="list_price_by_age"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip() + f", {self.list_name}"
