"""What people are told about a draft that was made: finance once, with all it needs to look; and whose sale it is."""

from typing import Any

from accounts import notices
from accounts.models import User
from invoicing.in_books import books_link
from invoicing.models import Conversion
from syncjobs.columns import text
from zbridge.clock import Clock
from zbridge.money import Money, display

WAITS = "It waits under Drafts to review."


def event_of(pk: int) -> str:
    """The event under which finance is told of a conversion's draft; unique in the outbox, so it is told once."""
    return f"drafted:{pk}"


def finance(row: Conversion, found: dict[str, Any], clock: Clock) -> None:
    """One notice: customer and total, the source, what differs, where it is; in the caller's transaction."""
    total = display(Money(found["total"], found["currency"]))
    where = books_link(row.connection.data_centre, found["books_id"])
    said = (f"From {source_of(row)}.", differences_of(row), f"{WAITS} Review it and send it in Books: {where}")
    notices.tell(
        row.connection, event_of(row.pk), f"New draft {found['number']} for {found['customer_name']}: {total}",
        " ".join(part for part in said if part), role="finance", subject=("conversion", str(row.pk)), clock=clock,
    )  # fmt: skip


def source_of(row: Conversion) -> str:
    """The quote's number, the deal's name, or both."""
    quote, deal = f"quote {row.quote}" if row.quote else "", f"deal {row.deal}" if row.deal else ""
    return f"{quote} of {deal}" if quote and deal else quote or deal


def differences_of(row: Conversion) -> str:
    """Why CRM's amount and the draft's total differ, and what finance must look at; empty where nothing does."""
    named = [text(part.get("sentence")) for part in row.difference]
    said = [*(one for one in named if one not in row.needs_finance), row.needs_finance]
    return f"It differs: {' '.join(part for part in said if part)}" if any(said) else ""


def rep_of(row: Conversion) -> User | None:
    """Whose sale it is: the user who is its owner in CRM, else the person who asked for the draft."""
    source = row.deal or row.quote
    owner = source.owner_id if source else ""
    found = User.objects.filter(crm_user_id=owner, is_active=True).first() if owner else None
    return found or row.requested_by
