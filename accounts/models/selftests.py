"""Self-tests of a connection: what nobody could verify about Zoho, asked of the organisation itself, and kept."""

from django.conf import settings
from django.db import models

from accounts.models.connections import Connection


class SelfTest(models.Model):
    """One self-test: its questions are its steps, worked one after the other by a worker, resumable at each."""

    class State(models.TextChoices):
        WAITING = "waiting", "Under way"
        PERSON = "person", "Waits for a person"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="self_tests")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    requested_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    writes = models.BooleanField(default=False, help_text="A person ticked that test records may be made.")
    hold = models.CharField(max_length=200, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    marks = models.JSONField(default=dict, help_text="What one step remembers for the next: ids of test records")
    left = models.JSONField(default=list, help_text="What stands in Zoho for a person to delete: where and what")
    circumstances = models.JSONField(default=dict, help_text="Data centre, plans and edition at that time")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"], condition=models.Q(state__in=["waiting", "person"]), name="one_open_self_test"
            )
        ]

    def __str__(self) -> str:
        return f"Self-test {self.pk} of {self.connection}"


class SelfTestStep(models.Model):
    """One question: the answer in a word and a sentence, with what Zoho said, masked."""

    class State(models.TextChoices):
        WAITING = "waiting", "Not asked yet"
        ASKED = "asked", "Answered"
        SKIPPED = "skipped", "Not asked"

    self_test = models.ForeignKey(SelfTest, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    answer = models.CharField(max_length=8, blank=True, help_text="yes, no, other, or open: it could not be told")
    value = models.CharField(max_length=200, blank=True)
    sentence = models.CharField(max_length=400, blank=True)
    evidence = models.JSONField(default=list, blank=True)
    crm_calls = models.PositiveSmallIntegerField(default=0)
    books_calls = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["self_test", "question"], name="one_step_per_question")]

    def __str__(self) -> str:
        return f"{self.question}: {self.value or self.state}"
