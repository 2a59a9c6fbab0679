"""Keeping a changed mapping: whole or not at all, with a new version, its trail, and bases that still hold."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import User
from syncjobs.domain.mapping import gaps
from syncjobs.mappings import Refused, fields_of, touch
from syncjobs.models import Link, MappedField, Mapping
from zbridge.clock import Clock

Line = Dict[str, Any]
# What a line's kept values mean; when one of these changes, an earlier agreement says nothing any more.
MEANING = ("crm", "books", "transform", "settings")
COLUMNS = ("label", "crm", "books", "transform", "settings", "direction", "owner", "blank_erases", "set_back")
OF_KIND = ("owner", "creates_in_crm", "creates_in_books", "on_gone")


def keep(mapping: Mapping, kind: Line, lines: Sequence[Line], user: User, clock: Clock) -> str:
    """Keep the lines in this order and what holds for the whole kind; what changed, in a sentence.

    Raises Refused, with nothing changed, when somebody else changed the mapping meanwhile, or when the sync is on and
    the new lines leave a gap.
    """
    with transaction.atomic():
        locked = Mapping.objects.select_for_update().get(pk=mapping.pk)
        if locked.version != kind["version"]:
            raise Refused("Somebody else changed this mapping meanwhile; look at it again. Nothing was kept.")
        said = [*_of_kind(locked, kind), *_lines(locked, lines)]
        missing = gaps(fields_of(locked))
        if locked.two_way and missing:
            named = " ".join(gap.sentence for gap in missing)
            raise Refused(f"Nothing was kept, since the sync is on: {named}")
        if not said:
            return "Nothing was changed."
        touch(locked, user, f"{locked.get_pair_display()}: {'; '.join(said)}"[:300], clock)
    return f"Version {locked.version} is kept: {'; '.join(said)}."


def _of_kind(mapping: Mapping, kind: Line) -> list[str]:
    changed = [name for name in OF_KIND if getattr(mapping, name) != kind[name]]
    for name in changed:
        setattr(mapping, name, kind[name])
    return [f"{str(Mapping._meta.get_field(name).verbose_name).lower()} changed" for name in changed]  # type: ignore[union-attr]


def _lines(mapping: Mapping, lines: Sequence[Line]) -> list[str]:
    before = {line.name: line for line in mapping.lines.all()}
    meant = {name: _meaning(vars(line)) for name, line in before.items()}
    wanted = {line["name"]: line for line in lines}
    said = [f"{before[name].label} removed" for name in before if name not in wanted]
    for name in before.keys() - wanted.keys():
        before[name].delete()
    for position, (name, line) in enumerate(wanted.items()):
        said += _line(mapping, before.get(name), name, line, position)
    _forget_bases(mapping, {name for name in meant if name not in wanted or meant[name] != _meaning(wanted[name])})
    return said


def _meaning(line: Line) -> list[Any]:
    return [line[column] for column in MEANING]


def _line(mapping: Mapping, old: MappedField | None, name: str, line: Line, position: int) -> list[str]:
    row = old or MappedField(mapping=mapping, name=name)
    changed = [column for column in COLUMNS if old is None or getattr(row, column) != line[column]]
    if not changed and row.position == position:
        return []
    for column in COLUMNS:
        setattr(row, column, line[column])
    row.position = position
    row.save()
    if old is None:
        return [f"{row.label} added"]
    return [f"{row.label}: {', '.join(column.replace('_', ' ') for column in changed)}"] if changed else []


def _forget_bases(mapping: Mapping, names: set[str]) -> None:
    """What both sides agreed on under another meaning is no agreement."""
    if not names:
        return
    links = Link.objects.filter(connection=mapping.connection, pair=mapping.pair)
    for link in links.iterator(500):
        if names & (link.base.keys() | link.decided.keys() | link.standing.keys()):
            link.base = {name: value for name, value in link.base.items() if name not in names}
            link.decided = {name: value for name, value in link.decided.items() if name not in names}
            link.standing = {name: stood for name, stood in link.standing.items() if name not in names}
            link.save(update_fields=["base", "decided", "standing"])
