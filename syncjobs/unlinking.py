"""What becomes of a link when one of its records is gone: asked, unlinked, made again, or left as it is."""

from django.db import transaction

from accounts import audit
from accounts.models import User
from syncjobs.domain.pairs import MODULES, RUN_KINDS
from syncjobs.mappings import Refused
from syncjobs.models import Disappearance, Link, OnGone, Record
from syncjobs.services import close_problems, link_records, open_problem, start_run
from zbridge.clock import Clock

CAUSE = "gone"
SUBJECT = "gone record"


def settle_gone(row: Disappearance, link: Link, policy: str, clock: Clock) -> None:
    """Do what the mapping says, in the caller's transaction; *ask* opens a problem for a RevOps administrator."""
    if policy == OnGone.ASK:
        row.decision = OnGone.ASK
        row.save(update_fields=["decision"])
        open_problem(
            row.connection, CAUSE, (SUBJECT, str(row.pk), row.name), "revops", sentence_of(row), now=clock.now()
        )
        return
    _carry_out(row, link, policy, None, clock)


def sentence_of(row: Disappearance) -> str:
    """What happened, and what stands."""
    here, there = ("CRM", "Books") if row.kind in MODULES else ("Books", "CRM")
    by = f" by {row.deleted_by}" if row.deleted_by else ""
    return (
        f"{row.name} was deleted or merged in {here}{by}. Its record in {there} stays as it is and nothing was deleted "
        "by zbridge; say what becomes of the link."
    )


def decide_gone(row: Disappearance, decision: str, user: User, clock: Clock) -> str:
    """What a person decides about a gone record; a sentence. Raises Refused when it was decided meanwhile."""
    link = link_of(row)
    if row.ended_at is not None or link is None or decision not in (OnGone.UNLINK, OnGone.RESTORE, OnGone.IGNORE):
        raise Refused("This was decided already, or the link is gone.")
    with transaction.atomic():
        _carry_out(row, link, decision, user, clock)
    if decision == OnGone.RESTORE:
        start_run(row.connection, RUN_KINDS[link.pair], clock, trigger="person", user=user)
    return {
        OnGone.UNLINK: "Unlinked. The other record stays as it is.",
        OnGone.RESTORE: "It is made again with the next run that keeps these kinds in step, and linked.",
        OnGone.IGNORE: "Left as it is. The link stays, and nothing flows through it.",
    }[OnGone(decision)]


def follow_merge(row: Disappearance, user: User, clock: Clock) -> str:
    """Link the other side's record to the one that this was merged into; raises Refused when that can't be."""
    link = link_of(row)
    rows = Record.objects.filter(connection=row.connection, gone_at=None)
    master = rows.filter(kind=row.kind, remote_id=row.merged_into).first() if row.merged_into else None
    other_kind = link.pair if link and row.kind in MODULES else link.crm_kind if link else ""
    other = rows.filter(kind=_books_kind(other_kind), remote_id=row.other_id).first()
    if link is None or master is None or other is None or row.ended_at is not None:
        raise Refused("The record that it was merged into isn't known, or this was decided already.")
    crm, books = (master, other) if row.kind in MODULES else (other, master)
    try:
        with transaction.atomic():
            _carry_out(row, link, OnGone.UNLINK, user, clock)
            why = f"{row.name} was merged into {master.name}."
            link_records(row.connection, crm, books, how="person", reason=why, user=user, clock=clock)
    except ValueError as clash:
        raise Refused(f"{clash} Unlink the gone one instead.") from clash
    return f"Linked to {master.name}, into which it was merged."


def _books_kind(pair: str) -> str:
    return {"product": "item"}.get(pair, pair)


def link_of(row: Disappearance) -> Link | None:
    """The link that the gone record still has."""
    crm, books = (row.remote_id, row.other_id) if row.kind in MODULES else (row.other_id, row.remote_id)
    return Link.objects.filter(connection=row.connection, crm_id=crm, books_id=books).first()


def _carry_out(row: Disappearance, link: Link, decision: str, user: User | None, clock: Clock) -> None:
    now = clock.now()
    if decision != OnGone.IGNORE:
        said = f"{row.name} is gone; the link of {link.crm_id} in CRM and {link.books_id} in Books was taken off."
        audit.record(
            user, "unlink", said, connection=row.connection, subject=(link.crm_kind, link.crm_id),
            detail={"books_id": link.books_id, "base": link.base, "decision": decision}, clock=clock,
        )  # fmt: skip
        link.delete()
    row.decision, row.decided_by, row.ended_at = decision, user, row.connection.now(clock)
    row.save(update_fields=["decision", "decided_by", "ended_at"])
    close_problems(row.connection, SUBJECT, str(row.pk), now, CAUSE)
