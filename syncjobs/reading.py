"""Reading one kind: page, absorb, checkpoint in one transaction, so that a stopped run goes on where it was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from accounts.clients import Clients
from accounts.models import Connection, HoldCause
from syncjobs.absorbing import Absorbed, Told
from syncjobs.domain.normalising import normal_name
from syncjobs.feeds import Feed
from syncjobs.models import Checkpoint, Entry, Problem, Run, RunPage
from syncjobs.models.runs import listed
from syncjobs.off_peak import closes_at
from syncjobs.services import open_problem
from zbridge.clock import Clock
from zbridge.crash_points import Point
from zbridge.zoho.paging import Page

# Zoho stamps whole seconds and indexes late: each window begins a little before the last one ended (reliability 5).
OVERLAP = timedelta(minutes=5)
LEASE = timedelta(seconds=120)
WORK_SECONDS = 60.0
UNREADABLE = "unreadable"


class LeaseLost(Exception):
    """Another worker took this run over: stop at once, write nothing more."""


@dataclass(frozen=True)
class Reader:
    """What a reading needs from outside."""

    clients: Callable[[Connection], Clients]
    clock: Clock
    point: Point


def feed_of(kind: str, feeds: dict[str, str]) -> Feed:
    """The feed of a kind, found by its name in the settings."""
    found: Feed = import_string(feeds[kind])
    return found


def claim(run_id: int, clock: Clock) -> Run | None:
    """Take the run if nobody works on it: one conditional update, exactly one row; None when it is taken or ended."""
    now = clock.now()
    if _kind_is_busy(run_id, now):
        return None
    free = Run.objects.filter(pk=run_id, state__in=[Run.State.WAITING, Run.State.RUNNING, Run.State.PAUSED])
    free = free.exclude(lease_until__gte=now).exclude(hold_until__gt=now)
    taken = free.update(
        epoch=F("epoch") + 1, lease_until=now + LEASE, state=Run.State.RUNNING, hold="", hold_cause="", hold_until=None
    )
    return Run.objects.select_related("connection").get(pk=run_id) if taken else None


def _kind_is_busy(run_id: int, now: datetime) -> bool:
    """Whether a delta and an import's listing of one kind would be stored at once: the older row could come last."""
    mine = Run.objects.filter(pk=run_id).values("connection", "kind")[:1]
    others = Run.objects.filter(lease_until__gte=now, ended_at=None).exclude(pk=run_id)
    return others.filter(connection=mine.values("connection"), kind=mine.values("kind")).exists()


def read(run: Run, feed: Feed, reader: Reader) -> bool:
    """Work the run for at most a minute; True when the listing ended, False when more is left."""
    clients = reader.clients(run.connection)
    if run.full and run.started_at is None:
        _update_run(run, total=feed.count(clients))
    checkpoint = _open_window(run, feed, reader.clock)
    if checkpoint.place is None and run.pages.exists():
        return True  # a worker died between the last page and the run's end
    began = reader.clock.monotonic()
    until = closes_at(run, reader.clock)
    while True:
        page = feed.list_page(clients, checkpoint.since, checkpoint.place)
        reader.point("page read")
        _keep_page(run, feed, checkpoint, page, clients, reader.clock)
        reader.point("page kept")
        if not page.more:
            return True
        if reader.clock.monotonic() - began > WORK_SECONDS or until and reader.clock.now() >= until:
            return False


def _open_window(run: Run, feed: Feed, clock: Clock) -> Checkpoint:
    """The checkpoint of a listing under way, or of a new one since the watermark (from the start when full)."""
    checkpoint, _ = Checkpoint.objects.get_or_create(connection=run.connection, kind=run.place_kept_as)
    if run.started_at is None:
        checkpoint.place = None
        checkpoint.until = run.connection.now(clock)
        checkpoint.since = None if run.full or checkpoint.watermark is None else checkpoint.watermark - OVERLAP
        with transaction.atomic():
            _update_run(run, started_at=clock.now())
            checkpoint.save()
        run.started_at = clock.now()
    return checkpoint


def _keep_page(run: Run, feed: Feed, checkpoint: Checkpoint, page: Page, clients: Clients, clock: Clock) -> None:
    now = run.connection.now(clock)
    with transaction.atomic():
        absorbed = feed.absorb(run.connection, list(page.rows), now)
        _count(run, absorbed, [str(row.get(feed.raw_id) or "") for row in page.rows], clients, clock)
        _note_entries(run, feed, absorbed, now)
        _note_odd_rows(run, feed, absorbed, now)
        checkpoint.place = page.checkpoint if page.more else None
        if not page.more:
            checkpoint.watermark, checkpoint.read_at = checkpoint.until, checkpoint.until
            checkpoint.listed_at = checkpoint.until if checkpoint.since is None else checkpoint.listed_at
            _tell_the_delta(run, feed, checkpoint)
        checkpoint.save()


def _tell_the_delta(run: Run, feed: Feed, listed: Checkpoint) -> None:
    """An import's listing dealt with all changes before it began; the delta goes on from there if it was behind."""
    if run.place_kept_as == feed.kind:
        return
    delta, _ = Checkpoint.objects.get_or_create(connection=run.connection, kind=feed.kind)
    delta.listed_at = listed.until
    if delta.watermark is None and delta.place is None:
        delta.watermark, delta.read_at = listed.until, listed.until
    delta.save()


def _count(run: Run, absorbed: Absorbed, ids: list[str], clients: Clients, clock: Clock) -> None:
    number = run.pages.count() + 1
    changed = len(absorbed.created) + len(absorbed.updated)
    RunPage.objects.create(
        run=run, number=number, rows=absorbed.read, changed=changed, read_at=clock.now(),
        ids=" ".join(ids) if run.full else "",
    )  # fmt: skip
    _update_run(
        run,
        done=F("done") + absorbed.read,
        created=F("created") + len(absorbed.created),
        updated=F("updated") + len(absorbed.updated),
        unchanged=F("unchanged") + absorbed.unchanged,
        failed=F("failed") + len(absorbed.failed),
        calls_crm=F("calls_crm") + clients.tally.take("crm"),
        calls_books=F("calls_books") + clients.tally.take("books"),
        held_at=None,
        lease_until=clock.now() + LEASE,
    )


def _note_entries(run: Run, feed: Feed, absorbed: Absorbed, now: datetime) -> None:
    """Entries of a first reading would only repeat the counts: they begin with the second run."""
    if run.full or Checkpoint.objects.filter(connection=run.connection, kind=feed.kind, watermark=None).exists():
        return
    outcomes = [(key, Entry.Outcome.CREATED) for key in absorbed.created]
    outcomes += [(key, Entry.Outcome.UPDATED) for key in absorbed.updated]
    Entry.objects.bulk_create(
        _entry(run, feed.kind, key, outcome, absorbed.told.get(key, Told()), now) for key, outcome in outcomes
    )


def _entry(run: Run, kind: str, key: str, outcome: str, told: Told, now: datetime) -> Entry:
    return Entry(
        run=run, kind=kind, remote_id=key, outcome=outcome, at=now, name=told.name[:300],
        name_key=normal_name(told.name)[:300], before=told.before, after=told.after, fields=listed(told.after),
    )  # fmt: skip


def _note_odd_rows(run: Run, feed: Feed, absorbed: Absorbed, now: datetime) -> None:
    """A row that makes no sense is an entry and a problem, and blocks no other; read well later, it is settled."""
    for key in absorbed.failed:
        sentence = f"{feed.label}: the row {key} is not as Zoho documents it, and was left as last read."
        Entry.objects.create(
            run=run, kind=feed.kind, remote_id=key, outcome=Entry.Outcome.FAILED, cause=sentence, at=now
        )
        open_problem(run.connection, UNREADABLE, (feed.kind, key, key), "revops", sentence, now=now)
    well = [*absorbed.created, *absorbed.updated]
    problems = Problem.objects.filter(connection=run.connection, cause=UNREADABLE, subject_kind=feed.kind)
    problems.filter(subject_id__in=well, closed_at=None).update(closed_at=now)


def count_calls(run: Run, clients: Clients) -> None:
    """Add what these clients called meanwhile to the run's calls."""
    crm, books = clients.tally.take("crm"), clients.tally.take("books")
    _update_run(run, calls_crm=F("calls_crm") + crm, calls_books=F("calls_books") + books)


def _update_run(run: Run, **values: object) -> None:
    """Write to the run only while the lease is ours."""
    if Run.objects.filter(pk=run.pk, epoch=run.epoch).update(**values) != 1:
        raise LeaseLost(run.pk)


def note(run: Run, clock: Clock, **columns: object) -> None:
    """Write to the run and keep it for longer; raises LeaseLost when another worker has it."""
    _update_run(run, lease_until=clock.now() + LEASE, **columns)


def pause(run: Run, sentence: str, until: datetime | None, now: datetime, cause: HoldCause = HoldCause.OTHER) -> None:
    """Hold the run with its cause; the sweep rings again when the time has come."""
    _update_run(
        run, state=Run.State.PAUSED, hold=sentence, hold_cause=cause, held_at=run.held_at or now, hold_until=until,
        lease_until=None, sentence=_paused(run, sentence, until, now)[:300],
    )  # fmt: skip


def _paused(run: Run, sentence: str, until: datetime | None, now: datetime) -> str:
    """“Paused at 400 of 1200, resumes 14:05 (Europe/Berlin): why”."""
    run.refresh_from_db(fields=["done", "total"])
    if until is None or not run.done:
        return f"Paused: {sentence}"
    ahead = timedelta(seconds=run.connection.clock_offset if run.connection.is_simulator else 0)
    there = (until + ahead).astimezone(ZoneInfo(run.connection.time_zone))
    of = f" of {run.total}" if run.total else ""
    return f"Paused at {run.done}{of}, resumes {there:%H:%M} ({run.connection.time_zone}): {sentence}"


def finish(run: Run, state: Run.State, sentence: str, clock: Clock) -> None:
    """End the run with its verdict."""
    _update_run(run, state=state, sentence=sentence[:300], ended_at=clock.now(), held_at=None, lease_until=None)


def release(run: Run) -> None:
    """Give the run back with more left to do."""
    _update_run(run, lease_until=None)
