"""Quotes in the small trade: laid in CRM, accepted, edited, read on, and what bills itself afterwards."""

from decimal import Decimal
from typing import Any

from invoicing import auto_switch, automatic, reading
from invoicing.models import Conversion, Quote
from syncjobs.models import Problem
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import ENDED, Trade

QUOTES = "quotes"


def lay_quote(trade: Trade, number: str, *, stage: str = "Delivered", quantity: object = 2, **more: Any) -> str:
    """A quote of so many shelves at 100.00, taxed 19 %; its id in CRM."""
    row: dict[str, Any] = {
        "Subject": f"Shelves {number}", "Quote_Number": number, "Quote_Stage": stage, "Valid_Till": "2026-12-31",
        "Account_Name": {"id": trade.ids["account"]}, "Contact_Name": {"id": trade.ids["contact"]}, "Currency": "EUR",
        "Quoted_Items": [line(trade, quantity)],
    }  # fmt: skip
    return str(trade.simulator.user_create("crm", "Quotes", row | more)["id"])


def line(trade: Trade, quantity: object = 1, price: object = 100, discount: object = 0) -> dict[str, Any]:
    """A line of shelves."""
    return {
        "Product_Name": {"id": trade.ids["product"]}, "Quantity": Decimal(str(quantity)),
        "List_Price": Decimal(str(price)), "Discount": Decimal(str(discount)),
        "Line_Tax": [{"name": "VAT 19", "percentage": Decimal(19)}],
    }  # fmt: skip


def accept(trade: Trade, *ids: str, stage: str = "Accepted") -> None:
    """The customer says yes: the rep types it in CRM."""
    for crm_id in ids:
        edit(trade, crm_id, Quote_Stage=stage)


def edit(trade: Trade, crm_id: str, **values: Any) -> None:
    """The rep types it in CRM."""
    trade.simulator.user_update("crm", "Quotes", crm_id, values)


def read_on(trade: Trade, *kinds: str) -> None:
    """The next reading, five minutes later, and then what bills itself, until nothing moves."""
    trade.clock.advance(300)
    trade.connection.refresh_from_db()
    read(trade.connection, trade.seams, *(kinds or ("quote",)))
    bill(trade)


def only_read(trade: Trade) -> None:
    """The reading that shows it, and the asking; the worker has not begun."""
    trade.connection.refresh_from_db()
    read(trade.connection, trade.seams, "quote")
    automatic.judge_quotes(trade.connection, trade.clock)


def hinted(trade: Trade, crm_id: str) -> None:
    """A notification of CRM: the quote is fetched by its id."""
    reading.refresh_quote(trade.connection, crm_id, trade.bench())


def bill(trade: Trade) -> None:
    """Turns of what bills itself, waiting where it must."""
    bench = trade.bench()
    for _ in range(60):
        trade.connection.refresh_from_db()
        more = automatic.turn(trade.connection, bench)
        waiting = Conversion.objects.exclude(state__in=ENDED).exclude(next_at=None).order_by("next_at").first()
        if not more and waiting is None:
            return
        if waiting is not None and waiting.next_at is not None:
            trade.clock.advance(max(1.0, (waiting.next_at - trade.clock.now()).total_seconds() + 1))


def switched_on(trade: Trade, what: str = QUOTES) -> None:
    """Everything was read, then a RevOps administrator pressed Start."""
    read(trade.connection, trade.seams, "deal", "quote")
    auto_switch.start(trade.connection, what, None, trade.clock)
    trade.connection.refresh_from_db()
    trade.clock.advance(1)


def quote(crm_id: str) -> Quote:
    """As the mirror has it."""
    return Quote.objects.get(crm_id=crm_id)


def drafts(trade: Trade) -> list[dict[str, Any]]:
    """All invoices in Books that carry a key of ours."""
    books = trade.simulator.verbs("books")
    ids = [row["invoice_id"] for row in books.rows(trade.simulator, "invoices")]
    found = [books.read(trade.simulator, "invoices", id) or {} for id in ids]
    return [row for row in found if "ZB-" in str(row.get("custom_fields")) and row["status"] != "void"]


def asked(cause: str) -> list[str]:
    """The open questions of that cause, in words."""
    return [row.sentence for row in Problem.objects.filter(cause=cause, closed_at=None).order_by("pk")]
