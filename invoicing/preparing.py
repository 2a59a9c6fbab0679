"""From requested to prepared: the sale read fresh, weighed again, its customer made certain, the payload frozen."""

from django.db import IntegrityError, transaction

from invoicing import cases, previews, reading, sales
from invoicing.claims import Claim
from invoicing.domain.documents import LineSource
from invoicing.domain.drafts import Ready, Stopped
from invoicing.domain.payload import payload_hash, payload_text
from invoicing.domain.portions import portion_of
from invoicing.domain.problems import Cause, Problem, Who
from invoicing.domain.wording import difference_rows, price_rows, problem_row
from invoicing.models import Conversion, Frozen
from invoicing.previews import Preview
from invoicing.services import is_explicit, live_conversions, one_at_a_time
from invoicing.workbench import Workbench
from syncjobs import parties, persons
from syncjobs.creating import key_of_party
from syncjobs.domain.digesting import text_digest
from syncjobs.models import Record
from syncjobs.services import open_problem

State = Conversion.State


def prepare(claim: Claim, bench: Workbench) -> None:
    """Read, weigh, find the customer, freeze; what stops it ends in refused, review or cancelled, with its reason."""
    if not _read_fresh(claim, bench):
        return
    bench.point("sale read")
    preview = _weigh(claim)
    problems = _stops(claim, preview)
    if problems:
        claim.end(State.REFUSED, problems=[problem_row(problem) for problem in problems])
        return
    customer = _customer(claim, bench, preview)
    bench.point("customer known")
    if customer is not None:
        person = _person(claim, bench, customer, preview)
        _freeze(claim, bench, previews.weigh(cases.with_customer(preview.case, customer, person)))


def _read_fresh(claim: Claim, bench: Workbench) -> bool:
    """The deal (and the quote that its lines come from) into the mirror; a deal that is gone cancels the conversion."""
    row = claim.row
    try:
        if row.quote is not None:
            row.quote = reading.refresh_quote(row.connection, row.quote.crm_id, bench)
        elif row.deal is not None:
            row.deal = reading.refresh_deal(row.connection, row.deal.crm_id, bench)
            picked = sales.sale_of(row.connection, row.deal, None)
            if picked.line_source is LineSource.QUOTE:
                reading.refresh_quote(row.connection, picked.quote_id, bench)
    except reading.Gone as gone:
        problem = {"cause": "deal_gone", "subject": str(row.quote or row.deal), "message": str(gone), "who": "rep"}
        claim.end(State.CANCELLED, problems=[problem])
        return False
    return True


def _weigh(claim: Claim) -> Preview:
    row = claim.row
    case = cases.case_of(
        row.connection,
        row.deal,
        row.quote,
        claim.clock,
        waived=row.accepted,
        generation=row.generation,
        part=row.part,
        portion=portion_of(row.portion),
        price=row.price_choice,
    )
    return previews.weigh(case)


def _stops(claim: Claim, preview: Preview) -> list[Problem]:
    """Anything but doubt about the customer, and a sale that is not what the person saw."""
    if claim.row.previewed_hash and claim.row.previewed_hash != preview.digest:
        return [previews.changed(preview)]
    if not isinstance(preview.verdict, Stopped):
        return []
    return [problem for problem in preview.verdict.problems if not previews.is_for_a_person(problem)]


def _customer(claim: Claim, bench: Workbench, preview: Preview) -> Record | None:
    """The customer's record; None when the conversion now waits for a person or for a look-up."""
    row, sale = claim.row, preview.case.sale
    party = parties.party_of(row.connection, sale.account_id, sale.contact_id, sale.currency)
    if party is None:
        party = _read_party(claim, bench, preview)
    if party is None:
        claim.end(State.REFUSED, problems=[problem_row(_no_party(preview))])
        return None
    key = key_of_party(row.connection, party.record, sale.currency)
    clients = bench.clients(row.connection)
    found = parties.find_or_create(row.connection, party, key, clients, bench.clock, bench.point, claim.renew)
    if isinstance(found, parties.CustomerFound):
        claim.save(
            customer_id=found.record.remote_id, customer_name=found.record.name, customer_reason=found.reason[:300]
        )
        return found.record
    if isinstance(found, parties.CustomerLater):
        claim.wait(found.at, hold=found.sentence)
    else:
        _ask_which(claim, found)
    return None


def _person(claim: Claim, bench: Workbench, customer: Record, preview: Preview) -> str:
    """The Books contact person whom finance's *Send* reaches: the deal's contact, else the primary one."""
    connection, contact_id = claim.row.connection, preview.case.sale.contact_id
    contact = Record.objects.filter(connection=connection, kind="contact", remote_id=contact_id).first()
    email = contact.email_key if contact else ""
    return persons.contact_person(connection, customer, email, bench.clients(connection), bench.clock)


def _read_party(claim: Claim, bench: Workbench, preview: Preview) -> parties.Party | None:
    """An account or contact made since the last reading: one GET each."""
    sale, connection = preview.case.sale, claim.row.connection
    persons.read_party(connection, sale.account_id, sale.contact_id, bench.clients(connection), bench.clock)
    return parties.party_of(connection, sale.account_id, sale.contact_id, sale.currency)


def _no_party(preview: Preview) -> Problem:
    name = preview.case.sale.name
    return Problem(cause=Cause.NO_PARTY, subject=name, who=Who.REP, values={"sale": name})


def _ask_which(claim: Claim, doubt: parties.CustomerDoubt) -> None:
    """The question goes to finance with its candidates; nothing was created."""
    row = claim.row
    sentence = f"{doubt.sentence} zbridge didn't guess and created nothing."
    problem = {
        "cause": "customer_uncertain", "subject": row.customer_name or str(row.deal or row.quote), "message": sentence,
        "who": "finance", "fixes": ["choose_customer"],
    }  # fmt: skip
    with transaction.atomic():
        claim.save(
            state=State.REVIEW,
            problems=[problem],
            candidates=list(doubt.candidates),
            lease_until=None,
            next_at=None,
            hold="",
        )
        subject = ("conversion", str(row.pk), str(row.deal or row.quote))
        open_problem(row.connection, "customer_uncertain", subject, "finance", sentence, now=claim.clock.now())


def _freeze(claim: Claim, bench: Workbench, preview: Preview) -> None:
    """Payload, snapshot and rules are kept as they were weighed; what is posted later is exactly this."""
    if not isinstance(preview.verdict, Ready):
        claim.end(State.REFUSED, problems=[problem_row(problem) for problem in preview.verdict.problems])
        return
    ready = preview.verdict
    text = payload_text(ready.draft)
    with transaction.atomic():
        one_at_a_time(claim.row.connection)
        other = _other_draft(claim)
        if other is not None:
            claim.end(State.CANCELLED, problems=[problem_row(_billed_here(preview, other))])
            return
        claim.save(
            state=State.PREPARED,
            prepared_at=bench.clock.now(),
            hold="",
            problems=[],
            snapshot=frozen(preview.snapshot),
            rules=frozen(str(preview.case.rules)),
            payload=text,
            payload_hash=payload_hash(text),
            expected_total=ready.totals.total.amount,
            currency=ready.draft.currency,
            difference=difference_rows(ready.differences, ready.needs_finance),
            prices=price_rows(ready.prices, ready.draft.currency),
        )
    bench.point("prepared")


def _other_draft(claim: Claim) -> Conversion | None:
    """Another conversion of the sale that goes first: a quote may have been linked to the deal since it was asked for.

    A part that a person asked for stands beside the other parts.
    Of two that are still to be prepared the older goes first; one that is prepared or further always does.
    """
    row = claim.row
    others = live_conversions(row.connection, row.deal, row.quote).exclude(pk=row.pk)
    if is_explicit(row):
        others = others.filter(part=row.part)
    return others.exclude(state=State.REQUESTED, pk__gt=row.pk).first()


def _billed_here(preview: Preview, other: Conversion) -> Problem:
    values = {"invoice": other.invoice_number, "conversion": str(other.pk)}
    return Problem(cause=Cause.ALREADY_BILLED, subject=preview.case.sale.name, who=Who.REP, values=values)


def frozen(text: str) -> Frozen:
    """The one frozen copy of this text."""
    digest = text_digest(text)
    try:
        with transaction.atomic():
            return Frozen.objects.get_or_create(digest=digest, defaults={"text": text})[0]
    except IntegrityError:
        return Frozen.objects.get(digest=digest)
