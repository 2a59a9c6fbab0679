"""A further accepted quote of a deal that is billed already: one more part of it, by a person's explicit click."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from accounts.models import Connection, User
from accounts.roles import may
from invoicing import previews, sales, services
from invoicing.claims import State
from invoicing.deciding import Refused
from invoicing.domain.documents import Sale
from invoicing.domain.parts import whole
from invoicing.domain.portions import portion_of
from invoicing.models import Conversion, Deal, Invoice, Quote
from invoicing.models.conversions import LIVE
from invoicing.pages import money
from invoicing.services import Request
from zbridge.clock import Clock
from zbridge.money import minor_digits


@dataclass(frozen=True)
class Waiting:
    """A quote that can be billed as a further part; `beyond`: with it more than the deal's amount is billed."""

    quote: Quote
    total: str
    beyond: bool


def waiting(deal: Deal) -> list[Waiting]:
    """Accepted quotes of the deal that nothing bills, once the deal is billed; the first one accepted is its own."""
    live = _live(deal)
    if not live or deal.not_billable:
        return []
    rows = Quote.objects.filter(connection=deal.connection, deal_id=deal.crm_id, gone_at=None, replaced_by_id="")
    accepted = list(rows.filter(stage__in=deal.connection.accepted_stages).order_by("accepted_seen_at", "pk"))
    mine = {row.quote_id for row in live} | {_own_quote(deal)}
    if not any(row.quote_id and row.part == 1 for row in live):
        mine |= {one.pk for one in accepted[:1]}
    found = [row for row in accepted if row.pk not in mine]
    return [Waiting(one, money(one.total, one.currency), _is_beyond(deal, live, one)) for one in found]


def bill(deal: Deal, quote_id: str, reason: str, user: User, clock: Clock) -> str:
    """The quote's own lines as the deal's next part; raises Refused with the sentence."""
    with transaction.atomic():
        services.one_at_a_time(deal.connection)
        found = next((one for one in waiting(deal) if str(one.quote.pk) == quote_id), None)
        if found is None:
            raise Refused("Nothing was created: this quote is billed already, or isn't accepted any more.")
        _check(found, deal, reason, user)
        digest = previews.preview(deal.connection, None, found.quote, clock).digest
        said = f"More than the deal: {reason.strip()}" if found.beyond else reason.strip()
        wanted = Request(
            deal.connection, None, found.quote, user=user, via="part", previewed=digest,
            part=max(row.part for row in _live(deal)) + 1, reason=said,
        )  # fmt: skip
        made = services.request_conversion(wanted, clock)
    if made.state == State.REFUSED:
        raise Refused(" ".join(str(one.get("message", "")) for one in made.problems))
    return f"Quote {found.quote} is billed as part {made.part} of {deal.name}. The draft is being made."


def _check(found: Waiting, deal: Deal, reason: str, user: User) -> None:
    """More than the deal's amount needs finance and its reason."""
    if not found.beyond:
        return
    said = f"Nothing was created: with {found.quote} more would be billed than {money(deal.amount, deal.currency)}."
    if not may(user, "bill_anyway"):
        raise Refused(f"{said} Only finance can bill more, with a reason.")
    if not reason.strip():
        raise Refused(f"{said} To bill more than the deal, give a reason.")


def _live(deal: Deal) -> list[Conversion]:
    rows = Conversion.objects.filter(connection=deal.connection, state__in=LIVE)
    ids = services.live_conversions(deal.connection, deal, None).values("pk")
    return list(rows.filter(pk__in=ids).select_related("quote").order_by("part", "pk")[:200])


def _own_quote(deal: Deal) -> int:
    """The quote that the deal's own lines come from; 0 where they don't."""
    named = sales.sale_of(deal.connection, deal, None).quote_id
    rows = Quote.objects.filter(connection=deal.connection, crm_id=named) if named else Quote.objects.none()
    return rows.values_list("pk", flat=True).first() or 0


def _is_beyond(deal: Deal, live: list[Conversion], quote: Quote) -> bool:
    """In the deal's terms: nets where its amount is net, else totals; of another currency: always asked."""
    if deal.amount is None or quote.currency != deal.currency:
        return True
    gone = Invoice.objects.filter(connection=deal.connection, books_id__in=[row.books_invoice_id for row in live])
    lost = {one.books_id for one in gone.only("books_id", "status", "gone_at") if one.gone_at or one.status == "void"}
    stands = [row for row in live if row.books_invoice_id not in lost]
    billed: Decimal = sum((_value(deal, row) for row in stands), _of_quote(deal, quote))
    return bool(billed > deal.amount)


def _value(deal: Deal, row: Conversion) -> Decimal:
    portion = portion_of(row.portion)
    if deal.connection.amounts == Connection.Amounts.GROSS:
        return row.total or row.expected_total or Decimal(0)
    if portion is not None:
        return portion.value
    return _of_quote(deal, row.quote) if row.quote else _net(deal, sales.sale_of(deal.connection, deal, None))


def _of_quote(deal: Deal, quote: Quote) -> Decimal:
    if deal.connection.amounts == Connection.Amounts.GROSS:
        return quote.total or Decimal(0)
    return _net(deal, sales.sale_of(deal.connection, None, quote))


def _net(deal: Deal, sale: Sale) -> Decimal:
    digits = {row["code"]: int(row["digits"]) for row in deal.connection.currencies}
    return whole(sale, digits.get(sale.currency, minor_digits(sale.currency))).value
