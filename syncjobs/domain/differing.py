"""What changed between two readings of one row, as a person would say it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
# Stamps and the row's own id tell nothing that the entry doesn't tell already.
UNTOLD = frozenset({
    "id", "contact_id", "item_id", "invoice_id", "contact_person_id", "Modified_Time", "last_modified_time",
    "Last_Activity_Time", "Modified_By",
})  # fmt: skip
LONGEST = 200


def differing(before: Row, after: Row) -> tuple[dict[str, str], dict[str, str]]:
    """The fields that differ, with their texts before and after; a look-up by its name, a list by its length."""
    names = [name for name in {**after, **before} if name not in UNTOLD and not name.startswith("$")]
    pairs = [(spoken(name), said(before.get(name)), said(after.get(name)), name) for name in names]
    moved = [one for one in pairs if before.get(one[3]) != after.get(one[3]) and one[1] != one[2]]
    return {one[0]: one[1] for one in moved}, {one[0]: one[2] for one in moved}


def spoken(name: str) -> str:
    """A field's own name as words: `Billing_City` is “Billing city”."""
    return name.replace("_", " ").strip().capitalize()


def said(value: object) -> str:
    """A value as a short text; empty when there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return said(value.get("name")) or ", ".join(said(part) for part in value.values() if said(part))[:LONGEST]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"{len(value)} of them" if value else ""
    return str(value).strip()[:LONGEST]
