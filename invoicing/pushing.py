"""Figures to CRM: works out anew what is due, writes by the hundred what differs, and keeps what CRM was told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q, QuerySet

from accounts import figure_fields
from accounts.clients import Clients, seams
from accounts.figure_fields import Places, places
from accounts.models import Connection
from invoicing import noticing, written
from invoicing.domain.crm_figures import Figures
from invoicing.figures import MODULES, figures_of, row_for_crm, texts
from invoicing.models import Written
from syncjobs import reading
from syncjobs.domain.other_runs import FIGURES as KIND
from syncjobs.models import Run
from syncjobs.reading import Reader
from syncjobs.services import close_problems, open_problem, start_run
from zbridge.clock import Clock
from zbridge.zoho.crm_rows import RowResult
from zbridge.zoho.errors import Rejected
from zbridge.zoho.gate import Priority

BATCH, LOOKED_AT = 100, 200
WORK_SECONDS = 60.0
# Whether CRM's fields are still there is asked this often at most, and only when something is to be written.
FIELDS_ANEW = timedelta(minutes=5)
NO_FIELD = "figure fields"


def rows_due(connection: Connection, clock: Clock, kind: str) -> "QuerySet[Written]":
    """Accounts or deals whose figures are to be worked out now; none that CRM no longer has, or that wait."""
    rows = Written.objects.filter(connection=connection, kind=kind, due_since__isnull=False, gone_at=None)
    return rows.filter(Q(hold_until=None) | Q(hold_until__lte=clock.now())).order_by("pk")


def start_due(connection: Connection, clock: Clock) -> bool:
    """Ask for a run when something may have moved; a few queries by index, no call."""
    if connection.state != Connection.State.CONNECTED:
        return False
    due = any(rows_due(connection, clock, kind).exists() for kind in Written.Kind)
    if not due and not noticing.anything(connection, connection.now(clock), connection.today(clock)):
        return False
    start_run(connection, KIND, clock, trigger=KIND)
    return True


def write_deal(connection: Connection, crm_id: str, clients: Clients, clock: Clock) -> None:
    """A deal's figures at once, as its draft was made. Raises ZohoError; a refusal of a field has CRM's fields read."""
    found = places(connection, MODULES[Written.Kind.DEAL])
    figures = figures_of(connection, Written.Kind.DEAL, [crm_id], connection.today(clock)).get(crm_id)
    if figures is None or not found.found:
        return
    now = connection.now(clock)
    values = row_for_crm(figures, found.found, now)
    try:
        clients.crm.update_record("Deals", crm_id, values, trigger=trigger_of(connection))
    except Rejected as refusal:
        if refusal.field in values:
            figure_fields.read(connection, clients, clock, ["Deals"])
        raise
    written.keep_one(connection, Written.Kind.DEAL, crm_id, texts(figures, found.found), now)


def trigger_of(connection: Connection) -> tuple[str, ...]:
    """Which of CRM's automations a write fires: none, unless somebody switched that on (facts CRM 2.3)."""
    return ("workflow",) if connection.fire_workflows else ()


@dataclass(frozen=True)
class Waiting:
    """One record whose figures differ from what CRM was told."""

    row: Written
    figures: Figures


class Push:
    """One turn of a run: due rows, then the look at all that once a day and new fields ask for."""

    def __init__(self, run: Run, clock: Clock) -> None:
        self.run = run
        self.connection = run.connection
        self.clock = clock
        self.clients = seams().clients(run.connection, Priority.PUSH)
        self.until = clock.monotonic() + WORK_SECONDS

    def turn(self) -> bool:
        """For at most a minute; True when nothing is left."""
        now, today = self.connection.now(self.clock), self.connection.today(self.clock)
        noticing.notice(self.connection, now, today)
        if self.run.started_at is None:
            due = sum(rows_due(self.connection, self.clock, kind).count() for kind in Written.Kind)
            reading.note(self.run, self.clock, started_at=self.clock.now(), total=due)
        while all(self._push(kind) for kind in Written.Kind):
            if not self._comb():
                return not self._is_over()
        return False

    def _is_over(self) -> bool:
        return self.clock.monotonic() >= self.until

    # -- what is due ---------------------------------------------------------------------------------------------------

    def _push(self, kind: str) -> bool:
        """Write what is due of that kind; False when the time is over first."""
        waiting: list[Waiting] = []
        for found in self._differing(kind):
            waiting += found
            while len(waiting) >= BATCH:
                self._write(kind, waiting[:BATCH])
                waiting = waiting[BATCH:]
                if self._is_over():
                    return False
        if waiting:
            self._write(kind, waiting)
        return not self._is_over()

    def _differing(self, kind: str) -> Iterator[list[Waiting]]:
        """The due rows, by the two hundred, that differ from what CRM was told; the others are due no more."""
        after = 0
        while rows := list(rows_due(self.connection, self.clock, kind).filter(pk__gt=after)[:LOOKED_AT]):
            after = rows[-1].pk
            differing = self._compared(kind, rows)
            same = {row.pk for row in rows} - {one.row.pk for one in differing}
            settled = [row for row in rows if row.pk in same]
            written.settle(settled)
            reading.note(self.run, self.clock, done=F("done") + len(same), unchanged=F("unchanged") + len(same))
            yield differing

    def _compared(self, kind: str, rows: Sequence[Written]) -> list[Waiting]:
        found = places(self.connection, MODULES[Written.Kind(kind)]).found
        ids = [row.crm_id for row in rows]
        figures = figures_of(self.connection, kind, ids, self.connection.today(self.clock))
        known = [Waiting(row, figures[row.crm_id]) for row in rows if row.crm_id in figures]
        return [one for one in known if written.differs(one.row, texts(one.figures, found))]

    # -- writing -------------------------------------------------------------------------------------------------------

    def _write(self, kind: str, batch: Sequence[Waiting]) -> None:
        """One call for up to a hundred rows; a row that CRM refuses stops none of the others."""
        fields = self._fields(kind)
        if not fields.found:
            written.settle([one.row for one in batch])
            return
        now, module = self.connection.now(self.clock), MODULES[Written.Kind(kind)]
        told = [(one, texts(one.figures, fields.found)) for one in batch]
        rows = [
            {**row_for_crm(one.figures, fields.found, written.as_of(one.row, said, now)), "id": one.row.crm_id}
            for one, said in told
        ]
        reading.note(self.run, self.clock)
        try:
            results = self.clients.crm.update_records(module, rows, trigger=trigger_of(self.connection))
        finally:
            reading.count_calls(self.run, self.clients)
        ended = written.Ended(self.run, Written.Kind(kind), fields.found, now, self.clock)
        pairs = list(zip(batch, results, strict=True))
        ended.keep([(one.row, said, result) for (one, said), result in zip(told, results, strict=True)])
        self._without_the_field(kind, fields, pairs)

    def _without_the_field(self, kind: str, fields: Places, pairs: Sequence[tuple[Waiting, RowResult]]) -> None:
        """Rows refused for a field of ours: it may be gone from CRM. Then they are written without it, at once."""
        names = {one.name for one in fields.found}
        blamed = [one for one, result in pairs if result.error is not None and result.error.field in names]
        if not blamed:
            return
        self._read_fields(kind)
        if len(places(self.connection, MODULES[Written.Kind(kind)]).found) < len(fields.found):
            self._write(kind, blamed)

    def _fields(self, kind: str) -> Places:
        """Where the figures go, asked of CRM when that is a while ago: it takes a field that is gone without a word."""
        module = MODULES[Written.Kind(kind)]
        last = figure_fields.read_at(self.connection, module)
        if last is None or last < self.clock.now() - FIELDS_ANEW:
            self._read_fields(kind)
        return places(self.connection, module)

    def _read_fields(self, kind: str) -> None:
        figure_fields.read(self.connection, self.clients, self.clock, [MODULES[Written.Kind(kind)]])
        reading.count_calls(self.run, self.clients)
        noticing.note_fields(self.connection)
        tell_of_fields(self.connection, self.clock)

    # -- all of them ---------------------------------------------------------------------------------------------------

    def _comb(self) -> bool:
        """Compare all that is known, once a day and for new fields; True when something turned out to be due."""
        kept = noticing.checkpoint(self.connection)
        place, found = kept.place or {}, 0
        while place.get("comb") is not None and not self._is_over():
            known = Written.objects.filter(connection=self.connection, gone_at=None, pk__gt=place["comb"])
            rows = list(known.order_by("pk")[:LOOKED_AT])
            found += sum(self._combed(kind, [row for row in rows if row.kind == kind]) for kind in Written.Kind)
            place["comb"] = rows[-1].pk if rows else None
            kept.place = place
            kept.save(update_fields=["place"])
        return bool(found)

    def _combed(self, kind: str, rows: Sequence[Written]) -> int:
        differing = [one.row.crm_id for one in self._compared(kind, rows)]
        noticing.mark(self.connection, kind, differing, self.connection.now(self.clock))
        same = len(rows) - len(differing)
        reading.note(self.run, self.clock, done=F("done") + same, unchanged=F("unchanged") + same)
        return len(differing)


def tell_of_fields(connection: Connection, clock: Clock) -> None:
    """The check on the connection's page and the error desk follow what was just read of CRM's fields."""
    figure_fields.note_in_readiness(connection)
    found, subject = figure_fields.judge(connection), ("connection", str(connection.pk), str(connection))
    if found.state == "red":
        open_problem(connection, NO_FIELD, subject, "revops", f"{found.sentence} {found.fix}", now=clock.now())
    else:
        close_problems(connection, "connection", str(connection.pk), clock.now(), NO_FIELD)


@dataclass(frozen=True)
class FiguresWork:
    """How runs of figures are worked (syncjobs.other_work)."""

    def turn(self, run: Run, reader: Reader) -> bool:
        """One turn of at most a minute. Raises ZohoError; what wasn't written stays due."""
        return Push(run, reader.clock).turn()

    def verdict(self, run: Run) -> tuple[Run.State, str]:
        """What was written, and what waits or was refused."""
        waits = f" {run.skipped} can't be written now; Problems says why." if run.skipped else ""
        if run.failed:
            said = f"CRM refused {run.failed} of {run.done}, and they are tried again; Problems says why."
            return Run.State.INCOMPLETE, f"Incomplete: {run.updated} written; {said}"
        return Run.State.COMPLETE, f"Complete: {run.updated} written to CRM, {run.unchanged} as they were.{waits}"


FIGURES = FiguresWork()
