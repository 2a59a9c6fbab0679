"""Accepted quotes and won deals that bill themselves: who may, asked for through the button's service, one by one.

Everything here follows from rows: a lost ring costs a minute, a doubled one nothing. One turn judges what changed, asks
for what may be billed, and works those requests in order, behind people's clicks: in the bulk queue, with calls of a
lower class. A sale is asked for once as it is; again only when it, or what stopped it, changed.
"""

import logging
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.models import Connection
from invoicing import previews, stages
from invoicing.auto_rows import VIA, accepted, stale, won_deals
from invoicing.auto_telling import ask_about_part, settle, tell
from invoicing.claims import due
from invoicing.conversion import work
from invoicing.domain.auto_billing import WORDS, Candidate, Rule, Why, sorted_out
from invoicing.domain.drafts import Stopped
from invoicing.domain.wording import sentence
from invoicing.models import Conversion, Deal, Quote
from invoicing.services import Request, live_conversion, request_conversion
from invoicing.workbench import Workbench
from syncjobs.absorbing import ODD
from syncjobs.domain.digesting import canonical_json, text_digest
from zbridge.clock import Clock

log = logging.getLogger(__name__)
TURN_SECONDS = 55.0
MOST_AT_ONCE = 200
TAKEN_OFF = "Finance took its deal off the list of sales to bill."
ODD_SENTENCE = "zbridge can't make sense of this quote as it was read; the log has the details."
Sale = Quote | Deal


# -- one turn ----------------------------------------------------------------------------------------------------------


def turn(connection: Connection, bench: Workbench) -> bool:
    """Judge, ask, work, for less than a minute; True when more is left that can go on now."""
    until = bench.clock.monotonic() + TURN_SECONDS
    stages.catch_up(connection, connection.now(bench.clock))
    settle(connection, bench.clock.now())
    judged = judge_quotes(connection, bench.clock) + judge_deals(connection, bench.clock)
    return _work(connection, bench, until) or judged >= MOST_AT_ONCE


def _work(connection: Connection, bench: Workbench, until: float) -> bool:
    """In the order in which they were asked for; the first that must wait ends the turn, the bell rings for it."""
    while bench.clock.monotonic() < until:
        rows = Conversion.objects.filter(due(bench.clock.now()), connection=connection, requested_via=VIA)
        first = rows.order_by("requested_at", "pk").values_list("pk", flat=True).first()
        if first is None:
            return False
        row = work(first, bench)
        if row is None or row.next_at is not None:
            return False
        tell(row, bench.clock.now())
    return True


@dataclass(frozen=True)
class Judged:
    """A sale as its own page weighs it: what stops it ("" : nothing), who mends that, and its state in 32 digits."""

    row: Sale
    stop: str
    who: str
    state: str


def judge_quotes(connection: Connection, clock: Clock) -> int:
    """Weigh accepted quotes anew where something changed, keep why not, and ask for those that may; how many."""
    found = list(stale(connection, clock).order_by("accepted_seen_at", "pk")[:MOST_AT_ONCE])
    weighed = [(one, _candidate(one)) for one in (_weigh(row, clock) for row in found)]
    rule = Rule(connection.bill_quotes_since, connection.go_live)
    verdicts = sorted_out((candidate for _, candidate in weighed), rule)
    for one, candidate in weighed:
        _keep(one, candidate, verdicts[candidate.id], clock)
    return len(found)


def judge_deals(connection: Connection, clock: Clock) -> int:
    """The same for won deals of the pipelines that are switched on; what stops a deal stands on its own page."""
    rows = (
        list(won_deals(connection).order_by("won_change_at", "pk")[:MOST_AT_ONCE]) if connection.bill_pipelines else []
    )
    asked = 0
    for row in rows:
        one = _weigh(row, clock)
        rule = Rule(stages.since_of(connection, row.pipeline), connection.go_live)
        if sorted_out([_candidate(one)], rule)[row.pk] is None:
            _ask(one, clock)
            asked += 1
    return asked


def _weigh(row: Sale, clock: Clock) -> Judged:
    deal, quote = (row, None) if isinstance(row, Deal) else (None, row)
    try:
        found = previews.preview(row.connection, deal, quote, clock)
    except ODD:
        log.exception("%s %s could not be weighed", type(row).__name__, row.pk)
        return Judged(row, ODD_SENTENCE, "revops", text_digest(f"odd {row.digest}")[:32])
    stops = found.verdict.problems if isinstance(found.verdict, Stopped) else ()
    said = sentence(stops[0]) if stops else ""
    return Judged(row, said, str(stops[0].who) if stops else "", _state(row, found))


def _state(row: Sale, found: previews.Preview) -> str:
    """All that an attempt rests on: the acceptance, the terms, and what stops it or what it would be."""
    seen = row.won_change_at if isinstance(row, Deal) else row.accepted_seen_at
    facts: list[object] = [seen.isoformat() if seen else "", found.digest]
    if isinstance(found.verdict, Stopped):
        facts += [[str(one.cause), one.subject, dict(one.values)] for one in found.verdict.problems]
    else:
        draft = found.verdict.draft
        facts += [draft.customer_id or draft.customer_name, [line.item_id for line in draft.lines]]
        facts += [[line.tax.books_id if line.tax else "" for line in draft.lines], str(found.verdict.totals.total)]
    return text_digest(canonical_json(facts))[:32]


def _candidate(one: Judged) -> Candidate:
    row = one.row
    deal_id = row.crm_id if isinstance(row, Deal) else row.deal_id
    seen = row.won_change_at if isinstance(row, Deal) else row.accepted_seen_at
    won_on = row.won_on if isinstance(row, Deal) else None
    return Candidate(
        id=row.pk,
        sale=f"deal:{deal_id}" if deal_id else f"quote:{row.crm_id}",
        seen_at=seen,
        seen_on=won_on or (seen.astimezone(ZoneInfo(row.connection.time_zone)).date() if seen else None),
        before=isinstance(row, Quote) and row.accepted_before,
        billed=isinstance(row, Quote) and _is_settled(row),
        sale_billed=bool(getattr(row, "sale_billed", False)),
        tried=row.auto_state == one.state,
    )


def _is_settled(row: Quote) -> bool:
    """Whether its deal is taken off the list of sales to bill, or billed with what this quote sold."""
    if getattr(row, "taken_off", False):
        return True
    return bool(getattr(row, "sale_billed", False)) and _is_the_deal_s_sale(row)


def _is_the_deal_s_sale(row: Quote) -> bool:
    """Whether the live claim of its deal bills what this quote sold: the deal itself did, and it was accepted first."""
    found = live_conversion(row.connection, None, row)
    first = accepted(row.connection).filter(deal_id=row.deal_id).order_by("accepted_seen_at", "pk").first()
    return found is not None and found.quote_id is None and first is not None and first.pk == row.pk


def _keep(one: Judged, candidate: Candidate, why: Why | None, clock: Clock) -> None:
    """Why it isn't billed stands in the list; a second accepted quote of a deal is a question to finance."""
    assert isinstance(one.row, Quote)
    is_part = why is Why.PART or candidate.sale_billed and not candidate.billed
    stop = WORDS[Why.PART] if is_part else WORDS[Why.BILLED] if candidate.billed else one.stop
    stop = TAKEN_OFF if getattr(one.row, "taken_off", False) else stop
    Quote.objects.filter(pk=one.row.pk).update(judged_at=clock.now(), stop=stop[:300])
    if is_part and not one.row.accepted_before:
        ask_about_part(one.row, clock.now())
    if why is None:
        _ask(one, clock)


def _ask(one: Judged, clock: Clock) -> None:
    """Through the button's service; what it refuses waits for a person and is told once."""
    deal, quote = (one.row, None) if isinstance(one.row, Deal) else (None, one.row)
    made = request_conversion(Request(one.row.connection, deal, quote, via=VIA), clock, doorbell=False)
    type(one.row)._default_manager.filter(pk=one.row.pk).update(auto_state=one.state)
    tell(made, clock.now())
