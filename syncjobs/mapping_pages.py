"""What the mapping pages show: the lines with an example from a real record, what is missing, who owns what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import AuditEvent
from syncjobs.domain.live_fields import doubts, unfit
from syncjobs.domain.mapping import FieldMap, read
from syncjobs.domain.ownership import Owner
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import REGISTRY, Unfit
from syncjobs.live_fields import Known, known_fields
from syncjobs.mapping_form import DIRECTIONS, LineFormSet, Lines, MappingForm, initial_line
from syncjobs.mappings import fields_of, gaps_of
from syncjobs.misfits import waiting
from syncjobs.models import Link, LiveFieldRow, Mapping, Record
from syncjobs.pairing import row_of

MOST_CHANGES = 10
RULES = {
    Owner.CRM: "CRM's value counts; an edit in Books is refused and kept.",
    Owner.BOOKS: "Books' value counts; an edit in CRM is refused and kept.",
    Owner.ASK: "Whoever changed it alone is taken; when both did, a person decides.",
    Owner.NEWEST: "The later edit is taken; the other value is kept.",
    Owner.NEITHER: "Read on both sides, never written.",
}
NOBODY = "Nobody owns it yet; the sync can't be switched on."


@dataclass(frozen=True)
class Example:
    """One field of a real pair of records: both values, or why one can't be read."""

    crm: str
    books: str
    trouble: str = ""


def listing(connection_ids: Sequence[int]) -> list[dict[str, Any]]:
    """All mappings with how they stand."""
    rows = Mapping.objects.filter(connection__in=connection_ids).select_related("connection").order_by("pk")
    found = []
    for row in rows:
        fields = fields_of(row)
        found.append({"mapping": row, "fields": len(fields), "gaps": len(gaps_of(row))})
    return found


def page(mapping: Mapping, lines: Lines | None = None, form: MappingForm | None = None) -> dict[str, Any]:
    """The page of one mapping; with forms of its own when they were refused."""
    crm, books = known_fields(mapping.connection, mapping.pair)
    fields = fields_of(mapping)
    shown, name = _examples(mapping, fields)
    lines = lines or formset(mapping)
    by_name, queued = {one.name: one for one in fields}, waiting(mapping)
    return {
        "mapping": mapping, "lines": _with_notes(lines, by_name, shown, crm, books, queued),
        "formset": lines, "form": form or kind_form(mapping), "gaps": gaps_of(mapping), "example": name,
        "changes": changes(mapping), "read_at": _read_at(mapping), "count": len(fields),
    }  # fmt: skip


def formset(mapping: Mapping, data: Any = None) -> Lines:
    """The mapping's lines as forms, or as they were sent."""
    crm, books = known_fields(mapping.connection, mapping.pair)
    initial = [initial_line(line) for line in mapping.lines.all()]
    made: Lines = LineFormSet(data, initial=initial, prefix="line", form_kwargs={"crm": crm, "books": books})  # type: ignore[assignment]
    return made


def kind_form(mapping: Mapping, data: Any = None) -> MappingForm:
    """What holds for the whole pair."""
    names = ("version", "owner", "creates_in_books", "creates_in_crm", "on_gone")
    return MappingForm(data, initial={name: getattr(mapping, name) for name in names})


def _with_notes(
    lines: Lines,
    fields: dict[str, FieldMap],
    shown: dict[str, Example],
    crm: Known,
    books: Known,
    queued: dict[str, list[str]],
) -> list[dict[str, Any]]:
    """Each form with its example and with what may not fit."""
    found = []
    for form in lines.forms:
        name = str(form.initial.get("name") or "")
        field = fields.get(name)
        notes = list(_notes(field, crm, books)) if field and crm else []
        waits = queued.get(name, [])
        found.append(
            {
                "form": form,
                "example": shown.get(name),
                "notes": notes,
                "waits": waits,
                "new": not name,
                "read_as": _read_as(form),
            }
        )
    return found


def _read_as(form: Any) -> str:
    """The transform of a line, as people call it."""
    kind = REGISTRY.get(str(form.initial.get("transform") or ""))
    return str(kind.label).lower() if kind else "text"


def _notes(field: FieldMap, crm: Known, books: Known) -> list[str]:
    here, there = crm.get(field.crm), books.get(field.books)
    return [*unfit(field, Side.CRM, here), *unfit(field, Side.BOOKS, there), *doubts(field, here, there)]


def _examples(mapping: Mapping, fields: Sequence[FieldMap]) -> tuple[dict[str, Example], str]:
    """Each field's values in the last linked pair that was read whole, and the record's name."""
    links = Link.objects.filter(connection=mapping.connection, pair=mapping.pair, crm_kind=mapping.kinds[0])
    crm_kind, books_kind = mapping.kinds
    for link in links.order_by("-pk")[:5]:
        rows = Record.objects.filter(connection=mapping.connection, gone_at=None)
        here = rows.filter(kind=crm_kind, remote_id=link.crm_id).first()
        there = rows.filter(kind=books_kind, remote_id=link.books_id).first()
        if here is not None and there is not None:
            crm, books = row_of(here), row_of(there)
            return {one.name: _example(one, crm, books) for one in fields}, here.name
    return {}, ""


def _example(field: FieldMap, crm: dict[str, Any], books: dict[str, Any]) -> Example:
    values: list[str] = []
    trouble = ""
    for side, row in ((Side.CRM, crm), (Side.BOOKS, books)):
        try:
            values.append(read(field, side, row))
        except Unfit as said:
            values.append("")
            trouble = trouble or str(said)
    return Example(values[0], values[1], trouble)


def changes(mapping: Mapping) -> list[AuditEvent]:
    """Who changed the mapping last."""
    rows = AuditEvent.objects.filter(subject_kind="mapping", subject_id=str(mapping.pk))
    return list(rows.order_by("-pk")[:MOST_CHANGES])


def _read_at(mapping: Mapping) -> Any:
    rows = LiveFieldRow.objects.filter(connection=mapping.connection, kind__in=mapping.kinds)
    return rows.values_list("read_at", flat=True).first()


def matrix(mapping: Mapping) -> list[list[str]]:
    """Who owns what, from the rules that the engine goes by: field, both systems' fields, direction, owner, rule."""
    ways = dict(DIRECTIONS)
    names = {Owner.CRM: "CRM", Owner.BOOKS: "Books", Owner.ASK: "Ask", Owner.NEWEST: "Newest", Owner.NEITHER: "Neither"}
    return [
        [one.label, one.crm, one.books, ways[one.direction.value], names[one.owner] if one.owner else "Nobody",
         RULES[one.owner] if one.owner else NOBODY]
        for one in fields_of(mapping)
    ]  # fmt: skip
