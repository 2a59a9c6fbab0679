"""Contact persons of Books as records of their own: taken from their customer's detail, linked to CRM's contacts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Connection
from syncjobs import columns
from syncjobs.absorbing import absorb_rows
from syncjobs.models import Link, Record
from syncjobs.services import link_records
from zbridge.clock import Clock

Row = dict[str, Any]


def absorb_people(connection: Connection, customer_id: str, detail: Row, now: datetime) -> None:
    """The persons of a customer's detail; those it no longer has are gone."""
    rows = [row | {"contact_id": customer_id} for row in detail.get("contact_persons") or ()]
    with transaction.atomic():
        absorb_rows(
            Record, connection, "remote_id", "contact_person_id", rows, columns.person, now, kind="person"
        )  # fmt: skip
        known = Record.objects.filter(connection=connection, kind="person", parent_id=customer_id, gone_at=None)
        known.exclude(remote_id__in=[str(row["contact_person_id"]) for row in rows]).update(gone_at=now)


def link_people(connection: Connection, clock: Clock) -> int:
    """Link what is certain within a linked customer: one e-mail of just two, else one name of just two; how many."""
    linked = 0
    for contacts, people in _by_customer(connection):
        for key, reason in (("email_key", "The same e-mail"), ("name_key", "The same name")):
            for contact, person in _only_two(contacts, people, key):
                said = f"{reason} at the same customer."
                link_records(connection, contact, person, how="email", reason=said, user=None, clock=clock)
                contacts.remove(contact)
                people.remove(person)
                linked += 1
    return linked


def _by_customer(connection: Connection) -> Iterator[tuple[list[Record], list[Record]]]:
    """The unlinked contacts and persons of each linked customer that has both."""
    pairs = Link.objects.filter(connection=connection, pair="customer", crm_kind="account")
    contacts = _by_parent(connection, "contact", "crm_id")
    people = _by_parent(connection, "person", "books_id")
    for account_id, customer_id in pairs.values_list("crm_id", "books_id").iterator(2000):
        if contacts[account_id] and people[customer_id]:
            yield contacts[account_id], people[customer_id]


def _by_parent(connection: Connection, kind: str, id_column: str) -> dict[str, list[Record]]:
    linked = Link.objects.filter(connection=connection, pair="person").values(id_column)
    rows = Record.objects.filter(connection=connection, kind=kind, gone_at=None).exclude(remote_id__in=linked)
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows.exclude(parent_id="").defer("raw", "detail").iterator(2000):
        found[row.parent_id].append(row)
    return found


def _only_two(contacts: list[Record], people: list[Record], key: str) -> list[tuple[Record, Record]]:
    """Those whose key exactly one contact and one person have."""
    here, there = _once(contacts, key), _once(people, key)
    return [(here[value], there[value]) for value in sorted(here.keys() & there.keys())]


def _once(rows: Iterable[Record], key: str) -> dict[str, Record]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return {value: same[0] for value, same in found.items() if value and len(same) == 1}


def customer_of_contact(connection: Connection, contact_id: str) -> str:
    """The Books customer that a CRM contact's account is linked to; empty without one."""
    account = Record.objects.filter(connection=connection, kind="contact", remote_id=contact_id).values("parent_id")
    homes = Link.objects.filter(connection=connection, pair="customer", crm_kind="account", crm_id__in=account)
    return homes.order_by("currency").values_list("books_id", flat=True).first() or ""


def account_of_person(connection: Connection, person_id: str) -> str:
    """The CRM account that a contact person's customer is linked to; empty without one."""
    customer = Record.objects.filter(connection=connection, kind="person", remote_id=person_id).values("parent_id")
    homes = Link.objects.filter(connection=connection, pair="customer", crm_kind="account", books_id__in=customer)
    return homes.values_list("crm_id", flat=True).first() or ""


def like(detail: Row, body: Row) -> list[str]:
    """The ids of a customer's persons that have the names and the e-mail of the body."""
    wanted = [columns.text(body.get(name)) for name in ("first_name", "last_name", "email")]
    rows = detail.get("contact_persons") or ()
    return [
        columns.text(row["contact_person_id"]) for row in rows
        if [columns.text(row.get(name)) for name in ("first_name", "last_name", "email")] == wanted
    ]  # fmt: skip
