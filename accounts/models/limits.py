"""The shared limiter's rows, and the log of every exchange with Zoho."""

from django.db import models

from accounts.models.connections import Connection


class Bucket(models.Model):
    """Calls left for one side of one connection, and what was learned of its pace; all processes take from this row."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    side = models.CharField(max_length=5)
    tokens = models.FloatField(default=10)
    poured_at = models.FloatField(default=0, help_text="Seconds since 1970 at which tokens were last counted")
    reserved = models.FloatField(default=0, help_text="Tokens set aside for work that has begun")
    reserved_until = models.DateTimeField(null=True, blank=True)
    capacity = models.FloatField(default=10)
    per_minute = models.FloatField(default=60)
    ceiling = models.PositiveSmallIntegerField(default=90, help_text="Most calls in any minute")
    factor = models.FloatField(default=1)
    minute_calls = models.PositiveIntegerField(default=0, help_text="Calls since the bucket was last tended")
    tended_at = models.DateTimeField(null=True, blank=True)
    blocked_until = models.DateTimeField(null=True, blank=True)
    blocked_cause = models.CharField(max_length=20, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True, help_text="When Zoho last said: too many calls")
    strikes = models.PositiveSmallIntegerField(default=0, help_text="Such answers in a row")
    bulk_waits_since = models.DateTimeField(null=True, blank=True)
    day_limit = models.PositiveIntegerField(default=0, help_text="0: not known yet")
    day_used = models.PositiveIntegerField(default=0, help_text="By us and by others")
    day_others = models.PositiveIntegerField(default=0)
    day_told_at = models.DateTimeField(null=True, blank=True, help_text="When Zoho itself told the day's figures")
    day_resets_at = models.DateTimeField(null=True, blank=True)
    day_spent_until = models.DateTimeField(null=True, blank=True, help_text="Until then only clicks are let through")
    counts_from = models.DateTimeField(null=True, blank=True, help_text="Earlier calls don't count for the day")
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


class Usage(models.Model):
    """Calls of one hour by what they were: a class of work, or a refusal of Zoho by its kind."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    side = models.CharField(max_length=5)
    hour = models.DateTimeField(help_text="Beginning of the hour, UTC")
    what = models.CharField(max_length=12)
    calls = models.PositiveIntegerField(default=0)
    credits = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "side", "hour", "what"], name="one_count_per_hour")
        ]
        indexes = [models.Index(fields=["hour"], name="usage_by_hour")]

    def __str__(self) -> str:
        return f"{self.side} {self.what} {self.hour:%Y-%m-%d %H} h: {self.calls}"
