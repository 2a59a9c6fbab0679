"""First links, of what is certain only: one SKU, our key, an id of Zoho's own integration, an e-mail of just two."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Connection
from syncjobs.absorbing import raw_row
from syncjobs.creating import key_of, key_of_party
from syncjobs.domain.pairs import CONTACTS, kinds_of
from syncjobs.models import Attempt, Link, Record
from syncjobs.services import Sure, link_sure
from zbridge.clock import Clock

AT_A_TIME = 500
# What a link and the account's key say of a record; its raw text stays where it is.
NEEDED = ("connection_id", "kind", "remote_id", "name", "currency", "parent_id")
# Account or contact, customer, how and why.
Found = tuple[str, str, str, str]
# In an item's stored row; the key alone is written with an empty value where there is no link.
NATIVE = '"zcrm_product_id":"'


def link_products(connection: Connection, clock: Clock) -> int:
    """Link what is certain; how many were linked. What isn't the same letter for letter waits for a person."""
    links = Link.objects.filter(connection=connection, pair=Link.Pair.PRODUCT)
    taken = set(links.values_list("crm_id", flat=True)) | set(links.values_list("books_id", flat=True))
    chosen = []
    for product, item, how, reason in [*_native_products(connection), *_by_sku(connection)]:
        if not taken & {product.remote_id, item.remote_id}:
            chosen.append(Sure(product, item, how, reason))
            taken |= {product.remote_id, item.remote_id}
    for start in range(0, len(chosen), AT_A_TIME):
        link_sure(connection, Link.Pair.PRODUCT, chosen[start : start + AT_A_TIME], clock)
    return len(chosen)


def _native_products(connection: Connection) -> Iterator[tuple[Record, Record, str, str]]:
    """What Zoho's own integration left on items; two items that name one product wait for a person."""
    rows = Record.objects.filter(connection=connection, active=True, gone_at=None)
    named = [
        (raw_row(item.raw).get("zcrm_product_id"), item) for item in rows.filter(kind="item", raw__contains=NATIVE)
    ]
    claims = Counter(str(product_id) for product_id, _ in named if product_id)
    wanted = [one for one, count in claims.items() if count == 1]
    products = {row.remote_id: row for row in rows.filter(kind="product", remote_id__in=wanted)}
    for product_id, item in named:
        if str(product_id) in products:
            yield products[str(product_id)], item, Link.How.NATIVE, "Zoho's own integration had linked them."


def _by_sku(connection: Connection) -> Iterator[tuple[Record, Record, str, str]]:
    products, items = _by_code(connection, "product"), _by_code(connection, "item")
    for code in sorted(products.keys() & items.keys()):
        yield products[code], items[code], Link.How.CODE, f"Same SKU {items[code].code}."


def _by_code(connection: Connection, kind: str) -> dict[str, Record]:
    """Active records by their SKU, those whose SKU stands twice left out."""
    rows = Record.objects.filter(connection=connection, kind=kind, active=True, gone_at=None).exclude(code="")
    found = list(rows.only("remote_id", "name", "code", "kind", "currency", "connection_id"))
    counts = Counter(row.code.strip().casefold() for row in found)
    return {row.code.strip().casefold(): row for row in found if counts[row.code.strip().casefold()] == 1}


def link_customers(connection: Connection, clock: Clock, renew: Callable[[], None] = lambda: None) -> int:
    """Link accounts (or contacts, where they are the customers) where it is certain; how many.

    Whoever shares an e-mail with a third waits for a person. An account has one customer per currency; only Zoho's own
    integration, or a person, says that a second one is its. `renew` is called between chunks.
    """
    kind = kinds_of("customer", connection.parties)[0]
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER)
    sorting = _Sorting(set(links.values_list("crm_id", "currency")), set(links.values_list("crm_id", flat=True)))
    accounts = {row.remote_id: row for row in _active(connection, kind).only(*NEEDED).iterator(500)}
    free = _active(connection, "customer").exclude(remote_id__in=links.values("books_id"))
    customers = {row.remote_id: row for row in free.only(*NEEDED).iterator(500)}
    told = _told(connection, free)
    chosen = []
    for account_id, customer_id, how, reason in _certain(connection, accounts, customers, told, set(sorting.linked)):
        account, customer = accounts.get(account_id), customers.get(customer_id)
        if account is not None and customer is not None and sorting.takes(account, customer, how):
            chosen.append(Sure(account, customer, how, reason))
            del customers[customer_id]
    for start in range(0, len(chosen), AT_A_TIME):
        renew()
        link_sure(connection, Link.Pair.CUSTOMER, chosen[start : start + AT_A_TIME], clock)
    for one in chosen:
        if one.how == Link.How.CREATED:
            _heard_of(connection, one.books, one.reason, clock)
    return len(chosen)


@dataclass
class _Sorting:
    """Who is taken already: by account and currency, and accounts with any link."""

    taken: set[tuple[str, str]]
    linked: set[str]

    def takes(self, account: Record, customer: Record, how: str) -> bool:
        """Whether this link may be made, noting it."""
        pair = (account.remote_id, customer.currency)
        native = how == Link.How.NATIVE
        other_currency = not native and account.currency not in ("", customer.currency)
        if pair in self.taken or other_currency or not native and account.remote_id in self.linked:
            return False
        self.taken.add(pair)
        self.linked.add(account.remote_id)
        return True


@dataclass
class _Told:
    """What Books' rows say of whose a customer is: our own key, and the id that Zoho's integration left."""

    keys: dict[str, str]
    native: dict[str, str]


def _told(connection: Connection, free: "QuerySet[Record]") -> _Told:
    """Read row by row: the raw texts of a hundred thousand customers would fill the memory."""
    field, native = connection.customer_key_name, f"zcrm_{kinds_of('customer', connection.parties)[0]}_id"
    found = _Told({}, {})
    for customer_id, raw in free.values_list("remote_id", "raw").iterator(500):
        tells = f'"{native}":"' in raw and f'"{native}":""' not in raw or field and f'"{field}"' in raw
        row = raw_row(raw) if tells else {}
        if field and (key := key_of(row, field)):
            found.keys[key] = customer_id
        if row.get(native):
            found.native[customer_id] = str(row[native])
    return found


def _certain(
    connection: Connection, accounts: dict[str, Record], customers: dict[str, Record], told: _Told, linked: set[str]
) -> Iterator[Found]:
    """Account, customer, how and why, the surest first; but for the native ones only accounts without any link."""
    unlinked = {identity: row for identity, row in accounts.items() if identity not in linked}
    yield from list(_by_own_key(connection, unlinked, customers, told.keys))
    yield from list(_native(customers, told.native))
    yield from [one for one in _by_email(connection) if one[0] in unlinked]


def _active(connection: Connection, kind: str) -> "QuerySet[Record]":
    return Record.objects.filter(connection=connection, kind=kind, active=True, is_vendor=False, gone_at=None)


def _heard_of(connection: Connection, customer: Record, how: str, clock: Clock) -> None:
    """The end of the attempt that made it, where the answer was lost."""
    key = key_of(raw_row(customer.raw), connection.customer_key_name)
    lost = Attempt.objects.filter(connection=connection, purpose="customer", key=key, outcome__in=["", "UNKNOWN"])
    lost.update(outcome="OK", ended_at=clock.now(), remote_id=customer.remote_id, conclusion=how)


def _by_own_key(
    connection: Connection, accounts: dict[str, Record], customers: dict[str, Record], keys: dict[str, str]
) -> Iterator[Found]:
    """Customers that zbridge made and didn't hear of, or of which its database was put back to an earlier day."""
    if not keys:
        return
    for account in accounts.values():
        currency = account.currency or connection.currency
        made = keys.get(key_of_party(connection, account, currency))
        if made in customers:
            yield account.remote_id, made, Link.How.CREATED, "It bears zbridge's key of this account."


def _native(customers: dict[str, Record], named: dict[str, str]) -> Iterator[Found]:
    """Customers of which Zoho's own integration says whose they are; two of one account and currency ask a person."""
    there = {customer_id: account for customer_id, account in named.items() if customer_id in customers}
    claims = Counter((account, customers[one].currency) for one, account in there.items())
    for customer_id, account in there.items():
        if claims[account, customers[customer_id].currency] == 1:
            yield account, customer_id, Link.How.NATIVE, "Zoho's own integration had linked them."


def _by_email(connection: Connection) -> Iterator[Found]:
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
