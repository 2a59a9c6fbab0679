"""The steps of one conversion, in order (design 5): each state has one, and a repeat resumes there."""

from collections.abc import Callable
from datetime import datetime, timedelta

from invoicing import preparing, resolving, sending, writing_back
from invoicing.claims import Claim, StaleWorker, take
from invoicing.models import Conversion
from invoicing.workbench import Workbench
from zbridge.zoho.errors import ReconnectNeeded, ScopeMissing, Waits, WritesStopped, ZohoError

State = Conversion.State
Step = Callable[[Claim, Workbench], None]

STEPS: dict[str, Step] = {
    State.REQUESTED: preparing.prepare,
    State.PREPARED: sending.send,
    State.SENDING: resolving.presume_unknown,
    State.UNKNOWN: resolving.look_up,
    State.DRAFTED: writing_back.write_back,
}
RETRY = timedelta(seconds=60)
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


def _resumes_at(trouble: ZohoError, now: datetime) -> datetime:
    if isinstance(trouble, Waits) and trouble.retry_after:
        return now + timedelta(seconds=trouble.retry_after)
    if isinstance(trouble, ReconnectNeeded | ScopeMissing | WritesStopped):
        return now + ASK_AGAIN
    return now + RETRY
