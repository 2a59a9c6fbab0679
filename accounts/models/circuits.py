"""Whether a side of a connection answers at all; one row for all processes."""

from django.db import models

from accounts.models.connections import Connection


class Circuit(models.Model):
    """Closed while a side answers; open, with one probe at a time, while it doesn't."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    side = models.CharField(max_length=5)
    failures = models.PositiveIntegerField(default=0, help_text="Calls without an answer in a row")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="The first of them")
    opened_at = models.DateTimeField(null=True, blank=True, help_text="Empty: closed")
    open_until = models.DateTimeField(null=True, blank=True)
    probes = models.PositiveIntegerField(default=0, help_text="Probes that failed since it opened")
    probing_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "side"], name="one_circuit_per_side")]

    def __str__(self) -> str:
        return f"{self.side} circuit of connection {self.connection_id}"
