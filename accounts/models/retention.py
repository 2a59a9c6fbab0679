"""How long what is no longer needed is kept."""

from django.db import models
from simple_history.models import HistoricalRecords


class Retention(models.Model):
    """The days for which one sort of rows is kept, for the whole house."""

    name = models.CharField(max_length=20, unique=True)
    days = models.PositiveIntegerField()
    gone_before = models.DateTimeField("Older ones went", null=True, blank=True)
    history = HistoricalRecords(related_name="past", excluded_fields=["gone_before"])

    def __str__(self) -> str:
        return f"{self.name}: {self.days} days"
