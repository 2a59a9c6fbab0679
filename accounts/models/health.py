"""Health: what was checked on each system and how it was found; dates on which something ends; consents given."""

from django.conf import settings
from django.db import models

from accounts.models.connections import Connection


class System(models.TextChoices):
    """What is checked by itself."""

    BOOKS = "books", "Books"
    CRM = "crm", "CRM"
    LOGIN = "login", "Log-in"


class HealthRun(models.Model):
    """One look at one system of a connection: few calls, a verdict, and its results."""

    class State(models.TextChoices):
        OK = "ok", "Well"
        AMBER = "amber", "Warns"
        RED = "red", "Failed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    system = models.CharField(max_length=5, choices=System)
    trigger = models.CharField(max_length=10, default="schedule")
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField()
    state = models.CharField(max_length=5, choices=State)
    calls = models.PositiveSmallIntegerField(default=0)
    sentence = models.CharField(max_length=300)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "health run"
        indexes = [models.Index(fields=["connection", "system", "started_at"], name="health_by_system")]

    def __str__(self) -> str:
        return f"{self.get_system_display()}: {self.sentence}"


class HealthResult(models.Model):
    """One thing that a health run looked at."""

    run = models.ForeignKey(HealthRun, on_delete=models.CASCADE, related_name="results")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=5, choices=HealthRun.State)
    sentence = models.CharField(max_length=300)

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_result_per_place")]

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


class Expiry(models.Model):
    """A day on which something ends unless somebody renews it."""

    class Kind(models.TextChoices):
        SECRET = "client_secret", "Client secret"
        CHANNEL = "crm_channel", "CRM notification channel"
        CERTIFICATE = "certificate", "Certificate"
        TRIAL = "trial", "Trial or plan"
        KEY = "encryption_key", "Encryption key"
        OTHER = "other", "Something else"

    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=15, choices=Kind)
    name = models.CharField(max_length=120)
    ends_on = models.DateField(db_index=True)
    who = models.CharField("Who renews it", max_length=120, blank=True)
    note = models.CharField("How", max_length=300, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    done_at = models.DateTimeField(null=True, blank=True, help_text="No longer needed")

    class Meta:
        ordering = ["ends_on", "pk"]
        verbose_name = "expiry"
        verbose_name_plural = "expiries"

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """One refresh token that a consent gave; Zoho keeps twenty per user and client, the next one ends the oldest."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    client_id = models.CharField(max_length=100, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Consent of {self.given_at:%Y-%m-%d %H:%M}"
