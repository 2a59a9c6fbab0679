"""Keeping a pair of kinds in step: details that only single reads show, then the plan, then exactly its writes.

A run of a pair comes after both kinds were read. It stops after the plan when it was asked for a plan only, when the
sync is off, or when a guard found that the plan looks like an accident.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from syncjobs.applying import Applier, finish, start
from syncjobs.customer_people import absorb_people, link_people
from syncjobs.domain.digesting import canonical_json
from syncjobs.domain.pairs import PAIR_KINDS
from syncjobs.linking import link_customers
from syncjobs.making import Maker
from syncjobs.mappings import fields_of, mapping_of
from syncjobs.models import Conflict, KeptValue, Link, Mapping, Plan, PlannedWrite, Record, Run
from syncjobs.models.records import VERSION
from syncjobs.off_peak import closes_at
from syncjobs.planning import make_plan
from syncjobs.reading import LEASE, LeaseLost, Reader
from syncjobs.undo_plans import undo_plan
from syncjobs.who import survey_when_old

PLAN_ONLY, APPLY = "plan", "apply"
# After a plan was applied both sides are read again and compared; an import plans, and a person applies.
CHECK, IMPORT = "check", "import"
# A retry and an undo plan for some records only, after both sides were read; a person applies what they plan.
RETRY, UNDO = "retry", "undo"
NARROWED = (RETRY, UNDO)
ONLY_LOOKS = (PLAN_ONLY, CHECK, IMPORT, *NARROWED)
WORK_SECONDS = 60.0
Outcome = PlannedWrite.Outcome


def turn(run: Run, reader: Reader) -> bool:
    """Work the run for at most a minute; True when it has ended."""
    mapping = mapping_of(run.connection, PAIR_KINDS[run.kind], reader.clock)
    plan = run.plans.first()
    if plan is None:
        _link_what_is_certain(run, mapping, reader)
        if not _read_details(run, mapping, reader):
            return False
        if mapping.pair == "person":
            link_people(run.connection, reader.clock)
        plan = _planned(run, mapping, reader)
        _count(run, plan)
    if run.trigger == APPLY or (plan.state == Plan.State.MADE and mapping.two_way and run.trigger not in ONLY_LOOKS):
        start(plan, run.user, reader.clock.now())
        plan.refresh_from_db()
    if plan.state != Plan.State.APPLYING:
        return True
    applier = Applier(plan, reader, lambda: _update(run, reader.clock.now()))
    ended = applier.turn()
    _calls(run, applier.clients.tally.take("crm"), applier.clients.tally.take("books"), reader)
    if ended:
        finish(plan)
        _count(run, plan)
    return ended


def _planned(run: Run, mapping: Mapping, reader: Reader) -> Plan:
    """The plan of the whole pair, or of what is tried again."""
    if run.trigger == RETRY:
        failed = list(PlannedWrite.objects.filter(pk__in=run.narrowed))
        return make_plan(mapping, reader.clock, run=run, user=run.user, failed=failed)
    if run.trigger == UNDO:
        return undo_plan(mapping, run, reader.clock)
    survey_when_old(mapping, reader.clock, anew=run.trigger in ("first", "person", *ONLY_LOOKS))
    return make_plan(mapping, reader.clock, run=run, user=run.user)


def verdict(run: Run) -> tuple[Run.State, str]:
    """How the run ended, in a sentence."""
    plan = run.plans.first()
    if plan is None:
        return Run.State.FAILED, "No plan was made."
    plan.refresh_from_db()
    writes, asked = plan.writes.exclude(outcome=Outcome.LEFT).count(), run.conflicts
    rest = f" {_counted(asked, 'field')} for a person." if asked else ""
    left = plan.writes.filter(outcome=Outcome.LEFT).count() if plan.undoes_id else 0
    rest += f" {left} can't be undone; listed below." if left else ""
    rest += f" {_counted(plan.misfit_count, 'value')} to be mapped." if plan.misfit_count else ""
    if plan.state == Plan.State.STOPPED:
        return Run.State.REFUSED, f"Stopped before the first write: {plan.alarms[0]}"[:300]
    if plan.state == Plan.State.MADE:
        return Run.State.COMPLETE, f"Planned: {_writes(writes)}; nothing was written.{rest}"
    done = plan.writes.filter(outcome=Outcome.WRITTEN).count()
    if done < writes:
        return Run.State.INCOMPLETE, f"Incomplete: {done} of {writes} writes done; the others are listed below.{rest}"
    return Run.State.COMPLETE, f"Complete: {done} written, {plan.unchanged} in step already.{rest}"


def _writes(number: int) -> str:
    return "1 write" if number == 1 else f"{number} writes"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing} waits" if number == 1 else f"{number} {thing}s wait"


def _link_what_is_certain(run: Run, mapping: Mapping, reader: Reader) -> None:
    """What an earlier run made without hearing of it, then what two sides surely share."""
    clients = reader.clients(run.connection)
    Maker(
        run.connection, mapping.pair, clients, reader, lambda: _update(run, reader.clock.now())
    ).settle_open()  # fmt: skip
    _calls(run, clients.tally.take("crm"), clients.tally.take("books"), reader)
    if mapping.pair in ("customer", "person"):
        link_customers(run.connection, reader.clock, lambda: _update(run, reader.clock.now()))


def _read_details(run: Run, mapping: Mapping, reader: Reader) -> bool:
    """Read anew what lists don't show, of linked customers whose row moved; False when more is left.

    A call each: an import does so only where the pair is kept in step at all.
    """
    wanted = mapping.pair == "customer" and any(one.needs_detail for one in fields_of(mapping))
    if not wanted and mapping.pair != "person" or run.trigger == IMPORT and not mapping.two_way:
        return True
    began = reader.clock.monotonic()
    clients, until = reader.clients(run.connection), closes_at(run, reader.clock)
    _update(run, reader.clock.now(), total=run.done + _stale(mapping).count())
    for record in _stale(mapping).order_by("pk").iterator(500):
        found = clients.books.contact(record.remote_id)
        detail = canonical_json(found) if found else record.detail
        with transaction.atomic():
            Record.objects.filter(pk=record.pk).update(detail=detail, detail_of=record.version)
            if found:
                absorb_people(run.connection, record.remote_id, found, run.connection.now(reader.clock))
        _calls(run, clients.tally.take("crm"), clients.tally.take("books"), reader)
        _update(run, None, done=F("done") + 1)
        if reader.clock.monotonic() - began > WORK_SECONDS or until and reader.clock.now() >= until:
            return False
    return True


def _stale(mapping: Mapping) -> "QuerySet[Record]":
    linked = Link.objects.filter(connection=mapping.connection, pair="customer").values("books_id")
    rows: QuerySet[Record] = Record.objects.filter(
        connection=mapping.connection, kind="customer", gone_at=None, remote_id__in=linked
    )
    known = rows.exclude(detail="").order_by("pk")
    if mapping.pair == "person" and not Record.objects.filter(connection=mapping.connection, kind="person").exists():
        known.update(detail_of="")  # read before persons were kept
    return rows.exclude(detail_of=VERSION)


def _calls(run: Run, crm: int, books: int, reader: Reader) -> None:
    _update(run, reader.clock.now(), calls_crm=F("calls_crm") + crm, calls_books=F("calls_books") + books)


def _count(run: Run, plan: Plan) -> None:
    """The counts of a run, from its plan's rows: read is the sum of the outcomes."""
    writes = plan.writes.exclude(outcome=Outcome.LEFT)
    written = writes.filter(outcome=Outcome.WRITTEN)
    touched = set(writes.exclude(link=None).values_list("link_id", flat=True))
    refused = set(KeptValue.objects.filter(plan=plan, why="refused").values_list("link_id", flat=True)) - touched
    links = Link.objects.filter(connection=plan.connection, pair=plan.pair)
    if plan.purpose:
        links = links.filter(pk__in=touched)
    counts = {
        "created": written.filter(remote_id="").count(),
        "updated": written.exclude(remote_id="").values("link").distinct().count(),
        "failed": writes.filter(outcome=Outcome.REFUSED).count(),
        "skipped": writes.filter(outcome__in=[Outcome.MOVED, Outcome.HELD]).count(),
        "refused": len(refused),
        "conflicts": Conflict.objects.filter(link__in=links, closed_at=None).count(),
    }
    done = plan.read_crm + plan.read_books + counts["created"]
    unchanged = max(0, done - sum(counts.values()))
    _update(run, None, **counts, unchanged=unchanged, done=done, writes=written.count(), total=writes.count())
    run.refresh_from_db()


def _update(run: Run, lease: datetime | None, **values: object) -> None:
    """Write to the run only while the lease is ours."""
    if lease is not None:
        values["lease_until"] = lease + LEASE
    with transaction.atomic():
        if Run.objects.filter(pk=run.pk, epoch=run.epoch).update(**values) != 1:
            raise LeaseLost(run.pk)
