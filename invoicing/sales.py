"""A deal or quote row as the sale that the rules weigh, with the lines of the first source that has any."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Connection
from invoicing.columns import TRUNCATED
from invoicing.domain.documents import Basis, LineSource, Sale
from invoicing.domain.edits import changes, terms
from invoicing.domain.source_lines import LineColumns
from invoicing.domain.sources import QUOTE_LINES, AcceptedQuote, Reading, sale_of_deal, sale_of_quote, with_products
from invoicing.models import Deal, Quote
from syncjobs.absorbing import raw_row
from syncjobs.domain.digesting import canonical_json
from syncjobs.domain.records import ProductFacts
from syncjobs.models import Record


def sale_of(connection: Connection, deal: Deal | None, quote: Quote | None) -> Sale:
    """From the mirror alone. A quote that is named bills by its own lines, as its deal's sale if it has a deal.

    A deal alone is billed by the connection's ladder.
    """
    reading = _reading(connection)
    if quote is not None:
        is_accepted = quote.stage in connection.accepted_stages
        sale = sale_of_quote(_accepted(connection, quote), reading, is_accepted=is_accepted)
    elif deal is not None:
        row = _with_lines(deal.raw, connection.subform, deal.lines) | {"Amount": deal.amount}
        won = deal.outcome == Deal.Outcome.WON
        quotes = Quote.objects.filter(
            connection=connection, deal_id=deal.crm_id, stage__in=connection.accepted_stages, gone_at=None
        )
        accepted = [_accepted(connection, found) for found in quotes]
        sale = sale_of_deal(row, reading, is_won=won, won_on=deal.won_on, accepted=accepted)
    else:
        raise ValueError("A sale is a deal or a quote.")
    return with_products(sale, _products(connection, sale))


def _reading(connection: Connection) -> Reading:
    return Reading(
        home_currency=connection.currency,
        ladder=tuple(LineSource(source) for source in connection.line_sources),
        deal_amounts=Basis(connection.amounts),
        subform=connection.subform,
        columns=subform_columns(connection),
        bill_to=connection.bill_to_field,
    )


def subform_columns(connection: Connection) -> LineColumns:
    """What the subform's columns mean; names that are usual where nobody chose."""
    chosen = {name: (api,) for name, api in connection.subform_columns.items() if name != "order"}
    unread = dict.fromkeys(("discount", "tax", "description"), ())
    return LineColumns(**(unread | chosen)) if chosen else LineColumns()


def _with_lines(raw: str, subform: str, lines: Sequence[dict[str, Any]] | None) -> dict[str, Any]:
    """The row as CRM gives it by id: lines not read yet are absent, cut ones are marked in `$has_more`."""
    row = raw_row(raw)
    row.pop(subform, None)
    if lines is None or not subform:
        return row
    whole = [line for line in lines if not line.get(TRUNCATED)]
    return row | {subform: whole, "$has_more": {subform: len(whole) < len(lines)}}


def terms_of(connection: Connection, quote: Quote) -> str:
    """What is billed of the quote as it is in the mirror, as canonical JSON; to be held against a later reading."""
    found = sale_of_quote(AcceptedQuote(row=_row(quote)), _reading(connection), is_accepted=True)
    return canonical_json(terms(found))


def edits(connection: Connection, quote: Quote, since: str) -> tuple[str, ...]:
    """What differs in the quote from the terms as they were then (see `terms_of`; "": not known), in words."""
    return changes(json.loads(since), json.loads(terms_of(connection, quote))) if since else ()


def _accepted(connection: Connection, quote: Quote) -> AcceptedQuote:
    seen = quote.accepted_seen_at
    day = seen.astimezone(ZoneInfo(connection.time_zone)).date() if seen else None
    return AcceptedQuote(row=_row(quote), accepted_on=day, edited=edits(connection, quote, quote.accepted_as))


def _row(quote: Quote) -> dict[str, Any]:
    amounts = {"Discount": quote.discount, "Adjustment": quote.adjustment, "Tax": quote.document_tax}
    return _with_lines(quote.raw, QUOTE_LINES, quote.lines) | amounts | {"Grand_Total": quote.total}


def _products(connection: Connection, sale: Sale) -> dict[str, ProductFacts]:
    wanted = {line.product_id for line in sale.lines if line.product_id}
    rows = Record.objects.filter(connection=connection, kind="product", remote_id__in=wanted)
    return {row.remote_id: ProductFacts(id=row.remote_id, name=row.name, code=row.code) for row in rows}
