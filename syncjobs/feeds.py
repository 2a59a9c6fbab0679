"""A feed per kind of master data: how to list a page of it, how to absorb the page, how to list its ids."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Protocol, Self

from accounts.clients import Clients
from accounts.models import Connection
from syncjobs import columns
from syncjobs.absorbing import Absorbed, absorb_rows
from syncjobs.domain.pairs import MODULES
from syncjobs.mappings import mapped_crm_fields
from syncjobs.models import Record
from zbridge.zoho.paging import Page

Rows = list[dict[str, Any]]


class Feed(Protocol):
    """What reading needs to know of a kind; documents give theirs from invoicing, by name in the settings."""

    @property
    def kind(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def raw_id(self) -> str: ...
    @property
    def told_alike(self) -> bool:
        """Whether `absorb` takes the row of one id for the same as its list's."""
        ...

    def list_page(self, clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Page:
        """One page of rows changed since (all, when None), from where `place` says."""
        ...

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        """Store the rows in the caller's transaction."""
        ...

    def count(self, clients: Clients) -> int:
        """How many Zoho says there are; 0 where it doesn't tell (facts Books 1.5)."""
        ...

    def known_ids(self, connection: Connection) -> set[str]:
        """The ids of all that is known to be there."""
        ...

    def one(self, clients: Clients, identity: str) -> dict[str, Any] | None:
        """The row of one id, as a list would show it; None when Zoho doesn't show it."""
        ...

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        """Keep them as gone, with what follows from that; in the caller's transaction."""
        ...


@dataclass(frozen=True)
class RecordFeed:
    """A kind that is kept as Record rows."""

    kind: str
    side: str
    label: str
    raw_id: str
    to_columns: Callable[[Mapping[str, Any]], dict[str, Any]]
    pages: Callable[[Clients, datetime | None, dict[str, Any] | None], Iterable[Page]]
    one_row: Callable[[Clients, str], dict[str, Any] | None]
    told_alike: bool = False

    @classmethod
    def like(cls, feed: "RecordFeed") -> Self:
        """The same kind, read in the same way; what follows from its rows is the subclass's."""
        return cls(**{one.name: getattr(feed, one.name) for one in fields(feed)})

    def list_page(self, clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Page:
        return next(iter(self.pages(clients, since, place)))

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        return absorb_rows(
            Record, connection, "remote_id", self.raw_id, rows, self.to_columns, now, kind=self.kind
        )  # fmt: skip

    def count(self, clients: Clients) -> int:
        return clients.crm.count(MODULES[self.kind]) if self.side == "crm" else 0

    def known_ids(self, connection: Connection) -> set[str]:
        rows = Record.objects.filter(connection=connection, kind=self.kind, gone_at=None)
        return set(rows.values_list("remote_id", flat=True))

    def one(self, clients: Clients, identity: str) -> dict[str, Any] | None:
        return self.one_row(clients, identity)

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        rows = Record.objects.filter(connection=connection, kind=self.kind, remote_id__in=ids, gone_at=None)
        rows.update(gone_at=now)


def _crm(module: str, kind: str) -> Callable[[Clients, datetime | None, dict[str, Any] | None], Iterable[Page]]:
    def pages(clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Iterable[Page]:
        fields = dict.fromkeys([*columns.CRM_FIELDS[kind], *mapped_crm_fields(clients.connection, kind)])
        return clients.crm.pages(module, tuple(fields), modified_since=since, checkpoint=place)

    return pages


def _customers(clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Iterable[Page]:
    return clients.books.contact_pages(modified_since=since, checkpoint=place)


def _items(clients: Clients, since: datetime | None, place: dict[str, Any] | None) -> Iterable[Page]:
    return clients.books.item_pages(modified_since=since, checkpoint=place)


def _in_crm(kind: str) -> Callable[[Clients, str], dict[str, Any] | None]:
    return lambda clients, identity: clients.crm.record(MODULES[kind], identity)


ACCOUNTS = RecordFeed(
    "account", "crm", "Accounts", "id", columns.account, _crm("Accounts", "account"), _in_crm("account")
)  # fmt: skip
CONTACTS = RecordFeed(
    "contact", "crm", "Contacts", "id", columns.contact, _crm("Contacts", "contact"), _in_crm("contact")
)  # fmt: skip
PRODUCTS = RecordFeed(
    "product", "crm", "Products", "id", columns.product, _crm("Products", "product"), _in_crm("product")
)  # fmt: skip
CUSTOMERS = RecordFeed(
    "customer", "books", "Customers", "contact_id", columns.customer, _customers,
    lambda clients, identity: clients.books.contact(identity),
)  # fmt: skip
ITEMS = RecordFeed(
    "item", "books", "Items", "item_id", columns.item, _items, lambda clients, identity: clients.books.item(identity)
)  # fmt: skip
