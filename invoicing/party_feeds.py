"""Contacts and customers as syncjobs reads them; what accounts owe follows in the transaction that stores them."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import Connection
from invoicing import owing
from syncjobs import feeds
from syncjobs.absorbing import Absorbed
from syncjobs.feeds import RecordFeed, Rows
from syncjobs.models import Link, Record


class ContactFeed(RecordFeed):
    """A linked contact that is another account's from now on takes what its customer owes with it."""

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        linked = _linked(connection, [str(row.get(self.raw_id)) for row in rows])
        before = _parents(connection, linked)
        absorbed = super().absorb(connection, rows, now)
        owing.keep(connection, {account for _, account in before ^ _parents(connection, linked)})
        return absorbed

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        before = _parents(connection, _linked(connection, ids))
        super().forget(connection, ids, now)
        owing.keep(connection, {account for _, account in before})


class CustomerFeed(RecordFeed):
    """A customer that is gone owes nothing here; one that is back owes again."""

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        ids = [str(row.get(self.raw_id)) for row in rows]
        known = Record.objects.filter(connection=connection, kind=self.kind, remote_id__in=ids)
        gone = list(known.exclude(gone_at=None).order_by().values_list("remote_id", flat=True))
        absorbed = super().absorb(connection, rows, now)
        if gone:
            owing.keep(connection, owing.accounts_of(connection, gone).values())
        return absorbed

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        super().forget(connection, ids, now)
        owing.keep(connection, owing.accounts_of(connection, ids).values())


def _linked(connection: Connection, ids: Collection[str]) -> list[str]:
    """Those of these contacts that are linked to a customer."""
    links = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, crm_kind="contact", crm_id__in=ids)
    return list(links.values_list("crm_id", flat=True))


def _parents(connection: Connection, contacts: Collection[str]) -> set[tuple[str, str]]:
    """Each of these contacts that is there, with its account."""
    rows = Record.objects.filter(connection=connection, kind="contact", remote_id__in=contacts, gone_at=None)
    return set(rows.order_by().values_list("remote_id", "parent_id"))


CONTACTS, CUSTOMERS = ContactFeed.like(feeds.CONTACTS), CustomerFeed.like(feeds.CUSTOMERS)
