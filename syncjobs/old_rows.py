"""What of this room goes when it is old: runs, plans, comparisons, closed problems, hints.

Never links, conflicts, kept values, attempts.
"""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.retention import OldRows
from syncjobs.models import Comparison, Hint, Plan, Problem, Run

READ_TO_THE_END = (Run.State.COMPLETE, Run.State.INCOMPLETE)


def _runs() -> "QuerySet[Any]":
    """Those that ended and after which the same kind was read to its end."""
    newer = Run.objects.filter(
        connection=OuterRef("connection"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"), state__in=READ_TO_THE_END
    )
    return Run.objects.filter(Exists(newer))


def _plans() -> "QuerySet[Any]":
    """Those that nobody is applying and after which another was made for the pair."""
    newer = Plan.objects.filter(connection=OuterRef("connection"), pair=OuterRef("pair"), pk__gt=OuterRef("pk"))
    return Plan.objects.filter(Exists(newer)).exclude(state=Plan.State.APPLYING)


def _comparisons() -> "QuerySet[Any]":
    newer = Comparison.objects.filter(connection=OuterRef("connection"), pair=OuterRef("pair"), pk__gt=OuterRef("pk"))
    return Comparison.objects.filter(Exists(newer))


OLD_ROWS = (
    OldRows(
        "plans", "Plans and what they wrote",
        "The last plan of each pair stays, and every plan whose values were kept.",
        _plans, "made_at", 800, 400, "“Why is this value here?” must answer for a whole business year.", ("writes",),
    ),
    OldRows(
        "comparisons", "Comparisons of both sides", "The last comparison of each pair stays.", _comparisons, "at",
        400, 90, "What an import left open must still be found.", ("differences",),
    ),
    OldRows(
        "runs", "Runs, their pages and entries",
        "The last run of each kind stays, runs under way, and every run whose plan or comparison is kept.",
        _runs, "ended_at", 400, 31, "How old figures got is measured over the last twenty readings.",
        ("entries", "pages"),
    ),
    OldRows(
        "problems", "Closed problems", "Open ones stay.", Problem.objects.all, "closed_at", 400, 90,
        "The last quarter must still be explained.",
    ),
    OldRows(
        "hints", "What Zoho said by web hooks", "What isn't dealt with yet stays.", Hint.objects.all, "done_at", 30, 7,
        "A web hook that is sent again must be known as the same.",
    ),
)  # fmt: skip
