"""From CRM's records to a sale: which of the ladder's sources has lines, and what they say (facts CRM 2.10, 2.11).

Numbers come as Decimal, int or text, never as float. A deal's related products carry no quantity and aren't used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from invoicing.domain.documents import (
    AMOUNT_PRODUCT,
    ZERO,
    Basis,
    LineSource,
    Sale,
    SaleKind,
    SaleLine,
)
from invoicing.domain.source_lines import (
    QUOTE_COLUMNS,
    LineColumns,
    discount,
    line,
    look_up,
    number,
    optional_number,
    text,
    truncated,
)
from invoicing.domain.totals import HUNDRED, less
from syncjobs.domain.records import ProductFacts
from zbridge.money import minor_digits, round_to

Row = Mapping[str, Any]
QUOTE_LINES = "Quoted_Items"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How this connection's CRM is read: the ladder, the subform's name and columns, what its amounts mean.

    `bill_to`: the look-up on deals that names the account to bill, where it isn't the deal's own; empty: there is none.
    """

    home_currency: str
    ladder: tuple[LineSource, ...]
    deal_amounts: Basis = Basis.NET
    subform: str = ""
    columns: LineColumns = field(default_factory=LineColumns)
    bill_to: str = ""


@dataclass(frozen=True, kw_only=True)
class AcceptedQuote:
    """A quote in an accepted stage, the day on which that was first seen, and what was edited since, in words."""

    row: Row
    accepted_on: date | None = None
    edited: tuple[str, ...] = ()


def sale_of_deal(
    deal: Row, reading: Reading, *, is_won: bool, won_on: date | None, accepted: Sequence[AcceptedQuote] = ()
) -> Sale:
    """A deal as a sale, with the lines of the ladder's first source that has any.

    A source that wasn't read yet ends the search: its lines must not be replaced by a poorer source.
    """
    bare = Sale(
        kind=SaleKind.DEAL,
        crm_id=text(deal.get("id")),
        deal_id=text(deal.get("id")),
        name=text(deal.get("Deal_Name")),
        deal_name=text(deal.get("Deal_Name")),
        currency=text(deal.get("Currency")) or reading.home_currency,
        amount=optional_number(deal.get("Amount")),
        basis=reading.deal_amounts,
        pipeline=text(deal.get("Pipeline")),
        stage=text(deal.get("Stage")),
        is_won=is_won,
        won_on=won_on,
    )
    return _with_lines(_billed_to(_with_people(bare, deal), deal, reading), deal, reading, accepted)


def _with_people(bare: Sale, row: Row) -> Sale:
    return replace(
        bare,
        account_id=look_up(row, "Account_Name", "id"),
        account_name=look_up(row, "Account_Name", "name"),
        contact_id=look_up(row, "Contact_Name", "id"),
        contact_name=look_up(row, "Contact_Name", "name"),
        owner_id=look_up(row, "Owner", "id"),
        owner_name=look_up(row, "Owner", "name"),
    )


def _billed_to(bare: Sale, deal: Row, reading: Reading) -> Sale:
    """Another account than the deal's own, where the deal names one; its people aren't those of the deal."""
    payer = look_up(deal, reading.bill_to, "id") if reading.bill_to else ""
    if payer in ("", bare.account_id):
        return bare
    name = look_up(deal, reading.bill_to, "name")
    return replace(bare, account_id=payer, account_name=name, contact_id="", contact_name="")


def _with_lines(bare: Sale, deal: Row, reading: Reading, accepted: Sequence[AcceptedQuote]) -> Sale:
    for source in reading.ladder:
        found = _from_source(source, bare, deal, reading, accepted)
        if found is not None:
            return found
    return bare


def _from_source(
    source: LineSource, bare: Sale, deal: Row, reading: Reading, accepted: Sequence[AcceptedQuote]
) -> Sale | None:
    if source is LineSource.SUBFORM:
        return _from_subform(bare, deal, reading)
    if source is LineSource.QUOTE:
        best = best_quote(accepted)
        return None if best is None else _from_quote(bare, best)
    return _from_amount(bare)


def _from_subform(bare: Sale, deal: Row, reading: Reading) -> Sale | None:
    if not reading.subform:
        return None
    if reading.subform not in deal:
        return replace(bare, line_source=LineSource.SUBFORM, lines_unread=True)
    rows = deal[reading.subform] or ()
    if not rows:
        return None
    return replace(
        bare,
        line_source=LineSource.SUBFORM,
        lines=tuple(line(row, place, reading.columns) for place, row in enumerate(rows, start=1)),
        lines_truncated=truncated(deal, reading.subform),
        prices_include_tax=reading.deal_amounts is Basis.GROSS,
    )


def best_quote(accepted: Sequence[AcceptedQuote]) -> AcceptedQuote | None:
    """The accepted quote that bills: one that isn't replaced before one that is, then the one accepted first."""
    return min(accepted, key=_quote_order, default=None)


def _quote_order(quote: AcceptedQuote) -> tuple[bool, date, str]:
    return bool(look_up(quote.row, "Replaced_By", "id")), quote.accepted_on or date.max, text(quote.row.get("id"))


def _from_quote(bare: Sale, quote: AcceptedQuote) -> Sale:
    """The quote's lines, discount and adjustment; what they are compared with is its Grand_Total, which holds tax."""
    row = quote.row
    lines = tuple(line(part, place, QUOTE_COLUMNS) for place, part in enumerate(row.get(QUOTE_LINES) or (), start=1))
    currency = text(row.get("Currency")) or bare.currency
    return replace(
        bare,
        quote_id=text(row.get("id")),
        quote_number=text(row.get("Quote_Number")),
        currency=currency,
        amount=optional_number(row.get("Grand_Total")),
        basis=Basis.GROSS,
        line_source=LineSource.QUOTE,
        lines=lines,
        lines_truncated=truncated(row, QUOTE_LINES),
        lines_unread=QUOTE_LINES not in row,
        header_discount=discount(row.get("Discount")),
        adjustment=number(row.get("Adjustment")),
        document_tax=_document_tax(row, lines, minor_digits(currency)),
        valid_till=_day(row.get("Valid_Till")),
        accepted_on=quote.accepted_on,
        replaced_by_id=look_up(row, "Replaced_By", "id"),
        edited=quote.edited,
    )


def _document_tax(row: Row, lines: Sequence[SaleLine], digits: int) -> Decimal:
    """CRM's Tax beyond the sum of its lines' taxes: a tax that stands on no line."""
    tax = number(row.get("Tax"))
    on_lines = sum((_line_tax(part, digits) for part in lines), ZERO)
    return ZERO if tax == on_lines else tax


def _line_tax(part: SaleLine, digits: int) -> Decimal:
    net = round_to(less(part.rate * part.quantity, part.discount), digits)
    return round_to(net * (part.tax_percent or ZERO) / HUNDRED, digits)


def _day(value: object) -> date | None:
    written = text(value)
    return date.fromisoformat(written[:10]) if written else None


def _from_amount(bare: Sale) -> Sale | None:
    """One line for the deal's amount, on the item that the connection names for it."""
    if bare.amount is None:
        return None
    one = SaleLine(
        source_id=f"{bare.crm_id}:amount",
        product_id=AMOUNT_PRODUCT,
        product_name=bare.name,
        quantity=Decimal(1),
        rate=bare.amount,
        description=bare.name,
    )
    inclusive = bare.basis is Basis.GROSS
    return replace(bare, line_source=LineSource.AMOUNT, lines=(one,), prices_include_tax=inclusive)


def sale_of_quote(quote: AcceptedQuote, reading: Reading, *, is_accepted: bool) -> Sale:
    """A quote as a sale, won on the day on which its acceptance was first seen; with a deal, it is the deal's sale."""
    row = quote.row
    bare = Sale(
        kind=SaleKind.QUOTE,
        crm_id=text(row.get("id")),
        deal_id=look_up(row, "Deal_Name", "id"),
        deal_name=look_up(row, "Deal_Name", "name"),
        name=text(row.get("Subject")),
        currency=text(row.get("Currency")) or reading.home_currency,
        amount=None,
        basis=Basis.GROSS,
        stage=text(row.get("Quote_Stage")),
        is_won=is_accepted,
        won_on=quote.accepted_on,
    )
    return _from_quote(_with_people(bare, row), quote)


def with_products(sale: Sale, products: Mapping[str, ProductFacts]) -> Sale:
    """The sale with names and codes of its lines' products, by CRM id, where the lines came with ids only."""
    return replace(sale, lines=tuple(_named(part, products.get(part.product_id)) for part in sale.lines))


def _named(part: SaleLine, product: ProductFacts | None) -> SaleLine:
    if product is None:
        return part
    return replace(part, product_name=part.product_name or product.name, product_code=part.product_code or product.code)
