"""Bringing years of data into step: the import, and what both sides show after it."""

from django.conf import settings
from django.db import models

from accounts.models import Connection
from syncjobs.models.mappings import PairKind
from syncjobs.models.runs import Run


class Import(models.Model):
    """Everything read anew, kind by kind in order, then linked, planned and compared. Its runs hold what happened."""

    class State(models.TextChoices):
        RUNNING = "running", "Under way"
        COMPLETE = "complete", "Complete"
        INCOMPLETE = "incomplete", "Incomplete"
        STOPPED = "stopped", "Stopped"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    step = models.PositiveSmallIntegerField(default=0, help_text="How many of its steps have ended")
    in_window = models.BooleanField("Only in the off-peak hours", default=False)
    sentence = models.CharField(max_length=300, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    requested_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"], condition=models.Q(state="running"), name="one_import_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"


class Comparison(models.Model):
    """Both sides of a pair counted after bulk work: linked + only here + left out = all, on each side."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    pair = models.CharField(max_length=10, choices=PairKind)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="comparisons")
    at = models.DateTimeField()
    complete = models.BooleanField(default=False)
    sentence = models.CharField(max_length=300)
    crm = models.PositiveIntegerField("In CRM", default=0)
    books = models.PositiveIntegerField("In Books", default=0)
    linked = models.PositiveIntegerField(default=0)
    only_crm = models.PositiveIntegerField("Only in CRM", default=0)
    only_books = models.PositiveIntegerField("Only in Books", default=0)
    left_out_crm = models.PositiveIntegerField("Inactive in CRM", default=0)
    left_out_books = models.PositiveIntegerField("Inactive or vendor in Books", default=0)
    differing = models.PositiveIntegerField("Linked and different", default=0)
    broken = models.PositiveIntegerField("Linked, and gone on a side", default=0)

    class Meta:
        verbose_name, verbose_name_plural = "count of both sides", "both sides counted"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["connection", "pair", "-id"], name="comparison_by_pair")]

    def __str__(self) -> str:
        return f"{self.get_pair_display()}: {self.sentence}"


class Difference(models.Model):
    """One record that a comparison named: only on one side, different, or gone."""

    class What(models.TextChoices):
        ONLY_CRM = "only_crm", "Only in CRM"
        ONLY_BOOKS = "only_books", "Only in Books"
        DIFFERENT = "different", "Different"
        GONE_CRM = "gone_crm", "Gone in CRM"
        GONE_BOOKS = "gone_books", "Gone in Books"
        UNSEEN = "unseen", "Not shown by Zoho's list"

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="differences")
    what = models.CharField(max_length=10, choices=What)
    crm_id = models.CharField("CRM id", max_length=30, blank=True)
    books_id = models.CharField("Books id", max_length=30, blank=True)
    name = models.CharField(max_length=300)
    detail = models.CharField("What differs", max_length=300, blank=True)
    fix = models.CharField("The way out", max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["comparison", "what", "name"], name="difference_by_what")]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_what_display()}"
