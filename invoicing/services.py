"""What people, commands and other doors ask of invoicing: validate, write a row, ring. No call to Zoho here."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.models import Connection, User
from invoicing import previews
from invoicing.claims import WORK, State
from invoicing.domain.documents import PricePolicy
from invoicing.domain.drafts import Stopped
from invoicing.domain.keys import conversion_key
from invoicing.domain.portions import Portion, row_of
from invoicing.domain.problems import Cause
from invoicing.domain.wording import problem_row
from invoicing.models import Conversion, Deal, Quote
from invoicing.models.conversions import LIVE
from zbridge.clock import Clock
from zbridge.queue import ring


@dataclass(frozen=True)
class Request:
    """Who asks for what, by which door, having seen which preview. A quote that is named bills by its own lines.

    `part` and `portion`: a part of the sale that a person asked for; without them all of it, once.
    `price`: "sale" or "books", where a person chose between the two prices; the reason says why.
    """

    connection: Connection
    deal: Deal | None
    quote: Quote | None
    user: User | None = None
    via: str = "button"
    previewed: str = ""
    waived: tuple[str, ...] = ()
    reason: str = ""
    part: int = 1
    portion: Portion | None = None
    price: str = ""


def price_choice(text: str) -> str:
    """The price that a form names, if it is one of the two; a form can say anything."""
    return text if text in (PricePolicy.SALE, PricePolicy.BOOKS) else ""


def waivers(named: Iterable[str]) -> tuple[str, ...]:
    """Those of the named causes that there are; a form can name anything."""
    return tuple(sorted(set(named) & set(Cause)))


def request_conversion(request: Request, clock: Clock, *, doorbell: bool = True) -> Conversion:
    """The live conversion of the sale, or a new one, rung in the same transaction; refused ones are rows too.

    Twenty at once make one row: the unique constraint decides, the others answer with what they find.
    """
    found = _found(request)
    if found is not None:
        return _before_the_others(found, request, doorbell)
    preview = previews.preview(
        request.connection, request.deal, request.quote, clock, request.waived, portion=request.portion,
        price=request.price,
    )  # fmt: skip
    problems = _problems(request, preview)
    try:
        with transaction.atomic():
            one_at_a_time(request.connection)
            found = _found(request)
            return found or _write(request, preview, problems, clock, doorbell)
    except IntegrityError:
        found = _found(request)
        if found is None:
            raise
        return found


def is_explicit(asked: Request | Conversion) -> bool:
    """Whether a person asked for this part of the sale; only then may it stand beside other parts."""
    return asked.part > 1 or bool(asked.portion)


def _found(request: Request) -> Conversion | None:
    """What is live already: of the same part where one was asked for, else of any."""
    rows = live_conversions(request.connection, request.deal, request.quote)
    return (rows.filter(part=request.part) if is_explicit(request) else rows).first()


def _before_the_others(found: Conversion, request: Request, doorbell: bool) -> Conversion:
    """One that was asked for by itself and waits behind the clicks goes at once when a person asks for it, too."""
    if doorbell and found.requested_via == "auto" != request.via and found.state in (State.REQUESTED, State.PREPARED):
        ring(WORK, found.pk)
    return found


def live_conversion(connection: Connection, deal: Deal | None, quote: Quote | None) -> Conversion | None:
    """The live conversion of the deal or of any quote now linked to it, or of the quote or its deal."""
    return live_conversions(connection, deal, quote).first()


def live_conversions(connection: Connection, deal: Deal | None, quote: Quote | None) -> "QuerySet[Conversion]":
    """All of them, oldest first: more than one when a quote was linked to the deal after both were asked for."""
    claims = Q(pk=None)
    deal_id = deal.crm_id if deal else quote.deal_id if quote else ""
    if deal_id:
        claims |= Q(deal__crm_id=deal_id) | Q(quote__deal_id=deal_id)
    if quote is not None:
        claims |= Q(quote=quote)
    rows = Conversion.objects.filter(claims, connection=connection, state__in=LIVE)
    return rows.select_related("connection", "deal", "quote").order_by("pk")


def one_at_a_time(connection: Connection) -> None:
    """Until the transaction ends, nobody else looks for a live conversion of this connection, and then inserts.

    A deal and a quote of it share no column that a constraint could hold. SQLite has one writer anyway.
    """
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def _problems(request: Request, preview: previews.Preview) -> list[dict[str, object]]:
    """Why it stops at once; doubt about the customer goes on, to be decided by a person on the conversion."""
    if request.previewed and request.previewed != preview.digest:
        return [problem_row(previews.changed(preview))]
    if not isinstance(preview.verdict, Stopped):
        return []
    stops = [problem for problem in preview.verdict.problems if not previews.is_for_a_person(problem)]
    return [problem_row(problem) for problem in stops]


def _write(
    request: Request, preview: previews.Preview, problems: list[dict[str, object]], clock: Clock, doorbell: bool
) -> Conversion:
    sale = preview.case.sale
    deal = request.deal or (_deal_of(request.quote) if request.quote else None)
    generation = _generation(request, sale.root)
    row = Conversion(
        connection=request.connection,
        deal=deal,
        quote=request.quote,
        sale=sale.root,
        generation=generation,
        part=request.part,
        portion=row_of(request.portion) if request.portion else {},
        key=conversion_key(
            request.connection.crm_org_id, request.connection.books_org_id, sale.root, generation, request.part
        ),
        state=State.REFUSED if problems else State.REQUESTED,
        problems=problems,
        previewed_hash=request.previewed,
        accepted=list(request.waived),
        price_choice=request.price,
        bill_anyway=request.reason[:300],
        currency=sale.currency,
        requested_by=request.user,
        requested_via=request.via,
        requested_at=clock.now(),
        ended_at=clock.now() if problems else None,
    )
    same = _same_refusal(row)
    if same is not None:
        return same
    row.save()
    _note(request, row, clock)
    if doorbell and not problems:
        ring(WORK, row.pk)
    return row


def _deal_of(quote: Quote) -> Deal | None:
    """The quote's deal, on which the draft's number will stand."""
    rows = Deal.objects.filter(connection=quote.connection, crm_id=quote.deal_id, gone_at=None)
    return rows.first() if quote.deal_id else None


def _generation(request: Request, sale: str) -> int:
    """One more than the generations that were voided or deleted in Books and billed anew."""
    past = Conversion.objects.filter(
        connection=request.connection, sale=sale, part=request.part, state=State.SUPERSEDED
    )
    return 1 + past.count()


def _same_refusal(row: Conversion) -> Conversion | None:
    """The same refusal asked again is the same row, not one more."""
    if row.state != State.REFUSED:
        return None
    last = Conversion.objects.filter(connection=row.connection, sale=row.sale, part=row.part).order_by("-pk").first()
    return last if last and last.state == State.REFUSED and last.problems == row.problems else None


def _note(request: Request, row: Conversion, clock: Clock) -> None:
    name = str(request.deal or request.quote)
    said = f"Draft invoice asked for: {name}." if row.state == State.REQUESTED else f"Draft invoice refused: {name}."
    detail = {"via": request.via, "key": row.key, "waived": list(request.waived), "reason": request.reason}
    if request.price:
        detail["price"] = request.price
    audit.record(
        request.user, "convert", said, connection=request.connection, subject=("conversion", str(row.pk)),
        detail=detail, clock=clock,
    )  # fmt: skip


def request_many(requests: Iterable[Request], clock: Clock) -> list[Conversion]:
    """One request each, in order; what stops one doesn't stop the others."""
    return [request_conversion(request, clock) for request in requests]
