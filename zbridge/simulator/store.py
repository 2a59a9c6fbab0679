"""Documents of both systems in one SQLite file: JSON with Decimals kept, look-up keys, a feed of deletions."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from threading import RLock
from typing import Any

Doc = dict[str, Any]
Keys = Mapping[str, str | Iterable[str]]

# Where the ids of a system begin, and their step.
IDS = {"crm": (5437018000000512000, 3), "books": (4600000000026000, 7)}

SCHEMA = """
create table if not exists docs (org text, module text, id text, seq integer, created text, modified text,
    written real, body text, primary key (org, module, id)) without rowid;
create index if not exists docs_seq on docs (org, module, seq);
create index if not exists docs_modified on docs (org, module, modified, seq);
create table if not exists keys (org text, module text, name text, value text, id text,
    primary key (org, module, name, value, id)) without rowid;
create index if not exists keys_id on keys (org, module, id);
create table if not exists gone (org text, module text, id text, at text, body text, primary key (org, module, id));
create table if not exists settings (name text primary key, value text) without rowid;
"""


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        # Amounts have at most 15 digits: those survive the shortest repr of a double unchanged.
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is no part of a document")


def dumps(value: Any) -> str:
    """JSON with Decimals as numbers."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """JSON with numbers as int and Decimal, never float."""
    return json.loads(text, parse_float=Decimal)


def stamp(at: datetime) -> str:
    """How times are kept: UTC, whole seconds, sortable."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")


class Store:
    """All state of the simulator. One lock: a request is served as one piece."""

    def __init__(self, path: str = ":memory:") -> None:
        self.lock = RLock()
        self.path = path
        self._snapshots: dict[str, sqlite3.Connection] = {}
        self._db = self._open(path)

    def _open(self, path: str) -> sqlite3.Connection:
        db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = off")
        db.executescript(SCHEMA)
        return db

    # -- documents -------------------------------------------------------------------------------------------------

    def get(self, org: str, module: str, id: str) -> Doc | None:
        """The document, or None."""
        row = self._db.execute("select body from docs where org=? and module=? and id=?", (org, module, id)).fetchone()
        return loads(row[0]) if row else None

    def written(self, org: str, module: str, id: str) -> float:
        """When it was last written, on the machine's own clock (for index lag); 0 when there is none."""
        row = self._db.execute(
            "select written from docs where org=? and module=? and id=?", (org, module, id)
        ).fetchone()
        return float(row[0]) if row else 0.0

    def save(
        self, org: str, module: str, id: str, doc: Doc, *, created: str, modified: str, written: float, keys: Keys
    ) -> None:
        """Insert or replace it with its look-up keys. `created` and `modified` are stamps."""
        row = self._db.execute("select seq from docs where org=? and module=? and id=?", (org, module, id)).fetchone()
        seq = row[0] if row else self.next_number("seq")
        self._db.execute(
            "insert or replace into docs values (?,?,?,?,?,?,?,?)",
            (org, module, id, seq, created, modified, written, dumps(doc)),
        )
        self._db.execute("delete from keys where org=? and module=? and id=?", (org, module, id))
        self._db.executemany("insert or ignore into keys values (?,?,?,?,?)", _key_rows(org, module, id, keys))

    def save_many(
        self, org: str, module: str, rows: Iterable[tuple[str, Doc, Keys]], *, created: str, modified: str
    ) -> None:
        """Insert many new documents at once (bulk worlds)."""
        laid = list(rows)
        first = self.next_number("seq", count=len(laid)) if laid else 0
        docs, keys = [], []
        for seq, (id, doc, found) in enumerate(laid, first):
            docs.append((org, module, id, seq, created, modified, 0.0, dumps(doc)))
            keys += _key_rows(org, module, id, found)
        self._db.executemany("insert or replace into docs values (?,?,?,?,?,?,?,?)", docs)
        self._db.executemany("insert or ignore into keys values (?,?,?,?,?)", keys)

    def find(self, org: str, module: str, name: str, value: str) -> list[Doc]:
        """Documents with that value of a key, oldest first."""
        rows = self._db.execute(
            "select d.body from keys k cross join docs d on d.org=k.org and d.module=k.module and d.id=k.id"
            " where k.org=? and k.module=? and k.name=? and k.value=? order by d.seq",
            (org, module, name, value),
        )
        return [loads(row[0]) for row in rows]

    def all(self, org: str, module: str) -> list[Doc]:
        """Every document of a (small) module, oldest first."""
        rows = self._db.execute("select body from docs where org=? and module=? order by seq", (org, module))
        return [loads(row[0]) for row in rows]

    def page(
        self, org: str, module: str, *, order: str = "seq", descending: bool = False, offset: int = 0, limit: int = 200,
        modified_from: str = "", modified_after: str = "", key: tuple[str, str] | None = None,
    ) -> list[Doc]:  # fmt: skip
        """A stretch of documents by seq, created, modified or id; with one key's value, or changed since a stamp."""
        where, values = ["d.org=?", "d.module=?"], [org, module]
        rows_of = "docs d"
        if key is not None:
            # A cross join keeps SQLite from walking all documents in order and looking each one's key up.
            rows_of = "keys k cross join docs d on d.org=k.org and d.module=k.module and d.id=k.id"
            where, values = ["k.org=?", "k.module=?", "k.name=?", "k.value=?"], [*values, *key]
        for condition, value in (("d.modified>=?", modified_from), ("d.modified>?", modified_after)):
            if value:
                where.append(condition)
                values.append(value)
        way = "desc" if descending else "asc"
        column = {"created": "d.created", "modified": "d.modified", "id": "d.id"}.get(order, "d.seq")
        # The ids are found in an index and sorted without their bodies: the last page costs little more than the first.
        found = f"select d.id, {column} as place, d.seq from {rows_of} where {' and '.join(where)}"  # noqa: S608
        part = f"{found} order by place {way}, d.seq {way} limit ? offset ?"
        query = f"select b.body from ({part}) p cross join docs b on b.org=? and b.module=? and b.id=p.id"  # noqa: S608
        rows = self._db.execute(f"{query} order by p.place {way}, p.seq {way}", (*values, limit, offset, org, module))
        return [loads(row[0]) for row in rows]

    def made_since(self, seq: int) -> list[tuple[str, str, str]]:
        """Organisation, module and id of what was created after that number of the sequence."""
        return list(self._db.execute("select org, module, id from docs where seq>?", (seq,)))

    def count(self, org: str, module: str) -> int:
        """How many documents a module has."""
        return int(self._db.execute("select count(*) from docs where org=? and module=?", (org, module)).fetchone()[0])

    def counts(self, org: str) -> dict[str, int]:
        """How many documents each module of an organisation has."""
        rows = self._db.execute("select module, count(*) from docs where org=? group by module order by module", (org,))
        return {str(module): int(count) for module, count in rows}

    def remove(self, org: str, module: str, id: str, *, at: str, note: Doc) -> None:
        """Delete it; the note goes to the feed of deletions."""
        self._db.execute("delete from docs where org=? and module=? and id=?", (org, module, id))
        self._db.execute("delete from keys where org=? and module=? and id=?", (org, module, id))
        self._db.execute("insert or replace into gone values (?,?,?,?,?)", (org, module, id, at, dumps(note)))

    def removed(self, org: str, module: str) -> list[Doc]:
        """The notes of what was deleted, latest first."""
        rows = self._db.execute(
            "select body from gone where org=? and module=? order by at desc, id desc", (org, module)
        )
        return [loads(row[0]) for row in rows]

    # -- settings, numbers, ids ------------------------------------------------------------------------------------

    def setting(self, name: str, default: Any = None) -> Any:
        """A named JSON value."""
        row = self._db.execute("select value from settings where name=?", (name,)).fetchone()
        return loads(row[0]) if row else default

    def set(self, name: str, value: Any) -> None:
        """Keep a named JSON value."""
        self._db.execute("insert or replace into settings values (?,?)", (name, dumps(value)))

    def next_number(self, name: str, first: int = 1, *, count: int = 1) -> int:
        """1, 2, 3 ... by name, or the first of a block of `count`; the same run of calls gives the same numbers."""
        row = self._db.execute(
            "insert into settings values (?,?)"
            " on conflict (name) do update set value=cast(value as integer)+? returning value",
            (f"number:{name}", str(first + count - 1), count),
        ).fetchone()
        return int(row[0]) - count + 1

    def new_id(self, system: str) -> str:
        """A new id of 19 digits (CRM) or 16 (Books), a text, ascending, the same for the same run of calls."""
        return self.new_ids(system, 1)[0]

    def new_ids(self, system: str, count: int) -> list[str]:
        """So many new ids at once, ascending."""
        first = self.next_number(f"{system} id", count=count)
        base, step = IDS[system]
        return [str(base + step * number) for number in range(first, first + count)]

    # -- transactions and snapshots --------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a piece of work that stands or falls as one."""
        self._db.execute("begin")

    def commit(self) -> None:
        """End it, kept."""
        if self._db.in_transaction:
            self._db.execute("commit")

    def rollback(self) -> None:
        """End it, dropped."""
        if self._db.in_transaction:
            self._db.execute("rollback")

    @contextmanager
    def piece(self) -> Iterator[None]:
        """A part of a transaction that stands or falls as one: an exception undoes it, and it alone."""
        self._db.execute("savepoint piece")
        try:
            yield
        except Exception:
            self._db.execute("rollback to piece")
            raise
        finally:
            self._db.execute("release piece")

    def snapshot(self, name: str) -> None:
        """Remember the whole state under a name, for as long as this process lives."""
        with self.lock:
            copy = sqlite3.connect(":memory:", check_same_thread=False)
            self._db.backup(copy)
            self._snapshots[name] = copy

    def restore(self, name: str) -> bool:
        """Come back to a remembered state; False when there is none of that name."""
        with self.lock:
            if name not in self._snapshots:
                return False
            self._snapshots[name].backup(self._db)
            return True

    def clear(self) -> None:
        """Forget everything but the snapshots."""
        with self.lock:
            for table in ("docs", "keys", "gone", "settings"):
                self._db.execute(f"delete from {table}")  # noqa: S608


def _key_rows(org: str, module: str, id: str, keys: Keys) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for name, value in keys.items():
        values = [value] if isinstance(value, str) else value
        rows += [(org, module, name, one, id) for one in values if one]
    return rows
