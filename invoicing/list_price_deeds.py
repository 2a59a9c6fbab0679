"""What a person decides about a price of a list that CRM's quotes don't follow: accept it, take that back. No call."""

from decimal import Decimal

from django.db import transaction

from accounts import audit
from accounts.models import User
from invoicing import stakes
from invoicing.deciding import Refused
from invoicing.list_prices import NOT_ACCEPTED
from invoicing.models import ListPrice
from zbridge.clock import Clock
from zbridge.money import Money, display

State = ListPrice.State
SUBJECT = "list_price"
VERB = "accept_list_price"


def accept(seen: ListPrice, reason: str, user: User, clock: Clock) -> str:
    """Let Books' rate and the quotes' prices stand until the rate moves or a quote goes beyond them."""
    said = reason.strip()
    if not said:
        raise Refused("Nothing was accepted: say why the prices may differ.")
    with transaction.atomic():
        stakes.one_at_a_time(seen.connection)
        row = ListPrice.objects.filter(pk=seen.pk).first()
        if row is None or row.state != State.DIFFERENT or seen_as(row) != seen_as(seen):
            raise Refused("These prices have changed, or are settled already; look again. Nothing was accepted.")
        row.state, row.reason, row.accepted_by, row.accepted_at = State.ACCEPTED, said[:300], user, clock.now()
        row.accepted_rate, row.accepted_lowest, row.accepted_highest = row.books_rate, row.crm_lowest, row.crm_highest
        row.save()
        _note(row, f"{row}: {both(row)} may differ: {said}", user, clock)
    return f"{row} may differ until a price changes; these quotes are billed as promised."


def take_back(seen: ListPrice, user: User, clock: Clock) -> str:
    """The prices count as different again."""
    with transaction.atomic():
        stakes.one_at_a_time(seen.connection)
        row = ListPrice.objects.filter(pk=seen.pk, state=State.ACCEPTED).first()
        if row is None:
            raise Refused("These prices aren't accepted as different any more; nothing was changed.")
        row.state = State.DIFFERENT
        for name, value in NOT_ACCEPTED.items():
            setattr(row, name, value)
        row.save()
        _note(row, f"{row}: {both(row)} are no longer accepted.", user, clock)
    return f"{row} counts as different again."


def seen_as(row: ListPrice) -> str:
    """The prices as one text: what a form that was shown some time ago is held against."""
    return f"{row.books_rate}|{row.crm_lowest}|{row.crm_highest}"


def price(row: ListPrice, amount: Decimal | None) -> str:
    """An amount of the row in words."""
    return "no rate" if amount is None else display(Money(amount, row.currency))


def on_quotes(row: ListPrice) -> str:
    """“90.00 EUR”, or “90.00 EUR to 94.00 EUR” where the quotes don't agree."""
    if row.crm_lowest is None:
        return "no open quote"
    lowest, highest = (price(row, one) for one in (row.crm_lowest, row.crm_highest))
    return lowest if lowest == highest else f"{lowest} to {highest}"


def both(row: ListPrice) -> str:
    """Both sides in words."""
    return f"{on_quotes(row)} on CRM's quotes and {price(row, row.books_rate)} in Books' price list"


def _note(row: ListPrice, said: str, user: User, clock: Clock) -> None:
    detail = {
        "lowest": str(row.crm_lowest), "highest": str(row.crm_highest), "books": str(row.books_rate),
        "reason": row.reason,
    }  # fmt: skip
    subject = (SUBJECT, str(row.pk))
    audit.record(user, VERB, said, connection=row.connection, subject=subject, detail=detail, clock=clock)
