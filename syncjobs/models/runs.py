"""Executions of a sync: the run, its pages, what happened to a record, and how far a listing got."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import models

from accounts.models import Connection, HoldCause
from syncjobs.domain.other_runs import TITLES
from syncjobs.domain.pairs import PAIR_KINDS


def listed(fields: Iterable[str]) -> str:
    """Field names as one text that a filter by one of them finds: `|name|price|`."""
    found = list(fields)
    return f"|{'|'.join(found)}|" if found else ""


class Run(models.Model):
    """One execution of a sync of one kind; what was read is the sum of its outcomes."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        COMPLETE = "complete", "Complete"
        INCOMPLETE = "incomplete", "Incomplete"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    full = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    trigger = models.CharField(max_length=20, default="schedule")
    narrowed = models.JSONField("To these writes, or to undoing this run", default=list, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    part_of = models.ForeignKey(
        "syncjobs.Import", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )  # fmt: skip
    in_window = models.BooleanField("Only in the off-peak hours", default=False)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    hold = models.CharField(max_length=200, blank=True)
    hold_cause = models.CharField(max_length=12, choices=HoldCause, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when it waits")
    sentence = models.CharField(max_length=300, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0)
    writes = models.PositiveIntegerField(default=0)
    calls_crm = models.PositiveIntegerField(default=0)
    calls_books = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind"],
                condition=models.Q(state__in=["waiting", "running", "paused"], part_of=None),
                name="one_run_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["connection", "kind"],
                condition=models.Q(state__in=["waiting", "running", "paused"], part_of__isnull=False),
                name="one_import_run_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "kind", "state"], name="run_by_kind"),
            models.Index(fields=["connection", "kind", "requested_at"], name="run_by_time"),
            models.Index(fields=["ended_at"], name="run_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.title} run {self.pk}"

    @property
    def place_kept_as(self) -> str:
        """The kind of the checkpoint that it goes on from: an import's place is its own, so that deltas go on."""
        return f"all {self.kind}" if self.part_of_id else self.kind

    @property
    def title(self) -> str:
        """“Deals”, or “Customers in step” for a run that keeps a pair of kinds in step."""
        if self.kind in TITLES:
            return TITLES[self.kind]
        return f"{self.kind.capitalize()} in step" if self.kind in PAIR_KINDS else f"{self.kind.capitalize()}s"

    @property
    def took(self) -> timedelta | None:
        """From the request to the end; None while it is under way."""
        return self.ended_at - self.requested_at if self.ended_at else None


class RunPage(models.Model):
    """One page of a run's listing: its counts stand for the records to which nothing happened."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    rows = models.PositiveSmallIntegerField()
    changed = models.PositiveSmallIntegerField()
    read_at = models.DateTimeField()
    ids = models.TextField(blank=True, help_text="Of a full listing: what it showed, until it was compared")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_row_per_page")]

    def __str__(self) -> str:
        return f"page {self.number} of run {self.run_id}"


class Entry(models.Model):
    """What happened to one record in a run, where anything did."""

    class Outcome(models.TextChoices):
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        REFUSED = "refused", "Refused"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Failed"
        CONFLICT = "conflict", "Conflict"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=12)
    remote_id = models.CharField(max_length=30)
    name = models.CharField(max_length=300, blank=True)
    name_key = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    fields = models.TextField("Fields that changed", blank=True, help_text="As `listed` writes them")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    cause = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["kind", "remote_id"], name="entry_by_record"),
            models.Index(fields=["name_key"], name="entry_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.remote_id}: {self.outcome}"


class Checkpoint(models.Model):
    """How far a kind's listing got; saved in the transaction that stores the page."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    place = models.JSONField(null=True, blank=True, help_text="Where a listing that was stopped goes on")
    since = models.DateTimeField(null=True, blank=True, help_text="The window's start of the listing under way")
    until = models.DateTimeField(null=True, blank=True, help_text="The server's time when that listing began")
    watermark = models.DateTimeField(null=True, blank=True, help_text="All changes before this were dealt with")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When a listing last ended: the figures' age")
    listed_at = models.DateTimeField(null=True, blank=True, help_text="When all of it was last listed to the end")
    deleted_until = models.DateTimeField(null=True, blank=True, help_text="CRM's deletions before this are known")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind"], name="one_checkpoint_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} read up to {self.watermark}"
