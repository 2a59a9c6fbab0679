"""What people did (append-only), what they are told, what they fetch, and proof that workers live."""

from django.conf import settings
from django.db import models

from accounts.models.connections import Connection


class AuditEvent(models.Model):
    """One deed of one person; never changed, chained by hash so that a gap shows."""

    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.PROTECT)
    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    actor = models.CharField(max_length=150)
    verb = models.CharField(max_length=60, db_index=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    sentence = models.CharField(max_length=500)
    detail = models.JSONField(default=dict, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return self.sentence


class Notice(models.Model):
    """One message to people about one event; the outbox sends each once."""

    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.CASCADE)
    event = models.CharField(max_length=120)
    role = models.CharField(max_length=20, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True, blank=True, help_text="When its deliveries were written down")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "event"], name="one_notice_per_event"),
            models.UniqueConstraint(
                fields=["event"], condition=models.Q(connection=None), name="one_notice_per_event_of_the_house"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="notice_by_time")]

    def __str__(self) -> str:
        return self.title


class Export(models.Model):
    """A file made in the background for one person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=120)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title


class Heartbeat(models.Model):
    """Written from inside a worker of each queue every minute; its age tells whether work moves."""

    queue = models.CharField(max_length=10, unique=True)
    pid = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue} worker"
