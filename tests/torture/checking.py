"""The checker: each layer of the protocol is asserted by itself, at every call and every write, since a good layer
hides a broken one behind it (reliability 7). It reads the tables and Zoho's history, never the code's own word."""

import json
from base64 import b32encode
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db import connection as database

from accounts.models import Connection
from invoicing.models import Conversion
from syncjobs.models import Attempt
from zbridge.clock import SteppedClock

INVOICES, CUSTOMERS = "/books/v3/invoices", "/books/v3/contacts"
ALLOWED = {("POST", INVOICES), ("POST", CUSTOMERS), ("PUT", "/crm/v8/Deals")}
TABLE = 'UPDATE "invoicing_conversion" SET'
CEILING = 100
# An unclear send is looked up twice, with an answer, before anything is sent again (reliability 4.6).
LOOKS = 2


class Checker:
    """Watches one process's calls and writes; what is wrong is a sentence in `faults`."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.faults: list[str] = []
        self.seen: Counter[str] = Counter()
        self._looks: dict[str, int] = {}
        self._unclear: set[str] = set()
        self._posts: Counter[int] = Counter()
        self._calls: deque[datetime] = deque()
        self.ids: list[int] = []

    def begin(self, ids: list[int]) -> None:
        """A schedule over these conversions."""
        self.ids, self._looks, self._unclear, self._posts = ids, {}, set(), Counter()

    # -- calls -------------------------------------------------------------------------------------------------------

    def before(self, method: str, path: str, body: Any, headers: Any) -> None:
        """A call is about to leave."""
        if database.in_atomic_block:
            self.faults.append(f"{method} {path} within an open transaction")
        if path.startswith("/oauth"):
            return
        self._pace(path)
        if method != "GET" and (method, path) not in ALLOWED and not path.endswith("/coql"):
            self.faults.append(f"{method} {path}: nothing of zbridge's")
        if any("upsert" in name.lower() for name in headers):
            self.faults.append(f"{method} {path} with X-Upsert")
        if (method, path) == ("POST", INVOICES):
            self._posted(json.loads(body, parse_float=Decimal))
        elif (method, path) == ("POST", CUSTOMERS):
            self._customer_posted(json.loads(body, parse_float=Decimal))

    def after(self, method: str, url: str, body: Any, status: int | None) -> None:
        """A call was answered, whole (with its status), or nobody knows how it ended (None)."""
        parts = urlsplit(url)
        if (method, status) == ("GET", 200):
            self._looked(parts.path, dict(parse_qsl(parts.query)))
        elif method == "POST" and parts.path in (INVOICES, CUSTOMERS):
            self._ended(parts.path, json.loads(body), status)

    def _looked(self, path: str, query: dict[str, str]) -> None:
        """A list that was answered, of the very customer or name that is in doubt."""
        if path == INVOICES:
            rows = Conversion.objects.filter(pk__in=self.ids, customer_id=query.get("customer_id", "-"))
            for key in rows.values_list("key", flat=True):
                self._looks[key] = self._looks.get(key, 0) + 1
        elif path == CUSTOMERS and query.get("contact_name"):
            self._looks[query["contact_name"]] = self._looks.get(query["contact_name"], 0) + 1

    def _ended(self, path: str, body: dict[str, Any], status: int | None) -> None:
        if status == 401:
            # Refused at the door, so that the same attempt may knock again with a fresh token.
            self._posts.clear()
        self.seen["a twin was refused"] += status == 400
        if status is None or status >= 500:
            for name in _keys(body) if path == INVOICES else [str(body["contact_name"])]:
                self._unclear.add(name)
                self._looks.pop(name, None)

    def _pace(self, path: str) -> None:
        if not path.startswith("/books"):
            return
        now = self.clock.now()
        self._calls.append(now)
        while (now - self._calls[0]).total_seconds() >= 60:
            self._calls.popleft()
        if len(self._calls) > CEILING:
            self.faults.append(f"{len(self._calls)} calls to Books within a minute")

    def _posted(self, body: dict[str, Any]) -> None:
        row = Conversion.objects.filter(pk__in=self.ids, state="sending", key__in=_keys(body)).first()
        if row is None:
            self.faults.append("an invoice was posted without a conversion in sending that has its key")
            return
        for sentence in (*self._of_intent(row, body), *self._of_lease(row), *self._of_looks(row)):
            self.faults.append(f"{row.key}: {sentence}")
        if row.key != key_of(row.connection, row.sale, row.generation, row.part):
            self.faults.append(f"{row.key} does not follow from its sale")

    def _customer_posted(self, body: dict[str, Any]) -> None:
        """Customers are made by the same protocol: written down, under a key, and looked up after a lost answer."""
        key, name = next(iter(_keys(body)), ""), str(body["contact_name"])
        intent = Attempt.objects.filter(key=key, purpose="customer").order_by("-number").first()
        if intent is None or intent.outcome != "":
            self.faults.append(f"{name}: a customer was posted without a committed intent")
        elif body != json.loads(intent.asked, parse_float=Decimal):
            self.faults.append(f"{name}: another customer was posted than the intent says")
        if name in self._unclear:
            self._unclear.discard(name)
            if not self._looks.get(name):
                self.faults.append(f"{name}: a customer was sent again without having looked")

    def _of_intent(self, row: Conversion, body: dict[str, Any]) -> list[str]:
        intent = Attempt.objects.filter(key=row.key, purpose="invoice").order_by("-number").first()
        if intent is None or intent.outcome != "":
            return ["posted without a committed intent"]
        self._posts[intent.pk] += 1
        said = ["posted twice under one intent"] if self._posts[intent.pk] > 1 else []
        if body != json.loads(intent.asked, parse_float=Decimal) or intent.asked != row.payload:
            said.append("what was posted is not what was frozen")
        if intent.payload_hash != row.payload_hash:
            said.append("the intent's payload is not the frozen one")
        if intent.epoch != row.epoch:
            said.append("posted under a stale epoch")
        return said

    def _of_lease(self, row: Conversion) -> list[str]:
        held = row.lease_until is not None and row.lease_until > self.clock.now()
        return [] if held else ["posted without a lease that lasts"]

    def _of_looks(self, row: Conversion) -> list[str]:
        """Before a second POST after an unclear one: looked for since, and that look was answered."""
        if row.key not in self._unclear:
            return []
        self._unclear.discard(row.key)
        self.seen["sent again after looking"] += 1
        looks = self._looks.get(row.key, 0)
        return [] if looks >= LOOKS else [f"sent again after {looks} answered look-ups, not {LOOKS}"]

    # -- writes ------------------------------------------------------------------------------------------------------

    def on_sql(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Around every statement: a conversion is written under its epoch only, and taken over only when free."""
        if not sql.startswith(TABLE) or not self.ids:
            return execute(sql, params, many, context)
        setting, _, where = sql.partition(" WHERE ")
        takes = '"epoch" = (' in setting
        if not takes and '"epoch"' not in where:
            self.faults.append("a conversion was written without regard to its epoch")
        held = self._held() if takes else set()
        dead = takes and Conversion.objects.filter(pk__in=self.ids, lease_until__lt=self.clock.now()).exists()
        found = execute(sql, params, many, context)
        if held and held != self._held():
            self.faults.append("a conversion was taken over while another worker's lease ran")
        self.seen["a dead worker's lease was taken over"] += bool(dead)
        return found

    def _held(self) -> set[tuple[int, int]]:
        rows = Conversion.objects.filter(pk__in=self.ids, lease_until__gte=self.clock.now())
        return set(rows.values_list("pk", "epoch"))


def _keys(body: dict[str, Any]) -> list[str]:
    return [str(one["value"]) for one in body.get("custom_fields", ()) if str(one["value"]).startswith("ZB-")]


def key_of(connection: Connection, sale: str, generation: int, part: int) -> str:
    """The key as design 5 describes it, worked out anew here."""
    parts = ("v1", connection.crm_org_id, connection.books_org_id, sale, str(generation), str(part))
    return "ZB-" + b32encode(sha256("|".join(parts).encode()).digest()).decode()[:20]
