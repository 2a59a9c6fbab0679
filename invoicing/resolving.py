"""After a lost answer: look up by the key, adopt, send again only where a twin is surely refused, or ask."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.uniqueness import still_refuses_twins
from invoicing import columns, drafted
from invoicing.claims import Claim
from invoicing.domain.states import look_up_delay
from invoicing.domain.wording import TWIN_REFUSED, answer_lost, key_held, two_drafts
from invoicing.models import Conversion
from invoicing.workbench import Workbench
from syncjobs.columns import instant, text
from syncjobs.models import Attempt
from syncjobs.services import open_problem
from zbridge.zoho.books import Books

State = Conversion.State
FIRST_LOOK = timedelta(seconds=5)
# Where Books does not refuse twins, two empty looks ten minutes apart end in a person's decision (reliability 4.6).
APART = timedelta(minutes=10)
# An answer that stays unclear this often is no accident of the network: a person looks.
MOST_SENDS = 5
# How often it is looked for what Books says it has, ten minutes apart but for the first looks.
MOST_LOOKS = 6


def presume_unknown(claim: Claim, bench: Workbench) -> None:
    """A worker died or stalled between the intent and the answer: the outcome is unknown, never "not done"."""
    now = bench.clock.now()
    with transaction.atomic():
        attempts = Attempt.objects.filter(
            connection=claim.row.connection, purpose=Attempt.Purpose.INVOICE, key=claim.row.key, outcome=""
        )
        attempts.update(outcome="UNKNOWN", ended_at=now, conclusion="The worker ended before the answer came.")
        claim.wait(now + FIRST_LOOK, state=State.UNKNOWN, look_ups=0)


def look_up(claim: Claim, bench: Workbench) -> None:
    """One look by the key, compared on every row in our own code; a failed look is not "not found"."""
    books = bench.clients(claim.row.connection).books
    looked = claim.row.look_ups + 1
    note = _open_look(claim, bench, looked)
    found = with_key(books, claim.row)
    bench.point("looked up")
    live = [row for row in found if text(row.get("status")) != "void"]
    if len(live) > 1:
        _alarm(claim, bench, note, live)
    elif live:
        _adopt(claim, bench, note, live[0])
    else:
        _not_found(claim, bench, note, _looks_that_count(claim, bench, looked))


def _looks_that_count(claim: Claim, bench: Workbench, looked: int) -> int:
    """How many looks led here; where Books turns out to refuse twins no longer, the slow looks begin anew (F21)."""
    row = claim.row
    if looked < 2 or row.connection.uniqueness_seen_at is None or _is_held(row):
        return looked
    refuses = still_refuses_twins(row.connection, "invoice", bench.clients(row.connection), bench.clock)
    return looked if refuses else 1


def with_key(books: Books, row: Conversion) -> list[dict[str, Any]]:
    """Invoices of the customer that carry the key: from the list, or from details where lists lack custom fields."""
    name = row.connection.invoice_key_name
    listed = books.customer_invoices(row.customer_id)
    found = [invoice for invoice in listed if columns.invoice_key(invoice, name) == row.key]
    if found or any(invoice.get("custom_fields") or invoice.get(name) for invoice in listed):
        return found
    others = _of_other_sales(row)
    recent = [one for one in listed if text(one["invoice_id"]) not in others and _may_be_ours(one, row)]
    details = [books.invoice(text(invoice["invoice_id"])) for invoice in recent]
    return [detail for detail in details if detail and columns.invoice_key(detail, name) == row.key]


def _of_other_sales(row: Conversion) -> set[str]:
    """Invoices known to be another conversion's: reading each anew could take more calls than there are."""
    others = Conversion.objects.filter(connection=row.connection, customer_id=row.customer_id).exclude(pk=row.pk)
    return set(others.exclude(books_invoice_id="").values_list("books_invoice_id", flat=True))


def _may_be_ours(invoice: dict[str, Any], row: Conversion) -> bool:
    created = instant(invoice.get("created_time"))
    asked = row.prepared_at or row.requested_at
    margin = timedelta(minutes=10)
    return created is None or created >= asked + timedelta(seconds=row.connection.clock_offset) - margin


def _open_look(claim: Claim, bench: Workbench, number: int) -> Attempt:
    count = Attempt.objects.filter(
        connection=claim.row.connection, purpose=Attempt.Purpose.LOOK_UP, key=claim.row.key
    ).count()
    return Attempt.objects.create(
        connection=claim.row.connection, purpose=Attempt.Purpose.LOOK_UP, key=claim.row.key, number=count + 1,
        epoch=claim.row.epoch, started_at=bench.clock.now(), conclusion="The look-up did not end.",
    )  # fmt: skip


def _close_look(note: Attempt, bench: Workbench, conclusion: str, remote_id: str = "") -> None:
    ending = {"ended_at": bench.clock.now(), "outcome": "OK", "conclusion": conclusion, "remote_id": remote_id}
    Attempt.objects.filter(pk=note.pk).update(**ending)


def _adopt(claim: Claim, bench: Workbench, note: Attempt, invoice: dict[str, Any]) -> None:
    _close_look(note, bench, "Found by its key: it had been saved.", text(invoice["invoice_id"]))
    drafted.record(claim, bench, invoice, None, conclusion="", adopted=True)


def _not_found(claim: Claim, bench: Workbench, note: Attempt, looked: int) -> None:
    """Send again by itself only where uniqueness was seen to refuse a twin; else a person decides."""
    now, held = bench.clock.now(), _is_held(claim.row)
    with transaction.atomic():
        if held and looked < MOST_LOOKS:
            _close_look(note, bench, "Not there yet, though Books says that it has it: looked up again later.")
            claim.wait(now + (look_up_delay(looked) if looked < 2 else APART), look_ups=looked)
        elif held:
            _close_look(note, bench, "Books says that it has it and lists it nowhere: a person decides.")
            _ask(claim, bench, key_held(claim.row.key))
        elif looked >= 2 and _unclear(claim.row) >= MOST_SENDS:
            _close_look(note, bench, "Not there, though sent and looked for again and again: a person decides.")
            _ask(claim, bench, answer_lost(claim.row.key))
        elif claim.row.connection.uniqueness_seen_at and looked >= 2:
            _close_look(note, bench, "Not there: sent again under the same key, of which Books keeps one.")
            claim.save(state=State.PREPARED, look_ups=looked, next_at=None)
        elif claim.row.connection.uniqueness_seen_at:
            _close_look(note, bench, "Not there yet; looked up once more.")
            claim.wait(now + look_up_delay(looked), look_ups=looked)
        elif looked < 2:
            _close_look(note, bench, "Not there yet; looked up again in ten minutes.")
            claim.wait(now + APART, look_ups=looked)
        else:
            _close_look(note, bench, "Not there twice, ten minutes apart: a person decides.")
            _ask(claim, bench, answer_lost(claim.row.key))


def _is_held(row: Conversion) -> bool:
    """Whether Books refused the last send since it has an invoice with the key: sending once more is no use."""
    sends = Attempt.objects.filter(connection=row.connection, purpose=Attempt.Purpose.INVOICE, key=row.key)
    last = sends.order_by("-number").first()
    return last is not None and last.outcome == "UNKNOWN" and last.conclusion == TWIN_REFUSED


def _unclear(row: Conversion) -> int:
    """How many sends ended unclear; those that never reached Books (no quota, no access) don't count."""
    sends = Attempt.objects.filter(connection=row.connection, purpose=Attempt.Purpose.INVOICE, key=row.key)
    return sends.filter(outcome="UNKNOWN").count()


def _alarm(claim: Claim, bench: Workbench, note: Attempt, live: list[dict[str, Any]]) -> None:
    numbers = [text(row.get("invoice_number")) for row in live]
    with transaction.atomic():
        _close_look(note, bench, "Two live invoices carry this key.")
        _ask(claim, bench, two_drafts(numbers))


def _ask(claim: Claim, bench: Workbench, problem: dict[str, Any]) -> None:
    row = claim.row
    claim.save(state=State.REVIEW, problems=[problem], next_at=None, lease_until=None, hold="")
    subject = ("conversion", str(row.pk), str(row.deal or row.quote))
    open_problem(row.connection, problem["cause"], subject, problem["who"], problem["message"], now=bench.clock.now())
