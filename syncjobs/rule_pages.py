"""The rules in words: those in force at a run, from their frozen copy, and how a mapping changed by version."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import AuditEvent
from syncjobs.domain.ownership import Owner
from syncjobs.domain.transforms import REGISTRY
from syncjobs.mapping_changes import COLUMNS, OF_KIND
from syncjobs.mapping_form import DIRECTIONS
from syncjobs.mapping_pages import NOBODY, RULES
from syncjobs.models import MappedField, Mapping, PairKind, Rules
from syncjobs.words import NOWHERE

MOST_VERSIONS, MOST_ROWS = 100, 2000
WAYS = dict(DIRECTIONS)
MORE = {"blank_erases": "A blank erases.", "set_back": "A refused edit is set back."}
KIND_COLUMNS = (*OF_KIND, "two_way")


@dataclass
class Version:
    """One version of a mapping: who made it when, in a sentence, and each change as (what, before, after)."""

    number: int
    at: datetime
    who: str = ""
    sentence: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)


def rules_in_words(rules: Rules) -> dict[str, Any]:
    """The pair, its version, and per field: label, both systems' fields, read as, direction, whose word counts."""
    found = json.loads(rules.text)
    return {
        "pair": PairKind(found["pair"]).label, "version": found["version"],
        "rows": [_line(one) for one in found["fields"]],
    }  # fmt: skip


def _line(one: dict[str, Any]) -> list[str]:
    label = one.get("label") or one["name"].replace("_", " ").capitalize()
    more = [said for name, said in MORE.items() if one[name]]
    rule = RULES[Owner(one["owner"])] if one["owner"] else NOBODY
    return [
        label, one["crm"], one["books"], one.get("read_as") or "", WAYS[one["direction"]],
        " ".join([rule, *more]),
    ]  # fmt: skip


def history(mapping: Mapping) -> list[Version]:
    """The versions of a mapping, the latest first, each with what changed field by field."""
    rows = list(mapping.history.order_by("-history_id")[:MOST_VERSIONS])[::-1]
    versions = [Version(row.version, row.history_date, str(row.history_user or "")) for row in rows]
    for before, row, version in zip(rows, rows[1:], versions[1:], strict=False):
        version.changes += list(_differing("The whole kind", before, row, KIND_COLUMNS))
    dates = [version.at for version in versions]
    for at, changes in _of_lines(mapping):
        place = bisect_left(dates, at)
        if place < len(versions):
            versions[place].changes += changes
    _signed(mapping, versions)
    return [version for version in reversed(versions) if version.number]


def _of_lines(mapping: Mapping) -> Iterator[tuple[datetime, list[tuple[str, str, str]]]]:
    """What happened to each line, with the time."""
    by_line: dict[int, list[Any]] = defaultdict(list)
    rows = MappedField.history.filter(mapping_id=mapping.pk).order_by("-history_id")[:MOST_ROWS]
    for row in reversed(rows):
        by_line[row.id].append(row)
    for past in by_line.values():
        before = None
        for row in past:
            yield row.history_date, list(_of_line(before, row))
            before = row


def _of_line(before: Any, row: Any) -> Iterator[tuple[str, str, str]]:
    pair = f"{row.crm} ↔ {row.books}"
    if row.history_type == "+":
        yield f"{row.label}, added", "", f"{pair}, {_said('owner', row.owner)}"
    elif row.history_type == "-":
        yield f"{row.label}, removed", f"{pair}, {_said('owner', row.owner)}", ""
    elif before is not None:
        yield from _differing(row.label, before, row, COLUMNS)


def _differing(label: str, before: Any, after: Any, columns: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for name in columns:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            what = str(type(after)._meta.get_field(name).verbose_name).lower()
            yield f"{label}, {what}", _said(name, old), _said(name, new)


def _said(column: str, value: Any) -> str:
    """A value of a line's column as people call it."""
    if column == "owner":
        return {"crm": "CRM", "books": "Books", "": "nobody of its own"}.get(value, str(value))
    if column == "direction":
        return WAYS.get(value, str(value))
    if column == "transform":
        return str(REGISTRY[value].label) if value in REGISTRY else str(value)
    if column == "settings":
        pairs = value.get("pairs") if isinstance(value, dict) else None
        rest = [f"{name}: {found}" for name, found in (value or {}).items() if name != "pairs"]
        return ", ".join([*(f"{here} = {there}" for here, there in pairs or ()), *rest]) or NOWHERE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or NOWHERE


def _signed(mapping: Mapping, versions: list[Version]) -> None:
    """Who made each version, as the audit trail has it."""
    events = AuditEvent.objects.filter(subject_kind="mapping", subject_id=str(mapping.pk), verb="map")
    by_version = {event.detail.get("version"): event for event in events.order_by("-pk")[:MOST_VERSIONS]}
    for version in versions:
        event = by_version.get(version.number)
        if event is not None:
            version.who, version.sentence, version.at = event.actor, event.sentence, event.at
