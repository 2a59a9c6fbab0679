"""How notices reach people outside zbridge, and who has seen them inside."""

from django.conf import settings
from django.db import models

from accounts.models.trail import Notice


class NoticeSeen(models.Model):
    """One person has seen one notice; a role's notice is seen by each for herself."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="seen")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="seen_once")]

    def __str__(self) -> str:
        return f"notice {self.notice_id} seen by {self.user_id}"


class Delivery(models.Model):
    """One notice on its way through one channel to one recipient."""

    class Channel(models.TextChoices):
        MAIL = "mail", "E-mail"
        TEAM = "team", "Team channel"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=4, choices=Channel)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE)
    recipient = models.CharField(max_length=20, help_text="The user's number; empty for the team channel", blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel", "recipient"], name="one_delivery_per_recipient")
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} of notice {self.notice_id}"


class TeamChannel(models.Model):
    """The one address (of apprise's kind) to which notices also go; it holds secrets, so it is kept encrypted."""

    url_cipher = models.TextField()
    shown = models.CharField(max_length=80, help_text="The kind of service, without secrets")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.shown
