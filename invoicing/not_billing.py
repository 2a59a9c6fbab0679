"""Finance takes a won deal off the list of sales to bill, with a reason, and can put it back."""

from django.db import transaction

from accounts import audit
from accounts.models import User
from invoicing.deciding import Refused
from invoicing.models import Deal
from invoicing.services import live_conversion, one_at_a_time
from zbridge.clock import Clock


def take_off(deal: Deal, reason: str, user: User, clock: Clock) -> str:
    """It leaves *won and not invoiced* everywhere; raises Refused without a reason, or where a draft is under way."""
    if not reason.strip():
        raise Refused("Nothing was changed: say why this deal isn't billed.")
    with transaction.atomic():
        one_at_a_time(deal.connection)
        if live_conversion(deal.connection, deal, None) is not None:
            raise Refused("Nothing was changed: this deal is billed already, or about to be.")
        kept = {"not_billable": reason.strip()[:300], "not_billable_by": user, "not_billable_at": clock.now()}
        Deal.objects.filter(pk=deal.pk).update(**kept)
        _note(deal, "not_billable", f"{deal.name} isn't billed: {reason.strip()}", user, clock)
    return f"{deal.name} is off the list of sales to bill. You can put it back at any time."


def put_back(deal: Deal, user: User, clock: Clock) -> str:
    """It is to be billed again."""
    with transaction.atomic():
        rows = Deal.objects.filter(pk=deal.pk).exclude(not_billable="")
        if not rows.update(not_billable="", not_billable_by=None, not_billable_at=None, judged_at=None):
            raise Refused("Nothing was changed: this deal is on the list already.")
        _note(deal, "billable", f"{deal.name} is to be billed again.", user, clock)
    return f"{deal.name} is on the list of sales to bill again."


def _note(deal: Deal, verb: str, said: str, user: User, clock: Clock) -> None:
    audit.record(user, verb, said, connection=deal.connection, subject=("deal", str(deal.pk)), clock=clock)
