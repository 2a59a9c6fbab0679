"""The steps of one conversion, in order (design 5): each state has one, and a repeat resumes there."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError

from invoicing import preparing, resolving, sending, writing_back
from invoicing.claims import Claim, StaleWorker, take
from invoicing.models import Conversion
from invoicing.workbench import Workbench
from syncjobs.absorbing import ODD
from syncjobs.services import open_problem
from zbridge.zoho.errors import ReconnectNeeded, ScopeMissing, Waits, WritesStopped, ZohoError

log = logging.getLogger(__name__)
State = Conversion.State
Step = Callable[[Claim, Workbench], None]

STEPS: dict[str, Step] = {
    State.REQUESTED: preparing.prepare,
    State.PREPARED: sending.send,
    State.SENDING: resolving.presume_unknown,
    State.UNKNOWN: resolving.look_up,
    State.DRAFTED: writing_back.write_back,
}
CALLS_OF_A_CONVERSION = 8
RETRY, ODD_RETRY = timedelta(seconds=60), timedelta(minutes=10)
ASK_AGAIN = timedelta(minutes=5)


def work(conversion_id: int, bench: Workbench, *, even_early: bool = False) -> Conversion | None:
    """Take the conversion as far as it goes now; None when somebody else holds it, it waits, or it has ended."""
    claim = take(conversion_id, bench.clock, even_early=even_early)
    if claim is None:
        return None
    bench.point("claimed")
    try:
        while claim.is_held:
            _step(claim, bench)
    except StaleWorker:
        return None
    return claim.row


def _step(claim: Claim, bench: Workbench) -> None:
    """One step; what Zoho says that is not the step's own business becomes a hold with its cause."""
    try:
        STEPS[claim.row.state](claim, bench)
    except ZohoError as trouble:
        claim.wait(_resumes_at(trouble, bench.clock.now()), hold=trouble.sentence)
    except (*ODD, IntegrityError) as trouble:
        log.exception("conversion %s stopped in state %s", claim.row.pk, claim.row.state)
        _ask_for_help(claim, type(trouble).__name__)


def _ask_for_help(claim: Claim, what: str) -> None:
    """A row that can't be understood stays where it was, is tried again now and then, and somebody is told."""
    row, now = claim.row, claim.clock.now()
    sentence = f"zbridge couldn't work this sale ({what}); the log has the details."
    claim.wait(now + ODD_RETRY, hold=sentence)
    subject = ("conversion", str(row.pk), str(row.deal or row.quote))
    open_problem(row.connection, "fault", subject, "revops", sentence, now=now)


def _resumes_at(trouble: ZohoError, now: datetime) -> datetime:
    if isinstance(trouble, Waits) and trouble.retry_after and trouble.cause == "quota":
        # Coming back for a single call would spend it on the first step again, and never reach the next.
        return now + CALLS_OF_A_CONVERSION * timedelta(seconds=trouble.retry_after)
    if isinstance(trouble, Waits) and trouble.retry_after:
        return now + timedelta(seconds=trouble.retry_after)
    if isinstance(trouble, ReconnectNeeded | ScopeMissing | WritesStopped):
        return now + ASK_AGAIN
    return now + RETRY
