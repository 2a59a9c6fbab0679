"""Records that Zoho shows no more, and what became of their links."""

from django.conf import settings
from django.db import models

from accounts.models import Connection
from syncjobs.models.mappings import OnGone


class Disappearance(models.Model):
    """A record that Zoho shows no more: suspected, looked for by its id, then gone for sure; what a person decided.

    Absence from a list is never a deletion (reliability 5): CRM tells its deletions, Books is asked twice by id.
    """

    class State(models.TextChoices):
        SUSPECTED = "suspected", "Being looked for"
        HIDDEN = "hidden", "Not shown to us, and not deleted"
        GONE = "gone", "Gone"
        BACK = "back", "There again"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    remote_id = models.CharField(max_length=30)
    name = models.CharField(max_length=300, blank=True)
    other_id = models.CharField("The other side's record, while linked", max_length=30, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.SUSPECTED)
    seen_at = models.DateTimeField("First missed")
    asked_at = models.DateTimeField("First asked for by its id", null=True, blank=True)
    gone_at = models.DateTimeField("Sure since", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField("Deleted by", max_length=200, blank=True)
    followed_at = models.DateTimeField("Looked where it was merged to", null=True, blank=True)
    merged_into = models.CharField("Merged into, most likely", max_length=30, blank=True)
    decision = models.CharField(max_length=8, choices=OnGone, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        verbose_name, verbose_name_plural = "gone record", "gone records"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "remote_id"], condition=models.Q(ended_at=None),
                name="one_open_disappearance",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name or self.remote_id} ({self.kind})"
