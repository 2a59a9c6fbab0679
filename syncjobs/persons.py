"""People of a sale: an account or contact read when it is needed, and whom a draft's mail would reach."""

from typing import Any

from django.db import transaction

from accounts.clients import Clients
from accounts.models import Connection
from syncjobs import columns, feeds
from syncjobs.domain.normalising import normal_email
from syncjobs.models import Record
from zbridge.clock import Clock

# Of a customer's detail; list rows carry them in some editions only (facts Books 3.3).
TOLD = (
    "credit_limit", "is_taxable", "tax_exemption_id", "vat_treatment", "tax_treatment", "gst_treatment",
    "place_of_contact",
)  # fmt: skip


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
    if not is_fresh(customer):
        remember(customer, clients.books.contact(customer.remote_id) or {})
    kept = customer.fields["persons"]
    same = [row["id"] for row in kept if email and row["email"] == email]
    primary = [row["id"] for row in kept if row["primary"]]
    return str(next(iter([*same, *primary]), ""))


def is_fresh(customer: Record) -> bool:
    """Whether its detail was read since it last changed in Books."""
    known = customer.fields.get("persons") is not None and customer.fields.get("told") is not None
    return known and customer.fields.get("persons_at") == _stamp(customer)


def remember(customer: Record, detail: dict[str, Any]) -> None:
    """Keep the persons of a customer's detail (which the answer to its creation is, too), and what drafts follow."""
    kept = [_person_row(row) for row in detail.get("contact_persons") or ()]
    told = {name: columns.text(detail[name]) for name in TOLD if detail.get(name) is not None}
    customer.fields = customer.fields | {"persons": kept, "persons_at": _stamp(customer), "told": told}
    customer.save(update_fields=["fields"])


def _stamp(customer: Record) -> str:
    return customer.touched


def _person_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": columns.text(row.get("contact_person_id")),
        "email": normal_email(columns.text(row.get("email"))),
        "primary": bool(row.get("is_primary_contact")),
    }
