"""Working the inbox of hints: what is true is fetched from Zoho, once for all hints of a record or of a kind.

Few records whose single row is like their list's are read by their ids; everything else is one delta run of the kind.
What fails is tried again, later each time; in the end the next reading finds it anyway.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, F, Max, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.clients import Clients
from accounts.models import Connection
from syncjobs.absorbing import Absorbed
from syncjobs.domain.hooks import WAITING
from syncjobs.feeds import Feed
from syncjobs.models import Hint, HookAddress, Run
from syncjobs.reading import Reader, feed_of
from syncjobs.services import HINT, start_run
from zbridge.clock import Clock
from zbridge.queue import Queue, ring
from zbridge.zoho.errors import ZohoError

WORK = "syncjobs.tasks.work_hints"
# Rung where a workflow asks for a draft: invoicing knows what that means.
CONVERT = "invoicing.tasks.work_asked"
# A rep waits for these; their task stays short, so it stands before no click for long.
URGENT = frozenset({"deal", "quote"})
BY_ID = 5
WORK_SECONDS = 10.0
LEASE = timedelta(seconds=120)
# Lists aren't read more often than that for hints, however many come.
APART = timedelta(seconds=20)
FIRST_WAIT, LONGEST_WAIT, MOST_TRIES = timedelta(seconds=15), timedelta(hours=1), 8


def waiting(connection: Connection, now: datetime) -> "QuerySet[Hint]":
    """Hints that nobody works on and whose time has come."""
    free = Q(taken_at=None) | Q(taken_at__lt=now - LEASE)
    return Hint.objects.filter(free, Q(next_at=None) | Q(next_at__lte=now), connection=connection, done_at=None)


def to_look_at(connection: Connection, now: datetime) -> "QuerySet[Hint]":
    """Those that say only where to look."""
    return waiting(connection, now).exclude(sort=HookAddress.Sort.CONVERT)


def asked(connection: Connection, now: datetime) -> "QuerySet[Hint]":
    """Those by which a workflow asks for a draft, first come first."""
    return waiting(connection, now).filter(sort=HookAddress.Sort.CONVERT).order_by("pk")


def ring_for(connection: Connection, fresh: Sequence[Hint]) -> None:
    """Ring once for what just came; where others of the sort wait already, their bell is still to be heard."""
    others = Hint.objects.filter(connection=connection, done_at=None, taken_at=None, next_at=None)
    others = others.exclude(digest__in=[hint.digest for hint in fresh])
    for task, queue, mine in _bells(fresh):
        same = others.filter(sort=HookAddress.Sort.CONVERT) if task == CONVERT else others.filter(kind__in=mine)
        if not same.exists():
            ring(task, connection.pk, queue=queue)


def _bells(fresh: Sequence[Hint]) -> list[tuple[str, Queue, set[str]]]:
    """(task, queue, kinds) of what came."""
    kinds = {hint.kind for hint in fresh if hint.sort != HookAddress.Sort.CONVERT}
    found: list[tuple[str, Queue, set[str]]] = []
    if any(hint.sort == HookAddress.Sort.CONVERT for hint in fresh):
        found.append((CONVERT, "click", set()))
    if kinds & URGENT:
        found.append((WORK, "click", kinds & URGENT))
    if kinds - URGENT:
        found.append((WORK, "bulk", kinds - URGENT))
    return found


def ring_due(connection: Connection, clock: Clock) -> None:
    """The sweep's bell, for what lies: a bell was lost, or a second try is due."""
    if to_look_at(connection, clock.now()).exists():
        ring(WORK, connection.pk, queue="bulk")
    if asked(connection, clock.now()).exists():
        ring(CONVERT, connection.pk)


def work(connection: Connection, reader: Reader) -> bool:
    """Deal with what waits, for some seconds; True when more is left to do now."""
    began = reader.clock.monotonic()
    clients = reader.clients(connection)
    for kind, ids in _by_kind(connection, reader.clock.now()).items():
        feed = feed_of(kind, settings.ZBRIDGE_FEEDS)
        if not feed.told_alike or len(ids) > BY_ID or _is_being_read(connection, kind, reader.clock.now()):
            _by_list(connection, feed, reader.clock)
            continue
        for remote_id in ids:
            if reader.clock.monotonic() - began > WORK_SECONDS:
                return True
            if not _by_id(connection, feed, remote_id, clients, reader):
                break
    return False


def _by_kind(connection: Connection, now: datetime) -> dict[str, list[str]]:
    """The distinct records of each kind, urgent kinds first."""
    found: dict[str, list[str]] = {}
    rows = to_look_at(connection, now).order_by().values_list("kind", "remote_id").distinct()
    for kind, remote_id in rows:
        found.setdefault(kind, []).append(remote_id)
    return dict(sorted(found.items(), key=lambda one: one[0] not in URGENT))


def _is_being_read(connection: Connection, kind: str, now: datetime) -> bool:
    """Beside a delta run a row read by its id could be the newer one and be overwritten until the next run."""
    runs = Run.objects.filter(connection=connection, kind=kind, full=False, lease_until__gte=now, ended_at=None)
    return runs.exists()


def _by_id(connection: Connection, feed: Feed, remote_id: str, clients: Clients, reader: Reader) -> bool:
    """One GET for all hints of the record; False when Zoho didn't answer, so that the others wait too."""
    rows = to_look_at(connection, reader.clock.now()).filter(kind=feed.kind, remote_id=remote_id)
    taken = take(rows, reader.clock)
    if not taken:
        return True
    try:
        row = feed.one(clients, remote_id)
    except ZohoError as trouble:
        _failed(taken, trouble, reader.clock)
        return False
    reader.point("hint fetched")
    if row is None:
        settle(taken, "Zoho shows no such record; what is gone is looked for every hour.", reader.clock)
        return True
    with transaction.atomic():
        absorbed = feed.absorb(connection, [row], connection.now(reader.clock))
        settle(taken, _said(absorbed), reader.clock)
    return True


def _said(absorbed: Absorbed) -> str:
    if absorbed.failed:
        return "Read, but not as Zoho documents it; it stays as last read."
    if absorbed.created:
        return "Read; it was new."
    return "Read; it had changed." if absorbed.updated else "Read; nothing of it was new."


def _by_list(connection: Connection, feed: Feed, clock: Clock) -> None:
    """One delta run for all hints of the kind that came before it begins; the others wait for the next."""
    now = clock.now()
    rows = to_look_at(connection, now).filter(kind=feed.kind)
    runs = Run.objects.filter(connection=connection, kind=feed.kind, part_of=None).order_by("-requested_at", "-pk")
    last = runs.first()
    if last is not None and last.started_at is not None:
        _read_by(rows.filter(arrived_at__lt=last.started_at), last, feed, clock)
        if last.ended_at is None or last.requested_at > now - APART:
            rows.update(next_at=now + APART)
            return
    if rows.exists():
        run = start_run(connection, feed.kind, clock, trigger=HINT)
        if run.started_at is None:
            _read_by(rows, run, feed, clock)


def _read_by(rows: "QuerySet[Hint]", run: Run, feed: Feed, clock: Clock) -> None:
    said = f"Read with the changes of all {feed.label.lower()}, in run {run.pk}."
    settle(take(rows, clock), said, clock)


def take(rows: "QuerySet[Hint]", clock: Clock) -> list[int]:
    """Claim those of them that are still free; their ids. The same said once more from now on is a new hint."""
    with transaction.atomic():
        found = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
        for mine in _some(found):
            mine.update(taken_at=clock.now(), tries=F("tries") + 1)
            released = Concat(Value("taken "), Cast("pk", CharField()))
            mine.filter(digest__startswith=WAITING).update(digest=released)
    return found


def _some(ids: Sequence[int]) -> Iterator["QuerySet[Hint]"]:
    """A few hundred at a time: a statement takes only so many."""
    for start in range(0, len(ids), 500):
        yield Hint.objects.filter(pk__in=ids[start : start + 500])


def settle(taken: Sequence[int], outcome: str, clock: Clock) -> None:
    """They are dealt with."""
    for mine in _some(taken):
        mine.update(done_at=clock.now(), outcome=outcome[:300], next_at=None)


def put_off(taken: Sequence[int], why: str, clock: Clock, *, after: float | None = None) -> None:
    """Tried again after so many seconds, or each time after twice as long as the time before, an hour at most."""
    tries = next(_some(taken)).aggregate(most=Max("tries"))["most"] or 1
    wait = timedelta(seconds=after) if after else FIRST_WAIT * 2 ** min(tries - 1, 12)
    for mine in _some(taken):
        mine.update(taken_at=None, next_at=clock.now() + min(wait, LONGEST_WAIT), outcome=why[:300])


def _failed(taken: Sequence[int], trouble: ZohoError, clock: Clock) -> None:
    """Tried again later; in the end left to the next reading of the list."""
    if next(_some(taken)).filter(tries__gte=MOST_TRIES).exists():
        settle(taken, f"It could not be read: {trouble.sentence} The next reading of the list finds it.", clock)
    else:
        put_off(taken, trouble.sentence, clock, after=getattr(trouble, "retry_after", None))
