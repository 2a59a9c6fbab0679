"""What the page of one write shows: each field before and after with its rule, and how it ended."""

from typing import Any

from accounts.models import User
from syncjobs.desk import write_row
from syncjobs.models import MappedField, PlannedWrite


def page(row: PlannedWrite, user: User) -> dict[str, Any]:
    """All of it, from our own tables."""
    return {"title": f"{row.name} in {write_row(row, {})['side']}", "row": row, "write": write_row(row, labels_of(row))}


def labels_of(row: PlannedWrite) -> dict[str, str]:
    """The labels of the mapped fields, by their names."""
    lines = MappedField.objects.filter(mapping__connection=row.plan.connection_id, mapping__pair=row.plan.pair)
    return dict(lines.values_list("name", "label"))
