"""The figures of CRM's accounts and deals from our own tables, shaped for the fields that they go into."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.figure_fields import AMOUNT, INSTANT, Place
from accounts.models import Connection
from invoicing import receivables
from invoicing.domain.crm_figures import Billed, Figures, account_figures, deal_figures, text_of
from invoicing.in_books import books_link
from invoicing.models import Conversion, Invoice, Written
from zbridge.money import Money, round_to

State = Conversion.State
MODULES = {Written.Kind.ACCOUNT: "Accounts", Written.Kind.DEAL: "Deals"}
FOUND = Mapping[str, Figures]


def figures_of(connection: Connection, kind: str, crm_ids: Collection[str], today: date) -> FOUND:
    """The figures of these accounts or deals on that day; a deal of which no invoice is known is left out."""
    if kind == Written.Kind.DEAL:
        return _of_deals(connection, crm_ids, today)
    return _of_accounts(connection, crm_ids, today)


def _of_accounts(connection: Connection, crm_ids: Collection[str], today: date) -> FOUND:
    standings = receivables.standings_of(connection, crm_ids, today)
    return {crm_id: account_figures(standings.get(crm_id, []), connection.currency) for crm_id in crm_ids}


def _of_deals(connection: Connection, crm_ids: Collection[str], today: date) -> FOUND:
    rows = Conversion.objects.filter(
        connection=connection, deal__crm_id__in=crm_ids, state__in=[State.DRAFTED, State.DONE]
    ).exclude(books_invoice_id="")  # fmt: skip
    made = list(rows.order_by("part", "generation").select_related("deal"))
    invoices = Invoice.objects.filter(connection=connection, books_id__in=[row.books_invoice_id for row in made])
    known = {one.books_id: one for one in invoices.defer("raw", "lines", "detail")}
    found: dict[str, list[Billed]] = {}
    for row in made:
        if row.deal is not None:
            found.setdefault(row.deal.crm_id, []).append(_billed(connection, row, known.get(row.books_invoice_id)))
    return {crm_id: deal_figures(invoices, today) for crm_id, invoices in found.items()}


def _billed(connection: Connection, row: Conversion, invoice: Invoice | None) -> Billed:
    """The invoice as mirrored; one that no list has shown yet is as its draft was recorded."""
    link = books_link(connection.data_centre, row.books_invoice_id)
    if invoice is None:
        whole = Money(row.total or Decimal(0), row.currency)
        return Billed(
            number=row.invoice_number, status=row.invoice_status, total=whole, balance=whole,
            written_off=Money(Decimal(0), row.currency), due_on=None, link=link,
        )  # fmt: skip
    currency = invoice.currency
    return Billed(
        number=invoice.number, status=invoice.status, total=Money(invoice.total, currency),
        balance=Money(invoice.balance, currency), written_off=Money(invoice.written_off, currency),
        due_on=invoice.due_on, link=link, gone=invoice.gone_at is not None,
    )  # fmt: skip


def texts(figures: Figures, places: Collection[Place]) -> dict[str, str]:
    """What goes into each field, as text: by this a change is told. When they changed is no part of it."""
    return {
        one.key: text_of(_fitted(figures, one)) for one in places if one.meaning.sort != INSTANT
    }  # fmt: skip


def row_for_crm(figures: Figures, places: Collection[Place], changed_at: datetime) -> dict[str, Any]:
    """The fields as CRM takes them; what is empty clears its field."""
    return {one.name: _sent(figures, one, changed_at) for one in places}


def _sent(figures: Figures, place: Place, changed_at: datetime) -> Any:
    if place.meaning.sort == INSTANT:
        return changed_at.isoformat(timespec="seconds")
    value = _fitted(figures, place)
    return value.isoformat() if isinstance(value, date) else None if value == "" else value


def _fitted(figures: Figures, place: Place) -> Any:
    """Rounded to the field's own decimals: CRM cuts what it has no room for, without a word (facts CRM 7)."""
    value = figures.get(place.meaning.figure)
    if place.meaning.sort == AMOUNT and isinstance(value, Decimal) and place.digits is not None:
        exponent = value.as_tuple().exponent
        return round_to(value, min(place.digits, -exponent if isinstance(exponent, int) else 0))
    return value
