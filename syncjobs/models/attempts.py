"""The intent log: one call that creates something, written down before it is made."""

from django.db import models

from accounts.models import Connection


class Attempt(models.Model):
    """Committed before a creating call; `outcome` stays empty when the worker died in between (that means unknown)."""

    class Purpose(models.TextChoices):
        CUSTOMER = "customer", "Create a customer"
        INVOICE = "invoice", "Create a draft invoice"
        RECORD = "record", "Create a record"
        LOOK_UP = "lookup", "Look it up"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=10, choices=Purpose)
    key = models.CharField(max_length=40, db_index=True)
    number = models.PositiveSmallIntegerField()
    epoch = models.PositiveIntegerField(default=0)
    payload_hash = models.CharField(max_length=64, blank=True)
    asked = models.TextField(blank=True, help_text="The body sent")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    code = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    remote_id = models.CharField(max_length=30, blank=True)
    conclusion = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "purpose", "key", "number"], name="one_row_per_attempt")
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.key}, attempt {self.number}"
