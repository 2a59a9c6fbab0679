"""One turn of work on a run: claim, read, name the end; known troubles become a pause with its cause."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.holds import cause_of
from accounts.models import HoldCause
from accounts.organisations import read_money_anew
from syncjobs import importing, reading, syncing
from syncjobs.absorbing import ODD
from syncjobs.comparing import compare_when_due
from syncjobs.domain.pairs import PAIR_KINDS, read_first
from syncjobs.linking import link_products
from syncjobs.mappings import mapping_of
from syncjobs.models import Mapping, Run
from syncjobs.off_peak import opens_at
from syncjobs.other_work import work_of
from syncjobs.reading import LeaseLost, Reader
from syncjobs.services import HINT, start_run
from syncjobs.vanishing import Missed, after_listing
from zbridge.clock import Clock
from zbridge.zoho.errors import ReconnectNeeded, ScopeMissing, Waits, WritesStopped, ZohoError

log = logging.getLogger(__name__)
RETRY = timedelta(minutes=2)
SOON = timedelta(seconds=3)


def work(run_id: int, reader: Reader) -> Run | None:
    """Work the run for one turn; None when somebody else has it. The caller rings again while it is not ended."""
    run = reading.claim(run_id, reader.clock)
    if run is None:
        return None
    try:
        _turn(run, reader)
    except LeaseLost:
        return None
    run.refresh_from_db()
    return run


def _turn(run: Run, reader: Reader) -> None:
    opens = opens_at(run, reader.clock)
    if opens is not None:
        _wait_for_off_peak(run, opens, reader)
        return
    try:
        ended = _work(run, reader)
    except (Waits, ReconnectNeeded, WritesStopped) as trouble:
        _pause(run, trouble, reader)
    except ScopeMissing as trouble:
        reading.finish(run, Run.State.FAILED, f"Zoho refused: {trouble.sentence}", reader.clock)
    except ZohoError as trouble:
        _pause(run, trouble, reader)
    except ODD:
        log.exception("run %s of %s stopped", run.pk, run.kind)
        now = reader.clock.now()
        reading.pause(run, "zbridge couldn't read an answer; the log has the details.", now + RETRY, now)
    else:
        _end(run, ended, reader)
        if ended and run.part_of is not None:
            importing.advance(run.part_of, reader.clock)


def _work(run: Run, reader: Reader) -> bool:
    """Read a page, or keep a pair of kinds in step; True when nothing is left. An import begins with the money."""
    if run.part_of_id and run.kind == importing.STEPS[0] and run.started_at is None:
        clients = reader.clients(run.connection)
        read_money_anew(run.connection, clients)
        reading.count_calls(run, clients)
    if run.kind in PAIR_KINDS:
        if run.trigger in syncing.NARROWED and not run.plans.exists() and not _both_read(run, reader):
            return False
        return syncing.turn(run, reader)
    other = work_of(run.kind)
    if other is not None:
        return other.turn(run, reader)
    return reading.read(run, reading.feed_of(run.kind, settings.ZBRIDGE_FEEDS), reader)


def _both_read(run: Run, reader: Reader) -> bool:
    """Whether both sides were read since the run was asked for; if not, read on for a turn: the lease is for one."""
    for kind in read_first(run.kind, run.connection.parties):
        since = Run.objects.filter(connection=run.connection, kind=kind, started_at__gte=run.requested_at)
        if not since.filter(ended_at__isnull=False).exists():
            first = start_run(run.connection, kind, reader.clock, trigger=run.trigger, user=run.user, doorbell=False)
            work(first.pk, reader)
            first.refresh_from_db()
            if first.ended_at is None:
                _wait_for(run, first, reader)
            return False
    return True


def _wait_for(run: Run, first: Run, reader: Reader) -> None:
    now = reader.clock.now()
    until = max(now + SOON, first.hold_until or now)
    reading.pause(run, f"{first.title} are read first.", until, now)


def _wait_for_off_peak(run: Run, opens: datetime, reader: Reader) -> None:
    """Bulk work stands still in the day's hours; clicks and what is read each few minutes go on."""
    there = run.connection.now(reader.clock) + (opens - reader.clock.now())
    at = there.astimezone(ZoneInfo(run.connection.time_zone))
    sentence = f"It waits for the off-peak hours, which begin at {at:%H:%M} ({run.connection.time_zone})."
    reading.pause(run, sentence, opens, reader.clock.now(), HoldCause.WINDOW)


def work_to_end(run: Run, reader: Reader, patience: float = 120.0) -> Run:
    """Work the run in this process until it ends; a pause that ends within the patience (seconds) is waited for."""
    until = reader.clock.monotonic() + patience
    while run.state in (Run.State.WAITING, Run.State.RUNNING, Run.State.PAUSED):
        if run.hold_until is not None:
            wait = max(0.1, (run.hold_until - reader.clock.now()).total_seconds())
            if reader.clock.monotonic() + wait > until:
                break
            reader.clock.sleep(wait)
        worked = work(run.pk, reader)
        run.refresh_from_db()
        if worked is None and run.hold_until is None:
            break
    return run


def _pause(run: Run, trouble: ZohoError, reader: Reader) -> None:
    wait = getattr(trouble, "retry_after", None)
    now = reader.clock.now()
    until = now + (timedelta(seconds=wait) if wait else RETRY)
    reading.pause(run, trouble.sentence[:200], until, now, cause_of(trouble))


def _end(run: Run, ended: bool, reader: Reader) -> None:
    if not ended:
        reading.release(run)
        return
    run.refresh_from_db()
    other = work_of(run.kind)
    if other is not None:
        reading.finish(run, *other.verdict(run), reader.clock)
        return
    if run.kind in PAIR_KINDS:
        if run.trigger not in syncing.NARROWED:
            compare_when_due(mapping_of(run.connection, PAIR_KINDS[run.kind], reader.clock), run, reader.clock)
        reading.finish(run, *syncing.verdict(run), reader.clock)
        if run.trigger == syncing.APPLY and run.writes:
            _read_again(run, reader.clock)
        return
    feed = reading.feed_of(run.kind, settings.ZBRIDGE_FEEDS)
    label, changed = feed.label, run.created + run.updated
    missed = after_listing(run, feed, run.connection.now(reader.clock)) if run.full else Missed()
    if changed and run.kind in ("product", "item"):
        link_products(run.connection, reader.clock)
    state, sentence = _verdict(run, label, missed)
    reading.finish(run, state, sentence, reader.clock)
    start_pairs(run, reader.clock)


def _verdict(run: Run, label: str, missed: Missed) -> tuple[Run.State, str]:
    """How a reading ended: complete only when every row made sense and nothing that should be there was left out."""
    if run.failed:
        said = f"{run.failed} of {run.done} {label.lower()} made no sense and stayed as last read."
        return Run.State.INCOMPLETE, f"Incomplete: {said}"
    if missed.is_too_much:
        said = f"the list showed {run.done} {label.lower()} and lacked {missed.count} of {missed.known} known ones."
        rest = "Nothing was taken for gone; look at the connected user's rights, then read again."
        return Run.State.REFUSED, f"Refused: {said} {rest}"
    if missed.count or run.done < run.total:
        return Run.State.INCOMPLETE, _short_of(run, label, missed.count)
    changed = run.created + run.updated
    return Run.State.COMPLETE, f"Complete: {_counted(run.done, label)} read, {changed} new or changed."


def _short_of(run: Run, label: str, missed: int) -> str:
    """What the list should have shown: known records, and as many as Zoho itself counts."""
    said = (
        [f"{missed} known to zbridge {'is' if missed == 1 else 'are'} not in the list and looked for"] if missed else []
    )
    hidden = run.total - run.done
    said += [f"Zoho counts {run.total}, {hidden} of them not shown to the connected user"] if hidden > 0 else []
    return f"Incomplete: {_counted(run.done, label)} read; {'; '.join(said)}."


def _counted(number: int, label: str) -> str:
    """“1 customer”, “62 accounts”."""
    return f"{number} {label.lower().removesuffix('s') if number == 1 else label.lower()}"


def _read_again(run: Run, clock: Clock) -> None:
    """What was written is read back on both sides, then counted and compared."""
    for kind in read_first(run.kind, run.connection.parties):
        start_run(run.connection, kind, clock, trigger=syncing.CHECK, user=run.user)


def start_pairs(run: Run, clock: Clock) -> None:
    """When a reading of one half ends and the other is not being read, keep the pair in step, or check it."""
    for kind, pair in PAIR_KINDS.items():
        halves = read_first(kind, run.connection.parties)
        if run.kind not in halves or run.trigger not in ("schedule", "person", HINT, syncing.CHECK):
            continue
        on = Mapping.objects.filter(connection=run.connection, pair=pair, two_way=True)
        busy = Run.objects.filter(connection=run.connection, kind__in=halves, ended_at=None)
        if (run.trigger == syncing.CHECK or on.exists()) and not busy.exists():
            start_run(run.connection, kind, clock, trigger=run.trigger, user=run.user)
