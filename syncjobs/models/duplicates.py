"""Records that look like one company: found by the matcher, decided by people, and remembered."""

from django.conf import settings
from django.db import models

from accounts.models import Connection
from syncjobs.models.records import Record


class Duplicate(models.Model):
    """A cluster of records that may be one and the same, and what a person decided.

    Told apart, it is the memory: two of its members with different `part` are never put together again.
    """

    class Where(models.TextChoices):
        CRM = "crm", "Inside CRM"
        BOOKS = "books", "Inside Books"
        BOTH = "both", "Inside CRM and inside Books"
        ACROSS = "across", "One in CRM, one in Books"

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        MERGING = "merging", "Being merged"
        MERGED = "merged", "Merged"
        LINKED = "linked", "Linked"
        APART = "apart", "Not a duplicate"
        OVER = "over", "No longer alike"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    where = models.CharField(max_length=6, choices=Where)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300, blank=True)
    in_crm = models.PositiveIntegerField(default=0)
    in_books = models.PositiveIntegerField(default=0)
    score = models.FloatField("How alike the two likest are, 0..1", default=0)
    reasons = models.CharField("Why", max_length=300, blank=True)
    pairs = models.JSONField(default=list, blank=True, help_text="[record, record, score, [reasons]], the likest first")
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField("Last found so")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    # The merge guide.
    merge_side = models.CharField(max_length=5, blank=True)
    why_survivor = models.TextField(blank=True)
    ask_at = models.DateTimeField("A person said that it is merged", null=True, blank=True)
    looked_at = models.DateTimeField("Last looked whether it is merged", null=True, blank=True)
    said = models.TextField("What the last look found", blank=True)
    moved = models.JSONField("What was re-pointed", default=list, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["connection", "state", "-score"], name="duplicate_by_state"),
            models.Index(fields=["state", "-score", "-id"], name="duplicate_by_score"),
            models.Index(fields=["connection", "name_key"], name="duplicate_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        return self.in_crm + self.in_books


OPEN_STATES = (Duplicate.State.OPEN, Duplicate.State.MERGING)


class DuplicateMember(models.Model):
    """One record of a cluster."""

    class Role(models.TextChoices):
        NONE = "", ""
        SURVIVOR = "survivor", "Stays"
        LOSER = "loser", "Goes into the other"
        GONE = "gone", "Merged"

    duplicate = models.ForeignKey(Duplicate, on_delete=models.CASCADE, related_name="members")
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="+")
    part = models.PositiveIntegerField(default=0)
    role = models.CharField(max_length=8, blank=True, choices=Role, default=Role.NONE)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["duplicate", "record"], name="one_member_per_record")]

    def __str__(self) -> str:
        return f"{self.record} in {self.duplicate}"
