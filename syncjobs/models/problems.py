"""Everything that a person must act on, in one table: cause, subject, who."""

from django.db import models

from accounts.models import Connection


class Problem(models.Model):
    """Open while `closed_at` is empty; at most one open row per cause and subject."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    cause = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=60)
    subject_name = models.CharField(max_length=300, blank=True)
    who = models.CharField("Who must act", max_length=10)
    sentence = models.TextField()
    detail = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "cause", "subject_kind", "subject_id"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_problem_per_subject",
            )
        ]
        indexes = [
            models.Index(fields=["connection", "closed_at", "who"], name="problem_open_by_who"),
            models.Index(fields=["closed_at"], name="problem_by_end"),
        ]

    def __str__(self) -> str:
        return self.sentence[:80]
