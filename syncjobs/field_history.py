"""“Why is this value here?”: what happened to each field of a linked pair, and the last reason for its value."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from accounts.models import AuditEvent
from accounts.retention import gone_before
from syncjobs.domain.mapping import FieldMap, read
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Unfit
from syncjobs.mappings import fields_of
from syncjobs.models import Conflict, KeptValue, Link, MappedField, Mapping, PlannedWrite, Record
from syncjobs.pairing import row_of
from syncjobs.words import RULES, SIDES

MOST = 200


@dataclass(frozen=True)
class Happening:
    """One thing that happened to a field (empty: to the pair), with the page that tells more."""

    at: datetime
    field: str
    text: str
    link: str = ""
    label: str = ""


@dataclass(frozen=True)
class FieldNow:
    """What a mapped field says on both sides, what both last agreed on, whose it is, and why it says so."""

    label: str
    crm: str
    books: str
    base: str
    owner: str
    why: str
    link: str = ""


def happenings(link: Link) -> list[Happening]:
    """Everything that zbridge did to the pair or kept of it, the latest first; at most two hundred of each sort."""
    made = Happening(link.made_at, "", f"Linked: {link.reason or link.get_how_display()}")
    found = [*_writes(link), *_kept(link), *_questions(link), *_deeds(link), made]
    lines = MappedField.objects.filter(mapping__connection=link.connection_id, mapping__pair=link.pair)
    labels = dict(lines.values_list("name", "label"))
    named = [replace(one, label=labels.get(one.field, one.field)) for one in found]
    return sorted(named, key=lambda one: one.at, reverse=True)


def _writes(link: Link) -> Iterator[Happening]:
    rows = PlannedWrite.objects.filter(link=link, outcome=PlannedWrite.Outcome.WRITTEN).select_related("plan__run")
    for write in rows.order_by("-pk")[:MOST]:
        run = write.plan.run
        where = reverse("admin:syncjobs_run_change", args=[run.pk]) if run else ""
        for change in write.changes:
            said = f"{SIDES[write.side]}: “{change['before'] or 'empty'}” became “{change['after'] or 'empty'}”"
            rule = RULES.get(change["rule"], change["rule"])
            yield Happening(write.ended_at or write.plan.made_at, change["field"], f"{said}; {rule}", where)


def _kept(link: Link) -> Iterator[Happening]:
    for kept in KeptValue.objects.filter(link=link).order_by("-pk")[:MOST]:
        where = reverse("admin:syncjobs_keptvalue_change", args=[kept.pk])
        refused = kept.why == KeptValue.Why.REFUSED
        deed = "was refused" if refused else "gave way"
        said = f"“{kept.value}” in {SIDES[kept.side]} {deed}; “{kept.instead or 'empty'}” counts, it is kept"
        yield Happening(kept.at, kept.field, said, where)


def _questions(link: Link) -> Iterator[Happening]:
    for row in Conflict.objects.filter(link=link).select_related("decided_by").order_by("-pk")[:MOST]:
        where = reverse("admin:syncjobs_conflict_change", args=[row.pk])
        said = f"A person is asked: “{row.crm or 'empty'}” in CRM, “{row.books or 'empty'}” in Books"
        yield Happening(row.opened_at, row.field, said, where)
        if row.closed_at is not None and row.decided_by is not None:
            who = row.decided_by.get_full_name() or row.decided_by.username
            yield Happening(row.closed_at, row.field, f"{who} decided: “{row.value or 'empty'}”", where)


def _deeds(link: Link) -> Iterator[Happening]:
    rows = AuditEvent.objects.filter(subject_kind="link", subject_id=str(link.pk)).select_related("user")
    for event in rows.order_by("-pk")[:MOST]:
        who = (event.user.get_full_name() if event.user else "") or event.actor
        yield Happening(event.at, str(event.detail.get("field", "")), f"{event.sentence} ({who})")


def fields_now(link: Link, story: list[Happening]) -> list[FieldNow]:
    """Each mapped field as both sides last said it, with the reason that the story gives."""
    mapping = Mapping.objects.filter(connection=link.connection, pair=link.pair).first()
    if mapping is None:
        return []
    mapping.connection = link.connection
    rows = Record.objects.filter(connection=link.connection_id)
    here = rows.filter(kind=link.crm_kind, remote_id=link.crm_id).first()
    there = rows.filter(kind=mapping.kinds[1], remote_id=link.books_id).first()
    last: dict[str, Happening] = {}
    for one in story:
        last.setdefault(one.field, one)
    told_since = gone_before("plans")
    lost = told_since if told_since and link.made_at < told_since else None
    return [_now(link, one, here, there, last.get(one.name), lost) for one in fields_of(mapping)]


def _now(
    link: Link, one: FieldMap, here: Record | None, there: Record | None, last: Happening | None,
    lost: datetime | None,
) -> FieldNow:  # fmt: skip
    crm, books = _value(one, Side.CRM, here), _value(one, Side.BOOKS, there)
    owner = RULES.get(one.owner.value, one.owner.value) if one.owner else "nobody owns it yet"
    why = last.text if last else _unwritten(crm, books, lost)
    return FieldNow(one.label, crm, books, link.base.get(one.name, ""), owner, why, last.link if last else "")


def _value(one: FieldMap, side: Side, record: Record | None) -> str:
    if record is None:
        return ""
    try:
        return read(one, side, row_of(record))
    except Unfit as trouble:
        return str(trouble)


def _unwritten(crm: str, books: str, lost: datetime | None) -> str:
    """Nothing is known of it; `lost`: what was written before then isn't kept any more."""
    if lost is not None:
        return f"Nothing was written since {lost:%-d %b %Y}; what was written before then is no longer kept."
    if not crm and not books:
        return "Empty on both sides."
    return (
        "Both sides say so; zbridge wrote nothing."
        if crm == books
        else "It stands there as typed; nothing was written."
    )
