"""From our rows to the pairs that planning takes: links with both records, and records that only one side has."""

import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Connection
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.ownership import other
from syncjobs.domain.planning import Pair, Seen, seen
from syncjobs.domain.records import Side
from syncjobs.models import Disappearance, Link, Mapping, OnGone, PlannedWrite, Record

AT_A_TIME = 500


@dataclass(frozen=True)
class Only:
    """Some of a mapping's records: these links, and these ids that one side alone has."""

    links: frozenset[int]
    alone: Mapped[Side, frozenset[str]]

    @classmethod
    def of(cls, mapping: Mapping, writes: Iterable[PlannedWrite]) -> "Only":
        """The records of these writes, linked by now or not."""
        found, alone = set[int](), {side: set[str]() for side in Side}
        for write in writes:
            if write.link_id is not None:
                found.add(write.link_id)
            elif not write.remote_id:
                alone[other(Side(write.side))].add(write.from_id)
        links = Link.objects.filter(connection=mapping.connection, pair=mapping.pair)
        since = links.filter(Q(crm_id__in=alone[Side.CRM]) | Q(books_id__in=alone[Side.BOOKS]))
        return cls(
            frozenset(found) | frozenset(since.values_list("pk", flat=True)),
            {side: frozenset(ids) for side, ids in alone.items()},
        )  # fmt: skip


def pairs(mapping: Mapping, fields: tuple[FieldMap, ...], only: Only | None = None) -> Iterator[Pair]:
    """Every linked pair, then what only one side has and the mapping makes on the other, certain newcomers only.

    With `only`, those of them.
    """
    yield from _linked(mapping, fields, only)
    for side, makes in ((Side.CRM, mapping.creates_in_books), (Side.BOOKS, mapping.creates_in_crm)):
        again = made_again(mapping, side)
        if makes or again:
            ids = None if makes else again
            if only is not None:
                ids = only.alone[side] if ids is None else ids & only.alone[side]
            yield from _alone(mapping, fields, side, ids)


def made_again(mapping: Mapping, side: Side) -> frozenset[str]:
    """Ids of a side whose other record was deleted and that a person, or the mapping, said to make again."""
    gone = mapping.kinds[1] if side is Side.CRM else mapping.kinds[0]
    rows = Disappearance.objects.filter(connection=mapping.connection, kind=gone, decision=OnGone.RESTORE)
    return frozenset(rows.values_list("other_id", flat=True))


def _linked(mapping: Mapping, fields: tuple[FieldMap, ...], only: Only | None) -> Iterator[Pair]:
    links = Link.objects.filter(connection=mapping.connection, pair=mapping.pair, crm_kind=mapping.kinds[0])
    if only is not None:
        links = links.filter(pk__in=only.links)
    for chunk in _chunks(links.order_by("pk").iterator(AT_A_TIME)):
        yield from linked_pairs(mapping, chunk, fields)


def linked_pairs(mapping: Mapping, links: Sequence[Link], fields: tuple[FieldMap, ...]) -> Iterator[Pair]:
    """The pairs of these links; one whose record is gone on a side is left out: nothing is made anew for it."""
    crm_kind, books_kind = mapping.kinds
    first = _first_of_several(mapping, links)
    crm = _records(mapping.connection, crm_kind, [link.crm_id for link in links])
    books = _records(mapping.connection, books_kind, [link.books_id for link in links])
    for link in links:
        here, there = crm.get(link.crm_id), books.get(link.books_id)
        follows = first.get(link.crm_id, link.pk) != link.pk
        if here is not None and there is not None and there.active:
            yield Pair(
                str(link.pk), here.name, _seen(here, fields, Side.CRM), _seen(there, fields, Side.BOOKS),
                link.base, {name: found[0] for name, found in link.flips.items()}, link.decided,
                {name: (stood[0], stood[1]) for name, stood in link.standing.items()}, follows,
            )  # fmt: skip


def _first_of_several(mapping: Mapping, links: Sequence[Link]) -> dict[str, int]:
    """Of accounts with several customers the link that speaks for both: the one in the organisation's currency."""
    if mapping.pair != "customer":
        return {}
    rows = Link.objects.filter(
        connection=mapping.connection, pair=mapping.pair, crm_id__in={link.crm_id for link in links}
    )  # fmt: skip
    own: dict[str, tuple[bool, int]] = {}
    for crm_id, currency, pk in rows.values_list("crm_id", "currency", "pk"):
        found = (currency != mapping.connection.currency, pk)
        own[crm_id] = min(own.get(crm_id, found), found)
    return {crm_id: pk for crm_id, (_, pk) in own.items()}


def _records(connection: Connection, kind: str, ids: Iterable[str]) -> dict[str, Record]:
    rows = Record.objects.filter(connection=connection, kind=kind, remote_id__in=list(ids), gone_at=None)
    return {row.remote_id: row for row in rows}


def _seen(record: Record, fields: tuple[FieldMap, ...], side: Side) -> Seen:
    return seen(record.remote_id, row_of(record), fields, side, record.changed_at)


def row_of(record: Record) -> dict[str, Any]:
    """The record as JSON, numbers as Decimal: the list's row, with what only a single read shows laid under it."""
    row: dict[str, Any] = json.loads(record.raw, parse_float=Decimal) if record.raw else {}
    detail: dict[str, Any] = json.loads(record.detail, parse_float=Decimal) if record.detail else {}
    return detail | row


def _alone(mapping: Mapping, fields: tuple[FieldMap, ...], side: Side, only: frozenset[str] | None) -> Iterator[Pair]:
    """Active records of a side (these only) without a link and without a namesake on the other: others wait in
    *Who is who*."""
    own, others = mapping.kinds if side is Side.CRM else reversed(mapping.kinds)
    linked = Link.objects.filter(connection=mapping.connection, pair=mapping.pair)
    ids = linked.values("crm_id" if side is Side.CRM else "books_id")
    rows = _with_a_home(mapping, side, Record.objects.filter(
        connection=mapping.connection, kind=own, active=True, gone_at=None
    ))  # fmt: skip
    rows = rows if only is None else rows.filter(remote_id__in=only)
    # Whoever took the place of a linked one has its counterpart already; that link waits for its repair.
    merged = Disappearance.objects.filter(connection=mapping.connection, kind=own, remote_id__in=ids)
    rows = rows.exclude(remote_id__in=merged.values("merged_into"))
    for chunk in _chunks(rows.exclude(remote_id__in=ids).exclude(is_vendor=True).order_by("pk").iterator(AT_A_TIME)):
        known = _namesakes(mapping.connection, others, chunk)
        for row in chunk:
            if not known & _keys(row):
                found = _seen(row, fields, side)
                both = (found, None) if side is Side.CRM else (None, found)
                yield Pair(f"{side}:{row.remote_id}", row.name, *both)


def _with_a_home(mapping: Mapping, side: Side, rows: "QuerySet[Record]") -> "QuerySet[Record]":
    """Persons are made only where their account or customer is linked: elsewhere they would belong to nobody."""
    if mapping.pair != "person":
        return rows
    homes = Link.objects.filter(connection=mapping.connection, pair="customer", crm_kind="account")
    return rows.filter(parent_id__in=homes.values("crm_id" if side is Side.CRM else "books_id"))


KEYS = ("name_key", "code_key", "email_key", "tax_key", "phone_key")


def _keys(row: Record) -> set[tuple[str, str]]:
    return {(name, getattr(row, name)) for name in KEYS if getattr(row, name)}


def _namesakes(connection: Connection, kind: str, rows: Sequence[Record]) -> set[tuple[str, str]]:
    """Keys of these rows that a record of the other side has too, linked or not, active or not."""
    found: set[tuple[str, str]] = set()
    there = Record.objects.filter(connection=connection, kind=kind, gone_at=None)
    for name in KEYS:
        wanted = [getattr(row, name) for row in rows if getattr(row, name)]
        found |= {(name, key) for key in there.filter(**{f"{name}__in": wanted}).values_list(name, flat=True)}
    return found


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == AT_A_TIME:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
