"""What a quote's page shows: what was read, and what hangs on it, scoped to the person."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.scope import visible
from invoicing.models import Conversion, Deal, Quote
from invoicing.pages import Line, money
from invoicing.services import live_conversion
from syncjobs.models import Record


@dataclass
class QuotePage:
    """A quote with its lines, its deal, and the draft that bills it."""

    quote: Quote
    lines: list[Line] = field(default_factory=list)
    deal: Deal | None = None
    conversion: Conversion | None = None
    total: str = ""
    discount: str = ""
    adjustment: str = ""


def quote_page(quote: Quote, user: User) -> QuotePage:
    """The page of one quote for this person."""
    deals = (
        Deal.objects.filter(connection=quote.connection, crm_id=quote.deal_id) if quote.deal_id else Deal.objects.none()
    )
    names = _product_names(quote)
    return QuotePage(
        quote=quote,
        lines=[_line(row, quote.currency, names) for row in quote.lines or ()],
        deal=visible(user, deals).first(),
        conversion=live_conversion(quote.connection, None, quote),
        total=money(quote.total, quote.currency),
        discount=money(quote.discount, quote.currency) if quote.discount else "",
        adjustment=money(quote.adjustment, quote.currency) if quote.adjustment else "",
    )


def _product_names(quote: Quote) -> dict[str, str]:
    ids = {str((row.get("Product_Name") or {}).get("id", "")) for row in quote.lines or ()}
    rows = Record.objects.filter(connection=quote.connection, kind="product", remote_id__in=ids)
    return {row.remote_id: f"{row.code} {row.name}".strip() for row in rows}


def _line(row: dict[str, Any], currency: str, names: dict[str, str]) -> Line:
    def amount(name: str) -> str:
        return money(Decimal(str(row[name])), currency) if row.get(name) not in (None, "") else ""

    product = str((row.get("Product_Name") or {}).get("id", ""))
    discount = str(row.get("Discount") or "")
    tax = ", ".join(f"{one['name']}" for one in row.get("Line_Tax") or ())
    shown = discount if discount.endswith("%") else amount("Discount") if discount not in ("", "0") else ""
    return Line(
        names.get(product, product), str(row.get("Quantity") or ""), amount("List_Price"), shown, tax,
        amount("Total_After_Discount"),
    )  # fmt: skip
