"""Making the record that a side lacks, at most once: an intent first, a look-up after a lost answer, then a link.

Nothing is made while something like it is known on the other side (`pairing.pairs` sees to that). A worker that died or
an answer that was lost leaves an open Attempt; what it may have made is looked for by name before anything is sent anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.clients import Clients
from syncjobs import columns, parties
from syncjobs.domain.bodies import books_body, crm_values
from syncjobs.domain.digesting import canonical_json
from syncjobs.models import Attempt, Link, Plan, PlannedWrite, Record
from syncjobs.reading import Reader
from zbridge.zoho.errors import Duplicate, OutcomeUnknown, ZohoError

Values = list[tuple[str, Any]]
MODULES = {"account": "Accounts", "product": "Products"}
NAME_FIELDS = {"account": "Account_Name", "product": "Product_Name"}
# CRM has no field that refuses a twin, so a record that isn't found is waited for before it is sent anew.
SURELY_NOT_MADE = timedelta(minutes=5)
LOST = "The answer was lost; it is looked for before anything is sent anew."


@dataclass(frozen=True)
class Made:
    """How one making ended: the record's id; or why there is none yet (`held`) or for now (`refused`)."""

    identity: str = ""
    held: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Maker:
    """Makes the records of one plan."""

    plan: Plan
    clients: Clients
    reader: Reader
    crm_kind: str
    books_kind: str

    # -- Books -------------------------------------------------------------------------------------------------------

    def in_books(self, write: PlannedWrite, values: Values) -> Made:
        """One item or customer."""
        return self._customer(write) if self.books_kind == "customer" else self._item(write, values)

    def _customer(self, write: PlannedWrite) -> Made:
        """By the way that conversions go, key and all; what else the mapping says follows with the next run."""
        connection, clock = self.plan.connection, self.reader.clock
        record = Record.objects.get(connection=connection, kind=self.crm_kind, remote_id=write.from_id)
        party = parties.party_of(connection, record.remote_id, "", record.currency or connection.currency)
        if party is None:
            return Made(refused="Its account is no longer in CRM.")
        key = parties.key_of_party(connection, party)
        found = parties.find_or_create(connection, party, key, self.clients, clock, self.reader.point)
        if isinstance(found, parties.CustomerFound):
            return Made(found.record.remote_id)
        return Made(held=found.sentence) if isinstance(found, parties.CustomerLater) else Made(refused=found.sentence)

    def _item(self, write: PlannedWrite, values: Values) -> Made:
        """Books refuses a second item of the name, so after a look it may be sent anew."""
        body = books_body({}, values)
        open_one = self._open(write)
        if open_one is not None and (identity := self._item_called(body)):
            return self._found(open_one, identity)
        attempt = self._intend(write, body)
        self.reader.point("item intent committed")
        try:
            row = self.clients.books.create_item(body)
        except Duplicate:
            identity = self._item_called(body)
            self._end(attempt, "FAIL" if not identity else "OK", identity)
            return Made(identity) if identity else Made(refused="Books has another item of this name or SKU; link it.")
        except ZohoError as trouble:
            return self._not_made(attempt, trouble)
        self.reader.point("item answer received")
        self._end(attempt, "OK", str(row["item_id"]))
        return Made(str(row["item_id"]))

    def _item_called(self, body: dict[str, Any]) -> str:
        """The one unlinked item that has the name and the SKU; empty when there is none or several."""
        rows = self.clients.books.items_by(name=str(body["name"]))
        alike = [row for row in rows if columns.text(row.get("sku")) == str(body.get("sku") or "")]
        return self._one_free([columns.text(row["item_id"]) for row in alike], "books_id")

    def _one_free(self, ids: list[str], side: str) -> str:
        links = Link.objects.filter(connection=self.plan.connection, pair=self.plan.pair)
        taken = set(links.filter(**{f"{side}__in": ids}).values_list(side, flat=True))
        free = [identity for identity in ids if identity not in taken]
        return free[0] if len(free) == 1 else ""

    # -- CRM ---------------------------------------------------------------------------------------------------------

    def in_crm(self, writes: Sequence[tuple[PlannedWrite, Values]]) -> list[Made]:
        """Up to a hundred records in one call; those that may have been made before are looked for first."""
        looked = [self._looked_for(write, values) for write, values in writes]
        sending = [pair for pair, ended in zip(writes, looked, strict=True) if ended is None]
        made = iter(self._sent(sending) if sending else ())
        return [ended if ended is not None else next(made) for ended in looked]

    def _looked_for(self, write: PlannedWrite, values: Values) -> Made | None:
        """None when it surely was not made yet."""
        attempt = self._open(write)
        if attempt is None:
            return None
        identity = self._record_called(str(dict(values).get(NAME_FIELDS[self.crm_kind], "")), attempt)
        if identity:
            return self._found(attempt, identity)
        if self.reader.clock.now() - attempt.started_at < SURELY_NOT_MADE:
            Attempt.objects.filter(pk=attempt.pk).update(outcome="UNKNOWN")
            return Made(held=LOST)
        self._end(attempt, "FAIL", "")
        return None

    def _record_called(self, name: str, attempt: Attempt) -> str:
        """The one unlinked record of the name that was made since; by query, since CRM's search lags."""
        field, module = NAME_FIELDS[self.crm_kind], MODULES[self.crm_kind]
        since = (attempt.started_at - timedelta(minutes=2)).replace(microsecond=0).isoformat()
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        query = f"select id, {field} from {module} where {field} = '{escaped}' and Created_Time >= '{since}'"  # noqa: S608
        rows = self.clients.crm.coql(query)
        return self._one_free([str(row["id"]) for row in rows if columns.text(row.get(field)) == name], "crm_id")

    def _sent(self, writes: Sequence[tuple[PlannedWrite, Values]]) -> list[Made]:
        bodies = [crm_values(values) for _, values in writes]
        with transaction.atomic():
            attempts = [self._intend(write, body) for (write, _), body in zip(writes, bodies, strict=True)]
        self.reader.point("records intent committed")
        try:
            results = self.clients.crm.create_records(MODULES[self.crm_kind], bodies)
        except ZohoError as trouble:
            return [self._not_made(attempt, trouble) for attempt in attempts]
        self.reader.point("records answer received")
        return [
            self._ended(attempt, result.id if result.ok else "", result.error)
            for attempt, result in zip(attempts, results, strict=True)
        ]

    def _ended(self, attempt: Attempt, identity: str, error: ZohoError | None) -> Made:
        if error is not None:
            return self._not_made(attempt, error)
        self._end(attempt, "OK", identity)
        return Made(identity)

    # -- the intent log ----------------------------------------------------------------------------------------------

    def _key(self, write: PlannedWrite) -> str:
        return f"{write.side}:{self.plan.pair}:{write.from_id}"[:40]

    def _open(self, write: PlannedWrite) -> Attempt | None:
        """The last making of it whose end nobody knows."""
        rows = Attempt.objects.filter(connection=self.plan.connection, purpose="record", key=self._key(write))
        last = rows.order_by("-number").first()
        return last if last is not None and last.outcome in ("", "UNKNOWN") else None

    def _intend(self, write: PlannedWrite, body: dict[str, Any]) -> Attempt:
        rows = Attempt.objects.filter(connection=self.plan.connection, purpose="record", key=self._key(write))
        return Attempt.objects.create(
            connection=self.plan.connection, purpose="record", key=self._key(write), number=rows.count() + 1,
            asked=canonical_json(body), started_at=self.reader.clock.now(),
        )  # fmt: skip

    def _found(self, attempt: Attempt, identity: str) -> Made:
        self._end(attempt, "OK", identity, "Its answer was lost and looked up.")
        return Made(identity)

    def _end(self, attempt: Attempt, outcome: str, identity: str, said: str = "") -> None:
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome=outcome, ended_at=self.reader.clock.now(), remote_id=identity, conclusion=said
        )

    def _not_made(self, attempt: Attempt, trouble: ZohoError) -> Made:
        """Refused, or nobody knows; other troubles (no access, no calls left) hold the run."""
        doubtful = isinstance(trouble, OutcomeUnknown)
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome="UNKNOWN" if doubtful else "FAIL", ended_at=self.reader.clock.now(),
            code=str(trouble.code or "")[:60], status=trouble.http, conclusion=trouble.sentence[:300],
        )  # fmt: skip
        if doubtful:
            return Made(held=LOST)
        if trouble.holds_run:
            raise trouble
        return Made(refused=trouble.sentence)
