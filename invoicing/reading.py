"""One deal or quote read fresh into the mirror: before a draft is prepared, or when it is unknown here."""

from django.db import transaction

from accounts.models import Connection
from invoicing import feeds
from invoicing.models import Deal, Quote
from invoicing.workbench import Workbench


class Gone(LookupError):
    """CRM has no such record (any more), or the connected user can't see it; the sentence says so."""


def deal(connection: Connection, crm_id: str, bench: Workbench) -> Deal:
    """The deal from the mirror, read from CRM if it isn't there; Gone when CRM has none."""
    found = Deal.objects.filter(connection=connection, crm_id=crm_id).first()
    return found or refresh_deal(connection, crm_id, bench)


def quote(connection: Connection, crm_id: str, bench: Workbench) -> Quote:
    """The quote, as for deals."""
    found = Quote.objects.filter(connection=connection, crm_id=crm_id).first()
    return found or refresh_quote(connection, crm_id, bench)


def refresh_deal(connection: Connection, crm_id: str, bench: Workbench) -> Deal:
    """One GET by id: the deal with its subform's lines, as it is now."""
    row = bench.clients(connection).crm.record("Deals", crm_id)
    if row is None:
        raise Gone(f"CRM has no deal with the id {crm_id}, or the connected user can't see it.")
    feeds.take_lines(row, connection.subform, feeds.line_columns(connection))
    with transaction.atomic():
        feeds.DEALS.absorb(connection, [row], connection.now(bench.clock)).whole()
    return Deal.objects.get(connection=connection, crm_id=crm_id)


def refresh_quote(connection: Connection, crm_id: str, bench: Workbench) -> Quote:
    """One GET by id: the quote with its lines."""
    row = bench.clients(connection).crm.record("Quotes", crm_id)
    if row is None:
        raise Gone(f"CRM has no quote with the id {crm_id}, or the connected user can't see it.")
    feeds.take_lines(row, "Quoted_Items", feeds.QUOTED_ITEM_COLUMNS)
    with transaction.atomic():
        feeds.QUOTES.absorb(connection, [row], connection.now(bench.clock)).whole()
    return Quote.objects.get(connection=connection, crm_id=crm_id)
