"""First links, of what is certain only: one SKU, our key, an id of Zoho's own integration, an e-mail of just two."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from accounts.models import Connection
from syncjobs.absorbing import raw_row
from syncjobs.creating import key_of, key_of_party
from syncjobs.domain.pairs import CONTACTS, kinds_of
from syncjobs.models import Attempt, Link, Record
from syncjobs.services import link_records
from zbridge.clock import Clock


def link_products(connection: Connection, clock: Clock) -> int:
    """Link what is certain; how many were linked. What isn't the same letter for letter waits for a person."""
    products, items = _by_code(connection, "product"), _by_code(connection, "item")
    taken = set(Link.objects.filter(connection=connection, pair=Link.Pair.PRODUCT).values_list("crm_id", flat=True))
    linked = 0
    for code in sorted(products.keys() & items.keys()):
        product, item = products[code], items[code]
        if product.remote_id not in taken:
            link_records(connection, product, item, how="code", reason=f"Same SKU {item.code}.", user=None, clock=clock)
            linked += 1
    return linked


def _by_code(connection: Connection, kind: str) -> dict[str, Record]:
    """Active records by their SKU, those whose SKU stands twice left out."""
    rows = Record.objects.filter(connection=connection, kind=kind, active=True, gone_at=None).exclude(code="")
    found = list(rows.only("remote_id", "name", "code", "kind", "currency", "connection_id"))
    counts = Counter(row.code.strip().casefold() for row in found)
    return {row.code.strip().casefold(): row for row in found if counts[row.code.strip().casefold()] == 1}


def link_customers(connection: Connection, clock: Clock) -> int:
    """Link accounts (or contacts, where they are the customers) where it is certain; how many.

    Whoever shares an e-mail with a third waits for a person.
    """
    kind = kinds_of("customer", connection.parties)[0]
    accounts = {row.remote_id: row for row in _unlinked(connection, kind, "crm_id")}
    customers = {row.remote_id: row for row in _unlinked(connection, "customer", "books_id")}
    linked = 0
    for account_id, customer_id, how, reason in [
        *_by_own_key(connection, accounts, customers), *_native(customers, f"zcrm_{kind}_id"),
        *_by_email(connection, accounts, customers),
    ]:  # fmt: skip
        account, customer = accounts.get(account_id), customers.get(customer_id)
        if account is None or customer is None or account.currency not in ("", customer.currency):
            continue
        link_records(connection, account, customer, how=how, reason=reason, user=None, clock=clock)
        if how == Link.How.CREATED:
            _heard_of(connection, customer, reason, clock)
        del accounts[account_id], customers[customer_id]
        linked += 1
    return linked


def _unlinked(connection: Connection, kind: str, id_column: str) -> Iterator[Record]:
    linked = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER).values(id_column)
    rows = Record.objects.filter(connection=connection, kind=kind, active=True, is_vendor=False, gone_at=None)
    yield from rows.exclude(remote_id__in=linked).iterator(500)


def _heard_of(connection: Connection, customer: Record, how: str, clock: Clock) -> None:
    """The end of the attempt that made it, where the answer was lost."""
    key = key_of(raw_row(customer.raw), connection.customer_key_name)
    lost = Attempt.objects.filter(connection=connection, purpose="customer", key=key, outcome__in=["", "UNKNOWN"])
    lost.update(outcome="OK", ended_at=clock.now(), remote_id=customer.remote_id, conclusion=how)


def _by_own_key(
    connection: Connection, accounts: dict[str, Record], customers: dict[str, Record]
) -> Iterator[tuple[str, str, str, str]]:
    """Customers that zbridge made and didn't hear of, or of which its database was put back to an earlier day."""
    field = connection.customer_key_name
    keyed = {
        key_of(raw_row(row.raw), field): row for row in customers.values() if field and row.raw and field in row.raw
    }
    if not keyed.keys() - {""}:
        return
    for account in accounts.values():
        currency = account.currency or connection.currency
        made = keyed.get(key_of_party(connection, account, currency))
        if made is not None:
            yield account.remote_id, made.remote_id, Link.How.CREATED, "It bears zbridge's key of this account."


def _native(customers: dict[str, Record], field: str) -> Iterator[tuple[str, str, str, str]]:
    for row in customers.values():
        account_id = str((json.loads(row.raw) if row.raw else {}).get(field) or "")
        if account_id:
            yield account_id, row.remote_id, Link.How.NATIVE, "Zoho's own integration had linked them."


def _by_email(
    connection: Connection, accounts: dict[str, Record], customers: dict[str, Record]
) -> Iterator[tuple[str, str, str, str]]:
    """An e-mail that the contacts of one account have, and one customer."""
    crm, books = defaultdict(set), defaultdict(set)
    contacts = Record.objects.filter(connection=connection, kind="contact", gone_at=None).exclude(email_key="")
    whose = "remote_id" if connection.parties == CONTACTS else "parent_id"
    for email, account_id in contacts.values_list("email_key", whose).iterator(2000):
        crm[email].add(account_id)
    everybody = Record.objects.filter(connection=connection, kind="customer", gone_at=None).exclude(email_key="")
    for email, customer_id in everybody.values_list("email_key", "remote_id").iterator(2000):
        books[email].add(customer_id)
    for email in sorted(crm.keys() & books.keys()):
        if len(crm[email]) == 1 and len(books[email]) == 1:
            yield next(iter(crm[email])), next(iter(books[email])), Link.How.EMAIL, f"Only these two have {email}."
