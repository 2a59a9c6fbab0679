"""Products and items as syncjobs reads them, whose prices are compared in the very transaction that stores them."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import Connection
from invoicing import prices
from syncjobs import feeds
from syncjobs.absorbing import Absorbed
from syncjobs.feeds import RecordFeed, Rows


class PricedFeed(RecordFeed):
    """A kind whose rows have a price; only rows that changed are compared."""

    def absorb(self, connection: Connection, rows: Rows, now: datetime) -> Absorbed:
        absorbed = super().absorb(connection, rows, now)
        prices.compare(connection, self.kind, absorbed.created + absorbed.updated, now)
        return absorbed

    def forget(self, connection: Connection, ids: Collection[str], now: datetime) -> None:
        super().forget(connection, ids, now)
        prices.compare(connection, self.kind, ids, now)


PRODUCTS, ITEMS = PricedFeed.like(feeds.PRODUCTS), PricedFeed.like(feeds.ITEMS)
