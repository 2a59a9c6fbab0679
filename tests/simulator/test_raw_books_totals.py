"""What an invoice adds up to: facts/simulator-defaults.md, Arithmetic; facts/zoho-books-api-v3.md 5.6."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.wire import Wire

ROUNDED_APART = ({"name": "A", "rate": 0.1, "quantity": 1}, {"name": "B", "rate": 0.1, "quantity": 1})


def taxed(zoho: Wire, percentage: float, *lines: dict[str, Any], **fields: Any) -> Any:
    tax = zoho.tax(percentage)
    return zoho.invoice(zoho.customer(), *({"tax_id": tax} | line for line in lines), **fields)


def test_a_price_times_quantity_with_tax(zoho: Wire) -> None:
    """5.6: 1.00 at 7.5 % -> tax 0.08, total 1.08"""
    draft = taxed(zoho, 7.5, {"name": "A", "rate": 1, "quantity": 1})
    assert [Decimal(draft[key]) for key in ("sub_total", "tax_total", "total")] == [1, Decimal("0.08"), Decimal("1.08")]
    line = draft["line_items"][0]
    assert (line["tax_percentage"], line["line_item_taxes"][0]["tax_amount"]) == (Decimal("7.5"), Decimal("0.08"))
    assert [row["tax_amount"] for row in draft["taxes"]] == [Decimal("0.08")]


@pytest.mark.parametrize(("rounding", "tax"), [("entity_level", "0.02"), ("item_level", "0.02")])
def test_tax_is_rounded_half_up(zoho: Wire, rounding: str, tax: str) -> None:
    zoho.sim("PUT", f"orgs/{zoho.organization}", {"tax_rounding": rounding})
    draft = taxed(zoho, 7.5, {"name": "A", "rate": 0.2, "quantity": 1})
    assert draft["tax_total"] == Decimal(tax) and draft["tax_rounding"] == rounding


@pytest.mark.parametrize(("rounding", "tax"), [("entity_level", "0.03"), ("item_level", "0.04")])
def test_tax_rounding_of_the_organisation_decides(zoho: Wire, rounding: str, tax: str) -> None:
    """two lines of 0.10 at 15 %: 0.015 + 0.015, rounded once or each"""
    zoho.sim("PUT", f"orgs/{zoho.organization}", {"tax_rounding": rounding})
    assert taxed(zoho, 15, *ROUNDED_APART)["tax_total"] == Decimal(tax)


@pytest.mark.parametrize(("discount", "total"), [("10%", 90), (10, 90), ("12.5%", Decimal("87.5")), (0, 100)])
def test_a_line_discount_is_an_amount_or_a_percentage(zoho: Wire, discount: object, total: object) -> None:
    line = {"name": "A", "rate": 100, "quantity": 1, "discount": discount}
    draft = zoho.invoice(zoho.customer(), line, discount_type="item_level")
    assert (draft["line_items"][0]["item_total"], draft["total"]) == (total, total)


@pytest.mark.parametrize(("before_tax", "tax", "total"), [(True, 18, 108), (False, 20, 110)])
def test_a_header_discount_lowers_the_tax_only_when_before_it(
    zoho: Wire, before_tax: bool, tax: int, total: int
) -> None:
    header = {"discount": 10, "discount_type": "entity_level", "is_discount_before_tax": before_tax}
    draft = taxed(zoho, 20, {"name": "A", "rate": 100, "quantity": 1}, **header)
    assert [Decimal(draft[key]) for key in ("tax_total", "total", "balance")] == [tax, total, total]
    assert draft["discount_total"] == 10


def test_a_header_discount_in_percent(zoho: Wire) -> None:
    header = {"discount": "10%", "discount_type": "entity_level", "is_discount_before_tax": True}
    assert taxed(zoho, 20, {"name": "A", "rate": 100, "quantity": 1}, **header)["total"] == 108


def test_a_header_discount_before_tax_is_spread_over_lines_of_different_tax(zoho: Wire) -> None:
    high, low = zoho.tax(20, "High"), zoho.tax(10, "Low")
    lines = [
        {"name": "A", "rate": 60, "quantity": 1, "tax_id": high},
        {"name": "B", "rate": 40, "quantity": 1, "tax_id": low},
    ]
    header = {"discount": 10, "discount_type": "entity_level", "is_discount_before_tax": True}
    draft = zoho.invoice(zoho.customer(), *lines, **header)
    amounts = {row["tax_name"].split(" (")[0]: row["tax_amount"] for row in draft["taxes"]}
    assert amounts == {"High": Decimal("10.8"), "Low": Decimal("3.6")} and draft["total"] == Decimal("104.4")


def test_an_inclusive_price_contains_its_tax(zoho: Wire) -> None:
    draft = taxed(zoho, 20, {"name": "A", "rate": 120, "quantity": 1}, is_inclusive_tax=True)
    assert [Decimal(draft[key]) for key in ("tax_total", "total")] == [20, 120]
    assert draft["is_inclusive_tax"] is True


def test_shipping_and_adjustment_come_on_top(zoho: Wire) -> None:
    fields = {"shipping_charge": 5, "adjustment": -0.5, "adjustment_description": "goodwill"}
    draft = taxed(zoho, 20, {"name": "A", "rate": 100, "quantity": 1}, **fields)
    assert draft["total"] == Decimal("124.5") and draft["adjustment"] == Decimal("-0.5")


def test_a_group_tax_rounds_each_of_its_parts(zoho: Wire) -> None:
    rows = [{"tax_name": name, "tax_percentage": 9, "tax_type": "tax"} for name in ("CGST", "SGST")]
    parts = zoho.sim("POST", "records/books/taxes", {"data": rows})["data"]
    group = {"tax_name": "GST18", "tax_percentage": 18, "tax_type": "tax_group",
             "taxes": [part["tax_id"] for part in parts]}  # fmt: skip
    tax = zoho.sim("POST", "records/books/taxes", {"data": [group]})["data"][0]["tax_id"]
    draft = zoho.invoice(zoho.customer(), {"name": "A", "rate": 10.5, "quantity": 1, "tax_id": tax})
    assert sorted(row["tax_amount"] for row in draft["taxes"]) == [Decimal("0.95"), Decimal("0.95")]
    assert draft["total"] == Decimal("12.4")


def test_a_currency_without_cents_rounds_to_whole_units(zoho: Wire) -> None:
    yen = {"currency_code": "JPY", "currency_name": "Yen", "currency_symbol": "¥", "price_precision": 0,
           "exchange_rate": 0.006}  # fmt: skip
    rows = zoho.books("GET", "settings/currencies").json()["currencies"]
    found = [row for row in rows if row["currency_code"] == "JPY"]
    made = found or zoho.sim("POST", "records/books/currencies", {"data": [yen]})["data"]
    customer = zoho.customer("Nippon", currency_id=made[0]["currency_id"])
    draft = zoho.invoice(
        customer, {"name": "A", "rate": 105, "quantity": 1, "tax_id": zoho.tax(10)}, exchange_rate=0.006
    )
    assert (draft["currency_code"], draft["tax_total"], draft["total"]) == ("JPY", 11, 116)


def test_rates_and_quantities_may_have_many_decimals(zoho: Wire) -> None:
    line = {"name": "A", "rate": 0.333333, "quantity": 3.5}
    assert zoho.invoice(zoho.customer(), line)["line_items"][0]["item_total"] == Decimal("1.17")


def test_a_foreign_invoice_tells_its_total_in_base_currency_too(zoho: Wire) -> None:
    rows = zoho.books("GET", "settings/currencies").json()["currencies"]
    foreign = next(row for row in rows if not row["is_base_currency"] and row["price_precision"] == 2)
    customer = zoho.customer("Abroad", currency_id=foreign["currency_id"])
    draft = zoho.invoice(customer, {"name": "A", "rate": 10, "quantity": 1}, exchange_rate=1.25)
    assert (draft["currency_code"], draft["total"]) == (foreign["currency_code"], 10)
    assert (draft["exchange_rate"], draft["bcy_total"]) == (Decimal("1.25"), Decimal("12.5"))
