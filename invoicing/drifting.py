"""Keeps the drift of drafts that were made: after each reading of what they stand on, and by looking for what is gone.

Books tells of deleted invoices nowhere, so once an hour its list of drafts is compared with ours: one call.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import notices
from accounts.clients import seams
from accounts.models import Connection
from invoicing import columns, moments
from invoicing.domain.drift import ENDED, DealNow, Departure, InvoiceNow, Made, QuoteNow, departures
from invoicing.domain.edits import in_words
from invoicing.models import Conversion, Deal, Invoice, Quote
from invoicing.noticing import mark_invoices
from invoicing.sales import edits
from invoicing.telling import rep_of
from invoicing.workbench import Workbench
from syncjobs.columns import text
from syncjobs.domain.digesting import text_digest
from syncjobs.models import Checkpoint
from syncjobs.services import close_problems, open_problem
from zbridge.clock import Clock
from zbridge.money import Money

State = Conversion.State
LOOKED = "drafts"
EVERY = timedelta(hours=1)
CAUSE = "drift"


def after_invoices(connection: Connection, ids: Iterable[str], now: datetime) -> None:
    """Invoices were read that are new or changed: judge the drafts among them; in the caller's transaction."""
    found = list(ids)
    _judge(connection, Q(books_invoice_id__in=found), now)
    mark_invoices(connection, found, now)


def after_deals(connection: Connection, crm_ids: Iterable[str], now: datetime) -> None:
    """The same for deals."""
    _judge(connection, Q(deal__crm_id__in=list(crm_ids)), now)


def after_quotes(connection: Connection, crm_ids: Iterable[str], now: datetime) -> None:
    """The same for quotes, also where a deal was billed by a quote's lines."""
    rows = Quote.objects.filter(connection=connection, crm_id__in=list(crm_ids))
    deals = [deal_id for deal_id in rows.values_list("deal_id", flat=True) if deal_id]
    _judge(connection, Q(quote__in=rows) | Q(deal__crm_id__in=deals), now)


def _judge(connection: Connection, which: Q, now: datetime) -> None:
    rows = Conversion.objects.filter(which, connection=connection, state=State.DONE)
    found = list(rows.select_related("connection", "deal", "quote", "snapshot"))
    ids = [row.books_invoice_id for row in found]
    invoices = {one.books_id: one for one in Invoice.objects.filter(connection=connection, books_id__in=ids)}
    for row in found:
        judge_one(row, invoices.get(row.books_invoice_id), now)


def judge_one(row: Conversion, invoice: Invoice | None, now: datetime) -> tuple[Departure, ...]:
    """What departs now is kept on the draft, told once, and closed by itself when it ends."""
    found = departures(made_of(row), _invoice_now(invoice), _deal_now(row), _quote_now(row))
    said = " ".join(one.sentence for one in found)[:300]
    status = invoice.status if invoice is not None else row.invoice_status
    seen = moments.of_invoice(row, invoice, now)
    if seen or (said, status) != (row.drift, row.invoice_status):
        mine = Conversion.objects.filter(pk=row.pk, state=State.DONE, epoch=row.epoch)
        if mine.update(drift=said, invoice_status=status, **seen) and said != row.drift:
            row.drift = said
            _tell(row, found, now)
    return found


def made_of(row: Conversion) -> Made:
    """The draft as recorded, with what its frozen sale says of the deal; one made by hand has no such sale."""
    total = Money(row.total, row.currency) if row.total is not None and row.currency else None
    sale = json.loads(row.snapshot.text, parse_float=Decimal) if row.snapshot else {}
    amount, party = (sale.get("amount") or [None])[0], sale.get("party") or [""]
    deal_amount = Money(Decimal(str(amount)), row.currency) if amount is not None and row.currency else None
    return Made(
        number=row.invoice_number, total=total, customer_id=row.customer_id, customer_name=row.customer_name,
        deal_amount=deal_amount if row.deal_id and not _quote_id(sale) else None, account_id=str(party[0] or ""),
    )  # fmt: skip


def _invoice_now(invoice: Invoice | None) -> InvoiceNow | None:
    if invoice is None:
        return None
    return InvoiceNow(
        status=invoice.status, total=Money(invoice.total, invoice.currency), customer_id=invoice.customer_id,
        customer_name=invoice.customer_name, gone=invoice.gone_at is not None,
    )  # fmt: skip


def _deal_now(row: Conversion) -> DealNow | None:
    """Of a deal that its quote billed only counts that it is lost or gone: the quote is what was sold."""
    deal = row.deal
    if deal is None:
        return None
    if row.quote is not None:
        outcome = "lost" if deal.outcome == Deal.Outcome.LOST else "won"
        return DealNow(
            name=deal.name, outcome=outcome, stage=deal.stage, amount=None, account_id="", account_name="",
            gone=deal.gone_at is not None,
        )  # fmt: skip
    amount = Money(deal.amount, deal.currency) if deal.amount is not None and deal.currency else None
    return DealNow(
        name=deal.name, outcome=deal.outcome, stage=deal.stage, amount=amount, gone=deal.gone_at is not None,
        account_id=deal.payer_id or deal.account_id, account_name=deal.payer_name or deal.account_name,
    )  # fmt: skip


def _quote_id(sale: dict[str, Any]) -> str:
    """The quote whose lines were billed; empty: the deal's own were."""
    return str(sale.get("quote") or "")


def _quote_now(row: Conversion) -> QuoteNow | None:
    """The quote that was billed, by itself or through its deal; None where no quote was."""
    sale = json.loads(row.snapshot.text) if row.snapshot else {}
    rows = Quote.objects.filter(connection=row.connection, crm_id=_quote_id(sale))
    quote = (row.quote or rows.first()) if _quote_id(sale) else None
    if quote is None:
        return None
    found = edits(row.connection, quote, row.snapshot.text if row.snapshot else "")
    return QuoteNow(
        name=str(quote), stage=quote.stage, accepted=quote.stage in row.connection.accepted_stages,
        replaced=bool(quote.replaced_by_id) and not sale.get("replaced_by"), gone=quote.gone_at is not None,
        changes=in_words(found),
    )  # fmt: skip


def _tell(row: Conversion, found: tuple[Departure, ...], now: datetime) -> None:
    """Finance and the rep; a problem stays open while it lasts."""
    if not found:
        close_problems(row.connection, "conversion", str(row.pk), now, CAUSE)
        return
    ended = any(one.drift in ENDED for one in found)
    rest = "Bill it again, or leave it." if ended else "Nothing was edited; correct it in Books or CRM, or leave it."
    sentence = f"{row.drift} {rest}"
    sale, subject = str(row.quote or row.deal), ("conversion", str(row.pk))
    open_problem(row.connection, CAUSE, (*subject, sale), "finance", sentence, now=now)
    event = f"drift:{row.pk}:{text_digest(row.drift)[:12]}"
    clock = seams().clock
    notices.tell(row.connection, event, f"{sale}: {row.drift}", sentence, role="finance", subject=subject, clock=clock)
    rep = rep_of(row)
    if rep is not None:
        wrong = f"{row.needs_finance} The sale can be billed again." if ended and row.needs_finance else ""
        notices.tell(
            row.connection, f"{event}:rep", f"{sale}: {row.drift}", f"{wrong} Finance was told, too.".strip(),
            user=rep, subject=subject, clock=clock,
        )  # fmt: skip


# -- what is gone ------------------------------------------------------------------------------------------------------


def due(connection: Connection, clock: Clock) -> bool:
    """Whether drafts of ours are waiting in Books that weren't looked for within the hour."""
    last = Checkpoint.objects.filter(connection=connection, kind=LOOKED).values_list("read_at", flat=True).first()
    waited = last is None or connection.now(clock) - last >= EVERY
    return waited and connection.state == Connection.State.CONNECTED and _open_drafts(connection).exists()


def look_for_gone(connection: Connection, bench: Workbench) -> int:
    """Compare Books' drafts with ours, and CRM's deleted deals; how many are gone. Raises ZohoError."""
    now, clients = connection.now(bench.clock), bench.clients(connection)
    last, _ = Checkpoint.objects.get_or_create(connection=connection, kind=LOOKED)
    there = {text(row.get("invoice_id")) for row in clients.books.draft_invoices()}
    missing = [row for row in _open_drafts(connection) if row.books_invoice_id not in there]
    gone = sum(look_at(row, bench) for row in missing)
    removed = [text(row.get("id")) for row in clients.crm.deleted("Deals", last.read_at)]
    gone += deals_gone(connection, removed, now)
    Checkpoint.objects.filter(pk=last.pk).update(read_at=now)
    return gone


def _open_drafts(connection: Connection) -> "QuerySet[Conversion]":
    rows = Conversion.objects.filter(connection=connection, state=State.DONE, invoice_status="draft")
    return rows.select_related("connection", "deal", "quote", "snapshot")


def look_at(row: Conversion, bench: Workbench) -> bool:
    """Read the invoice from Books by its id; True when Books says that there is none. Raises ZohoError."""
    now = row.connection.now(bench.clock)
    found = bench.clients(row.connection).books.invoice(row.books_invoice_id)
    with transaction.atomic():
        if found is None:
            mine = Invoice.objects.filter(connection=row.connection, books_id=row.books_invoice_id, gone_at=None)
            mine.update(gone_at=now)
            after_invoices(row.connection, [row.books_invoice_id], now)
        else:
            keep(row.connection, found, now)
    return found is None


def keep(connection: Connection, found: dict[str, Any], now: datetime) -> None:
    """The invoice as just read, with what follows from it."""
    from_books = columns.invoice(found, connection.invoice_key_name)
    Invoice.objects.filter(connection=connection, books_id=from_books["books_id"]).update(
        **{name: value for name, value in from_books.items() if name != "books_id"}, read_at=now, gone_at=None
    )
    after_invoices(connection, [from_books["books_id"]], now)


def deals_gone(connection: Connection, crm_ids: Iterable[str], now: datetime) -> int:
    """Deals that CRM no longer has; how many were not known to be gone."""
    with transaction.atomic():
        ids = list(crm_ids)
        count = Deal.objects.filter(connection=connection, crm_id__in=ids, gone_at=None).update(gone_at=now)
        after_deals(connection, ids, now)
    return count
