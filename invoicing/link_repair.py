"""Repairing a link: what each button would change, and the deed. No call to Zoho and no write to it.

Whoever goes on with a merged record re-points its documents with it, as after the merge guide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from invoicing.models import Conversion, CreditNote, Deal, Invoice, Payment, Quote
from invoicing.repointing import repoint
from syncjobs import key_plans, link_faults, unlinking
from syncjobs.domain.link_faults import Fault, Found, Merges, Why, end_of
from syncjobs.link_repairs import ACCEPT, FOLLOW, KEEP, SIGN, UNDO, books_kind, books_name, crm_name, names_of
from syncjobs.link_signs import lost_key
from syncjobs.mappings import Refused
from syncjobs.models import Disappearance, Link, OnGone, Plan, Record
from zbridge.clock import Clock

NOT_WRITTEN = "Nothing is written to CRM or Books for it."
PLANNED = "A plan is made of exactly this write; nothing is written until somebody applies it on its page."
SETTLED = "That isn't wrong with this link any more; nothing was changed."
FITS: dict[str, frozenset[Fault]] = {
    KEEP: frozenset({Fault.DOUBLED}), FOLLOW: frozenset({Fault.BROKEN}), ACCEPT: frozenset({Fault.ONE_SIDED}),
    UNDO: frozenset(Fault), SIGN: frozenset({Fault.ONE_SIDED}),
}  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """What a button would change, in sentences, and what it is called."""

    button: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A record of the link that was merged, and the one that took its place."""

    loser: Record
    master: Record


def preview(link: Link, deed: str) -> Preview:
    """What would change, as things stand now. Raises Refused when the deed doesn't help (any more)."""
    _fault(link, deed)
    names = names_of([link])
    crm, books = crm_name(link, names), books_name(link, names)
    if deed == ACCEPT:
        said = f"{crm} in CRM stays linked to {books} in Books, though Books' record says otherwise."
        return Preview("The link is right", (said, "zbridge names it again only when the record says something else."))
    if deed == SIGN:
        said = f"zbridge's key {lost_key(link)} stands on {books} in Books again, where it has none now."
        return Preview("Write the sign again", (said, PLANNED))
    if deed == UNDO:
        return Preview("Undo this link", _undone_words(crm, books))
    moves = [line for step in _steps(link) for line in _move_words(link, step, crm, books)]
    if deed == FOLLOW:
        return Preview(f"Link to {_steps(link)[0].master.name}", (*moves, NOT_WRITTEN))
    others = link_faults.group_of(link)
    known = names_of(others)
    kept = f"This link stays: {crm} in CRM is {books} in Books."
    undone = [f"Undone: {crm_name(one, known)} in CRM is {books_name(one, known)} in Books." for one in others]
    return Preview("Keep this one", (kept, *undone, *moves, _after_doubles(link), NOT_WRITTEN))


def _undone_words(crm: str, books: str) -> tuple[str, ...]:
    return (
        f"{crm} in CRM and {books} in Books are no longer linked. Both records stay as they are.",
        f"The next sale of {crm} looks for its customer anew; what is certain (a key, an e-mail of just the two) may "
        "link them again with the next run.",
        NOT_WRITTEN,
    )


def _move_words(link: Link, step: Step, crm: str, books: str) -> tuple[str, ...]:
    in_books = step.loser.kind == books_kind(link)
    other, where = (crm, "CRM") if in_books else (books, "Books")
    first = f"{other} in {where} is linked to {step.master.name} instead of {step.loser.name}."
    named = ", ".join(_counted(step.loser))
    also = f"What names {step.loser.name} names {step.master.name}: {named}." if named else ""
    anew = "What both sides had agreed on is met anew with the next run; kept values and history stay."
    return tuple(line for line in (first, also, anew) if line)


def _counted(loser: Record) -> Iterable[str]:
    """“3 invoices”, of each kind that names it."""
    named: dict[str, tuple[tuple[str, Any, str], ...]] = {
        "customer": (("invoice", Invoice, "customer_id"), ("payment", Payment, "customer_id"),
                     ("credit note", CreditNote, "customer_id"), ("draft here", Conversion, "customer_id")),
        "account": (("deal", Deal, "account_id"), ("quote", Quote, "account_id")),
        "contact": (("deal", Deal, "contact_id"), ("quote", Quote, "contact_id")),
    }  # fmt: skip
    for what, model, column in named.get(loser.kind, ()):
        count = model.objects.filter(connection=loser.connection_id, **{column: loser.remote_id}).count()
        if count:
            yield f"{count} {what}" if count == 1 else f"{count} {what.replace('draft', 'drafts').rstrip('s')}s"


def _after_doubles(link: Link) -> str:
    if link.pair != Link.Pair.CUSTOMER:
        return "Both records of the other link stay as they are."
    return "Both records of the other link stay as they are; if they are one company, merge them in CRM or Books, too."


def _fault(link: Link, deed: str) -> Found:
    found = link_faults.fault_now(link)
    if found is None or found.fault not in FITS.get(deed, frozenset()) or not _helps(link, deed):
        raise Refused(SETTLED)
    return found


def _helps(link: Link, deed: str) -> bool:
    """Whether what the deed needs is there."""
    return bool(_steps(link)) if deed == FOLLOW else bool(lost_key(link)) if deed == SIGN else True


def _steps(link: Link) -> list[Step]:
    """Which of its records were merged into what, as far as the mirror knows both."""
    merges: Merges = link_faults.merges_of(link.connection)
    rows = Record.objects.filter(connection=link.connection_id)
    found = []
    for kind, one, side in (
        (books_kind(link), link.books_id, merges.books), (link.crm_kind, link.crm_id, merges.crm)
    ):  # fmt: skip
        end = end_of(side, one)
        loser = rows.filter(kind=kind, remote_id=one).first() if end != one else None
        master = rows.filter(kind=kind, remote_id=end, gone_at=None).first() if end != one else None
        if loser is not None and master is not None:
            found.append(Step(loser, master))
    return found


# -- the deeds ---------------------------------------------------------------------------------------------------------


def carry_out(link: Link, deed: str, user: User, clock: Clock) -> str:
    """The deed, with its line in the audit trail; a sentence. Raises Refused when it doesn't help (any more)."""
    _fault(link, deed)
    ends = [one.remote_id for step in _steps(link) for one in (step.loser, step.master)]
    others = [one.pk for one in link_faults.group_of(link)]
    with transaction.atomic():
        said = {UNDO: _undo, FOLLOW: _follow, KEEP: _keep, ACCEPT: _accept}[deed](link, user, clock)
    link_faults.look_at_records(link.connection, {link.crm_id, link.books_id, *ends}, clock)
    link_faults.look_at(link.connection, others, clock)
    return said


def plan_sign(link: Link, user: User, clock: Clock) -> Plan:
    """The plan that writes the lost key again; a person applies it. Raises Refused when none is lost (any more)."""
    _fault(link, SIGN)
    return key_plans.plan(link, user, clock)


def _undo(link: Link, user: User, clock: Clock) -> str:
    """With the question about its gone record, if there is one."""
    names = names_of([link])
    crm, books = crm_name(link, names), books_name(link, names)
    asked = _asked(link)
    if asked is not None:
        unlinking.decide_gone(asked, OnGone.UNLINK, user, clock)
    else:
        detail = {"crm_id": link.crm_id, "books_id": link.books_id, "base": link.base, "fault": link.fault_why}
        _note(link, user, "unlink", f"The link of {crm} in CRM and {books} in Books was undone.", detail, clock)
        if not Link.objects.filter(pk=link.pk).delete()[0]:
            raise Refused(SETTLED)
    return f"{crm} and {books} are no longer linked. Both records stay as they are."


def _asked(link: Link) -> Disappearance | None:
    """The open question about the gone record of this link."""
    rows = Disappearance.objects.filter(connection=link.connection_id, ended_at=None, state=Disappearance.State.GONE)
    mine = rows.filter(remote_id__in=[link.crm_id, link.books_id]).order_by("pk")
    return next((row for row in mine if unlinking.link_of(row) == link), None)


def _follow(link: Link, user: User, clock: Clock) -> str:
    steps = _steps(link)
    said = f"{steps[0].loser.name} was merged; its link follows to {steps[0].master.name}."
    _note(link, user, "follow_link", said, {"fault": link.fault_why}, clock)
    _fault(link, FOLLOW)
    for step in steps:
        repoint(link.connection, step.loser, step.master, user, clock)
    return f"Linked to {steps[0].master.name}; what named {steps[0].loser.name} names it, too."


def _keep(link: Link, user: User, clock: Clock) -> str:
    """The others go first: the one that stays takes their place. Looked at anew under the trail's lock."""
    names = names_of([link])
    said = f"Of the links that say the same, that of {crm_name(link, names)} and {books_name(link, names)} is kept."
    _note(link, user, "keep_link", said, {"fault": link.fault_why}, clock)
    found = _fault(link, KEEP) if Link.objects.filter(pk=link.pk).exists() else None
    if found is None:
        raise Refused(SETTLED)
    for one in link_faults.group_of(link):
        _undo(one, user, clock)
    if found.why is Why.ONE_IN_CRM:
        _billed_as_it_is(link)
    for step in _steps(link):
        repoint(link.connection, step.loser, step.master, user, clock)
    return "This link is kept, the other was undone. Both records of that one stay as they are."


def _billed_as_it_is(link: Link) -> None:
    """The currency that its customer is billed in by now, so that no second one is linked in its place."""
    rows = Record.objects.filter(connection=link.connection_id, kind="customer", remote_id=link.books_id)
    currency = rows.values_list("currency", flat=True).first()
    if currency and link.pair == Link.Pair.CUSTOMER:
        Link.objects.filter(pk=link.pk).update(currency=currency)


def _accept(link: Link, user: User, clock: Clock) -> str:
    word = link_faults.sign_now(link)
    names = names_of([link])
    said = f"{crm_name(link, names)} in CRM is {books_name(link, names)} in Books, whatever the record there says."
    _note(link, user, "accept_link", said, {"sign": word}, clock)
    Link.objects.filter(pk=link.pk).update(fault_accepted=word)
    return "The link stays. It is named again only when Books' record says something else."


def _note(link: Link, user: User, verb: str, said: str, detail: dict[str, Any], clock: Clock) -> None:
    subject = (link.crm_kind, link.crm_id)
    audit.record(user, verb, said, connection=link.connection, subject=subject, detail=detail, clock=clock)
