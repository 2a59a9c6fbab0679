"""The editions that a connection's limits follow: read from Zoho where it tells, else chosen; a change is told."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from accounts import audit, notices
from accounts.models import Bucket, Connection, User
from accounts.roles import REVOPS
from zbridge.clock import Clock


@dataclass(frozen=True)
class Editions:
    """Names as Zoho spells them; empty and 0: not told."""

    books_plan: str = ""
    crm_edition: str = ""
    crm_licences: int = 0

    def __str__(self) -> str:
        users = f" for {self.crm_licences} users" if self.crm_licences else ""
        return f"Books {self.books_plan or 'not told'}, CRM {self.crm_edition or 'not told'}{users}"


def editions_of(connection: Connection) -> Editions:
    """Those in force."""
    return Editions(connection.books_plan, connection.crm_edition, connection.crm_licences)


def read_editions(organisations: list[dict[str, Any]], crm_org: dict[str, Any], books_org_id: str) -> Editions:
    """What Books' list of organisations and CRM's organisation tell (facts Books 7.5, CRM 3.5)."""
    books = next((row for row in organisations if str(row.get("organization_id")) == books_org_id), {})
    paid = crm_org.get("license_details") or {}
    return Editions(
        str(books.get("plan_name") or "").title(), str(paid.get("paid_type") or "").title(),
        int(paid.get("users_license_purchased") or 0),
    )  # fmt: skip


def note_told(connection: Connection, told: Editions, clock: Clock) -> bool:
    """Keep what Zoho tells; True when an edition that was known is another one now, which people are told once."""
    before = editions_of(connection)
    after = Editions(**{name: value or getattr(before, name) for name, value in asdict(told).items()})
    if after == before:
        return False
    known = bool(before.books_plan or before.crm_edition)
    _keep(connection, after, None, f"Zoho tells other editions: {after}; before: {before}.", clock)
    if known:
        text = (
            f"{connection}: now {after}; before: {before}. The day's calls and what is kept for clicks follow it by "
            "themselves. Features may have come or gone: run the self-test on the connection's page."
        )
        event = f"editions {after} {clock.now():%Y-%m-%d}"
        notices.tell(connection, event, "The Zoho edition changed", text, clock=clock, role=REVOPS)
    return known


def choose(connection: Connection, wanted: Editions, user: User | None, clock: Clock) -> None:
    """A person says what Zoho doesn't tell."""
    if wanted != editions_of(connection):
        _keep(connection, wanted, user, f"Chose the editions of {connection}: {wanted}.", clock)


def _keep(connection: Connection, wanted: Editions, user: User | None, said: str, clock: Clock) -> None:
    """With its limits: they are reckoned anew with the next call, and Books' own figures are waited for again."""
    for name, value in asdict(wanted).items():
        setattr(connection, name, value)
    with transaction.atomic():
        connection.save(update_fields=list(asdict(wanted)))
        Bucket.objects.filter(connection=connection).update(tended_at=None, day_told_at=None)
        audit.record(
            user, "editions", said, connection=connection, subject=("connection", str(connection.pk)), clock=clock
        )
