"""What CRM was last told of each account's and deal's money in Books, and what is to be told next."""

from django.db import models

from accounts.models import Connection


class Written(models.Model):
    """One account's or deal's figures in CRM. `values` are texts by field; `changed_at` is the figures' *as of*.

    Due while `due_since` is set: something of it moved, so its figures are worked out anew and written if they differ.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "account", "Account"
        DEAL = "deal", "Deal"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10, choices=Kind)
    crm_id = models.CharField(max_length=30)
    values = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField("As of", null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    due_since = models.DateTimeField(null=True, blank=True)
    hold = models.CharField("Why it isn't written", max_length=300, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField("Gone from CRM since", null=True, blank=True)

    class Meta:
        verbose_name_plural = "written figures"
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "crm_id"], name="one_row_of_figures_per_record")
        ]
        indexes = [
            models.Index(
                fields=["connection", "kind", "id"], name="figures_due",
                condition=models.Q(due_since__isnull=False, gone_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Figures of {self.kind} {self.crm_id}"
