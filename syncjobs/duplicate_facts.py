"""From our rows to what the matcher compares: companies of both sides with the keys of all their people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from accounts.models import Connection
from syncjobs.domain.duplicates import Node
from syncjobs.domain.pairs import kinds_of
from syncjobs.domain.records import PartyFacts, Side
from syncjobs.lookalikes import address_of
from syncjobs.models import Link, Record

KEYS = ("email_key", "phone_key", "tax_key", "domain_key")
NEEDED = ("pk", "kind", "remote_id", "name", "name_key", *KEYS, "currency")
PEOPLE = {"account": "contact", "customer": "person"}
# So many share a key: the key says nothing, and is no reason to look at all of them.
MOST_NEIGHBOURS = 2000


@dataclass
class Facts:
    """Parties of both sides by the id of their row, and the nodes of their groups."""

    crm: list[PartyFacts] = field(default_factory=list)
    books: list[PartyFacts] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def candidates(connection: Connection) -> "QuerySet[Record]":
    """Everybody who can be a duplicate: active customers and accounts (or contacts), neither vendors nor gone."""
    kinds = kinds_of("customer", connection.parties)
    return Record.objects.filter(
        connection=connection, kind__in=kinds, active=True, is_vendor=False, gone_at=None
    )  # fmt: skip


def facts_of(connection: Connection, pks: Collection[int] | None = None) -> Facts:
    """The facts of these rows, or of all."""
    rows = candidates(connection) if pks is None else candidates(connection).filter(pk__in=pks)
    found, wanted = Facts(), _with_addresses(rows)
    keys = _keys_of_people(connection, None if pks is None else [row[2] for row in wanted])
    for pk, kind, remote_id, name, name_key, email, phone, tax, domain, currency, address in wanted:
        mails, phones, people = keys[PEOPLE.get(kind, ""), remote_id]
        party = PartyFacts(
            id=str(pk), name=name, name_key=name_key, emails=_filled([email, *mails]), phones=_filled([phone, *phones]),
            tax_keys=_filled([tax]), domains=_filled([domain]), currency=currency, people=tuple(sorted(people)),
            **address,
        )  # fmt: skip
        in_books = kind == Record.Kind.CUSTOMER
        (found.books if in_books else found.crm).append(party)
        found.nodes[party.id] = Node(party.id, Side.BOOKS if in_books else Side.CRM, currency if in_books else "")
        found.names[party.id] = name or f"(no name, {remote_id})"
    return found


def _with_addresses(rows: "QuerySet[Record]") -> list[tuple[Any, ...]]:
    """The columns that are needed, and the address; the long text that tells it is let go row by row."""
    told = Case(When(kind=Record.Kind.CUSTOMER, then="detail"), default="raw")
    found = rows.order_by("pk").values_list(*NEEDED, told).iterator(2000)
    return [(*row[:-1], address_of(row[1], row[-1])) for row in found]


def _filled(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value in values if value)


People = dict[tuple[str, str], tuple[set[str], set[str], set[str]]]


def _keys_of_people(connection: Connection, parents: Collection[str] | None) -> People:
    """E-mails, phones and names of contacts by their account, and of contact persons by their customer."""
    found: People = defaultdict(lambda: (set(), set(), set()))
    rows = Record.objects.filter(connection=connection, kind__in=PEOPLE.values(), gone_at=None).exclude(parent_id="")
    if parents is not None:
        rows = rows.filter(parent_id__in=parents)
    columns = ("kind", "parent_id", "email_key", "phone_key", "name")
    for kind, parent, email, phone, name in rows.order_by().values_list(*columns).iterator(2000):
        mails, phones, names = found[kind, parent]
        mails.add(email)
        phones.add(phone)
        names.add(name)
    return found


def touched_since(connection: Connection, since: object, most: int) -> set[int] | None:
    """Rows of companies that were read anew, or are gone, since then, by themselves or by a person of theirs.

    None when there are more than `most`.
    """
    kinds = [*kinds_of("customer", connection.parties), *PEOPLE.values()]
    rows = Record.objects.filter(Q(read_at__gt=since) | Q(gone_at__gt=since), connection=connection, kind__in=kinds)
    found = list(rows.order_by().values_list("pk", "kind", "parent_id")[: most + 1])
    if len(found) > most:
        return None
    parents = {parent for _, kind, parent in found if kind in PEOPLE.values() and parent}
    homes = Record.objects.filter(connection=connection, kind__in=kinds, remote_id__in=parents)
    return {pk for pk, _, _ in found} | set(homes.values_list("pk", flat=True))


def neighbours(connection: Connection, pks: Collection[int]) -> set[int]:
    """These rows, and all that share a key with one of them; found by the keys' indexes."""
    facts = facts_of(connection, pks)
    parties = [*facts.crm, *facts.books]
    mails = {one for party in parties for one in party.emails}
    wanted = (
        Q(email_key__in=mails)
        | Q(phone_key__in={one for party in parties for one in party.phones})
        | Q(tax_key__in={one for party in parties for one in party.tax_keys})
        | Q(domain_key__in={one for party in parties for one in party.domains})
        | Q(name_key__in={party.name_key for party in parties if party.name_key})
    )
    found = set(candidates(connection).filter(wanted).values_list("pk", flat=True)[:MOST_NEIGHBOURS])
    people = Record.objects.filter(connection=connection, kind__in=PEOPLE.values(), email_key__in=mails, gone_at=None)
    homes = set(people.exclude(parent_id="").values_list("parent_id", flat=True)[:MOST_NEIGHBOURS])
    by_people = candidates(connection).filter(remote_id__in=homes)
    return {int(party.id) for party in parties} | found | set(by_people.values_list("pk", flat=True))


def links_of(connection: Connection, pks: Collection[int] | None) -> Iterator[tuple[int, int]]:
    """(row in CRM, row in Books) of the links of these rows, or of all."""
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER)
    rows = candidates(connection)
    if pks is not None:
        ids = list(rows.filter(pk__in=pks).values_list("remote_id", flat=True))
        links = links.filter(Q(crm_id__in=ids) | Q(books_id__in=ids))
    named = list(links.values_list("crm_kind", "crm_id", "books_id").iterator(2000))
    wanted = rows
    if pks is not None:
        wanted = rows.filter(remote_id__in={one for _, crm, books in named for one in (crm, books)})
    known = {
        (kind, identity): pk for pk, kind, identity in wanted.values_list("pk", "kind", "remote_id").iterator(2000)
    }
    for kind, crm_id, books_id in named:
        here, there = known.get((kind, crm_id)), known.get(("customer", books_id))
        if here is not None and there is not None:
            yield here, there
