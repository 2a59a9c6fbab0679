"""The shared limiter's rows, and the log of every exchange with Zoho."""

from django.db import models

from accounts.models.connections import Connection


class Bucket(models.Model):
    """Calls left for one side of one connection; all processes take from the same row."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    side = models.CharField(max_length=5)
    tokens = models.FloatField(default=10)
    filled_at = models.DateTimeField()
    capacity = models.FloatField(default=10)
    per_minute = models.FloatField(default=60)
    factor = models.FloatField(default=1)
    blocked_until = models.DateTimeField(null=True, blank=True)
    blocked_cause = models.CharField(max_length=20, blank=True)
    day_limit = models.PositiveIntegerField(default=0, help_text="0: not known yet")
    day_used = models.PositiveIntegerField(default=0)
    day_resets_at = models.DateTimeField(null=True, blank=True)
    at_once = models.PositiveSmallIntegerField(default=6)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "side"], name="one_bucket_per_side")]

    def __str__(self) -> str:
        return f"{self.side} calls of connection {self.connection_id}"


class Slot(models.Model):
    """One call in flight; a lease, so that a killed worker's slot frees itself."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    side = models.CharField(max_length=5)
    number = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "side", "number"], name="one_slot_per_number")]

    def __str__(self) -> str:
        return f"{self.side} slot {self.number}"


class Exchange(models.Model):
    """One call to Zoho and how it ended; no body, no token, no personal datum."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    side = models.CharField(max_length=5)
    method = models.CharField(max_length=6)
    template = models.CharField(max_length=120)
    priority = models.CharField(max_length=5)
    started_at = models.DateTimeField(db_index=True)
    milliseconds = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=8)
    request_id = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["connection", "side", "started_at"], name="exchange_by_time")]

    def __str__(self) -> str:
        return f"{self.method} {self.template} {self.status or self.outcome}"
