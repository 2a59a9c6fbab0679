"""What of this room goes when it is old: the log of calls, their counts, health runs, notices."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Delivery, Exchange, Export, HealthRun, Notice, Usage
from accounts.retention import OldRows


def _health_runs() -> "QuerySet[Any]":
    newer = HealthRun.objects.filter(
        connection=OuterRef("connection"), system=OuterRef("system"), pk__gt=OuterRef("pk")
    )
    return HealthRun.objects.filter(Exists(newer))


def _notices() -> "QuerySet[Any]":
    waiting = Delivery.objects.filter(notice=OuterRef("pk"), state=Delivery.State.WAITING)
    return Notice.objects.filter(~Exists(waiting))


def _exports() -> "QuerySet[Any]":
    return Export.objects.filter(file_name="")


OLD_ROWS = (
    OldRows(
        "calls", "Log of calls to Zoho", "", Exchange.objects.all, "started_at", 90, 14,
        "What went wrong last week must still be found.",
    ),
    OldRows(
        "usage", "Calls counted by the hour", "", Usage.objects.all, "hour", 400, 31,
        "The day's limit is reckoned from them.",
    ),
    OldRows(
        "health", "Health runs and their results", "The last run of each system stays.", _health_runs, "started_at",
        400, 31, "A fault that comes once a month must still be seen twice.", ("results",),
    ),
    OldRows(
        "notices", "Notices and whom they reached", "What isn't sent yet stays.", _notices, "created_at", 400, 90,
        "People come back from long leave; the same event isn't told twice while its notice stands.",
        ("seen", "deliveries"),
    ),
    OldRows(
        "exports", "Files made in the background", "The file goes first, its row with the next sweep.", _exports,
        "ended_at", 7, 1, "Who asked for a file in the evening fetches it in the morning.",
    ),
)  # fmt: skip
