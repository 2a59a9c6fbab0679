"""How often each kind is read: rows that people edit, with their history."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import Connection


class Schedule(models.Model):
    """One kind of one connection: read every so many minutes, or not by itself when it is off."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    every_minutes = models.PositiveIntegerField("Every so many minutes", default=5)
    on = models.BooleanField(default=True)
    target_minutes = models.PositiveIntegerField("Figures at most so old", default=0, help_text="0: two intervals")
    late_since = models.DateTimeField("Older than that since", null=True, blank=True)
    started_at = models.DateTimeField("It last started a run", null=True, blank=True)
    history = HistoricalRecords(related_name="past", excluded_fields=["started_at", "late_since"])

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "kind"], name="one_schedule_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind}: {f'every {self.every_minutes} minutes' if self.on else 'off'}"
