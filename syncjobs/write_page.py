"""What the page of one write shows: each field before and after with its rule, and how it ended."""

from typing import Any

from accounts.models import User
from accounts.roles import may
from syncjobs.desk import write_row
from syncjobs.domain.causes import CAUSES, worded
from syncjobs.models import MappedField, PlannedWrite


def page(row: PlannedWrite, user: User) -> dict[str, Any]:
    """All of it, from our own tables."""
    write = write_row(row, labels_of(row))
    cause = CAUSES.get(row.cause)
    return {
        "title": f"{row.name} in {write['side']}", "row": row, "write": write,
        "why": worded(cause.title, row.side) if cause else "", "fix": worded(cause.fix, row.side) if cause else "",
        "may_retry": row.failing and may(user, "run"),
    }  # fmt: skip


def labels_of(row: PlannedWrite) -> dict[str, str]:
    """The labels of the mapped fields, by their names."""
    lines = MappedField.objects.filter(mapping__connection=row.plan.connection_id, mapping__pair=row.plan.pair)
    return dict(lines.values_list("name", "label"))
