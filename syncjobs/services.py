"""What people and other rooms ask of syncjobs: start a run, work it, link two records, open and close problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.dispatch import Signal

from accounts import audit
from accounts.models import Connection, User
from syncjobs.models import Import, Link, Problem, Record, Run
from zbridge.clock import Clock
from zbridge.queue import ring

WORK_RUN = "syncjobs.tasks.work_run"
# What sets a run off when Zoho said that something of its kind changed.
HINT = "hint"
OPEN = (Run.State.WAITING, Run.State.RUNNING, Run.State.PAUSED)
KINDS: tuple[str, ...] = tuple(settings.ZBRIDGE_FEEDS)
ALIASES = {"customer": "customer", "item": "item"}


def start_run(
    connection: Connection, kind: str, clock: Clock, *, full: bool = False, trigger: str = "person",
    user: User | None = None, doorbell: bool = True, part_of: Import | None = None, in_window: bool = False,
) -> Run:  # fmt: skip
    """The run of this kind that is under way (an import's own, if it is part of one), or a new one.

    It is rung in the same transaction.
    """
    try:
        with transaction.atomic():
            run = Run.objects.create(
                connection=connection, kind=kind, full=full, trigger=trigger, user=user, requested_at=clock.now(),
                part_of=part_of, in_window=in_window,
            )  # fmt: skip
            if doorbell:
                ring(WORK_RUN, run.pk, queue="bulk")
            return run
    except IntegrityError:
        return open_runs(connection, kind).get(part_of__isnull=part_of is None)


def open_runs(connection: Connection, kind: str) -> "QuerySet[Run]":
    """Runs of this kind that have not ended: at most one, and one of an import."""
    return Run.objects.filter(connection=connection, kind=kind, state__in=OPEN)


def under_way_or_none(connection: Connection, kind: str) -> Run | None:
    """The run of this kind that has not ended, if there is one."""
    return open_runs(connection, kind).first()


# Sent with `connection` and `links` when many are made at once, of which Django tells no `post_save`.
links_made = Signal()
PAIRS = {"customer": Link.Pair.CUSTOMER, "person": Link.Pair.PERSON, "item": Link.Pair.PRODUCT}


def link_records(
    connection: Connection, crm: Record, books: Record, *, how: str, reason: str, user: User | None, clock: Clock
) -> Link:
    """Say that two records are the same thing; an existing link of either is answered or refused.

    Raises ValueError with a sentence when one of them is linked to something else.
    """
    pair = PAIRS[books.kind]
    currency = books.currency if pair == Link.Pair.CUSTOMER else ""
    try:
        with transaction.atomic():
            link = Link.objects.create(
                connection=connection, pair=pair, crm_kind=crm.kind, crm_id=crm.remote_id, books_id=books.remote_id,
                currency=currency, how=how, reason=reason, made_by=user, made_at=clock.now(),
            )  # fmt: skip
            audit.record(
                user, "link", f"{crm.name} in CRM is {books.name} in Books.", connection=connection,
                subject=(crm.kind, crm.remote_id), detail={"books_id": books.remote_id, "how": how}, clock=clock,
            )  # fmt: skip
            return link
    except IntegrityError:
        return _same_link(connection, pair, crm, books, currency)


@dataclass(frozen=True)
class Sure:
    """Two records that zbridge itself is certain of, how, and why in a sentence."""

    crm: Record
    books: Record
    how: str
    reason: str


def link_sure(connection: Connection, pair: str, chosen: Sequence[Sure], clock: Clock) -> None:
    """Link them at once, with one line in the audit trail; what was linked meanwhile stays as it is."""
    now, customers = clock.now(), pair == Link.Pair.CUSTOMER
    with transaction.atomic():
        links = [
            Link(
                connection=connection, pair=pair, crm_kind=one.crm.kind, crm_id=one.crm.remote_id,
                books_id=one.books.remote_id, currency=one.books.currency if customers else "", how=one.how,
                reason=one.reason, made_at=now,
            )
            for one in chosen
        ]  # fmt: skip
        Link.objects.bulk_create(links, ignore_conflicts=True)
        links_made.send(Link, connection=connection, links=links)
        said = f"{chosen[0].crm.name} in CRM is {chosen[0].books.name} in Books."
        said = said if len(chosen) == 1 else f"{len(chosen)} records of CRM were linked to Books', each for sure."
        ids = [[one.crm.remote_id, one.books.remote_id, one.how] for one in chosen]
        subject = (chosen[0].crm.kind, chosen[0].crm.remote_id)
        audit.record(
            None, "link", said, connection=connection, subject=subject, detail={"links": ids}, clock=clock
        )  # fmt: skip


def _same_link(connection: Connection, pair: str, crm: Record, books: Record, currency: str) -> Link:
    found = Link.objects.filter(connection=connection, pair=pair, crm_id=crm.remote_id, currency=currency).first()
    if found is not None and found.books_id == books.remote_id:
        return found
    raise ValueError(f"{crm.name} or {books.name} is already linked to something else; look at its link first.")


def open_problem(
    connection: Connection, cause: str, subject: tuple[str, str, str], who: str, sentence: str, *, now: datetime,
    detail: dict[str, object] | None = None,
) -> Problem:  # fmt: skip
    """The open problem of that cause and subject (kind, id, name), made if there is none; its sentence is refreshed."""
    kind, identity, name = subject
    problem, made = Problem.objects.get_or_create(
        connection=connection, cause=cause, subject_kind=kind, subject_id=identity, closed_at=None,
        defaults={"subject_name": name[:300], "who": who, "sentence": sentence, "detail": detail or {},
        "opened_at": now},
    )  # fmt: skip
    if not made and (problem.sentence, problem.who) != (sentence, who):
        problem.sentence, problem.who = sentence, who
        problem.save(update_fields=["sentence", "who"])
    return problem


def close_problems(connection: Connection, subject_kind: str, subject_id: str, now: datetime, *causes: str) -> int:
    """Close the open problems of a subject (only those of the causes, when any are named)."""
    rows = Problem.objects.filter(
        connection=connection, subject_kind=subject_kind, subject_id=subject_id, closed_at=None
    )
    return (rows.filter(cause__in=causes) if causes else rows).update(closed_at=now)
