"""Proof that no sale is billed twice and none is lost: every invoice in Books held against every conversion here.

Page by page in turns of at most a minute, so that a proof of years goes on after a stop; what contradicts the promise
becomes an alarm for finance, RevOps and the auditor.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts import audit, notices
from accounts.models import Connection, User
from invoicing import columns, feeds
from invoicing.domain.proof import Claimed, ReadInvoice, Sent, Violation, unseen, violations
from invoicing.models import Conversion, Invoice, Proof, ProofPage
from invoicing.workbench import Workbench
from syncjobs.columns import text
from syncjobs.domain.digesting import text_digest
from syncjobs.models import Attempt
from syncjobs.services import open_problem
from zbridge.clock import Clock
from zbridge.queue import ring
from zbridge.zoho.errors import Waits, ZohoError

WORK_PROOF = "invoicing.tasks.work_proof"
LEASE, RETRY = timedelta(seconds=120), timedelta(minutes=5)
WORK_SECONDS = 60.0
# In the organisation's night; a proof of that day that is missing then is asked for.
NIGHT_HOUR = 3
MOVING = ("requested", "prepared", "sending", "unknown")
TOLD = ("finance", "revops", "auditor")


class Taken(Exception):
    """Another worker took this proof over."""


def ask(
    connection: Connection, clock: Clock, *, trigger: str, user: User | None = None, doorbell: bool = True
) -> Proof:
    """The proof that is under way, or a new one, rung in the same transaction."""
    try:
        with transaction.atomic():
            proof = Proof.objects.create(
                connection=connection, trigger=trigger, user=user, requested_at=clock.now()
            )  # fmt: skip
            if user is not None:
                audit.record(
                    user, "prove", "Asked for a proof.", connection=connection, subject=("proof", str(proof.pk)),
                    clock=clock,
                )  # fmt: skip
            if doorbell:
                ring(WORK_PROOF, proof.pk, queue="bulk")
            return proof
    except IntegrityError:
        return Proof.objects.get(connection=connection, ended_at=None)


def ask_tonight(connection: Connection, clock: Clock) -> Proof | None:
    """The proof of this night, once; None before its hour and when there is one."""
    local = clock.now().astimezone(ZoneInfo(connection.time_zone))
    night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if local < night or Proof.objects.filter(connection=connection, requested_at__gte=night).exists():
        return None
    return ask(connection, clock, trigger=Proof.Trigger.NIGHT)


def due(connection: Connection, clock: Clock) -> list[int]:
    """Proofs that nobody works on and that nothing holds."""
    return list(Proof.objects.filter(_free(clock), connection=connection).values_list("pk", flat=True))


def _free(clock: Clock) -> Q:
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Q(ended_at=None) & free & (Q(hold_until=None) | Q(hold_until__lte=now))


def work(proof_id: int, bench: Workbench) -> Proof | None:
    """One turn; None when somebody else has it or it has ended. What Zoho says becomes a hold; it goes on by itself."""
    proof = _take(proof_id, bench.clock)
    if proof is None:
        return None
    try:
        turn(proof, bench)
    except Taken:
        return None
    except ZohoError as trouble:
        wait = trouble.retry_after if isinstance(trouble, Waits) and trouble.retry_after else None
        until = bench.clock.now() + (timedelta(seconds=wait) if wait else RETRY)
        _save(proof, hold=trouble.sentence[:200], hold_until=until, lease_until=None)
    return proof


def _take(proof_id: int, clock: Clock) -> Proof | None:
    taken = Proof.objects.filter(_free(clock), pk=proof_id)
    if not taken.update(epoch=F("epoch") + 1, lease_until=clock.now() + LEASE, hold="", hold_until=None):
        return None
    return Proof.objects.select_related("connection").get(pk=proof_id)


def turn(proof: Proof, bench: Workbench) -> None:
    """Scan for at most a minute, then judge if all was scanned; raises ZohoError when Books can't be asked."""
    if not proof.scanned and not _scan(proof, bench):
        _save(proof, lease_until=None)
        return
    _judge(proof, bench)


def _scan(proof: Proof, bench: Workbench) -> bool:
    began = bench.clock.monotonic()
    clients = bench.clients(proof.connection)
    for page in clients.books.invoice_pages(checkpoint=proof.place):
        _keep(proof, list(page.rows), page.checkpoint, page.more, bench)
        if page.more and bench.clock.monotonic() - began > WORK_SECONDS:
            return False
    return True


def _keep(proof: Proof, rows: list[dict[str, Any]], place: Any, more: bool, bench: Workbench) -> None:
    """The page's rows that matter, with the place where the scan goes on; the mirror takes the page along."""
    connection = proof.connection
    ids = [text(row.get("invoice_id")) for row in rows]
    ours = set(Conversion.objects.filter(connection=connection, books_invoice_id__in=ids).values_list(
        "books_invoice_id", flat=True
    ))  # fmt: skip
    read = [_as_read(row, connection) for row in rows]
    found = [[one.id, one.number, one.status, one.key] for one in read if one.key or one.id in ours]
    with transaction.atomic():
        feeds.INVOICES.absorb(connection, rows, connection.now(bench.clock))
        number = proof.pages.count() + 1
        ProofPage.objects.create(proof=proof, number=number, rows=len(rows), found=found)
        _save(
            proof, invoices=proof.invoices + len(rows), calls=proof.calls + 1, place=place if more else None,
            scanned=not more, lease_until=bench.clock.now() + LEASE,
        )  # fmt: skip


def _as_read(row: dict[str, Any], connection: Connection) -> ReadInvoice:
    key = columns.invoice_key(row, connection.invoice_key_name)
    return ReadInvoice(
        text(row.get("invoice_id")), text(row.get("invoice_number")), text(row.get("status")), key
    )  # fmt: skip


def _judge(proof: Proof, bench: Workbench) -> None:
    """Load both sides after the scan, ask Books for what the list lacked, and name what is wrong."""
    now = bench.clock.now()
    read = {one[0]: ReadInvoice(*one) for page in proof.pages.order_by("number") for one in page.found}
    claims = list(_claims(proof))
    for identity in unseen(read.values(), claims):
        found = bench.clients(proof.connection).books.invoice(identity)
        proof.calls += 1
        if found is not None:
            read[identity] = _as_read(found, proof.connection)
    sent = list(_sent(proof))
    wrong = violations(list(read.values()), claims, sent, now)
    with transaction.atomic():
        _end(proof, list(read.values()), claims, wrong, bench)
        if wrong:
            _alarm(proof, wrong, bench.clock)


def _claims(proof: Proof) -> Iterator[Claimed]:
    """Every conversion that was drafted before the scan began, or is still on its way."""
    rows = Conversion.objects.filter(connection=proof.connection)
    gone = set(_gone_or_void(proof.connection))
    for row in rows.defer("payload", "problems", "candidates", "difference").iterator(2000):
        ended = row.state in ("drafted", "done")
        explained = bool(row.drift) or row.books_invoice_id in gone or _is_later(row, proof)
        waits = row.requested_at if row.state in MOVING and not row.hold else None
        yield Claimed(
            id=str(row.pk), key=row.key, state=row.state, invoice_id=row.books_invoice_id,
            invoice_number=row.invoice_number, payload_hash=row.payload_hash, explained=ended and explained,
            by_hand=row.key.startswith("hand:"), prepared_at=row.prepared_at, waits_since=waits,
        )  # fmt: skip


def _is_later(row: Conversion, proof: Proof) -> bool:
    return row.drafted_at is not None and row.drafted_at >= proof.requested_at


def _gone_or_void(connection: Connection) -> Iterator[str]:
    rows = Invoice.objects.filter(connection=connection).filter(Q(status="void") | ~Q(gone_at=None))
    yield from rows.values_list("books_id", flat=True).iterator(2000)


def _sent(proof: Proof) -> Iterator[Sent]:
    posts = Attempt.objects.filter(connection=proof.connection, purpose=Attempt.Purpose.INVOICE)
    for key, digest, at in posts.values_list("key", "payload_hash", "started_at").iterator(2000):
        yield Sent(key, digest, at)


def _end(
    proof: Proof, read: list[ReadInvoice], claims: list[Claimed], wrong: tuple[Violation, ...], bench: Workbench
) -> None:
    """The verdict with its counts; the scan's pages are kept only for a proof that found something."""
    tried = Attempt.objects.filter(connection=proof.connection)
    compared = json.dumps([sorted(str(one) for one in rows) for rows in (read, claims)])
    keys = {one.key for one in read if one.is_live and one.key.startswith("ZB-")}
    _save(
        proof, ended_at=bench.clock.now(), lease_until=None, keys=len(keys), conversions=len(claims),
        attempts=tried.filter(purpose=Attempt.Purpose.INVOICE).count(), calls=proof.calls,
        look_ups=tried.filter(purpose=Attempt.Purpose.LOOK_UP).count(),
        adopted=Conversion.objects.filter(connection=proof.connection, adopted=True).exclude(attempts=0).count(),
        violations=[{"kind": one.kind, "key": one.key, "detail": one.detail} for one in wrong],
        digest=text_digest(compared),
    )  # fmt: skip
    if not wrong:
        proof.pages.all().delete()


def _alarm(proof: Proof, wrong: tuple[Violation, ...], clock: Clock) -> None:
    said = f"{len(wrong)} contradictions were found: {wrong[0].detail}"
    for role in TOLD:
        notices.tell(
            proof.connection, f"proof:{proof.pk}:{role}", "A proof failed", f"{said} Open the proof to see all.",
            role=role, subject=("proof", str(proof.pk)), clock=clock,
        )  # fmt: skip
    subject = ("proof", str(proof.pk), str(proof))
    open_problem(proof.connection, "proof_failed", subject, "finance", said, now=clock.now())


def _save(proof: Proof, **values: Any) -> None:
    """Write to the proof only while it is ours."""
    if Proof.objects.filter(pk=proof.pk, epoch=proof.epoch).update(**values) != 1:
        raise Taken(proof.pk)
    for name, value in values.items():
        setattr(proof, name, value)
