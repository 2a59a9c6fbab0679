"""Everything that happened to one record: readings, writes, kept values, questions, links, problems, deeds."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import AuditEvent
from syncjobs.domain.causes import CAUSES, worded
from syncjobs.domain.other_runs import FIGURES
from syncjobs.domain.pairs import BOOKS_KINDS
from syncjobs.field_history import MOST, Happening, happenings
from syncjobs.models import Attempt, Entry, Link, PlannedWrite, Problem, Record
from syncjobs.words import NOWHERE, SIDES

IN_BOOKS = frozenset(BOOKS_KINDS.values())
ENDS = {
    "OK": "it was made",
    "FAIL": "it was not made",
    "UNKNOWN": "nobody knows yet whether it was made",
    "": "no answer",
}


def timeline(record: Record) -> list[Happening]:
    """The latest first; at most two hundred of each sort, in a constant number of queries per link."""
    links = links_of(record)
    found = [*_entries(record), *_ends(record, links), *_makings(record), *_problems(record, links), *_deeds(record)]
    for link in links:
        found += happenings(link)
    return sorted(found, key=lambda one: one.at, reverse=True)


def links_of(record: Record) -> list[Link]:
    """The links that the record is part of: a customer may have one per currency."""
    links = Link.objects.filter(connection=record.connection_id)
    if record.kind in IN_BOOKS:
        pairs = [pair for pair, kind in BOOKS_KINDS.items() if kind == record.kind]
        return list(links.filter(books_id=record.remote_id, pair__in=pairs))
    return list(links.filter(crm_id=record.remote_id, crm_kind=record.kind))


def side_of(record: Record) -> str:
    """The side that has it."""
    return "books" if record.kind in IN_BOOKS else "crm"


def _entries(record: Record) -> Iterator[Happening]:
    rows = Entry.objects.filter(
        kind=record.kind, remote_id=record.remote_id, run__connection=record.connection_id
    ).select_related("run").order_by("-pk")  # fmt: skip
    side = SIDES[side_of(record)]
    for row in rows[:MOST]:
        there = reverse("admin:syncjobs_run_change", args=[row.run_id])
        if not row.after:
            yield Happening(row.at, "", row.cause or f"Read from {side}: {row.get_outcome_display().lower()}", there)
        for name, after in row.after.items():
            did = "Written to" if row.run.kind == FIGURES else "Read from"
            said = f"{did} {side}: “{row.before.get(name) or NOWHERE}” became “{after or NOWHERE}” there"
            yield Happening(row.at, name, said, there, name)


def _ends(record: Record, links: list[Link]) -> Iterator[Happening]:
    """Writes that didn't go through; those that did stand in the links' own story."""
    rows = PlannedWrite.objects.filter(plan__connection=record.connection_id).exclude(cause="").select_related("plan")
    linked = rows.filter(link__in=links).order_by("-pk")[:MOST]
    other = "crm" if side_of(record) == "books" else "books"
    unmade = rows.filter(link=None, side=other, from_id=record.remote_id, remote_id="").order_by("-pk")[:MOST]
    for row in [*linked, *unmade]:
        there = reverse("admin:syncjobs_plannedwrite_change", args=[row.pk])
        why = worded(CAUSES[row.cause].title, row.side) if row.cause in CAUSES else row.sentence
        yield Happening(row.ended_at or row.plan.made_at, "", f"Not written to {SIDES[row.side]}: {why}", there)


def _makings(record: Record) -> Iterator[Happening]:
    """Attempts to make its counterpart, asked and answered."""
    other = "crm" if side_of(record) == "books" else "books"
    keys = [f"{other}:{pair}:{record.remote_id}" for pair in BOOKS_KINDS]
    rows = Attempt.objects.filter(connection=record.connection_id, purpose="record", key__in=keys)
    for row in rows.order_by("-pk")[:MOST]:
        said = f"Asked {SIDES[other]} to make it, try {row.number}: {ENDS.get(row.outcome, row.outcome)}"
        yield Happening(row.started_at, "", f"{said}. {row.conclusion}".strip())


def _problems(record: Record, links: list[Link]) -> Iterator[Happening]:
    ids = {record.kind: [record.remote_id], "link": [str(link.pk) for link in links]}
    for kind, subjects in ids.items():
        rows = Problem.objects.filter(connection=record.connection_id, subject_kind=kind, subject_id__in=subjects)
        for row in rows.order_by("-pk")[:MOST]:
            there = reverse("admin:syncjobs_problem_change", args=[row.pk])
            yield Happening(row.opened_at, "", f"Somebody must act: {row.sentence}", there)
            if row.closed_at is not None:
                yield Happening(row.closed_at, "", f"Settled: {row.sentence}", there)


def _deeds(record: Record) -> Iterator[Happening]:
    rows = AuditEvent.objects.filter(subject_kind=record.kind, subject_id=record.remote_id)
    for event in rows.select_related("user").order_by("-pk")[:MOST]:
        who = (event.user.get_full_name() if event.user else "") or event.actor
        yield Happening(event.at, "", f"{event.sentence} ({who})")
