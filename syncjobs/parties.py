"""Find or create the Books customer of a CRM account (or of a contact alone): link, match, or intent and POST.

Creating uses the same protocol as an invoice: an Attempt committed first, a key in Books' unique field, and a look-up
after a lost answer, so that a timeout never makes a second customer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.clients import Clients
from accounts.models import Connection
from accounts.uniqueness import still_refuses_twins
from syncjobs import columns, feeds, persons
from syncjobs.creating import customer_body, key_of
from syncjobs.domain.digesting import canonical_json
from syncjobs.domain.pairs import CONTACTS
from syncjobs.domain.parties import CustomerMatch, Verdict, match_customer
from syncjobs.domain.records import PartyFacts
from syncjobs.lookalikes import facts_of, lookalikes, thresholds_of
from syncjobs.models import Attempt, Disappearance, Link, Record
from syncjobs.services import link_records
from zbridge.clock import Clock
from zbridge.crash_points import Point
from zbridge.money import Money, display
from zbridge.zoho.errors import Duplicate, OutcomeUnknown, Rejected, ZohoError

Fence = Callable[[], None]
FIRST_LOOK = timedelta(seconds=5)
APART = timedelta(minutes=10)
# Refused as a twin and yet not found this often: a person looks.
MOST_TRIES = 3


def always() -> None:
    """No fence: nobody else works on this."""


@dataclass(frozen=True)
class Party:
    """The CRM side of a customer: the account with its contacts, or a contact alone."""

    record: Record
    contacts: tuple[Record, ...]
    currency: str

    @property
    def facts(self) -> PartyFacts:
        """Accounts have no e-mail field: theirs are the deal's contact's, then the account's other contacts'."""
        return facts_of(self.record, self.contacts, currency=self.currency)


@dataclass(frozen=True)
class CustomerFound:
    """The Books customer's record and why it is the one."""

    record: Record
    reason: str


@dataclass(frozen=True)
class CustomerDoubt:
    """A person must choose, or correct what Books refused; nothing was created."""

    sentence: str
    candidates: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class CustomerLater:
    """The answer to a creation was lost: look again at that time."""

    at: datetime
    sentence: str


Customer = CustomerFound | CustomerDoubt | CustomerLater


def party_of(connection: Connection, account_id: str, contact_id: str, currency: str) -> Party | None:
    """The CRM party of a sale from the mirror; None when neither the account nor the contact was read.

    Of an account that was merged since the sale was read, the one that took its place.
    """
    rows = Record.objects.filter(connection=connection, gone_at=None)
    contact = rows.filter(kind="contact", remote_id=contact_id).first() if contact_id else None
    account = rows.filter(kind="account", remote_id=account_id).first() if account_id else None
    if account is None and account_id:
        merged = Disappearance.objects.filter(connection=connection, kind="account", remote_id=account_id)
        account = rows.filter(kind="account", remote_id__in=merged.values("merged_into")).first()
    if account is None or contact is not None and connection.parties == CONTACTS:
        return Party(contact, (), currency) if contact else None
    others = rows.filter(kind="contact", parent_id=account_id).exclude(remote_id=contact_id).order_by("remote_id")[:20]
    return Party(account, ((contact,) if contact else ()) + tuple(others), currency)


def gone_account(connection: Connection, account_id: str, party: Party | None) -> str:
    """The name of a sale's account that CRM has no longer and that is linked; empty where all is well.

    Its contact alone would be another customer: somebody else would be made for what is known.
    """
    if not account_id or party is not None and (party.record.kind == "account" or connection.parties == CONTACTS):
        return ""
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, crm_id=account_id)
    rows = Record.objects.filter(connection=connection, kind="account", remote_id=account_id, gone_at__isnull=False)
    found = rows.filter(remote_id__in=links.values("crm_id")).values_list("name", flat=True).first()
    return found or ""


def linked_customer(connection: Connection, party: Party) -> Record | None:
    """The customer of its link: the one in the sale's currency, else the only one there is.

    Without a link that of a record that CRM merged into it: nobody is made anew while that link waits for its repair.
    """
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER)
    by_currency = _by_currency(links.filter(crm_id=party.record.remote_id))
    if not by_currency:
        merged = Disappearance.objects.filter(
            connection=connection, kind=party.record.kind, merged_into=party.record.remote_id
        )
        by_currency = _by_currency(links.filter(crm_id__in=merged.values("remote_id")))
    if not by_currency:
        return None
    books_id = by_currency.get(party.currency) or next(iter(by_currency.values()))
    return Record.objects.filter(connection=connection, kind="customer", remote_id=books_id).first()


def _by_currency(links: "QuerySet[Link]") -> dict[str, str]:
    return {link.currency: link.books_id for link in links.order_by("-pk")}


def match_in_mirror(connection: Connection, party: Party) -> CustomerMatch:
    """What the mirror says of who it is; no call."""
    return match_customer(party.facts, lookalikes(connection, party.facts), thresholds_of(connection))


def find_or_create(
    connection: Connection, party: Party, key: str, clients: Clients, clock: Clock, point: Point, fence: Fence = always
) -> Customer:
    """The customer of the party; linked and matched first, created only when nothing is like it anywhere.

    `fence` is asked before the creating call and before an attempt is judged: it raises where the work is another's.
    """
    linked = linked_customer(connection, party)
    if linked is not None:
        return CustomerFound(linked, "Linked.")
    earlier = _open_attempt(connection, key)
    if earlier is not None:
        return _resolve(connection, party, key, clients, clock, earlier, fence)
    _read_likely(connection, party, clients, clock)
    match = match_in_mirror(connection, party)
    if match.verdict == Verdict.CERTAIN and match.chosen is not None:
        return _link(connection, party, match.chosen.party.id, "email", match.reason, clock)
    if match.verdict == Verdict.REVIEW:
        return CustomerDoubt(match.reason, candidates(connection, match))
    return _create(connection, party, key, clients, clock, point, fence)


def candidates(connection: Connection, match: CustomerMatch) -> tuple[dict[str, Any], ...]:
    """The candidates as a page shows them side by side."""
    rows = Record.objects.filter(connection=connection, kind="customer")
    records = {row.remote_id: row for row in rows.filter(remote_id__in=[one.party.id for one in match.candidates])}
    return tuple(
        {
            "id": one.party.id,
            "name": one.party.name,
            "email": records[one.party.id].email,
            "currency": one.party.currency,
            "outstanding": _balance(records[one.party.id]),
            "score": one.score,
            "reasons": list(one.reasons),
        }
        for one in match.candidates
    )


def _balance(row: Record) -> str:
    """The open balance as people read it."""
    return display(Money(row.outstanding or Decimal(0), row.currency)) if row.currency else ""


def _read_likely(connection: Connection, party: Party, clients: Clients, clock: Clock) -> None:
    """One call: customers with the party's first e-mail, else with its name, so that a new one is not overlooked."""
    emails = [person.email_key for person in (*party.contacts, party.record) if person.email_key]
    wanted = {"email": emails[0]} if emails else {"contact_name": party.record.name[:100]}
    rows = clients.books.contacts_by(**wanted)
    with transaction.atomic():
        feeds.CUSTOMERS.absorb(connection, rows, connection.now(clock)).whole()


def _link(connection: Connection, party: Party, books_id: str, how: str, reason: str, clock: Clock) -> Customer:
    record = Record.objects.get(connection=connection, kind="customer", remote_id=books_id)
    try:
        link_records(connection, party.record, record, how=how, reason=reason, user=None, clock=clock)
    except ValueError as clash:
        people = [person.remote_id for person in party.contacts]
        if Link.objects.filter(connection=connection, pair="customer", books_id=books_id, crm_id__in=people).exists():
            return CustomerFound(record, "Linked to its contact.")
        return CustomerDoubt(str(clash), ())
    return CustomerFound(record, reason)


def _create(
    connection: Connection, party: Party, key: str, clients: Clients, clock: Clock, point: Point, fence: Fence
) -> Customer:
    body = customer_body(connection, party.record, party.contacts, party.currency, key)
    number = Attempt.objects.filter(connection=connection, purpose="customer", key=key).count() + 1
    try:
        with transaction.atomic():
            attempt = Attempt.objects.create(
                connection=connection, purpose="customer", key=key, number=number, asked=canonical_json(body),
                started_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:
        return CustomerLater(clock.now() + FIRST_LOOK, f"Another sale is just making {party.record.name} in Books.")
    point("customer intent committed")
    fence()
    try:
        row = clients.books.create_contact(body)
    except ZohoError as trouble:
        point("customer answer received")
        return _not_created(connection, party, attempt, trouble, clock)
    point("customer answer received")
    return _keep(connection, party, attempt, row, "Made by zbridge with the first draft.", clock)


def _not_created(connection: Connection, party: Party, attempt: Attempt, trouble: ZohoError, clock: Clock) -> Customer:
    doubtful = isinstance(trouble, OutcomeUnknown | Duplicate)
    attempt.outcome, attempt.ended_at = "UNKNOWN" if doubtful else "FAIL", clock.now()
    attempt.code, attempt.status = str(trouble.code or "")[:60], trouble.http
    attempt.save()
    if doubtful:
        return CustomerLater(clock.now() + FIRST_LOOK, f"We don't know yet whether Books saved {party.record.name}.")
    if isinstance(trouble, Rejected):
        return CustomerDoubt(f"Books refused {party.record.name}: {trouble.message} Nothing was created.", ())
    raise trouble


def _keep(
    connection: Connection, party: Party, attempt: Attempt, row: dict[str, Any], reason: str, clock: Clock
) -> Customer:
    with transaction.atomic():
        feeds.CUSTOMERS.absorb(connection, [row], connection.now(clock)).whole()
        attempt.outcome, attempt.ended_at, attempt.remote_id = "OK", clock.now(), columns.text(row["contact_id"])
        attempt.conclusion = reason
        attempt.save()
        if "contact_persons" in row:
            customer = Record.objects.get(connection=connection, kind="customer", remote_id=attempt.remote_id)
            persons.remember(customer, row)
        return _link(connection, party, attempt.remote_id, "created", reason, clock)


def _open_attempt(connection: Connection, key: str) -> Attempt | None:
    """The last creation whose end nobody knows: its answer was lost, or the worker died before it came."""
    last = Attempt.objects.filter(connection=connection, purpose="customer", key=key).order_by("-number").first()
    return last if last is not None and last.outcome in ("", "UNKNOWN") else None


def _resolve(
    connection: Connection, party: Party, key: str, clients: Clients, clock: Clock, attempt: Attempt, fence: Fence
) -> Customer:
    """Look it up by its name and compare the key; send again only where a twin is surely refused, else ask."""
    rows = clients.books.contacts_by(contact_name=party.record.name[:100])
    fence()
    name = connection.customer_key_name
    found = [row for row in rows if key_of(row, name) == key]
    if found:
        return _keep(connection, party, attempt, found[0], "Made by zbridge; its answer was lost and looked up.", clock)
    if rows:
        with transaction.atomic():
            feeds.CUSTOMERS.absorb(connection, rows, connection.now(clock)).whole()
    looked = attempt.conclusion.count("looked") + 1
    note = {"conclusion": f"{attempt.conclusion} looked"[-300:]}
    # Only where something would be sent again is Books asked whether it still refuses a twin (F21).
    twins_are_refused = bool(connection.uniqueness_seen_at and connection.customer_key_field)
    if looked >= 2 and twins_are_refused and not rows:
        twins_are_refused = still_refuses_twins(connection, "contact", clients, clock)
    # Another sale of the same party may have had its answer meanwhile: that one stands.
    unsettled = Attempt.objects.filter(pk=attempt.pk, remote_id="")
    if looked >= 2 and twins_are_refused and not rows and attempt.number < MOST_TRIES:
        unsettled.update(outcome="FAIL", ended_at=clock.now(), **note)
        return CustomerLater(clock.now(), f"{party.record.name} is not in Books; made now.")
    unsettled.update(outcome="UNKNOWN", **note)
    if looked >= 2:
        match = match_in_mirror(connection, party)
        sentence = f"Books' answer about {party.record.name} was lost; if it isn't there, make it, then look again."
        return CustomerDoubt(sentence, candidates(connection, match))
    wait = timedelta(seconds=15) if twins_are_refused else APART
    return CustomerLater(clock.now() + wait, f"Looking {party.record.name} up in Books.")
