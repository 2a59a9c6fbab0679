"""Proofs: when both sides were last scanned for a sale billed twice or lost, and what came of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Connection


class Proof(models.Model):
    """One scan of every invoice in Books against every conversion here; resumes where it stopped."""

    class Trigger(models.TextChoices):
        NIGHT = "night", "Every night"
        PERSON = "person", "A person"
        COMMAND = "command", "The command"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    trigger = models.CharField(max_length=10, choices=Trigger)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    requested_at = models.DateTimeField("asked for")
    ended_at = models.DateTimeField("ended", null=True, blank=True)
    hold = models.CharField(max_length=200, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    place = models.JSONField(null=True, blank=True, help_text="Where the scan goes on")
    scanned = models.BooleanField(default=False)
    invoices = models.PositiveIntegerField("invoices in Books", default=0)
    keys = models.PositiveIntegerField("keys in Books", default=0)
    conversions = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    look_ups = models.PositiveIntegerField("look-ups", default=0)
    adopted = models.PositiveIntegerField("adopted after a lost answer", default=0)
    calls = models.PositiveIntegerField("Books calls", default=0)
    violations = models.JSONField(default=list, blank=True)
    digest = models.CharField(
        max_length=64, blank=True, help_text="Of all that was compared: two proofs of the same state have the same"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"], condition=models.Q(ended_at=None), name="one_proof_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"Proof of {timezone.localtime(self.requested_at):%d %b %Y, %H:%M}"

    @property
    def verdict(self) -> str:
        """In a sentence."""
        if self.ended_at is None:
            waits = f" It waits: {self.hold}" if self.hold else ""
            return f"Under way: {self.invoices} invoices scanned.{waits}"
        if self.violations:
            return f"{len(self.violations)} of {self.conversions} conversions or their invoices contradict the promise."
        return (
            f"Every one of {self.keys} keys has one live invoice, and none of {self.conversions} conversions is lost."
        )


class ProofPage(models.Model):
    """One page of a proof's scan: the invoices on it that carry a key or belong to a conversion."""

    proof = models.ForeignKey(Proof, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    rows = models.PositiveSmallIntegerField()
    found = models.JSONField(default=list, help_text="[id, number, status, key] each")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proof", "number"], name="one_row_per_proof_page")]

    def __str__(self) -> str:
        return f"page {self.number} of proof {self.proof_id}"
