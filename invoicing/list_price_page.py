"""What the pages of price lists show, from our own tables: both prices, since when, and the quotes that carry them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Value
from django.http import HttpRequest

from accounts import at_hand, showing
from accounts.models import AuditEvent, User
from accounts.roles import may
from accounts.scope import visible
from invoicing import list_prices, stakes
from invoicing.domain.list_prices import list_key
from invoicing.domain.price_drift import Offered, at_stake
from invoicing.list_price_deeds import SUBJECT, on_quotes, price, seen_as
from invoicing.models import Deal, ListPrice, PriceCheck, PriceDrift, PriceList, Quote, SoldProduct
from zbridge.clock import Clock

State = ListPrice.State
DRIFTING = (State.DIFFERENT, State.ACCEPTED)
MOST_QUOTES, MOST_EVENTS, MOST_ROWS, COUNTED = 50, 50, 20, 1000
TONES = {
    State.DIFFERENT: "danger", State.MISSING: "danger", State.ACCEPTED: "warning", State.SAME: "success",
    State.UNUSED: "neutral", State.UNPRICED: "info",
}  # fmt: skip
NO_ROW = "Books has no active price list “{name}” in {currency} for sales"
WAYS = {
    State.DIFFERENT: "In Books: Items, Price Lists, “{name}”, Edit: set the rate. Or in CRM: Price Books, “{name}”: "
    "set the price; then open each quote, as it keeps the price that it has.",
    State.MISSING: "In Books: Items, Price Lists: make an active one for sales with the name and currency that CRM's "
    "price book has, or add the item to it. Or choose another price book on the quotes.",
}  # fmt: skip


def verdict(request: HttpRequest) -> tuple[str, str]:
    """How the lists stand, as a tone and a sentence; counted within bounds."""
    ids = [row.pk for row in at_hand.connections(request)]
    numbers = {f"lists_{name}": _number(state) for name, state in COUNTS.items()}
    checks = list(PriceCheck.objects.filter(connection__in=ids).annotate(**numbers))
    trouble = next((one.lists_trouble for one in checks if one.lists_trouble), "")
    if trouble:
        return "info", f"Books gave no price lists: {trouble} It is asked again once a day, or press “Compare now”."
    if all(one.lists_read_at is None for one in checks):
        return "info", "Books' price lists were not read yet. It comes by itself once a day, or press “Compare now”."
    same, different, missing, accepted = (sum(getattr(one, f"lists_{name}") or 0 for one in checks) for name in COUNTS)
    if not (same or different or missing or accepted) and not PriceList.objects.filter(connection__in=ids).exists():
        return "info", "Books has no active price list for sales, and no open quote of CRM names a price book."
    more = ((different, "differ"), (missing, "missing in Books"), (accepted, "accepted as different"))
    first = f"{_many(same)} identical on CRM's open quotes and in Books' price lists"
    said = ", ".join([first, *(f"{_many(number)} {word}" for number, word in more if number)])
    return ("warning" if different or missing else "success"), f"{said}."


COUNTS = {"same": State.SAME, "different": State.DIFFERENT, "missing": State.MISSING, "accepted": State.ACCEPTED}


def _number(state: str) -> Subquery:
    """How many of a check's connection are in the state, of the first so many."""
    mine = ListPrice.objects.filter(connection=OuterRef(OuterRef("connection")), state=state).order_by()
    first = ListPrice.objects.filter(pk__in=mine.values("pk")[: COUNTED + 1]).order_by()
    return Subquery(first.annotate(one=Value(1)).values("one").annotate(number=Count("pk")).values("number"))


def _many(number: int) -> str:
    return f"over {COUNTED}" if number > COUNTED else str(number)


def headline(row: ListPrice) -> str:
    """The verdict in a sentence."""
    books, quotes = price(row, row.books_rate), on_quotes(row)
    if row.state == State.MISSING:
        return f"{quotes} on CRM's quotes, and {_why_missing(row)}."
    said = {
        State.SAME: f"Identical: {books} on CRM's open quotes and in Books' price list.",
        State.UNUSED: f"{books} in Books' price list; no open quote of CRM was priced by it.",
        State.UNPRICED: f"{_unpriced(row)}, so it is not compared.",
    }.get(State(row.state))
    gap = price(row, row.gap)
    return said or f"{quotes} on CRM's quotes, {books} in Books' price list: up to {gap} apart."


def _why_missing(row: ListPrice) -> str:
    if row.price_list_id is None:
        return NO_ROW.format(name=row.list_name, currency=row.currency)
    return "Books' price list doesn't have the item" if row.item_id else "no item in Books is linked to the product"


def _unpriced(row: ListPrice) -> str:
    if row.is_listed:
        return "Books' price list has no single rate for it (by quantity, or with a discount)"
    return "Books computes this list's rates, or doesn't tell them"


@dataclass(frozen=True)
class QuoteRow:
    """One line of an open quote that was priced by the list."""

    quote: Quote
    deal: Deal | None
    quantity: str
    price: Any
    stake: Any


@dataclass(frozen=True)
class Happened:
    """One moment of its history."""

    at: datetime
    text: str


def page(row: ListPrice, user: User, clock: Clock) -> dict[str, Any]:
    """All of one row's page for this person."""
    lines, more = _quotes(row, user, clock)
    decides = may(user, "settle_money")
    state = State(row.state)
    return {
        "row": row, "headline": headline(row), "tone": TONES[state], "seen_as": seen_as(row), "lines": lines,
        "more": more, "way": WAYS.get(state, "").format(name=row.list_name), "may_decide": decides,
        "may_accept": decides and state == State.DIFFERENT, "may_take_back": decides and state == State.ACCEPTED,
        "books": showing.money(row.books_rate, row.currency), "was": showing.money(row.was_rate, row.currency),
        "lowest": showing.money(row.crm_lowest, row.currency), "highest": showing.money(row.crm_highest, row.currency),
        "stake": showing.money(row.at_stake, row.currency), "base": _base(row), "history": _history(row),
        "drifts": state in DRIFTING, "counted": counted(row),
    }  # fmt: skip


def counted(row: ListPrice) -> str:
    """“3 open quotes”."""
    return f"{row.quotes} open quote{'' if row.quotes == 1 else 's'}" if row.quotes else "–"


def _base(row: ListPrice) -> PriceDrift | None:
    """The product's base price, which has a page of its own."""
    if not row.product_id:
        return None
    rows = PriceDrift.objects.filter(connection=row.connection_id, product_id=row.product_id)
    return rows.exclude(state=PriceDrift.State.OFF).first()


def _quotes(row: ListPrice, user: User, clock: Clock) -> tuple[list[QuoteRow], int]:
    """The lines that this person may see, and how many there are beside them."""
    if not row.quotes:
        return [], 0
    found = list_prices.open_lines(row.connection, [row.product_id], row.connection.now(clock))
    rows = [
        one for one in found
        if list_key(one.price_book) == row.list_key and stakes.currency_of(one) == row.currency
    ]  # fmt: skip
    of_rows = Quote.objects.filter(pk__in=[one.quote_id for one in rows])
    mine = set(visible(user, of_rows).values_list("pk", flat=True))
    ids = {one.quote.deal_id for one in rows if one.quote is not None and one.quote.deal_id}
    of_deals = visible(user, Deal.objects.filter(connection=row.connection_id, crm_id__in=ids))
    deals = {one.crm_id: one for one in of_deals.only("pk", "crm_id", "name")}
    seen = [_line(row, one, one.quote, deals) for one in rows if one.quote is not None and one.quote_id in mine]
    return seen[:MOST_QUOTES], len(rows) - len(seen[:MOST_QUOTES])


def _line(row: ListPrice, sold: SoldProduct, quote: Quote, deals: dict[str, Deal]) -> QuoteRow:
    quantity = Decimal(sold.quantity)
    stake = at_stake([Offered(quantity, sold.rate)], row.books_rate) if row.state in DRIFTING else None
    return QuoteRow(
        quote, deals.get(quote.deal_id), f"{quantity.normalize():f}", showing.money(sold.rate, row.currency),
        showing.money(stake, row.currency),
    )  # fmt: skip


def _history(row: ListPrice) -> list[Happened]:
    """Every decision, the latest first."""
    events = AuditEvent.objects.filter(subject_kind=SUBJECT, subject_id=str(row.pk)).order_by("-pk")[:MOST_EVENTS]
    ahead = timedelta(seconds=row.connection.clock_offset if row.connection.is_simulator else 0)
    return [Happened(event.at + ahead, f"{event.sentence} ({event.actor})") for event in events]


@dataclass(frozen=True)
class ListRow:
    """One list on the page of a base price."""

    row: ListPrice
    books: Any
    quotes: str
    tone: str


def of_base(row: PriceDrift) -> list[ListRow]:
    """The lists that the product stands under, for the page of its base price; what differs first."""
    if row.product_id:
        rows = ListPrice.objects.filter(connection=row.connection_id, product_id=row.product_id)
    else:
        rows = ListPrice.objects.filter(connection=row.connection_id, item_id=row.item_id)
    return [
        ListRow(one, showing.money(one.books_rate, one.currency), on_quotes(one), TONES[State(one.state)])
        for one in rows[:MOST_ROWS]
    ]
