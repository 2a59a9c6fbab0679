"""Line items and their arithmetic: facts/zoho-crm-api-v8.md 2.10 and facts/simulator-defaults.md, Arithmetic."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.wire import DIGITS, Wire


def product(zoho: Wire, price: float = 10) -> str:
    return zoho.insert("Products", Product_Name="Pump", Product_Code="P2", Unit_Price=price)


def quote(zoho: Wire, *lines: dict[str, Any], **fields: Any) -> str:
    pump = {"Product_Name": {"id": product(zoho)}}
    return zoho.insert("Quotes", Subject="Refit", Quoted_Items=[pump | line for line in lines], **fields)


def lines(zoho: Wire, quote_id: str) -> Any:
    return zoho.record("Quotes", quote_id)["Quoted_Items"]


def change(zoho: Wire, quote_id: str, *rows: dict[str, Any]) -> Any:
    answer = zoho.update("Quotes", quote_id, Quoted_Items=list(rows))
    assert answer.status_code == 200, answer.text
    return lines(zoho, quote_id)


THREE = {"Quantity": 3, "List_Price": 199.9}


def test_a_line_reads_with_its_product_its_sums_and_its_parent(zoho: Wire) -> None:
    offer = quote(zoho, {**THREE, "Discount": 59.97, "Line_Tax": [{"name": "VAT", "percentage": 20}]})
    row = lines(zoho, offer)[0]
    assert (row["Product_Name"]["name"], row["Product_Name"]["Product_Code"]) == ("Pump", "P2")
    assert row["Parent_Id"]["id"] == offer and row["Sequence_Number"] == 1
    sums = [row[key] for key in ("Total", "Total_After_Discount", "Tax", "Net_Total")]
    assert sums == [Decimal("599.7"), Decimal("539.73"), Decimal("107.95"), Decimal("647.68")]
    assert (row["Line_Tax"][0]["name"], row["Line_Tax"][0]["value"]) == ("VAT", Decimal("107.95"))
    assert DIGITS.fullmatch(row["Line_Tax"][0]["id"])


def test_each_tax_of_a_line_is_rounded_by_itself(zoho: Wire) -> None:
    taxes = [{"name": "One", "percentage": 5}, {"name": "Two", "percentage": 5}]
    row = lines(zoho, quote(zoho, {"Quantity": 1, "List_Price": 0.5, "Line_Tax": taxes}))[0]
    assert row["Tax"] == Decimal("0.06")


def test_a_quote_adds_its_lines_discount_tax_and_adjustment(zoho: Wire) -> None:
    taxed = {"Quantity": 2, "List_Price": 100, "Line_Tax": [{"name": "VAT", "percentage": 20}]}
    offer = zoho.record("Quotes", quote(zoho, taxed, {"Quantity": 1, "List_Price": 50}, Discount=15, Adjustment=-0.5))
    assert (offer["Sub_Total"], offer["Discount"], offer["Grand_Total"]) == (290, 15, Decimal("274.5"))
    assert [(tax["name"], tax["value"]) for tax in offer["$line_tax"]] == [("VAT", 40)]


def test_sums_sent_by_a_caller_are_ignored(zoho: Wire) -> None:
    offer = zoho.record("Quotes", quote(zoho, {**THREE, "Total": 1, "Net_Total": 1}, Grand_Total=1))
    assert offer["Grand_Total"] == Decimal("599.7") == offer["Quoted_Items"][0]["Total"]


def test_a_line_without_price_takes_the_products(zoho: Wire) -> None:
    assert lines(zoho, quote(zoho, {"Quantity": 2}))[0]["List_Price"] == 10


def test_a_quote_needs_lines_and_a_line_needs_quantity_and_product(zoho: Wire) -> None:
    pump = {"id": product(zoho)}
    for items in (None, [{"Product_Name": pump, "List_Price": 1}], [{"Quantity": 1, "List_Price": 1}]):
        row = {"Subject": "Q"} | ({"Quoted_Items": items} if items else {})
        refused = zoho.crm("POST", "Quotes", {"data": [row]})
        assert (refused.status_code, refused.json()["data"][0]["code"]) == (400, "MANDATORY_NOT_FOUND")


def test_a_product_is_never_found_by_its_name(zoho: Wire) -> None:
    product(zoho)
    row = {"Subject": "Q", "Quoted_Items": [{"Product_Name": {"name": "Pump"}, "Quantity": 1}]}
    assert zoho.crm("POST", "Quotes", {"data": [row]}).status_code == 400


# update rules


def test_a_row_without_id_is_appended(zoho: Wire) -> None:
    offer = quote(zoho, THREE)
    first = lines(zoho, offer)[0]
    again = {"Product_Name": {"id": first["Product_Name"]["id"]}, "Quantity": 1, "List_Price": 5}
    after = change(zoho, offer, {"id": first["id"]}, again)
    assert [row["Quantity"] for row in after] == [3, 1] and after[0]["id"] == first["id"]
    assert [row["Sequence_Number"] for row in after] == [1, 2]


def test_a_row_with_id_is_patched(zoho: Wire) -> None:
    offer = quote(zoho, THREE)
    row = change(zoho, offer, {"id": lines(zoho, offer)[0]["id"], "Quantity": 4})[0]
    assert (row["Quantity"], row["List_Price"], row["Total"]) == (4, Decimal("199.9"), Decimal("799.6"))
    assert zoho.record("Quotes", offer)["Grand_Total"] == Decimal("799.6")


def test_a_row_marked_delete_is_removed(zoho: Wire) -> None:
    offer = quote(zoho, THREE, {"Quantity": 1})
    first, second = lines(zoho, offer)
    after = change(zoho, offer, {"id": first["id"], "_delete": None}, {"id": second["id"]})
    assert [row["id"] for row in after] == [second["id"]]


def test_sending_the_same_lines_again_doubles_the_quote(zoho: Wire) -> None:
    """trap 11"""
    offer = quote(zoho, THREE)
    row = lines(zoho, offer)[0]
    resent = {key: row[key] for key in ("Quantity",)} | {"Product_Name": {"id": row["Product_Name"]["id"]}}
    assert len(change(zoho, offer, resent)) == 2


def test_line_items_are_a_module_that_can_be_listed(zoho: Wire) -> None:
    offer = quote(zoho, THREE, {"Quantity": 1})
    rows = zoho.crm("GET", "Quoted_Items", fields="Product_Name,Quantity,Parent_Id").json()["data"]
    assert {row["Parent_Id"]["id"] for row in rows} == {offer} and len(rows) == 2


def test_a_record_says_that_no_line_was_cut(zoho: Wire) -> None:
    """2.2: $has_more"""
    assert zoho.record("Quotes", quote(zoho, THREE))["$has_more"] == {"Quoted_Items": False}


@pytest.mark.parametrize("sent", [5, "5", "5%"])
def test_a_discount_is_taken_as_number_text_or_percentage(zoho: Wire, sent: object) -> None:
    row = lines(zoho, quote(zoho, {"Quantity": 1, "List_Price": 100, "Discount": sent}))[0]
    assert (row["Discount"], row["Total_After_Discount"]) == (5, 95)
