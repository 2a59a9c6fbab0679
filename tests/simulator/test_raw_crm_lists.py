"""Reading lists and single records: facts/zoho-crm-api-v8.md 2.1, 2.2, 2.7 and 7."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.wire import DIGITS, Wire, parsed

MISSING_ID = "9999999999999999"


def named(zoho: Wire, *names: str) -> list[str]:
    answer = zoho.crm("POST", "Accounts", {"data": [{"Account_Name": name} for name in names]})
    return [row["details"]["id"] for row in answer.json()["data"]]


def page(zoho: Wire, **query: Any) -> Any:
    return zoho.crm("GET", "Accounts", **{"fields": "Account_Name", **query}).json()


def many(zoho: Wire, count: int) -> None:
    rows = [{"Account_Name": f"Account {n}"} for n in range(count)]
    zoho.sim("POST", "records/crm/Accounts", {"data": rows})


# 2.1 the rules of the list


@pytest.mark.parametrize(
    ("query", "code", "detail"),
    [
        ({}, "REQUIRED_PARAM_MISSING", {"param_name": "fields"}),
        ({"fields": ",".join(f"F{n}" for n in range(51))}, "LIMIT_EXCEEDED", {}),
        ({"fields": "id", "cvid": "1", "sort_by": "id"}, "AMBIGUITY_DURING_PROCESSING", {}),
        ({"fields": "id", "page": 2, "page_token": "abc"}, "AMBIGUITY_DURING_PROCESSING", {}),
        ({"fields": "id", "page_token": "not-a-token"}, "INVALID_DATA", {}),
    ],
)
def test_a_list_call_that_breaks_a_rule_is_refused_at_top_level(
    zoho: Wire, query: dict[str, Any], code: str, detail: dict[str, str]
) -> None:
    answer = zoho.crm("GET", "Accounts", **query)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (400, code, "error")
    assert detail.items() <= answer.json()["details"].items()


def test_an_empty_list_is_204_without_a_body(zoho: Wire) -> None:
    answer = zoho.crm("GET", "Accounts", fields="Account_Name")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_page_after_the_last_is_204(zoho: Wire) -> None:
    named(zoho, "A")
    assert zoho.crm("GET", "Accounts", fields="id", page=2).status_code == 204


def test_a_list_is_newest_id_first_and_tells_about_itself(zoho: Wire) -> None:
    named(zoho, "A", "B", "C")
    answer = page(zoho, per_page=2)
    assert [row["Account_Name"] for row in answer["data"]] == ["C", "B"]
    info = answer["info"]
    assert (info["count"], info["page"], info["per_page"], info["more_records"]) == (2, 1, 2, True)
    assert info["next_page_token"] and info["page_token_expiry"] and info["previous_page_token"] is None


def test_the_last_page_has_no_next_token(zoho: Wire) -> None:
    named(zoho, "A")
    info = page(zoho)["info"]
    assert (info["more_records"], info["next_page_token"], info["sort_order"]) == (False, None, "desc")


def test_a_list_sorts_by_modified_time_ascending(zoho: Wire) -> None:
    first, second = named(zoho, "A", "B")
    zoho.advance(seconds=5)
    zoho.update("Accounts", first, Phone="1")
    answer = page(zoho, sort_by="Modified_Time", sort_order="asc")
    assert [row["id"] for row in answer["data"]] == [second, first]


def test_a_list_gives_only_the_fields_asked_for_with_null_for_empty(zoho: Wire) -> None:
    named(zoho, "A")
    row = page(zoho, fields="Account_Name,Phone")["data"][0]
    assert {key for key in row if not key.startswith("$")} == {"id", "Account_Name", "Phone"}
    assert row["Phone"] is None


def test_ids_pick_the_rows_of_a_list(zoho: Wire) -> None:
    first, _, third = named(zoho, "A", "B", "C")
    assert {row["id"] for row in page(zoho, ids=f"{first},{third}")["data"]} == {first, third}


def test_a_list_leaves_the_line_items_out(zoho: Wire) -> None:
    product = zoho.insert("Products", Product_Name="Pump")
    line = {"Product_Name": {"id": product}, "Quantity": 1, "List_Price": 5}
    quote = zoho.insert("Quotes", Subject="Q", Quoted_Items=[line])
    row = zoho.crm("GET", "Quotes", fields="Subject,Quoted_Items").json()["data"][0]
    assert not row.get("Quoted_Items")
    assert len(zoho.record("Quotes", quote)["Quoted_Items"]) == 1


# 2.1 page tokens


def test_tokens_walk_past_two_thousand_where_page_numbers_stop(zoho: Wire) -> None:
    many(zoho, 2001)
    answer = zoho.crm("GET", "Accounts", fields="id", page=11)
    assert (answer.status_code, answer.json()["code"]) == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    assert answer.json()["details"]["limit"]
    seen, token = set[str](), dict[str, str]()
    for _ in range(11):
        got = page(zoho, fields="id", **token)
        seen |= {row["id"] for row in got["data"]}
        token = {"page_token": got["info"]["next_page_token"]}
    assert len(seen) == 2001 and not got["info"]["more_records"]


@pytest.mark.parametrize("changed", [{"fields": "Phone"}, {"per_page": 2}, {"sort_by": "Modified_Time"}])
def test_a_page_token_is_bound_to_the_call_it_came_from(zoho: Wire, changed: dict[str, Any]) -> None:
    named(zoho, "A", "B", "C")
    token = page(zoho, per_page=1)["info"]["next_page_token"]
    assert page(zoho, per_page=1, page_token=token)["data"][0]["Account_Name"] == "B"
    assert page(zoho, **{"per_page": 1, "page_token": token, **changed})["code"] == "TOKEN_BOUND_DATA_MISMATCH"


def test_a_page_token_dies_after_a_day(zoho: Wire) -> None:
    named(zoho, "A", "B")
    token = page(zoho, per_page=1)["info"]["next_page_token"]
    zoho.advance(hours=24, seconds=1)
    zoho.renew()
    assert page(zoho, per_page=1, page_token=token)["code"] == "EXPIRED_VALUE"


# 2.1 If-Modified-Since


def since(zoho: Wire, **ago: float) -> dict[str, str]:
    moment = zoho.now() - timedelta(**ago)
    return {"If-Modified-Since": moment.replace(microsecond=0).isoformat()}


def test_nothing_modified_since_is_304_without_a_body(zoho: Wire) -> None:
    named(zoho, "A")
    zoho.advance(minutes=5)
    answer = zoho.crm("GET", "Accounts", headers=since(zoho, minutes=1), fields="id")
    assert (answer.status_code, answer.content) == (304, b"")


def test_only_rows_modified_later_are_listed(zoho: Wire) -> None:
    first, _ = named(zoho, "A", "B")
    zoho.advance(minutes=5)
    zoho.update("Accounts", first, Phone="1")
    rows = zoho.crm("GET", "Accounts", headers=since(zoho, minutes=1), fields="id").json()["data"]
    assert [row["id"] for row in rows] == [first]


# 2.2 one record


def test_a_single_record_has_all_fields_and_no_info(zoho: Wire) -> None:
    answer = zoho.crm("GET", f"Accounts/{named(zoho, 'A')[0]}").json()
    row = answer["data"][0]
    assert "info" not in answer
    assert {"Account_Name", "Phone", "Website", "Billing_Code", "Owner", "Created_Time"} <= set(row)


def test_an_absent_or_deleted_record_is_204(zoho: Wire) -> None:
    gone = named(zoho, "A")[0]
    zoho.crm("DELETE", f"Accounts/{gone}")
    for crm_id in (gone, MISSING_ID):
        answer = zoho.crm("GET", f"Accounts/{crm_id}")
        assert (answer.status_code, answer.content) == (204, b"")


def test_a_malformed_id_is_invalid_data(zoho: Wire) -> None:
    answer = zoho.crm("GET", "Accounts/12x")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_DATA")
    assert "resource_path_index" in answer.json()["details"]


# 2.7 related lists


def test_a_deal_lists_its_quotes(zoho: Wire) -> None:
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    product = zoho.insert("Products", Product_Name="Pump")
    line = {"Product_Name": {"id": product}, "Quantity": 1, "List_Price": 5}
    assert zoho.crm("GET", f"Deals/{deal}/Quotes", fields="Subject").status_code == 204
    quote = zoho.insert("Quotes", Subject="Q", Deal_Name={"id": deal}, Quoted_Items=[line])
    assert zoho.crm("GET", f"Deals/{deal}/Quotes", fields="Subject").json()["data"][0]["id"] == quote


def test_a_related_list_needs_fields(zoho: Wire) -> None:
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    assert zoho.crm("GET", f"Deals/{deal}/Quotes").json()["code"] == "REQUIRED_PARAM_MISSING"


def test_products_of_a_deal_carry_no_quantity_and_no_price_of_sale(zoho: Wire) -> None:
    """2.7, the truth about deals and products"""
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    product = zoho.insert("Products", Product_Name="Pump", Unit_Price=5)
    added = zoho.crm("PUT", f"Deals/{deal}/Products", {"data": [{"id": product}]})
    assert (added.status_code, added.json()["data"][0]["message"]) == (200, "relation added")
    row = zoho.crm("GET", f"Deals/{deal}/Products", fields="Product_Name,Unit_Price,Quantity").json()["data"][0]
    assert (row["id"], row["Product_Name"]) == (product, "Pump")
    assert not row.get("Quantity")


# 7 formats


def test_ids_times_lookups_and_money_have_zohos_forms(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A")
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification", Amount=12500.5, Account_Name={"id": account})
    row = parsed(zoho.crm("GET", f"Deals/{deal}"))["data"][0]
    assert DIGITS.fullmatch(row["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", row["Modified_Time"])
    assert row["Account_Name"] == {"name": "A", "id": account}
    assert {"name", "id", "email"} <= set(row["Owner"])
    assert str(row["Amount"]) == "12500.5"


# 6 paths


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "Nonsense?fields=id", 400, "INVALID_MODULE"),
        ("GET", "nowhere/at/all/of/this", 404, "INVALID_URL_PATTERN"),
        ("PATCH", "Accounts", 400, "INVALID_REQUEST_METHOD"),
    ],
)
def test_a_wrong_path_or_verb_has_its_own_code(zoho: Wire, method: str, path: str, status: int, code: str) -> None:
    answer = zoho.crm(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_unknown_version_is_an_invalid_url(zoho: Wire) -> None:
    answer = zoho.call("GET", "/crm/v99/org", headers=zoho.signed(None))
    assert answer.status_code in (400, 404)
    assert answer.json()["code"] in ("INVALID_URL_PATTERN", "API_NOT_SUPPORTED")
