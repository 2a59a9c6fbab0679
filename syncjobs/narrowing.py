"""Asking for a plan of a few records: to try them again, or to undo a run. A person applies what it comes to."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Connection, User
from syncjobs.domain.pairs import PAIR_KINDS, RUN_KINDS
from syncjobs.mappings import Refused
from syncjobs.models import PlannedWrite, Run
from syncjobs.services import WORK_RUN
from syncjobs.syncing import RETRY, UNDO
from zbridge.clock import Clock
from zbridge.queue import ring

Outcome = PlannedWrite.Outcome


def ask(
    connection: Connection, pair: str, trigger: str, narrowed: list[int], said: str, user: User, clock: Clock,
    detail: dict[str, Any],
) -> Run:  # fmt: skip
    """The run that reads both sides and makes the plan, rung with its audit event in one transaction.

    Raises Refused while a run of these kinds is under way.
    """
    try:
        with transaction.atomic():
            run = Run.objects.create(
                connection=connection, kind=RUN_KINDS[pair], trigger=trigger, user=user, requested_at=clock.now(),
                narrowed=narrowed,
            )  # fmt: skip
            subject = ("run", str(run.pk))
            audit.record(user, trigger, said, connection=connection, subject=subject, detail=detail, clock=clock)
            ring(WORK_RUN, run.pk, queue="bulk")
            return run
    except IntegrityError as busy:
        raise Refused(f"A run of these kinds is under way. {trigger.capitalize()} when it has ended.") from busy


def retry_writes(connection: Connection, pair: str, ids: list[int], user: User, clock: Clock, said: str) -> Run:
    """A plan of the records of these writes, as they are now."""
    return ask(connection, pair, RETRY, ids, said, user, clock, {"writes": len(ids)})


def undo_run(run: Run, user: User, clock: Clock) -> Run:
    """A plan that sets back what the run wrote, where nobody has changed it since.

    Raises Refused when the run wrote nothing, or while one of these kinds is under way.
    """
    if not can_be_undone(run):
        raise Refused("This run wrote nothing that could be undone, or it is still under way.")
    said = f"Asked to undo {str(run)[0].lower()}{str(run)[1:]}."
    return ask(run.connection, PAIR_KINDS[run.kind], UNDO, [run.pk], said, user, clock, {"run": run.pk})


def can_be_undone(run: Run) -> bool:
    """Whether it has ended and wrote something to Zoho."""
    ended = run.kind in PAIR_KINDS and run.ended_at is not None
    return ended and PlannedWrite.objects.filter(plan__run=run, outcome=Outcome.WRITTEN).exists()
