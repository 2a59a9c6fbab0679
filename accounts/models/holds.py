"""Why work waits, as a choice by which holds are counted; and alarms, which stand until their cause is gone."""

from django.db import models

from accounts.models.connections import Connection


class HoldCause(models.TextChoices):
    """What a hold waits for. The sentence beside it says it with names."""

    RECONNECT = "reconnect", "Access to Zoho ended"
    SCOPE = "scope", "A right in Zoho is missing"
    WRITES = "writes", "Writes to Zoho are stopped"
    CRM = "crm_down", "Zoho CRM doesn't answer"
    BOOKS = "books_down", "Zoho Books doesn't answer"
    LOGIN = "login_down", "Zoho's log-in doesn't answer"
    QUOTA = "quota", "No calls are left for now"
    WINDOW = "window", "The off-peak hours have not begun"
    LOCKED = "locked", "The deal is locked in CRM"
    OTHER = "other", "Another cause"


class Alarm(models.Model):
    """Something that is wrong now; told when it begins and when it is over, and in between not again."""

    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    sentence = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind"], condition=models.Q(closed_at=None), name="one_open_alarm_of_a_kind"
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(closed_at=None, connection=None),
                name="one_open_alarm_of_the_house",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
