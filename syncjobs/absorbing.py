"""Storing one page of mirrored rows: compare digests in one query, write only what changed."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models

from accounts.models import Connection
from syncjobs.domain.differing import differing
from syncjobs.domain.digesting import canonical_json, digest

Columns = dict[str, Any]

# Books stamps or derives these anew without a change of substance; they don't count for the digest.
FLEETING = frozenset({"due_days", "page_context", "$in_merge", "$field_states"})

# The columns that name a record or document to people, first found first.
NAMED = ("name", "subject", "number")
ID_NAMES = ("id", "contact_id", "item_id", "payment_id", "creditnote_id", "invoice_id")
# What a row raises that isn't as documented.
ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class NotAsDocumented(LookupError):
    """A row that was asked for by name makes no sense; the sentence says which."""


@dataclass(frozen=True)
class Told:
    """A created or updated row for people: its name, and what differs from the last reading."""

    name: str = ""
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Absorbed:
    """What a page came to: read = created + updated + unchanged + failed (ids of rows that made no sense).

    `told` says more of the created and updated ones, by id.
    """

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: int = 0
    failed: tuple[str, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)

    @property
    def read(self) -> int:
        return len(self.created) + len(self.updated) + self.unchanged + len(self.failed)

    def whole(self) -> "Absorbed":
        """The same where every row counts; raises NotAsDocumented when one made no sense and so was not stored."""
        if self.failed:
            raise NotAsDocumented(f"The row {', '.join(self.failed)} is not as Zoho documents it.")
        return self


def understood(
    rows: Iterable[Columns], to_columns: Callable[[Columns], Columns]
) -> tuple[list[Columns], tuple[str, ...]]:
    """The columns of each row, and the ids of those that make no sense: one odd row must not stop its page."""
    found, failed = [], []
    for row in rows:
        try:
            found.append(to_columns(row))
        except ODD:
            ids = (str(row[name]) for name in ID_NAMES if row.get(name))
            failed.append(next(ids, "?")[:30])
    return found, tuple(failed)


def substance(row: dict[str, Any]) -> dict[str, Any]:
    """The row without what moves by itself."""
    return {name: value for name, value in row.items() if name not in FLEETING and not name.endswith("_formatted")}


def row_digest(row: dict[str, Any]) -> str:
    """The digest of the row's substance."""
    return digest(substance(row))


def with_digest(columns: Columns, row: dict[str, Any], now: datetime, found: str | None = None) -> Columns:
    """The columns with the digest of the row's substance (`found`, if known), its raw text and when it was read."""
    return columns | {"digest": found or row_digest(row), "raw": canonical_json(substance(row)), "read_at": now}


def absorb_rows(
    model: type[models.Model], connection: Connection, id_field: str, raw_id: str, rows: Iterable[dict[str, Any]],
    to_columns: Callable[[dict[str, Any]], Columns], now: datetime, **same: Any,
) -> Absorbed:  # fmt: skip
    """As `absorb`, from the rows as Zoho sent them: only those whose digest is not the known one are mapped at all."""
    wanted = {str(row.get(raw_id) or ""): row for row in rows}
    known = _digests(model, connection, id_field, list(wanted), same)
    digests = {key: row_digest(row) for key, row in wanted.items()}
    moved = [row for key, row in wanted.items() if known.get(key) != digests[key]]

    def columns(row: dict[str, Any]) -> Columns:
        return with_digest(to_columns(row), row, now, digests[str(row[raw_id])]) | {"touched": _stamp(row)}

    columned, failed = understood(moved, columns)
    told = _told(model, connection, id_field, columned, same)
    _write(model, connection, id_field, columned, same)
    still = {key: _stamp(row) for key, row in wanted.items() if known.get(key) == digests[key]}
    _touch(model, connection, id_field, still, same)
    ids = [row[id_field] for row in columned]
    created, updated = (tuple(i for i in ids if (i in known) is there) for there in (False, True))
    return Absorbed(created, updated, len(wanted) - len(moved), failed, told)


def with_own_digest(columns: Columns, row: dict[str, Any], now: datetime) -> Columns:
    """As `with_digest`, of the columns instead: a document read by id and the same one in a list are equal."""
    kept = {name: str(value) if isinstance(value, date) else value for name, value in columns.items()}
    kept.pop("changed_at", None)
    return columns | {"digest": digest(kept), "raw": canonical_json(substance(row)), "read_at": now}


def absorb(
    model: type[models.Model], connection: Connection, id_field: str, rows: Iterable[Columns], **same: Any
) -> Absorbed:
    """Insert or update the mirror rows of one page; unchanged digests cost no write.

    `same` are columns that all rows share (the kind of a Record). Rows with one id twice count once: the later wins.
    """
    wanted = {row[id_field]: row for row in rows}
    known = _digests(model, connection, id_field, list(wanted), same)
    created = [row for key, row in wanted.items() if key not in known]
    updated = [row for key, row in wanted.items() if key in known and known[key] != row["digest"]]
    told = _told(model, connection, id_field, created + updated, same)
    _write(model, connection, id_field, created + updated, same)
    return Absorbed(
        tuple(row[id_field] for row in created),
        tuple(row[id_field] for row in updated),
        len(wanted) - len(created) - len(updated),
        told=told,
    )


def _digests(
    model: type[models.Model], connection: Connection, id_field: str, ids: Sequence[str], same: Columns
) -> dict[str, str]:
    rows = model._default_manager.filter(connection=connection, gone_at=None, **{f"{id_field}__in": ids}, **same)
    return dict(rows.values_list(id_field, "digest"))


def _told(
    model: type[models.Model], connection: Connection, id_field: str, rows: Sequence[Columns], same: Columns
) -> dict[str, Told]:
    """What each row says now and said before; one query, and none for a page without rows."""
    if not rows:
        return {}
    ids = [row[id_field] for row in rows]
    stored = model._default_manager.filter(connection=connection, **{f"{id_field}__in": ids}, **same)
    before = dict(stored.values_list(id_field, "raw"))
    return {row[id_field]: _told_of(row, before.get(row[id_field], "")) for row in rows}


def _told_of(row: Columns, before: str) -> Told:
    name = next((str(row[column]) for column in NAMED if row.get(column)), "")
    return Told(name, *differing(raw_row(before), raw_row(str(row.get("raw", "")))) if before else ({}, {}))


def _stamp(row: dict[str, Any]) -> str:
    return str(row.get("last_modified_time") or row.get("Modified_Time") or "")[:40]


def _touch(
    model: type[models.Model], connection: Connection, id_field: str, stamps: dict[str, str], same: Columns
) -> None:
    """Keep the stamps that moved without a change in the list's row: something of the detail may have changed."""
    rows = model._default_manager.filter(connection=connection, **{f"{id_field}__in": list(stamps)}, **same)
    for pk, key, touched in rows.values_list("pk", id_field, "touched"):
        if touched != stamps[key]:
            model._default_manager.filter(pk=pk).update(touched=stamps[key])


def _write(
    model: type[models.Model], connection: Connection, id_field: str, rows: Sequence[Columns], same: Columns
) -> None:
    if not rows:
        return
    unique = ["connection", *same, id_field]
    columns = [name for name in rows[0] if name != id_field]
    model._default_manager.bulk_create(
        [model(connection=connection, gone_at=None, **same, **row) for row in rows],
        update_conflicts=True,
        unique_fields=unique,
        update_fields=[*columns, "gone_at"],
    )


def raw_row(text: str) -> dict[str, Any]:
    """The stored raw text as a dict of texts and numbers kept as text; for names and ids, never for money."""
    found: dict[str, Any] = json.loads(text, parse_float=str) if text else {}
    return found
