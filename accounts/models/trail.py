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
    """A file made in the background for one person, with the rights in `scope`; it goes on where `size` bytes stand.

    `kind` and `what` say which list or report, `parameters` its filters; `place`: after which row the next is read.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being made"
        DONE = "done", "Ready"
        REFUSED = "refused", "Not made"
        EXPIRED = "expired", "Deleted"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, default="list")
    what = models.CharField(max_length=60, blank=True)
    parameters = models.JSONField(default=dict)
    form = models.CharField(max_length=4, default="csv")
    scope = models.JSONField("Her rights when she asked", default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    place = models.BigIntegerField(default=0)
    size = models.BigIntegerField("Bytes", default=0)
    read_all = models.BooleanField(default=False)
    file_name = models.CharField(max_length=200, blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    requested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user", "-id"], name="export_by_user"),
            models.Index(fields=["state", "ended_at"], name="export_by_state"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def moving(self) -> bool:
        """Whether a worker has it or will have it."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int:
        """How far it is."""
        return min(99, 100 * self.done // self.total) if self.total else 0


class Heartbeat(models.Model):
    """Written from inside a worker of each queue every minute; its age tells whether work moves."""

    queue = models.CharField(max_length=10, unique=True)
    pid = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue} worker"
