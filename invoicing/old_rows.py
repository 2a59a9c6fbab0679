"""What of this room goes when it is old: proofs that found nothing wrong. Never conversions."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.retention import OldRows
from invoicing.models import Proof


def _proofs() -> "QuerySet[Any]":
    newer = Proof.objects.filter(connection=OuterRef("connection"), pk__gt=OuterRef("pk")).exclude(ended_at=None)
    return Proof.objects.filter(Exists(newer), violations=[])


OLD_ROWS = (
    OldRows(
        "proofs", "Proofs that found nothing wrong", "The last proof stays, and every one that found something.",
        _proofs, "ended_at", 800, 400, "A business year is proved to its end.", ("pages",),
    ),
)  # fmt: skip
