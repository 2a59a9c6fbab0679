"""One turn of work on a run: claim, read, name the end; known troubles become a pause with its cause."""

import logging
from datetime import timedelta

from django.conf import settings

from accounts.holds import cause_of
from syncjobs import reading, syncing
from syncjobs.absorbing import ODD
from syncjobs.domain.pairs import PAIR_KINDS, read_first
from syncjobs.linking import link_products
from syncjobs.models import Mapping, Run
from syncjobs.reading import LeaseLost, Reader
from syncjobs.services import start_run
from zbridge.clock import Clock
from zbridge.zoho.errors import ReconnectNeeded, ScopeMissing, Waits, WritesStopped, ZohoError

log = logging.getLogger(__name__)
RETRY = timedelta(minutes=2)


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


def _work(run: Run, reader: Reader) -> bool:
    """Read a page, or keep a pair of kinds in step; True when nothing is left."""
    if run.kind in PAIR_KINDS:
        return syncing.turn(run, reader)
    return reading.read(run, reading.feed_of(run.kind, settings.ZBRIDGE_FEEDS), reader)


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
    if run.kind in PAIR_KINDS:
        reading.finish(run, *syncing.verdict(run), reader.clock)
        return
    label = reading.feed_of(run.kind, settings.ZBRIDGE_FEEDS).label
    changed = run.created + run.updated
    if changed and run.kind in ("product", "item"):
        link_products(run.connection, reader.clock)
    state, sentence = Run.State.COMPLETE, f"Complete: {_counted(run.done, label)} read, {changed} new or changed."
    if run.failed:
        state = Run.State.INCOMPLETE
        sentence = f"Incomplete: {run.failed} of {run.done} {label.lower()} made no sense and stayed as last read."
    reading.finish(run, state, sentence, reader.clock)
    start_pairs(run, reader.clock)


def _counted(number: int, label: str) -> str:
    """“1 customer”, “62 accounts”."""
    return f"{number} {label.lower().removesuffix('s') if number == 1 else label.lower()}"


def start_pairs(run: Run, clock: Clock) -> None:
    """When a scheduled reading of one half ends and the other is not being read, keep the pair in step."""
    for kind, pair in PAIR_KINDS.items():
        halves = read_first(kind, run.connection.parties)
        if run.kind not in halves or run.trigger not in ("schedule", "person"):
            continue
        on = Mapping.objects.filter(connection=run.connection, pair=pair, two_way=True)
        busy = Run.objects.filter(connection=run.connection, kind__in=halves, ended_at=None)
        if on.exists() and not busy.exists():
            start_run(run.connection, kind, clock, trigger=run.trigger, user=run.user)
