"""The one call that makes an invoice: intent first, one POST on a fresh connection, every answer classified."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from invoicing import drafted
from invoicing.claims import Claim
from invoicing.domain.wording import TWIN_REFUSED, refused_by_books
from invoicing.models import Conversion
from invoicing.workbench import Workbench
from syncjobs.models import Attempt
from zbridge.zoho.errors import Duplicate, OutcomeUnknown, Rejected, ZohoError

State = Conversion.State
# The whole POST has 30 s; a lease that could end before its answer is renewed first.
DEADLINE_SECONDS = 30.0
MARGIN_SECONDS = 10.0
FIRST_LOOK = timedelta(seconds=5)


def send(claim: Claim, bench: Workbench) -> None:
    """From prepared: write the intent down, POST once, record what came back."""
    attempt = _write_intent(claim, bench)
    bench.point("intent committed")
    if claim.seconds_left() < DEADLINE_SECONDS + MARGIN_SECONDS:
        claim.renew()
    body = json.loads(claim.row.payload, parse_float=Decimal)
    try:
        invoice = bench.clients(claim.row.connection).books.create_draft_invoice(body)
    except ZohoError as trouble:
        bench.point("answer received")
        _record_trouble(claim, bench, attempt, trouble)
    else:
        bench.point("answer received")
        drafted.record(claim, bench, invoice, attempt, conclusion="Books answered with the draft.")


def _write_intent(claim: Claim, bench: Workbench) -> Attempt:
    now = bench.clock.now()
    with transaction.atomic():
        claim.save(state=State.SENDING, posted_at=now, attempts=claim.row.attempts + 1, hold="")
        number = _of_this_key(claim).count() + 1
        return Attempt.objects.create(
            connection=claim.row.connection, purpose=Attempt.Purpose.INVOICE, key=claim.row.key, number=number,
            epoch=claim.row.epoch, payload_hash=claim.row.payload_hash, asked=claim.row.payload, started_at=now,
        )  # fmt: skip


def _record_trouble(claim: Claim, bench: Workbench, attempt: Attempt, trouble: ZohoError) -> None:
    """Anything doubtful, and a twin that Books refused, is looked up; what surely did nothing is refused or waits."""
    now = bench.clock.now()
    doubtful = isinstance(trouble, OutcomeUnknown | Duplicate)
    if doubtful or (isinstance(trouble, Rejected) and _an_earlier_one_is_in_doubt(claim, attempt)):
        with transaction.atomic():
            said = TWIN_REFUSED if isinstance(trouble, Duplicate) else "Its answer was lost; it was looked up next."
            _note(attempt, now, "UNKNOWN", trouble, said)
            claim.wait(now + FIRST_LOOK, state=State.UNKNOWN, look_ups=0)
    elif isinstance(trouble, Rejected):
        with transaction.atomic():
            _note(attempt, now, "FAIL", trouble, "Books refused it; nothing was created.")
            claim.end(State.REFUSED, problems=[refused_by_books(trouble.message, trouble.field)])
    else:
        with transaction.atomic():
            _note(attempt, now, "FAIL", trouble, "It did not reach Books; sent again when the cause is gone.")
            claim.save(state=State.PREPARED)
        raise trouble


def _an_earlier_one_is_in_doubt(claim: Claim, attempt: Attempt) -> bool:
    """After an attempt whose end nobody knows, even a refusal may mean that the first one stands (reliability 4.5)."""
    return _of_this_key(claim).filter(remote_id="").exclude(pk=attempt.pk).exclude(outcome="FAIL").exists()


def _of_this_key(claim: Claim) -> "QuerySet[Attempt]":
    """Every POST under the key, those of a refused conversion of the same sale included."""
    return Attempt.objects.filter(connection=claim.row.connection, purpose=Attempt.Purpose.INVOICE, key=claim.row.key)


def _note(attempt: Attempt, now: Any, outcome: str, trouble: ZohoError, conclusion: str) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        ended_at=now, outcome=outcome, status=trouble.http, code=str(trouble.code or "")[:60],
        request_id=(trouble.request_id or "")[:80], conclusion=conclusion,
    )  # fmt: skip
