"""Making the record that a side lacks, at most once: an intent first, a look-up after a lost answer, then a link.

Nothing is made while something like it is known on the other side (`pairing.pairs` sees to that). A worker that died,
or an answer that was lost, leaves an open Attempt; what it may have made is looked for before anything is sent anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.clients import Clients
from accounts.models import Connection
from syncjobs import columns, parties
from syncjobs import customer_people as people
from syncjobs.absorbing import raw_row
from syncjobs.creating import key_of_party
from syncjobs.domain.bodies import books_body, contact_person_body, crm_values
from syncjobs.domain.pairs import MODULES, NAMED_BY, kinds_of
from syncjobs.intents import Intents, Origin
from syncjobs.keeping import link_made
from syncjobs.models import Attempt, Link, Record
from syncjobs.reading import Reader
from zbridge.zoho.errors import Duplicate, OutcomeUnknown, Rejected, ZohoError

Values = list[tuple[str, Any]]
# CRM, and Books for persons, refuse no twin: a record that isn't found is waited for before it is sent anew.
SURELY_NOT_MADE = timedelta(minutes=5)
LOST = "The answer was lost; it is looked for before anything is sent anew."
LOOKED_UP = "Its answer was lost; it was looked up."
NOT_FOUND = "It was looked for and is not there."
ANOTHER = "Books has another item of this name or SKU; link it, or rename one."


@dataclass(frozen=True)
class Made:
    """How one making ended: the record's id; or why there is none yet (`held`) or for now (`refused`).

    `whole` says whether it was made with every value of the mapping; `trouble` is what Zoho said.
    """

    identity: str = ""
    held: str = ""
    refused: str = ""
    whole: bool = True
    trouble: ZohoError | None = None


@dataclass(frozen=True)
class Maker:
    """Makes what a side lacks, for one pair of a connection. `renew` raises where the work is another's by now."""

    connection: Connection
    pair: str
    clients: Clients
    reader: Reader
    renew: Callable[[], None]
    intents: Intents = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "intents", Intents(self.connection, self.reader.clock))

    def settle_open(self) -> None:
        """Look for what earlier runs may have made: the next reading would take it for a stranger."""
        for origin, attempt in self.intents.open_ones(self.pair):
            self.renew()
            identity = self._looked_for(origin, attempt)
            if identity:
                link_made(self.connection, self.pair, origin, identity, self.reader.clock.now())

    def _looked_for(self, origin: Origin, attempt: Attempt) -> str:
        """The id of what the attempt made; empty when it is not there (yet)."""
        body = raw_row(attempt.asked)
        identity = self._in_books_already(body) if origin.side == "books" else self._record_called(body, attempt)
        if identity:
            self.intents.made(attempt, identity, LOOKED_UP)
        elif self.pair == "product" and origin.side == "books" or self._is_long_ago(attempt):
            self.intents.not_made(attempt, NOT_FOUND)
        else:
            self.intents.unsettled(attempt)
        return identity

    def _is_long_ago(self, attempt: Attempt) -> bool:
        """Whether what was not found was surely not made; only a second item of a name is refused by Books itself."""
        return self.reader.clock.now() - attempt.started_at >= SURELY_NOT_MADE

    # -- Books -------------------------------------------------------------------------------------------------------

    def in_books(self, from_id: str, values: Values) -> Made:
        """One item, customer or contact person."""
        if self.pair == "customer":
            return self._customer(from_id)
        return self._person(from_id, values) if self.pair == "person" else self._item(from_id, values)

    def _person(self, contact_id: str, values: Values) -> Made:
        """A contact person of the customer that its contact's account is linked to."""
        customer_id = people.customer_of_contact(self.connection, contact_id)
        if not customer_id:
            return Made(refused="Its account is not linked to a customer any more.")
        origin = Origin("books", self.pair, contact_id)
        body = contact_person_body({}, values) | {"contact_id": customer_id}
        return self._earlier(origin) or self._sent_to_books(origin, body)

    def _customer(self, identity: str) -> Made:
        """By the way that conversions go, key and all; what else the mapping says follows with the next run."""
        record = Record.objects.get(connection=self.connection, kind=self._crm_kind, remote_id=identity)
        ids = (identity, "") if self._crm_kind == "account" else ("", identity)
        if record.currency and record.currency not in {row["code"] for row in self.connection.currencies}:
            said = f"Books has no currency {record.currency}. Add it in Books' settings, press Check on the connection"
            return Made(refused=f"{said}, then retry.")
        party = parties.party_of(self.connection, *ids, record.currency or self.connection.currency)
        if party is None:
            return Made(refused="It is no longer in CRM.")
        found = parties.find_or_create(
            self.connection, party, key_of_party(self.connection, party.record, party.currency), self.clients,
            self.reader.clock, self.reader.point, self.renew,
        )  # fmt: skip
        if isinstance(found, parties.CustomerFound):
            return Made(found.record.remote_id, whole=False)
        return Made(held=found.sentence) if isinstance(found, parties.CustomerLater) else Made(refused=found.sentence)

    def _item(self, product_id: str, values: Values) -> Made:
        """Books refuses a second item of the name, so after a look it may be sent anew."""
        origin, body = Origin("books", self.pair, product_id), books_body({}, values)
        earlier = self.intents.open_one(origin)
        if earlier is not None and (identity := self._looked_for(origin, earlier)):
            return Made(identity)
        return self._sent_to_books(origin, body)

    def _sent_to_books(self, origin: Origin, body: dict[str, Any]) -> Made:
        attempt = self.intents.begin([origin], [body])[0]
        self.reader.point("item intent committed")
        self.renew()
        try:
            identity = self._posted(body)
        except Duplicate as twin:
            return self._twin(attempt, body, twin)
        except ZohoError as trouble:
            return self._not_made(attempt, trouble)
        self.reader.point("item answer received")
        self.intents.made(attempt, identity)
        return Made(identity)

    def _posted(self, body: dict[str, Any]) -> str:
        """The id of what the one POST made."""
        if self.pair != "person":
            return columns.text(self.clients.books.create_item(body)["item_id"])
        sent = {name: value for name, value in body.items() if name != "contact_id"}
        row = self.clients.books.keep_contact_person(body["contact_id"], "", sent)
        identity = columns.text(row.get("contact_person_id")) or self._in_books_already(body)
        if not identity:
            raise OutcomeUnknown("books", message="the answer has no contact person")
        return identity

    def _in_books_already(self, body: dict[str, Any]) -> str:
        """The one unlinked item, or person of the customer, that is what the body says; empty when there is none."""
        if self.pair != "person":
            return self._item_called(body)
        detail = self.clients.books.contact(body["contact_id"]) or {}
        return self._one_free(people.like(detail, body), "books_id")

    def _twin(self, attempt: Attempt, body: dict[str, Any], trouble: ZohoError) -> Made:
        """Books holds the name: by an unlinked item that is the same to the SKU, or by another."""
        identity = self._in_books_already(body)
        if not identity:
            self.intents.failed(attempt, trouble)
            return Made(refused=ANOTHER, trouble=trouble)
        self.intents.made(attempt, identity, LOOKED_UP)
        return Made(identity, whole=False)

    def _item_called(self, body: dict[str, Any]) -> str:
        """The one unlinked item that has the name and the SKU; empty when there is none or several."""
        rows = self.clients.books.items_by(name=str(body["name"]))
        alike = [row for row in rows if columns.text(row.get("sku")) == columns.text(body.get("sku"))]
        return self._one_free([columns.text(row["item_id"]) for row in alike], "books_id")

    def _one_free(self, ids: list[str], side: str) -> str:
        free = self._free(ids, side)
        return free[0] if len(free) == 1 else ""

    def _free(self, ids: list[str], side: str) -> list[str]:
        """Those that no link has yet."""
        links = Link.objects.filter(connection=self.connection, pair=self.pair)
        taken = set(links.filter(**{f"{side}__in": ids}).values_list(side, flat=True))
        return [identity for identity in ids if identity not in taken]

    # -- CRM ---------------------------------------------------------------------------------------------------------

    def in_crm(self, wanted: Sequence[tuple[str, Values]]) -> list[Made]:
        """Up to a hundred records in one call; those that may have been made before are looked for first."""
        origins = [Origin("crm", self.pair, from_id) for from_id, _ in wanted]
        looked = [self._earlier(origin) for origin in origins]
        rows = zip(origins, wanted, looked, strict=True)
        sending = [(origin, self._crm_body(origin, values)) for origin, (_, values), ended in rows if ended is None]
        made = iter(self._sent(sending) if sending else ())
        return [ended if ended is not None else next(made) for ended in looked]

    def _crm_body(self, origin: Origin, values: Values) -> dict[str, Any]:
        """A contact belongs to the account that its person's customer is linked to."""
        if self.pair != "person":
            return crm_values(values)
        account_id = people.account_of_person(self.connection, origin.from_id)
        return crm_values(values) | {"Account_Name": {"id": account_id}}

    def _earlier(self, origin: Origin) -> Made | None:
        """What an earlier attempt came to; None when it surely was not made yet."""
        attempt = self.intents.open_one(origin)
        if attempt is None:
            return None
        self.renew()
        identity = self._looked_for(origin, attempt)
        if identity:
            return Made(identity)
        return Made(held=LOST) if self.intents.open_one(origin) is not None else None

    @property
    def _crm_kind(self) -> str:
        return kinds_of(self.pair, self.connection.parties)[0]

    def _record_called(self, body: dict[str, Any], attempt: Attempt) -> str:
        """The first unlinked record of the same names that was made since; by query, since CRM's search lags."""
        fields, module = NAMED_BY[self._crm_kind], MODULES[self._crm_kind]
        wanted = [columns.text(body.get(name)) for name in fields]
        since = (attempt.started_at - timedelta(minutes=2)).replace(microsecond=0).isoformat()
        escaped = wanted[0].replace("\\", "\\\\").replace("'", "\\'")
        query = (
            f"select id, {', '.join(fields)} from {module} "  # noqa: S608
            f"where {fields[0]} = '{escaped}' and Created_Time >= '{since}'"
        )
        rows = self.clients.crm.coql(query)
        same = [str(row["id"]) for row in rows if [columns.text(row.get(name)) for name in fields] == wanted]
        return next(iter(self._free(sorted(same), "crm_id")), "")

    def _sent(self, rows: Sequence[tuple[Origin, dict[str, Any]]]) -> list[Made]:
        origins, bodies = [origin for origin, _ in rows], [body for _, body in rows]
        attempts = self.intents.begin(origins, bodies)
        self.reader.point("records intent committed")
        self.renew()
        try:
            results = self.clients.crm.create_records(MODULES[self._crm_kind], bodies)
        except ZohoError as trouble:
            return self._none_made(attempts, trouble)
        self.reader.point("records answer received")
        return [self._ended(attempt, result) for attempt, result in zip(attempts, results, strict=True)]

    def _ended(self, attempt: Attempt, result: Any) -> Made:
        if result.error is not None:
            return self._not_made(attempt, result.error)
        self.intents.made(attempt, result.id)
        return Made(result.id)

    def _none_made(self, attempts: Sequence[Attempt], trouble: ZohoError) -> list[Made]:
        for attempt in attempts:
            self.intents.failed(attempt, trouble)
        return [_end_of(trouble) for _ in attempts]

    def _not_made(self, attempt: Attempt, trouble: ZohoError) -> Made:
        self.intents.failed(attempt, trouble)
        return _end_of(trouble)


def _end_of(trouble: ZohoError) -> Made:
    """Refused, or nobody knows; other troubles (no access, no calls left) hold the run."""
    if isinstance(trouble, OutcomeUnknown):
        return Made(held=LOST, trouble=trouble)
    if isinstance(trouble, Rejected):
        return Made(refused=trouble.sentence, trouble=trouble)
    raise trouble
