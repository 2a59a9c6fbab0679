"""The fields of CRM's accounts and deals as last told: what Books' figures may be written to."""

from django.db import models

from accounts.models.connections import Connection


class CrmField(models.Model):
    """One field; all rows of a module are replaced whenever it is read."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    module = models.CharField(max_length=20)
    api_name = models.CharField(max_length=120)
    field_id = models.CharField(max_length=30, blank=True)
    label = models.CharField(max_length=200)
    type = models.CharField(max_length=30)
    length = models.PositiveIntegerField(default=0)
    digits = models.PositiveSmallIntegerField(default=0)
    read_only = models.BooleanField(default=False)
    custom = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "module", "api_name"], name="one_row_per_crm_field")
        ]

    def __str__(self) -> str:
        return self.label
