"""What the page of one write shows: each field before and after with its rule, and how it ended."""

from datetime import timedelta
from typing import Any

from accounts.models import Exchange, User
from accounts.roles import may
from syncjobs.desk import write_row
from syncjobs.domain.causes import CAUSES, worded
from syncjobs.models import Attempt, MappedField, PlannedWrite

# A call lasts at most a minute; the log of calls knows no records, only when and where.
NEAR = timedelta(seconds=60)


def page(row: PlannedWrite, user: User) -> dict[str, Any]:
    """All of it, from our own tables."""
    write = write_row(row, labels_of(row))
    cause = CAUSES.get(row.cause)
    return {
        "title": f"{row.name} in {write['side']}", "row": row, "write": write,
        "why": worded(cause.title, row.side) if cause else "", "fix": worded(cause.fix, row.side) if cause else "",
        "may_retry": row.failing and may(user, "run"), "makings": list(_makings(row)), "call": _call(row, user),
    }  # fmt: skip


def _makings(row: PlannedWrite) -> Any:
    """The attempts to make it, each written down before it was made."""
    if row.remote_id or not row.from_id:
        return Attempt.objects.none()
    key = f"{row.side}:{row.plan.pair}:{row.from_id}"
    return Attempt.objects.filter(connection=row.plan.connection_id, purpose="record", key=key).order_by("number")


def _call(row: PlannedWrite, user: User) -> Exchange | None:
    """The last writing call to that side before it ended, from the log of calls, which keeps no body."""
    if not row.sends or row.ended_at is None or not user.has_perm("accounts.view_exchange"):
        return None
    calls = Exchange.objects.filter(
        connection=row.plan.connection_id, side=row.side, method__in=["PUT", "POST", "PATCH"],
        started_at__lte=row.ended_at, started_at__gte=row.ended_at - NEAR,
    )  # fmt: skip
    return calls.order_by("-started_at").first()


def labels_of(row: PlannedWrite) -> dict[str, str]:
    """The labels of the mapped fields, by their names."""
    lines = MappedField.objects.filter(mapping__connection=row.plan.connection_id, mapping__pair=row.plan.pair)
    return dict(lines.values_list("name", "label"))
