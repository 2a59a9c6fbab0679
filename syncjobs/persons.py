"""People of a sale: an account or contact read when it is needed, and whom a draft's mail would reach."""

from typing import Any

from django.db import transaction

from accounts.clients import Clients
from accounts.models import Connection
from syncjobs import columns, feeds
from syncjobs.domain.normalising import normal_email
from syncjobs.models import Record
from zbridge.clock import Clock


def read_party(connection: Connection, account_id: str, contact_id: str, clients: Clients, clock: Clock) -> None:
    """Read an account and a contact that the mirror doesn't have yet."""
    for feed, module, identity in ((feeds.ACCOUNTS, "Accounts", account_id), (feeds.CONTACTS, "Contacts", contact_id)):
        row = clients.crm.record(module, identity) if identity else None
        if row is not None:
            with transaction.atomic():
                feed.absorb(connection, [row], connection.now(clock)).whole()


def contact_person(connection: Connection, customer: Record, email: str, clients: Clients, clock: Clock) -> str:
    """The id of the customer's person with that e-mail, else of its primary one; empty when it has none.

    Persons come with the detail only: one GET the first time, kept until the customer changes in Books.
    """
    if customer.fields.get("persons") is None or customer.fields.get("persons_at") != _stamp(customer):
        remember(customer, clients.books.contact(customer.remote_id) or {})
    kept = customer.fields["persons"]
    same = [row["id"] for row in kept if email and row["email"] == email]
    primary = [row["id"] for row in kept if row["primary"]]
    return str(next(iter([*same, *primary]), ""))


def remember(customer: Record, detail: dict[str, Any]) -> None:
    """Keep the persons of a customer's detail (which the answer to its creation is, too)."""
    kept = [_person_row(row) for row in detail.get("contact_persons") or ()]
    customer.fields = customer.fields | {"persons": kept, "persons_at": _stamp(customer)}
    customer.save(update_fields=["fields"])


def _stamp(customer: Record) -> str:
    return customer.changed_at.isoformat() if customer.changed_at else ""


def _person_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": columns.text(row.get("contact_person_id")),
        "email": normal_email(columns.text(row.get("email"))),
        "primary": bool(row.get("is_primary_contact")),
    }
