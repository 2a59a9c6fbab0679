"""What Books' records themselves say of whose they are: zbridge's own key, and the id that Zoho's integration left.

Only what a row shows counts: where Books' lists leave our field out, nothing is concluded from that.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Connection
from syncjobs.absorbing import raw_row
from syncjobs.creating import key_of
from syncjobs.domain.keys import customer_key
from syncjobs.domain.link_faults import By, Merges, Sign
from syncjobs.models import Attempt, Link, Record

NATIVE = {"account": "zcrm_account_id", "contact": "zcrm_contact_id", "product": "zcrm_product_id"}
# A row that shows fields of the organisation's own shows ours, too, where it has a value.
OWN_FIELDS = '"custom_fields":'
# Beyond so many records the owner of a key isn't searched for.
MOST_SEARCHED = 20_000
NATIVE_REASON = "Zoho's own integration had linked them."


@dataclass(frozen=True)
class Shown:
    """A Books record's row, and the currency it is billed in."""

    raw: str
    currency: str


def signs_of(
    connection: Connection, links: Iterable[Link], books: dict[int, Shown], merges: Merges
) -> dict[int, tuple[Sign, ...]]:
    """The signs by the link's row; `books` by it, too."""
    rows = {link: books[link.pk] for link in links if link.pk in books}
    found: dict[int, list[Sign]] = defaultdict(list)
    for link, shown in rows.items():
        found[link.pk] += _native(link, shown.raw)
    for pk, sign in _keys(connection, rows, merges).items():
        found[pk].append(sign)
    return {pk: tuple(signs) for pk, signs in found.items()}


def _native(link: Link, raw: str) -> list[Sign]:
    """The id that it names; where it had linked the two itself and names none any more, that."""
    field = NATIVE.get(link.crm_kind, "")
    if f'"{field}":"' not in raw:
        return []
    named = str(raw_row(raw).get(field) or "")
    was_its = link.how == Link.How.NATIVE and link.reason == NATIVE_REASON
    return [Sign(By.NATIVE, named)] if named or was_its else []


def _keys(connection: Connection, rows: dict[Link, Shown], merges: Merges) -> dict[int, Sign]:
    """Whose key a customer bears: its CRM record's, another's, or none where zbridge had written one."""
    field = connection.customer_key_name
    if not field:
        return {}
    told = {
        link: raw_row(shown.raw) for link, shown in rows.items()
        if link.pair == Link.Pair.CUSTOMER and (f'"{field}"' in shown.raw or OWN_FIELDS in shown.raw)
    }  # fmt: skip
    bears = {link: key_of(row, field) for link, row in told.items()}
    made = _made(connection, [link.books_id for link, key in bears.items() if not key])
    signs = ((link, _key(connection, link, key, rows[link].currency, merges, made)) for link, key in bears.items())
    return {link.pk: sign for link, sign in signs if sign is not None}


def _key(
    connection: Connection, link: Link, key: str, billed_in: str, merges: Merges, made: dict[str, set[str]]
) -> Sign | None:
    own = _written_for(connection, {link.crm_id}, {link.currency})
    if key in own:
        return Sign(By.KEY, link.crm_id)
    everywhere = {link.currency, billed_in, connection.currency} | {row["code"] for row in connection.currencies}
    mine = _written_for(connection, {link.crm_id, *merges.into_crm.get(link.crm_id, ())}, everywhere)
    if key and key not in mine:
        mine |= _written_for(connection, _its_people(connection, link), everywhere)
    if key:
        return Sign(By.KEY, link.crm_id if key in mine else key)
    return Sign(By.KEY) if made.get(link.books_id, set()) & mine else None


def _written_for(connection: Connection, ids: Collection[str], currencies: Collection[str]) -> set[str]:
    """The keys that zbridge may have written for these records, in the currency of the sale that came first."""
    orgs = (connection.crm_org_id, connection.books_org_id)
    return {
        customer_key(*orgs, f"{kind}:{one}", currency)
        for one in ids for kind in ("account", "contact") for currency in currencies
    }  # fmt: skip


def _its_people(connection: Connection, link: Link) -> set[str]:
    """A sale to a contact alone may have made the customer of its account, and the other way round."""
    people = Record.objects.filter(connection=connection, kind="contact")
    if link.crm_kind == Record.Kind.CONTACT:
        return set(people.filter(remote_id=link.crm_id).values_list("parent_id", flat=True))
    return set(people.filter(parent_id=link.crm_id).values_list("remote_id", flat=True))


def _made(connection: Connection, customers: list[str]) -> dict[str, set[str]]:
    """The keys under which zbridge made these customers."""
    found: dict[str, set[str]] = defaultdict(set)
    rows: Any = Attempt.objects.filter(connection=connection, purpose="customer", outcome="OK", remote_id__in=customers)
    for remote_id, key in rows.values_list("remote_id", "key") if customers else ():
        found[remote_id].add(key)
    return found


def lost_key(link: Link) -> str:
    """The key under which zbridge made this link's customer, and that its row no longer shows; empty otherwise."""
    connection = link.connection
    rows = Record.objects.filter(connection=connection, kind="customer", remote_id=link.books_id)
    shown = rows.values_list("raw", "currency").first()
    if shown is None or not connection.customer_key_name or key_of(raw_row(shown[0]), connection.customer_key_name):
        return ""
    currencies = {link.currency, shown[1], connection.currency} | {row["code"] for row in connection.currencies}
    mine = _written_for(connection, {link.crm_id}, currencies)
    made = _made(connection, [link.books_id]).get(link.books_id, set())
    return next(iter(sorted(made & mine)), "")


def whose_key(link: Link, key: str) -> str:
    """The CRM record, by name, for which zbridge would write this key; empty where it is none of the first so many."""
    connection = link.connection
    rows = Record.objects.filter(connection=connection, kind=link.crm_kind).order_by("name")
    for remote_id, name in rows.values_list("remote_id", "name")[:MOST_SEARCHED]:
        if key in _written_for(connection, {remote_id}, {link.currency, connection.currency}):
            return name
    return ""
