"""Deals read anew, after a setting changed what is read of them."""

from typing import Any

from accounts.models import Connection
from invoicing.feeds import DEALS
from invoicing.models import Deal
from syncjobs.models import Checkpoint


def deals_anew(sender: type[Connection], connection: Connection, **signal: Any) -> None:
    """Lines kept from other columns count as unread, and the next listing reads every deal."""
    Deal.objects.filter(connection=connection).exclude(lines=None).update(lines=None, digest="")
    Checkpoint.objects.filter(connection=connection, kind=DEALS.kind).update(watermark=None)
