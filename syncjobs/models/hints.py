"""What Zoho says by itself: where it knocks, the channels by which CRM tells of changes, and the inbox of hints."""

from django.db import models

from accounts.models import Connection


class HookAddress(models.Model):
    """Where one sort of web hook knocks; the secret part of the address is a ciphertext, found by its digest."""

    class Sort(models.TextChoices):
        CRM = "crm", "CRM's notifications"
        BOOKS = "books", "Books' web hooks"
        CONVERT = "convert", "A CRM workflow that asks for a draft"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    sort = models.CharField(max_length=8, choices=Sort)
    wanted = models.BooleanField("Notifications are switched on", default=False)
    digest = models.CharField(max_length=64, unique=True)
    address_cipher = models.TextField()
    old_digest = models.CharField(max_length=64, blank=True, db_index=True)
    secret_cipher = models.TextField("What its bodies are signed with", blank=True)
    old_secret_cipher = models.TextField(blank=True)
    old_until = models.DateTimeField("The one before is good until", null=True, blank=True)
    made_at = models.DateTimeField()
    minute = models.DateTimeField("The minute that is counted", null=True, blank=True)
    knocks = models.PositiveIntegerField("Of that minute", default=0)
    heard_at = models.DateTimeField("When something was last believed", null=True, blank=True)
    refused_at = models.DateTimeField("When something was last refused", null=True, blank=True)
    refused_for = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "sort"], name="one_address_of_a_sort")]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} of connection {self.connection_id}"


class Channel(models.Model):
    """A subscription to one CRM module: who speaks by its id and token is CRM. Its times are Zoho's."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    module = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    channel_id = models.CharField(max_length=20)
    token_cipher = models.TextField(blank=True)
    url_digest = models.CharField("Of the address that CRM was told", max_length=64, blank=True)
    granted_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField("As CRM answered", null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField("Not asked again before", null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "module"], name="one_channel_per_module"),
            models.UniqueConstraint(fields=["connection", "channel_id"], name="one_channel_per_id"),
        ]

    def __str__(self) -> str:
        return f"Channel for {self.module}"


class Hint(models.Model):
    """One web hook about one record: it says only where to look. The same one again is counted, not kept twice."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    sort = models.CharField(max_length=8, choices=HookAddress.Sort)
    kind = models.CharField(max_length=12)
    remote_id = models.CharField(max_length=30)
    said = models.CharField("What it said", max_length=20, blank=True)
    digest = models.CharField("Knows the same one again", max_length=64)
    times = models.PositiveIntegerField("How often it came", default=1)
    arrived_at = models.DateTimeField()
    last_at = models.DateTimeField("When it came last")
    taken_at = models.DateTimeField("A worker took it", null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField("Not worked before", null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "digest"], name="one_hint_of_a_body")]
        indexes = [
            models.Index(fields=["connection", "sort", "kind"], condition=models.Q(done_at=None), name="hint_waiting"),
            models.Index(fields=["done_at"], name="hint_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.remote_id}: {self.outcome or 'waits'}"
