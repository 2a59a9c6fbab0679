"""How CRM's records become lines: the ladder, and all the forms in which Zoho writes a figure."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing.domain.documents import AMOUNT_PRODUCT, Basis, Discount, LineSource, Sale, SaleKind
from invoicing.domain.source_lines import discount, number, tax
from invoicing.domain.sources import AcceptedQuote, Reading, sale_of_deal, sale_of_quote, with_products
from syncjobs.domain.records import product

READING = Reading(home_currency="EUR", ladder=tuple(LineSource), subform="Deal_Lines")
WIDGET = {"id": "P1", "name": "Widget", "Product_Code": "WID-9"}
ROW = {"id": "R1", "Product": WIDGET, "Quantity": Decimal(12), "Rate": Decimal("640.00"), "Discount": None}
DEAL: dict[str, Any] = {
    "id": "D1", "Deal_Name": "Warehouse fit-out", "Amount": Decimal("12480.00"), "Stage": "Closed Won",
    "Account_Name": {"id": "A1", "name": "Acme Ltd"}, "Contact_Name": None, "Owner": {"id": "U1", "name": "Ada"},
    "Deal_Lines": [ROW],
}  # fmt: skip
VAT = [{"name": "Standard", "percentage": Decimal(19), "value": Decimal("205.20")}]
QUOTED = {"id": "QL1", "Product_Name": WIDGET, "Quantity": 10, "List_Price": "120", "Discount": "10%", "Line_Tax": VAT,
          "Tax": Decimal("205.20"), "Description": "Blue"}  # fmt: skip
QUOTE: dict[str, Any] = {
    "id": "Q1", "Subject": "Refit", "Quote_Number": "Q-1042", "Quote_Stage": "Accepted", "Grand_Total": "1285.00",
    "Adjustment": "-0.20", "Quoted_Items": [QUOTED], "Valid_Till": "2026-07-31",
    "Account_Name": {"id": "A2", "name": "Birchwood"},
}  # fmt: skip
ACCEPTED = AcceptedQuote(row=QUOTE, accepted_on=date(2026, 7, 1))


def deal_sale(quotes: tuple[AcceptedQuote, ...] = (), reading: Reading = READING, **changed: Any) -> Sale:
    """The deal as a sale; `more` says that CRM cut its subform off."""
    cut = {"$has_more": {"Deal_Lines": changed.pop("more", False)}}
    return sale_of_deal(DEAL | cut | changed, reading, is_won=True, won_on=date(2026, 7, 1), accepted=quotes)


def test_the_subform_comes_first() -> None:
    found = deal_sale((ACCEPTED,))
    assert (found.line_source, found.root, found.currency) == (LineSource.SUBFORM, "deal:D1", "EUR")
    (line,) = found.lines
    assert (line.product_id, line.product_code, line.quantity, line.rate) == ("P1", "WID-9", Decimal(12), Decimal(640))
    assert (found.account_name, found.owner_id, found.contact_id) == ("Acme Ltd", "U1", "")


@pytest.mark.parametrize("rows", [[], None])
def test_a_deal_without_lines_takes_its_accepted_quote(rows: object) -> None:
    found = deal_sale((ACCEPTED,), Deal_Lines=rows)
    assert (found.line_source, found.quote_number, found.root) == (LineSource.QUOTE, "Q-1042", "deal:D1")
    assert (found.amount, found.basis, found.adjustment) == (Decimal("1285.00"), Basis.GROSS, Decimal("-0.20"))
    assert found.account_name == "Acme Ltd"


def test_without_both_the_deals_amount_is_one_line() -> None:
    found = deal_sale(Deal_Lines=None)
    (line,) = found.lines
    assert (found.line_source, line.product_id, line.rate) == (LineSource.AMOUNT, AMOUNT_PRODUCT, Decimal("12480.00"))


def test_without_an_amount_there_is_nothing_to_bill() -> None:
    assert deal_sale(Deal_Lines=None, Amount=None).lines == ()


def test_the_administrator_decides_which_source_is_asked_first() -> None:
    amount_first = replace(READING, ladder=(LineSource.AMOUNT, LineSource.SUBFORM))
    assert deal_sale(reading=amount_first).line_source == LineSource.AMOUNT


def test_a_subform_that_was_not_read_is_never_replaced_by_the_amount() -> None:
    unread = {key: value for key, value in DEAL.items() if key != "Deal_Lines"}
    found = sale_of_deal(unread, READING, is_won=True, won_on=None)
    assert (found.lines, found.lines_unread, found.line_source) == ((), True, LineSource.SUBFORM)


def test_lines_that_crm_cut_off_are_marked() -> None:
    assert deal_sale(more=True).lines_truncated
    cut = AcceptedQuote(row=QUOTE | {"$has_more": {"Quoted_Items": True}})
    assert deal_sale((cut,), Deal_Lines=None).lines_truncated


def test_gross_deals_have_prices_with_tax_and_quotes_never() -> None:
    gross = replace(READING, deal_amounts=Basis.GROSS)
    assert deal_sale(reading=gross).prices_include_tax and deal_sale(reading=gross, Deal_Lines=None).prices_include_tax
    assert not deal_sale((ACCEPTED,), gross, Deal_Lines=None).prices_include_tax


def test_a_quoted_line_keeps_price_discount_and_tax() -> None:
    (line,) = deal_sale((ACCEPTED,), Deal_Lines=None).lines
    assert (line.quantity, line.rate, line.discount) == (
        Decimal(10),
        Decimal(120),
        Discount(Decimal(10), is_percent=True),
    )
    assert (line.tax_name, line.tax_percent, line.tax_count, line.description) == ("Standard", Decimal(19), 1, "Blue")


def test_a_quote_without_deal_is_a_sale_of_its_own_won_when_accepted() -> None:
    found = sale_of_quote(ACCEPTED, READING, is_accepted=True)
    assert (found.kind, found.root, found.won_on) == (SaleKind.QUOTE, "quote:Q1", date(2026, 7, 1))
    assert (found.account_id, found.valid_till, found.name) == ("A2", date(2026, 7, 31), "Refit")


def test_a_replaced_quote_is_taken_only_when_there_is_no_other() -> None:
    replaced = AcceptedQuote(row=QUOTE | {"id": "Q0", "Replaced_By": {"id": "Q1"}}, accepted_on=date(2026, 6, 1))
    assert deal_sale((replaced, ACCEPTED), Deal_Lines=None).quote_id == "Q1"
    assert deal_sale((replaced,), Deal_Lines=None).replaced_by_id == "Q1"


@pytest.mark.parametrize(("document_tax", "kept"), [(None, 0), ("205.20", 0), (Decimal(19), 19)])
def test_a_documents_tax_counts_only_beyond_that_of_its_lines(document_tax: object, kept: int) -> None:
    row = AcceptedQuote(row=QUOTE | {"Tax": document_tax})
    assert sale_of_quote(row, READING, is_accepted=True).document_tax == kept


def test_a_line_that_came_with_an_id_only_is_named_after_its_product() -> None:
    found = with_products(
        deal_sale(Deal_Lines=[ROW | {"Product": {"id": "P1"}}]), {"P1": product("P1", "Widget", "WID-9")}
    )
    assert (found.lines[0].product_name, found.lines[0].product_code) == ("Widget", "WID-9")
    assert with_products(found, {}) == found


def test_a_row_that_names_no_product_keeps_its_text() -> None:
    found = deal_sale(Deal_Lines=[ROW | {"Product": None, "Description": "by hand"}])
    assert (found.lines[0].product_id, found.lines[0].description) == ("", "by hand")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (None, Discount()), ("", Discount()), (0, Discount()), ("0", Discount()), ("5", Discount(Decimal(5))),
        (Decimal("59.97"), Discount(Decimal("59.97"))), ("5.90", Discount(Decimal("5.90"))),
        ("10%", Discount(Decimal(10), is_percent=True)), ("5.%", Discount(Decimal(5), is_percent=True)),
    ],
)  # fmt: skip
def test_a_discount_in_any_of_zohos_forms(written: object, meant: Discount) -> None:
    assert discount(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (None, ("", None, 0)), ([], ("", None, 0)), (19, ("", Decimal(19), 1)), ("7", ("", Decimal(7), 1)),
        ("VAT - 19.0 %", ("VAT", Decimal("19.0"), 1)), ("Standard (19 %)", ("Standard", Decimal(19), 1)),
        ("7,5%", ("", Decimal("7.5"), 1)), ("Exempt", ("Exempt", None, 1)),
        ([{"name": "A", "percentage": "5"}], ("A", Decimal(5), 1)),
        ([{"name": "A", "percentage": 5}, {"name": "B", "percentage": 5}], ("A, B", None, 2)),
        ({"id": "7", "name": "Standard"}, ("Standard", None, 1)),
    ],
)  # fmt: skip
def test_a_tax_in_any_of_zohos_forms(written: object, meant: object) -> None:
    assert tax(written) == meant


def test_a_float_is_refused_since_its_digits_are_lost_already() -> None:
    with pytest.raises(TypeError):
        number(0.1)
