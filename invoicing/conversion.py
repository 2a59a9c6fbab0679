"""The steps of one conversion, in order (design 5): each state has one, and a repeat resumes there."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError

from accounts.holds import cause_of
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
# What it takes from each state to the end where nothing is in doubt; a step that needs more takes it one by one.
CALLS_LEFT: dict[str, dict[str, int]] = {
    State.REQUESTED: {"crm": 3, "books": 3},
    State.PREPARED: {"crm": 1, "books": 1},
    State.SENDING: {},
    State.UNKNOWN: {"books": 2},
    State.DRAFTED: {"crm": 1},
}
MOST_AHEAD = 50
RETRY, ODD_RETRY = timedelta(seconds=60), timedelta(minutes=10)
ASK_AGAIN = timedelta(minutes=5)


def work(conversion_id: int, bench: Workbench, *, even_early: bool = False) -> Conversion | None:
    """Take the conversion as far as it goes now; None when somebody else holds it, it waits, or it has ended."""
    claim = take(conversion_id, bench.clock, even_early=even_early)
    if claim is None:
        return None
    bench.point("claimed")
    try:
        _go_on(claim, bench)
    except StaleWorker:
        return None
    return claim.row


def _go_on(claim: Claim, bench: Workbench) -> None:
    """Begin only when the calls to the end are there: stopped half-way it would spend its first ones again."""
    try:
        with bench.set_aside(claim.row.connection, CALLS_LEFT[claim.row.state]):
            while claim.is_held:
                _step(claim, bench)
    except Waits as none_left:
        claim.wait(_resumes_at(none_left, claim), hold=none_left.sentence, hold_cause=cause_of(none_left))


def _step(claim: Claim, bench: Workbench) -> None:
    """One step; what Zoho says that is not the step's own business becomes a hold with its cause."""
    try:
        STEPS[claim.row.state](claim, bench)
    except ZohoError as trouble:
        claim.wait(_resumes_at(trouble, claim), hold=trouble.sentence, hold_cause=cause_of(trouble))
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


def _resumes_at(trouble: ZohoError, claim: Claim) -> datetime:
    """When it comes again by itself; those that wait for the same calls line up instead of coming together."""
    now = claim.clock.now()
    if isinstance(trouble, Waits) and trouble.retry_after:
        return now + timedelta(seconds=trouble.retry_after) * (1 + _ahead(claim, trouble, now))
    if isinstance(trouble, ReconnectNeeded | ScopeMissing | WritesStopped):
        return now + ASK_AGAIN
    return now + RETRY


def _ahead(claim: Claim, trouble: Waits, now: datetime) -> int:
    """How many of the connection's conversions wait for calls before this one."""
    if trouble.cause != "quota":
        return 0
    waiting = Conversion.objects.filter(connection=claim.row.connection, state__in=STEPS, next_at__gt=now)
    return waiting.exclude(hold="").exclude(pk=claim.row.pk)[:MOST_AHEAD].count()
