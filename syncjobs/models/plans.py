"""What a sync means to write, frozen; how each write ended; what people must decide; and every value that was lost."""

from django.conf import settings
from django.db import models

from accounts.models import Connection
from syncjobs.models.mappings import PairKind
from syncjobs.models.records import Link
from syncjobs.models.runs import Run


class Rules(models.Model):
    """A frozen, deduplicated copy of a mapping: the rules in force."""

    digest = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.digest[:12]


class Plan(models.Model):
    """The writes that one look at both sides led to. Applied exactly as it stands, or not at all."""

    class State(models.TextChoices):
        MADE = "made", "Ready to apply"
        STOPPED = "stopped", "Stopped before the first write"
        APPLYING = "applying", "Being applied"
        APPLIED = "applied", "Applied"
        DROPPED = "dropped", "Dropped"

    class Purpose(models.TextChoices):
        RETRY = "retry", "Retry of what didn't go through"
        UNDO = "undo", "Undo of a run"
        ALIGN = "align", "One side's value for the other"
        FILL = "fill", "E-mails that people confirmed"
        SIGN = "sign", "zbridge's key, written again"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    pair = models.CharField(max_length=10, choices=PairKind)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="plans")
    state = models.CharField(max_length=10, choices=State, default=State.MADE)
    purpose = models.CharField(max_length=6, blank=True, choices=Purpose)
    undoes = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="undone_by")
    rules = models.ForeignKey(Rules, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="Of all its writes: what is applied is what was shown")
    alarms = models.JSONField(default=list, blank=True)
    read_crm = models.PositiveIntegerField(default=0)
    read_books = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    misfits = models.JSONField("What can't be carried", default=list, blank=True)
    misfit_count = models.PositiveIntegerField(default=0)
    calls_crm = models.PositiveIntegerField("CRM calls it will cost", default=0)
    calls_books = models.PositiveIntegerField("Books calls it will cost", default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["made_at"], name="plan_by_time")]

    def __str__(self) -> str:
        return f"Plan {self.pk} for {self.get_pair_display().lower()}"


class PlannedWrite(models.Model):
    """One record to be made or changed on a side, with the canonical values before and after, and how it ended."""

    class Outcome(models.TextChoices):
        WRITTEN = "written", "Written"
        MOVED = "moved", "Changed there meanwhile; left alone"
        REFUSED = "refused", "Refused by Zoho"
        HELD = "held", "Waits"
        LEFT = "left", "Can't be undone, or isn't to be"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="writes")
    position = models.PositiveIntegerField()
    link = models.ForeignKey(Link, null=True, blank=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=300)
    name_key = models.CharField(max_length=300, blank=True)
    side = models.CharField(max_length=5)
    remote_id = models.CharField(max_length=30, blank=True, help_text="Empty: it will be made")
    from_id = models.CharField(max_length=30, blank=True, help_text="The other side's record that it is made from")
    seen_at = models.DateTimeField(null=True, blank=True)
    changes = models.JSONField(help_text="field, before, after, rule, lost; in order")
    fields = models.TextField("Fields", blank=True, help_text="As `listed` writes them")
    sends = models.PositiveSmallIntegerField(default=0, help_text="How often it left; a death may hide the first end")
    outcome = models.CharField(max_length=8, blank=True, choices=Outcome)
    sentence = models.CharField(max_length=300, blank=True)
    code = models.CharField("Zoho's code", max_length=60, blank=True)
    blamed = models.CharField("The field that Zoho blames", max_length=120, blank=True)
    cause = models.CharField(max_length=12, blank=True, help_text="See syncjobs.domain.causes")
    failing = models.BooleanField("Did not go through, and isn't settled since", default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "write", "writes to Zoho"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="one_write_per_position")]
        indexes = [
            models.Index(fields=["plan", "outcome"], name="write_by_outcome"),
            models.Index(fields=["name_key"], name="write_by_name"),
            models.Index(
                fields=["side", "remote_id", "from_id"], condition=models.Q(failing=True), name="failing_by_record"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.side}"


class Conflict(models.Model):
    """A field on which the sides differ and that a person decides; nothing is written until then."""

    class Decision(models.TextChoices):
        CRM = "crm", "Keep CRM"
        BOOKS = "books", "Keep Books"
        VALUE = "value", "Another value"
        SETTLED = "settled", "Both sides agree by themselves"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="conflicts")
    pair = models.CharField(max_length=10, choices=PairKind)
    name = models.CharField(max_length=300)
    field = models.CharField(max_length=60)
    base = models.TextField(blank=True)
    crm = models.TextField(blank=True)
    books = models.TextField(blank=True)
    crm_at = models.DateTimeField(null=True, blank=True)
    books_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=8, blank=True, choices=Decision)
    value = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["link", "field"], condition=models.Q(closed_at=None), name="one_open_conflict_per_field"
            )
        ]
        indexes = [models.Index(fields=["connection", "closed_at", "opened_at"], name="conflict_by_state")]

    def __str__(self) -> str:
        return f"{self.name}: {self.field}"


class KeptValue(models.Model):
    """A value that was refused or overwritten: kept for good, and restored in one action."""

    class Why(models.TextChoices):
        REFUSED = "refused", "The side doesn't own this field"
        LOST = "lost", "The other side's value was taken"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    link = models.ForeignKey(Link, null=True, blank=True, on_delete=models.SET_NULL, related_name="kept")
    pair = models.CharField(max_length=10, choices=PairKind)
    name = models.CharField(max_length=300)
    field = models.CharField(max_length=60)
    side = models.CharField(max_length=5)
    value = models.TextField()
    instead = models.TextField("Stands there instead", blank=True)
    why = models.CharField(max_length=8, choices=Why)
    rule = models.CharField(max_length=8)
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True, blank=True)
    restored_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["link", "field", "at"], name="kept_by_field")]

    def __str__(self) -> str:
        return f"{self.name}: {self.field} {self.value}"
