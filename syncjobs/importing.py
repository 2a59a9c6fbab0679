"""Bringing everything over: each kind read anew in order, then each pair linked, planned and compared.

An import is a row and the runs it starts, one at a time; whoever ends one starts the next, and so does the minute's
sweep. It writes nothing to Zoho: what is to be made stands in its plans, which a person applies.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Connection, User
from syncjobs.domain.pairs import PAIR_KINDS
from syncjobs.mappings import Refused
from syncjobs.models import Comparison, Import, Run
from syncjobs.services import start_run
from syncjobs.syncing import IMPORT
from zbridge.clock import Clock

# Each after what it points to: items and customers before documents, both halves before their pair.
READ = ("item", "product", "customer", "account", "contact", "invoice", "quote", "deal")
STEPS = (*READ, "products", "customers", "persons")
ENDED = (Run.State.COMPLETE, Run.State.INCOMPLETE, Run.State.REFUSED, Run.State.FAILED)


def start_import(connection: Connection, user: User | None, clock: Clock, *, in_window: bool = False) -> Import:
    """Start it; raises Refused when one is under way, or the off-peak hours that it shall keep to aren't set."""
    if in_window and connection.bulk_opens is None:
        raise Refused("No off-peak hours are set. Choose them first, or start without.")
    try:
        with transaction.atomic():
            row = Import.objects.create(
                connection=connection, user=user, in_window=in_window, requested_at=clock.now()
            )  # fmt: skip
            said = f"Started an import{' in the off-peak hours' if in_window else ''}."
            audit.record(user, "import", said, connection=connection, subject=("import", str(row.pk)), clock=clock)
            advance(row, clock)
            return row
    except IntegrityError as busy:
        raise Refused("An import is under way. It goes on by itself; look at its page.") from busy


def advance(row: Import, clock: Clock) -> None:
    """Start the step that comes next, or end the import; nothing while a step is under way. Safe at any time."""
    while row.state == Import.State.RUNNING:
        if row.step >= len(STEPS):
            _end(row, clock)
            return
        kind = STEPS[row.step]
        mine = row.runs.filter(kind=kind).order_by("-pk").first()
        if mine is None and not _start(row, kind, clock) or mine is not None and mine.state not in ENDED:
            return
        if mine is None:
            return
        moved = Import.objects.filter(pk=row.pk, step=row.step, state=Import.State.RUNNING)
        moved.update(step=row.step + 1)
        row.refresh_from_db()


def _start(row: Import, kind: str, clock: Clock) -> bool:
    """Start the step's run; False while another run of the kind is under way: the sweep comes back."""
    full = kind not in PAIR_KINDS
    run = start_run(
        row.connection, kind, clock, full=full, trigger=IMPORT, user=row.user, part_of=row, in_window=row.in_window
    )  # fmt: skip
    return run.part_of_id == row.pk


def advance_due(connection: Connection, clock: Clock) -> None:
    """What the sweep finds: imports whose step has ended without the next being started."""
    for row in Import.objects.filter(connection=connection, state=Import.State.RUNNING):
        advance(row, clock)


def stop_import(row: Import, user: User, clock: Clock) -> None:
    """End it where it is; what was read stays, and the run under way ends with its page. Raises Refused when over."""
    with transaction.atomic():
        stopped = Import.objects.filter(pk=row.pk, state=Import.State.RUNNING)
        said = f"Stopped by {user.get_full_name() or user.username} after {row.step} of {len(STEPS)} steps."
        if not stopped.update(state=Import.State.STOPPED, ended_at=clock.now(), sentence=said):
            raise Refused("This import has ended already.")
        waiting = row.runs.filter(state__in=[Run.State.WAITING, Run.State.PAUSED])
        waiting.update(state=Run.State.INCOMPLETE, sentence="Stopped with its import.", ended_at=clock.now())
        audit.record(user, "import", said, connection=row.connection, subject=("import", str(row.pk)), clock=clock)


def comparisons_of(row: Import) -> list[Comparison]:
    """The newest comparison of each pair since the import began."""
    rows = Comparison.objects.filter(connection=row.connection, at__gte=row.requested_at).order_by("pair", "-pk")
    found: dict[str, Comparison] = {}
    for one in rows:
        found.setdefault(one.pair, one)
    return list(found.values())


def _end(row: Import, clock: Clock) -> None:
    runs = list(row.runs.order_by("pk"))
    complete, sentence = _verdict(runs, comparisons_of(row))
    state = Import.State.COMPLETE if complete else Import.State.INCOMPLETE
    ended = Import.objects.filter(pk=row.pk, state=Import.State.RUNNING)
    ended.update(state=state, sentence=sentence[:300], ended_at=clock.now())
    row.refresh_from_db()


def _verdict(runs: list[Run], compared: list[Comparison]) -> tuple[bool, str]:
    """Complete only without a gap: all lists read to the end, both sides of every pair equal."""
    latest = {run.kind: run for run in runs}
    short = [run for run in latest.values() if run.kind in READ and run.state != Run.State.COMPLETE]
    open_ones = [one for one in compared if not one.complete]
    read = sum(run.done for run in latest.values() if run.kind in READ)
    if not short and not open_ones:
        return True, f"Complete: {read} records read, both sides counted and equal."
    said = [f"{run.title}: {run.sentence.removeprefix('Incomplete: ')}" for run in short]
    said += [f"{one.get_pair_display()}: {one.sentence.removeprefix('Incomplete: ')}" for one in open_ones]
    return False, f"Incomplete: {' '.join(said)}"


def forecast_from(row: Import) -> datetime:
    """Since when its pace is measured."""
    first = row.runs.exclude(started_at=None).order_by("pk").first()
    return first.started_at if first and first.started_at else row.requested_at
