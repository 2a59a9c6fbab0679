"""What of a deal is billed and paid, and its invoices: from the mirror, whoever made them."""

from dataclasses import dataclass

from accounts.models import Connection
from invoicing.account_page import Bill, facts
from invoicing.belonging import NAMING, bills_of, deals_of
from invoicing.domain.invoice_states import state_of
from invoicing.domain.sale_bar import BilledPart, SaleBar, sale_bar
from invoicing.models import Deal, Invoice
from invoicing.pages import money
from zbridge.clock import Clock
from zbridge.money import Money


@dataclass(frozen=True)
class DealMoney:
    """The bar (None without an amount or an invoice) and the invoices, oldest first."""

    bar: SaleBar | None
    bills: list[Bill]


def deal_money(deal: Deal, clock: Clock) -> DealMoney:
    """Invoices that stand and bill this deal; those of another currency are listed but not added."""
    today, rows = deal.connection.today(clock), _invoices(deal)
    bills = [
        Bill(row, state_of(facts(row), today), money(row.total, row.currency), money(row.balance, row.currency))
        for row in rows
    ]
    own = [row for row in rows if row.currency == deal.currency]
    if deal.amount is None or not own:
        return DealMoney(None, bills)
    value = Money(deal.amount, deal.currency)
    return DealMoney(sale_bar(value, [_part(deal.connection, row) for row in own]), bills)


def _invoices(deal: Deal) -> list[Invoice]:
    found = bills_of(deal.connection, Deal.objects.filter(pk=deal.pk)).filter(gone_at=None)
    rows = list(found.exclude(status="void").defer("raw", "lines", "detail").order_by("issued_on", "pk"))
    named = [{name: getattr(row, name) for name in NAMING} for row in rows]
    whose = deals_of(deal.connection, named)
    return [row for row in rows if whose.get(row.books_id) == deal.crm_id]


def _part(connection: Connection, row: Invoice) -> BilledPart:
    """In the deal's terms: gross where deal amounts are, else what Books' detail told of its net."""
    is_net = connection.amounts == Connection.Amounts.NET
    known = row.net if is_net and row.net_of == row.total else None if is_net else row.total
    return BilledPart(
        gross=Money(row.total, row.currency), open_=Money(row.balance, row.currency),
        written_off=Money(row.written_off, row.currency),
        billed=Money(known, row.currency) if known is not None else None, is_draft=state_of_draft(row),
    )  # fmt: skip


def state_of_draft(row: Invoice) -> bool:
    """Whether it wasn't sent yet."""
    return row.status in ("draft", "pending_approval", "approved", "rejected")
