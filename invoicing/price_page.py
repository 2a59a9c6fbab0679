"""What the pages of price drift show, from our own tables: both prices, how they came about, what they touch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from accounts import at_hand, showing
from accounts.models import AuditEvent, User
from accounts.roles import may
from accounts.scope import visible
from invoicing import stakes
from invoicing.domain.price_drift import Offered, at_stake
from invoicing.list_price_page import of_base
from invoicing.models import Deal, PriceCheck, PriceDrift, PriceStep, Quote, SoldProduct
from invoicing.price_deeds import SUBJECT, seen_as
from invoicing.stakes import DIFFERING
from syncjobs import aligning
from syncjobs.domain.ownership import Owner
from syncjobs.domain.records import Side
from syncjobs.models import Conflict, KeptValue, Record
from zbridge.clock import Clock
from zbridge.money import Money, display

State = PriceDrift.State
NOT_TOLD = "not told by Books"
MOST_TOUCHED, MOST_STEPS = 50, 100
OWNERS = {
    Owner.CRM: "CRM owns prices: Books takes them, and an edit in Books isn't taken.",
    Owner.BOOKS: "Books owns prices: CRM takes them, and an edit in CRM isn't sent.",
    Owner.ASK: "Either side may change a price: one that changed alone is taken, two ask a person.",
    Owner.NEITHER: "Nobody may change prices here: both sides are only compared.",
}


def verdict(request: HttpRequest) -> tuple[str, str]:
    """How all compared prices stand, as a tone and a sentence; from the kept counts."""
    rows = PriceCheck.objects.filter(connection__in=[row.pk for row in at_hand.connections(request)])
    checks = list(rows)
    same, different, accepted, alone = (
        sum(max(0, getattr(one, name)) for one in checks for name in names)
        for names in (("same",), ("different",), ("accepted",), ("only_crm", "only_books"))
    )  # fmt: skip
    compared = same + different + accepted
    if not compared:
        return "info", "No linked product and item was compared yet. It comes with the reading of products and items."
    said = f"{same} of {compared} linked prices are identical in CRM and Books"
    more = [
        f"{number} {what}" for number, what in ((different, "differ"), (accepted, "accepted as different")) if number
    ]
    rest = f"; {alone} sold on one side only" if alone else ""
    return ("success" if not different else "warning"), f"{', '.join([said, *more])}{rest}."


def moved_by(row: PriceDrift) -> str:
    """Who made the two differ, where that side tells; Books never does."""
    if row.state not in DIFFERING:
        return "–"
    crm, books = row.crm_since, row.books_since
    if books is not None and (crm is None or books > crm):
        return NOT_TOLD
    return row.crm_by or "not told by CRM"


def touched(row: PriceDrift) -> str:
    """“6 open quotes, 2 deals”."""
    found = [
        f"{number} {name}{'' if number == 1 else 's'}"
        for number, name in ((row.quotes, "open quote"), (row.deals, "deal")) if number
    ]  # fmt: skip
    return ", ".join(found) or "–"


@dataclass(frozen=True)
class SideRow:
    """One side's price: now, before, since when, by whom, and its record."""

    name: str
    now: Any
    before: Any
    since: datetime | None
    who: str
    record: int | None


@dataclass(frozen=True)
class Touched:
    """One line of a sale that carries the product."""

    quote: Quote | None
    deal: Deal | None
    quantity: str
    rate: Any
    stake: Any


@dataclass(frozen=True)
class Happened:
    """One moment of the price's history."""

    at: datetime
    text: str


def page(row: PriceDrift, user: User, clock: Clock) -> dict[str, Any]:
    """All of one price's page for this person."""
    line, is_on = aligning.price_field_shown(row.connection)
    targets = aligning.targets(line) if row.is_pair and row.state in DIFFERING else frozenset()
    lines, more = _touched(row, user, clock)
    decides = may(user, "settle_money")
    return {
        "row": row, "seen_as": seen_as(row), "headline": headline(row), "tone": TONES[State(row.state)],
        "sides": _sides(row),
        "owner": OWNERS.get(line.owner or Owner.ASK, "") if line else "Prices are not mapped, so none is written.",
        "refused": _refused_edit(row, line.owner if line else None), "may_decide": decides,
        "conflict": _conflict(row, line.name if line else ""), "kept": _kept(row, line.name if line else ""),
        "align_crm": decides and Side.CRM in targets and row.books_price is not None,
        "align_books": decides and Side.BOOKS in targets and row.crm_price is not None,
        "may_accept": decides and row.state == State.DIFFERENT and row.is_pair,
        "may_take_back": decides and row.state == State.ACCEPTED, "lines": lines, "more": more,
        "history": history(row), "writes_off": bool(targets) and not is_on,
        "price": showing.money(row.books_price, row.currency), "gap": showing.money(row.gap, row.currency),
        "stake": showing.money(row.at_stake, row.currency), "touched": touched(row), "lists": of_base(row),
    }  # fmt: skip


TONES = {
    State.DIFFERENT: "danger", State.ACCEPTED: "warning", State.SAME: "success", State.ONLY_CRM: "info",
    State.ONLY_BOOKS: "info", State.OFF: "neutral",
}  # fmt: skip


def headline(row: PriceDrift) -> str:
    """The verdict in a sentence."""
    crm, books = (_price(one, row.currency) for one in (row.crm_price, row.books_price))
    said = {
        State.SAME: f"Identical: {crm} on both sides.",
        State.ONLY_CRM: f"Only in CRM, at {crm}: no item in Books is linked to it.",
        State.ONLY_BOOKS: f"Only in Books, at {books}: no product in CRM is linked to it.",
        State.OFF: "No longer compared: one of the two is inactive or gone, or they are no longer linked.",
    }.get(State(row.state))
    return said or f"{crm} in CRM, {books} in Books: {_price(row.gap, row.currency)} apart."


def _price(amount: Decimal | None, currency: str) -> str:
    return "no price" if amount is None else display(Money(amount, currency))


def _sides(row: PriceDrift) -> list[SideRow]:
    rows = Record.objects.filter(connection=row.connection_id, remote_id__in=[row.product_id, row.item_id])
    known = {(one.kind, one.remote_id): one.pk for one in rows.only("pk", "kind", "remote_id")}

    def shown(amount: Decimal | None) -> Any:
        return showing.money(amount, row.currency)

    crm = SideRow(
        "CRM", shown(row.crm_price), shown(row.was_crm), row.crm_since, row.crm_by or "not told by CRM",
        known.get(("product", row.product_id)),
    )  # fmt: skip
    books = SideRow(
        "Books", shown(row.books_price), shown(row.was_books), row.books_since, NOT_TOLD,
        known.get(("item", row.item_id)),
    )  # fmt: skip
    return [one for one, there in ((crm, row.product_id), (books, row.item_id)) if there]


def _refused_edit(row: PriceDrift, owner: Owner | None) -> str:
    """That the side which doesn't own prices was edited last: its value isn't taken."""
    if row.state != State.DIFFERENT or owner not in (Owner.CRM, Owner.BOOKS):
        return ""
    mine, other = ("CRM", "Books") if owner is Owner.BOOKS else ("Books", "CRM")
    value = row.crm_price if owner is Owner.BOOKS else row.books_price
    return (
        f"{other} owns prices, so the {_price(value, row.currency)} in {mine} is not taken and not sent. "
        f"Align {mine} to {other} sets it back."
    )


def _conflict(row: PriceDrift, field: str) -> Conflict | None:
    return Conflict.objects.filter(link=row.link_id, field=field, closed_at=None).first() if row.link_id else None


def _kept(row: PriceDrift, field: str) -> list[KeptValue]:
    """Values of this price that were refused or overwritten and can come back."""
    if not row.link_id:
        return []
    return list(KeptValue.objects.filter(link=row.link_id, field=field, restored_at=None).order_by("-pk")[:5])


def _touched(row: PriceDrift, user: User, clock: Clock) -> tuple[list[Touched], int]:
    """The open sales that this person may see, and how many there are beside them."""
    if row.state not in DIFFERING:
        return [], 0
    now = row.connection.now(clock)
    found = stakes.open_lines(row.connection, [row.product_id]).order_by("-quote__changed_at", "pk")
    rows = stakes.still_valid(row.connection, found[:500], now)
    quotes = set(
        visible(user, Quote.objects.filter(pk__in=[one.quote_id for one in rows])).values_list("pk", flat=True)
    )
    ids = {one.quote.deal_id for one in rows if one.quote is not None and one.quote.deal_id}
    of_deals = Deal.objects.filter(connection=row.connection_id, crm_id__in=ids)
    deals = {one.crm_id: one for one in visible(user, of_deals).only("pk", "crm_id", "name")}
    own = visible(user, Deal.objects.filter(pk__in=[one.deal_id for one in rows]))
    mine = set(own.values_list("pk", flat=True))
    seen = [one for one in rows if one.quote_id in quotes or one.deal_id in mine]
    return [_line(row, one, deals) for one in seen[:MOST_TOUCHED]], len(rows) - len(seen[:MOST_TOUCHED])


def _line(row: PriceDrift, sold: SoldProduct, deals: dict[str, Deal]) -> Touched:
    currency = stakes.currency_of(sold) or row.currency
    offered = Offered(Decimal(sold.quantity), sold.rate)
    stake = at_stake([offered], row.books_price) if currency == row.currency else None
    deal = sold.deal or (deals.get(sold.quote.deal_id) if sold.quote else None)
    return Touched(
        sold.quote, deal, f"{offered.quantity.normalize():f}", showing.money(sold.rate, currency),
        showing.money(stake, row.currency),
    )  # fmt: skip


def history(row: PriceDrift) -> list[Happened]:
    """Every move of either price and every decision, the latest first."""
    found = [Happened(one.at, _moved(one, row.currency)) for one in row.steps.order_by("-at", "-pk")[:MOST_STEPS]]
    events = AuditEvent.objects.filter(subject_kind=SUBJECT, subject_id=str(row.pk)).order_by("-pk")[:MOST_STEPS]
    ahead = timedelta(seconds=row.connection.clock_offset if row.connection.is_simulator else 0)
    found += [Happened(event.at + ahead, f"{event.sentence} ({event.actor})") for event in events]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _moved(step: PriceStep, currency: str) -> str:
    """“CRM 95.00 -> 99.00 by Maria; Books 95.00.”"""
    first = step.was_crm is None and step.was_books is None
    if first:
        by = f", changed last by {step.who}" if step.who else ""
        crm, books = _price(step.crm_price, currency), _price(step.books_price, currency)
        return f"First compared: {crm} in CRM{by}, {books} in Books."
    moves = [
        f"{name} from {_price(was, currency)} to {_price(now, currency)}"
        for name, moved, was, now in (
            ("CRM", step.crm_moved, step.was_crm, step.crm_price),
            ("Books", step.books_moved, step.was_books, step.books_price),
        ) if moved
    ]  # fmt: skip
    who = step.who or (NOT_TOLD if step.books_moved else "")
    end = "both the same now" if step.state == State.SAME else "they differ"
    return f"{' and '.join(moves)}{f', {who}' if who == NOT_TOLD else f', by {who}' if who else ''}: {end}."
