"""What a person decides about a price that differs: align one side as a plan, accept both, take that back. No call."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import Connection, User
from invoicing import stakes
from invoicing.deciding import Refused
from invoicing.models import PriceCheck, PriceDrift
from syncjobs import aligning
from syncjobs.domain.records import Side
from syncjobs.mappings import Refused as RefusedBySync
from syncjobs.mappings import mapping_of
from syncjobs.models import Link, Mapping, Plan
from zbridge.clock import Clock
from zbridge.money import Money, display

State = PriceDrift.State
SUBJECT = "price"
VERB = "accept_price"


def mapping(connection: Connection, clock: Clock) -> Mapping:
    """The mapping of products and items."""
    return mapping_of(connection, Link.Pair.PRODUCT, clock)


def align(prices: Sequence[PriceDrift], target: str, user: User, clock: Clock) -> Plan:
    """The plan that brings `target` (crm or books) to the other side's price for these; nothing is written yet.

    Raises Refused where the owner of prices forbids it, or there is nothing to align.
    """
    if target not in (Side.CRM, Side.BOOKS):
        raise Refused("Choose whether CRM or Books is to be aligned. Nothing was planned.")
    rows = [one for one in prices if one.link_id and one.state in (State.DIFFERENT, State.ACCEPTED)]
    if not rows:
        raise Refused("None of these prices differs between linked records. Nothing was planned.")
    if len({one.connection_id for one in rows}) > 1:
        raise Refused("These prices are of several organisations; align those of one at a time. Nothing was planned.")
    links = list(Link.objects.filter(pk__in=[one.link_id for one in rows]))
    try:
        return aligning.align_plan(mapping(rows[0].connection, clock), links, Side(target), user, clock)
    except RefusedBySync as refusal:
        raise Refused(str(refusal)) from refusal


def accept(price: PriceDrift, reason: str, user: User, clock: Clock) -> str:
    """Let both prices stand until either changes: no run writes or asks, and sales are billed as offered."""
    said = reason.strip()
    if not said:
        raise Refused("Nothing was accepted: say why the two prices may differ.")
    with transaction.atomic():
        stakes.one_at_a_time(price.connection)
        row = PriceDrift.objects.get(pk=price.pk)
        if row.state != State.DIFFERENT or (row.crm_price, row.books_price) != (price.crm_price, price.books_price):
            raise Refused("These two prices have changed, or are settled already; look again. Nothing was accepted.")
        if row.link is not None:
            _stand(row, row.link, clock)
        row.state, row.reason, row.accepted_by, row.accepted_at = State.ACCEPTED, said[:300], user, clock.now()
        row.save(update_fields=["state", "reason", "accepted_by", "accepted_at"])
        _count(row, State.DIFFERENT, State.ACCEPTED)
        _note(row, f"{row}: {_both(row)} may differ: {said}", user, clock)
    return f"{row} may differ until either price changes; open quotes are billed as promised."


def _stand(row: PriceDrift, link: Link, clock: Clock) -> None:
    try:
        aligning.let_stand(mapping(row.connection, clock), link)
    except RefusedBySync as refusal:
        raise Refused(str(refusal)) from refusal


def take_back(price: PriceDrift, user: User, clock: Clock) -> str:
    """The price counts as different again, and the rule of its owner holds from the next run on."""
    with transaction.atomic():
        stakes.one_at_a_time(price.connection)
        row = PriceDrift.objects.get(pk=price.pk)
        if row.state != State.ACCEPTED:
            raise Refused("This price isn't accepted as different any more; nothing was changed.")
        if row.link is not None:
            aligning.take_back(mapping(row.connection, clock), [row.link])
        row.state, row.reason, row.accepted_by, row.accepted_at = State.DIFFERENT, "", None, None
        row.save(update_fields=["state", "reason", "accepted_by", "accepted_at"])
        _count(row, State.ACCEPTED, State.DIFFERENT)
        _note(row, f"{row}: {_both(row)} are no longer accepted.", user, clock)
    return f"{row} counts as different again."


def _count(row: PriceDrift, before: str, after: str) -> None:
    PriceCheck.objects.filter(connection=row.connection_id).update(**{before: F(before) - 1, after: F(after) + 1})


def _both(row: PriceDrift) -> str:
    crm, books = (
        display(Money(one, row.currency)) if one is not None else "no price"
        for one in (row.crm_price, row.books_price)
    )  # fmt: skip
    return f"{crm} in CRM and {books} in Books"


def seen_as(row: PriceDrift) -> str:
    """The two prices as one text: what a form that was shown some time ago is held against."""
    return f"{row.crm_price}|{row.books_price}"


def _note(row: PriceDrift, said: str, user: User, clock: Clock) -> None:
    detail = {"crm": str(row.crm_price), "books": str(row.books_price), "reason": row.reason}
    subject = (SUBJECT, str(row.pk))
    audit.record(user, VERB, said, connection=row.connection, subject=subject, detail=detail, clock=clock)
