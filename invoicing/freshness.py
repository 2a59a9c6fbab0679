"""How old the money on a page is: when its lists were last read to the end, or its customers last looked at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Connection
from invoicing.models import Receivable
from syncjobs.domain import schedules as domain
from syncjobs.models import Checkpoint, Run
from syncjobs.schedules import poll_every
from zbridge.clock import Clock

LISTS = ("invoice", "payment", "creditnote")
LOOKED_AT = 30


@dataclass(frozen=True)
class Age:
    """`read_at`: when the oldest figure was read (None: never). `waits`: Books is being asked anew for one of them."""

    read_at: datetime | None
    waits: bool


@dataclass(frozen=True)
class Lag:
    """How often invoices are read, when next, and how old figures really got; in our own clock, words for the rest."""

    every: str
    last_at: datetime | None
    next_at: datetime | None
    measured: str
    late: bool


def age_of(connection: Connection, customer_ids: Collection[str]) -> Age:
    """The age of these customers' figures; two queries."""
    read = dict(Checkpoint.objects.filter(connection=connection, kind__in=LISTS).values_list("kind", "read_at"))
    lists = [read.get(kind) for kind in LISTS]
    listed = None if None in lists or not lists else min(at for at in lists if at)
    rows = Receivable.objects.filter(connection=connection, customer_id__in=customer_ids)
    looked = [(looked_at, since) for looked_at, since in rows.values_list("looked_at", "look_since")]
    own = min((at for at, _ in looked if at), default=None) if looked and all(at for at, _ in looked) else None
    return Age(max((at for at in (listed, own) if at), default=None), any(since for _, since in looked))


def listed_at(connection: Connection, kind: str) -> datetime | None:
    """When the kind's list was last read to its end."""
    rows = Checkpoint.objects.filter(connection=connection, kind=kind)
    return rows.values_list("read_at", flat=True).first()


def lag_of(connection: Connection, clock: Clock) -> Lag:
    """What S40 asks for: the interval, the last and the next reading of invoices, and the measured lag."""
    every = poll_every(connection).get("invoice")
    rows = Run.objects.filter(connection=connection, kind="invoice", part_of=None).order_by("-requested_at")
    last = list(rows.only("requested_at", "started_at", "ended_at", "state")[:LOOKED_AT])
    ended = [run for run in last if run.state == Run.State.COMPLETE and run.started_at and run.ended_at]
    readings = [(run.started_at, run.ended_at) for run in reversed(ended) if run.started_at and run.ended_at]
    found = domain.measured(readings)
    ended_at = ended[0].ended_at if ended else None
    late = bool(every and ended_at and clock.now() - ended_at > every * domain.LATE_AFTER)
    return Lag(
        every=domain.in_words(every / timedelta(minutes=1)) if every else "", last_at=ended_at,
        next_at=max(last[0].requested_at + every, clock.now()) if every and last else None,
        measured=domain.age_in_words(found.typical) if found else "", late=late,
    )  # fmt: skip
