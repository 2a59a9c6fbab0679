"""The fields that the two systems have, as they last told: what mappings choose from."""

from django.db import models

from accounts.models import Connection


class LiveFieldRow(models.Model):
    """One field of one kind of records; see `syncjobs.domain.live_fields.LiveField` for the columns."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10)
    path = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    type = models.CharField(max_length=20)
    length = models.PositiveIntegerField(default=0)
    choices = models.JSONField(default=list, blank=True)
    read_only = models.BooleanField(default=False)
    mandatory = models.BooleanField(default=False)
    custom = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["label"]
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "path"], name="one_row_per_live_field")]

    def __str__(self) -> str:
        return self.label
