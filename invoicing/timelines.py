"""What happened to a sale, moment by moment: asked for, each attempt and look-up, drafted, written back."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import AuditEvent
from invoicing.models import Conversion, Deal, Quote
from syncjobs.models import Attempt, Problem

State = Conversion.State
DONE = {
    "customer": "Customer sent to Books", "invoice": "Draft sent to Books", "lookup": "Looked up in Books",
    "record": "Record sent",
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """One entry of a timeline."""

    at: datetime
    text: str


def deal_timeline(deal: Deal) -> list[Moment]:
    """What happened to the deal's drafts, latest first."""
    rows = list(deal.conversions.all())
    found = [moment for row in rows for moment in conversion_timeline(row)]
    found += _deeds("deal", deal.pk)
    return sorted(found, key=lambda moment: moment.at, reverse=True)


def quote_timeline(quote: Quote) -> list[Moment]:
    """What happened to the quote and its drafts, latest first."""
    found = [moment for row in quote.conversions.all() for moment in conversion_timeline(row)]
    if quote.accepted_seen_at:
        by = f"; last changed by {quote.accepted_by}" if quote.accepted_by else ""
        said = "Accepted already when first read" if quote.accepted_before else f"Seen accepted in CRM{by}"
        found.append(Moment(quote.accepted_seen_at, said))
    return sorted([*found, *_deeds("quote", quote.pk)], key=lambda moment: moment.at, reverse=True)


def conversion_timeline(row: Conversion) -> list[Moment]:
    """Requested, each attempt and look-up, drafted, written back; latest first."""
    by_itself = "zbridge itself, since the quote was accepted" if row.quote_id else "zbridge itself, since it was won"
    who = str(row.requested_by) if row.requested_by else by_itself if row.requested_via == "auto" else row.requested_via
    asked = "Invoice attached by" if row.requested_via == "attach" else "Draft invoice asked for by"
    found = [Moment(row.requested_at, f"{asked} {who}")]
    if row.state == State.REFUSED and row.ended_at and row.problems:
        found.append(Moment(row.ended_at, str(row.problems[0].get("message", "Refused."))))
    for attempt in attempts(row):
        found.append(Moment(attempt.started_at, f"{DONE[attempt.purpose]}. {attempt.conclusion or 'No answer yet.'}"))
    found += [*_deeds("conversion", row.pk), *_problems(row)]
    found += [Moment(row.prepared_at, one["sentence"]) for one in row.prices if row.prepared_at]
    if row.drafted_at:
        found.append(Moment(row.drafted_at, f"Draft {row.invoice_number} recorded"))
    if row.written_back_at and row.deal_id:
        found.append(Moment(row.written_back_at, "Number, status and link written to the deal in CRM"))
    return sorted(found, key=lambda moment: moment.at, reverse=True)


def _deeds(kind: str, pk: int) -> list[Moment]:
    """What people did about it, by name."""
    events = AuditEvent.objects.filter(subject_kind=kind, subject_id=str(pk)).select_related("user")
    return [Moment(event.at, f"{event.sentence} ({_name(event)})") for event in events]


def _name(event: AuditEvent) -> str:
    return (event.user.get_full_name() if event.user else "") or event.actor


def _problems(row: Conversion) -> list[Moment]:
    """What was found about it that a person had to settle."""
    found = Problem.objects.filter(connection_id=row.connection_id, subject_kind="conversion", subject_id=str(row.pk))
    return [Moment(problem.opened_at, problem.sentence) for problem in found]


def attempts(row: Conversion) -> list[Attempt]:
    """Every call that was to create or to look up, in order."""
    return list(Attempt.objects.filter(connection_id=row.connection_id, key=row.key))
