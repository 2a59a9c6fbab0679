"""What a person decides about a draft that was made: bill the sale anew, leave a departure as it is, call it wrong.

Billing anew is only possible once Books has no live invoice of the sale: the next generation has its own key. Above the
connection's threshold a second person must agree, who isn't the one who asked (reliability 8, 39).
"""

from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import User
from invoicing.billing_parts import fits_again
from invoicing.claims import State
from invoicing.deciding import Refused
from invoicing.domain.portions import portion_of
from invoicing.drifting import CAUSE
from invoicing.models import Conversion, Invoice
from invoicing.services import Request, request_conversion
from syncjobs.services import close_problems, open_problem
from zbridge.clock import Clock
from zbridge.money import Money, display

SECOND = "second_person"
CALLED_WRONG = "calls this draft wrong"


def has_no_live_invoice(row: Conversion) -> bool:
    """Whether its invoice was seen voided or gone in Books."""
    found = Invoice.objects.filter(connection=row.connection, books_id=row.books_invoice_id).first()
    return row.state == State.DONE and found is not None and (found.status == "void" or found.gone_at is not None)


def needs_second_person(row: Conversion) -> bool:
    """Whether its amount is above the connection's threshold."""
    most = row.connection.second_person_over
    return most is not None and row.total is not None and row.total > most


def ask(row: Conversion, reason: str, user: User, clock: Clock) -> str:
    """Bill it again, or, above the threshold, ask a second person to agree; raises Refused with the sentence."""
    _check(row)
    if not reason.strip():
        raise Refused("Nothing was created: billing a sale again needs a reason.")
    if not needs_second_person(row):
        return _bill(row, reason, user, clock)
    asked = {"again_by": user, "again_at": clock.now(), "again_reason": reason.strip()[:300]}
    with transaction.atomic():
        if Conversion.objects.filter(pk=row.pk, state=State.DONE, again_by=None).update(**asked) != 1:
            raise Refused(f"{row.again_by} has asked for this already; somebody else must agree.")
        amount = display(Money(row.total, row.currency)) if row.total is not None else ""
        sale = str(row.deal or row.quote)
        said = f"{user} wants to bill {sale} ({amount}) again: {reason.strip()}. Somebody else must agree."
        subject = ("conversion", str(row.pk), sale)
        open_problem(row.connection, SECOND, subject, "finance", said, now=clock.now())
        _note(row, "again_asked", said, user, clock)
    return "Nothing was created yet: another person in finance or RevOps must agree to bill it again."


def agree(row: Conversion, user: User, clock: Clock) -> str:
    """The second person's word; raises Refused where nobody asked, or where she asked herself."""
    _check(row)
    if row.again_by is None:
        raise Refused("Nobody has asked to bill this sale again.")
    if row.again_by == user:
        raise Refused("You asked for it yourself: somebody else must agree.")
    return _bill(row, row.again_reason, user, clock)


def leave(row: Conversion, user: User, clock: Clock) -> str:
    """What departed stays as it is; it is asked about again only when it changes."""
    if not row.drift:
        raise Refused("There is nothing left to decide here.")
    with transaction.atomic():
        Conversion.objects.filter(pk=row.pk).update(drift_left=row.drift)
        close_problems(row.connection, "conversion", str(row.pk), clock.now(), CAUSE)
        _note(row, "left", f"Left as it is: {row.drift}", user, clock)
    return "Left as it is. You are asked again only if it changes."


def wrong(row: Conversion, reason: str, user: User, clock: Clock) -> str:
    """A draft that should not be: a person deletes it in Books, zbridge notices and frees the deal."""
    if row.state not in (State.DRAFTED, State.DONE):
        raise Refused("There is no draft in Books to undo.")
    if not reason.strip():
        raise Refused("Nothing was noted: say what is wrong with the draft.")
    said = f"{user} {CALLED_WRONG}: {reason.strip()}"
    with transaction.atomic():
        Conversion.objects.filter(pk=row.pk).update(needs_finance=said[:300])
        _note(row, "wrong", f"{row.invoice_number}: {said}", user, clock)
    return (
        f"Noted. Delete {row.invoice_number} in Books (or void it, if it was sent), then press Check Books now: "
        "the deal can be billed again."
    )


def is_called_wrong(row: Conversion) -> bool:
    """Whether a person said so; its deletion in Books is waited for."""
    return CALLED_WRONG in row.needs_finance


def _check(row: Conversion) -> None:
    if not has_no_live_invoice(row):
        which = row.invoice_number or "its invoice"
        raise Refused(f"Nothing was created: {which} still stands in Books. Void or delete it there first.")


def _bill(row: Conversion, reason: str, user: User, clock: Clock) -> str:
    """The old claim is superseded and the next generation asked for, in one piece."""
    taken = fits_again(row)
    if taken:
        raise Refused(f"Nothing was created: {taken}")
    with transaction.atomic():
        mine = Conversion.objects.filter(pk=row.pk, state=State.DONE, epoch=row.epoch)
        ended = {"state": State.SUPERSEDED, "ended_at": clock.now(), "needs_finance": "", "epoch": F("epoch") + 1}
        if mine.update(**ended) != 1:
            raise Refused("Somebody else has just settled this; look again.")
        close_problems(row.connection, "conversion", str(row.pk), clock.now())
        _note(
            row,
            "again",
            f"{row.deal or row.quote} is billed again instead of {row.invoice_number}: {reason}",
            user,
            clock,
        )
        wanted = Request(
            row.connection, row.deal, row.quote, user=user, via="again", reason=reason.strip(), part=row.part,
            portion=portion_of(row.portion),
        )  # fmt: skip
        made = request_conversion(wanted, clock)
    if made.state == State.REFUSED:
        told = " ".join(str(one.get("message", "")) for one in made.problems)
        return f"The sale is free again, and its new draft was not made: {told}"
    return f"The sale is billed again instead of {row.invoice_number}; the new draft is being made."


def _note(row: Conversion, verb: str, said: str, user: User, clock: Clock) -> None:
    subject = ("conversion", str(row.pk))
    audit.record(user, verb, said, connection=row.connection, subject=subject, clock=clock)
