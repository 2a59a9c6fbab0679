"""A rep's question to finance about a deal, and its answer: shown on the deal until it is answered or billed."""

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from accounts import audit, notices
from accounts.models import User
from invoicing.deciding import Refused
from invoicing.models import Deal
from syncjobs.models import Problem
from syncjobs.services import close_problems, open_problem
from zbridge.clock import Clock

CAUSE = "asked"


def question(deal: Deal) -> Problem | None:
    """The question about the deal that is open."""
    rows = Problem.objects.filter(connection=deal.connection, cause=CAUSE, subject_kind="deal", closed_at=None)
    return rows.filter(subject_id=str(deal.pk)).first()


def with_question(rows: "QuerySet[Deal]") -> "QuerySet[Deal]":
    """Deals about which a question is open."""
    asked = Problem.objects.filter(
        cause=CAUSE, subject_kind="deal", closed_at=None, subject_id=Cast(OuterRef("pk"), CharField())
    )
    return rows.filter(Exists(asked))


def ask_finance(deal: Deal, note: str, user: User, clock: Clock) -> str:
    """Put the deal on finance's list with the rep's words, and tell finance."""
    subject = ("deal", str(deal.pk), deal.name)
    name = user.get_full_name() or user.username
    sentence = f"{name} asks about {deal.name}: {note.strip() or 'what should be billed here?'}"
    with transaction.atomic():
        asked = open_problem(
            deal.connection, CAUSE, subject, "finance", sentence[:1000], now=clock.now(), detail={"by": user.pk}
        )
        notices.tell(
            deal.connection, f"asked:{asked.pk}", f"A question about {deal.name}", sentence, role="finance",
            subject=subject[:2], clock=clock,
        )  # fmt: skip
        audit.record(
            user, "ask", f"Asked finance about {deal.name}.", connection=deal.connection, subject=subject[:2],
            detail={"note": note[:500]}, clock=clock,
        )  # fmt: skip
    return "Finance was told and sees it among its problems; the answer will stand here."


def answer(deal: Deal, text: str, user: User, clock: Clock) -> str:
    """Finance's answer: it stands in the deal's history, and whoever asked is told."""
    asked = question(deal)
    said = text.strip()[:500]
    if asked is None:
        raise Refused("That question is answered already.")
    if not said:
        raise Refused("The answer is empty; type it first.")
    name = user.get_full_name() or user.username
    who = User.objects.filter(pk=asked.detail.get("by")).first()
    with transaction.atomic():
        close_problems(deal.connection, "deal", str(deal.pk), clock.now(), CAUSE)
        audit.record(
            user, "answer", f"Answered about {deal.name}: {said}"[:300], connection=deal.connection,
            subject=("deal", str(deal.pk)), clock=clock,
        )  # fmt: skip
        notices.tell(
            deal.connection, f"answered:{asked.pk}", f"Finance answered about {deal.name}", f"{name}: {said}",
            user=who, role="" if who else "rep", subject=("deal", str(deal.pk)), clock=clock,
        )  # fmt: skip
    return "Your answer stands on the deal, and whoever asked is told."
