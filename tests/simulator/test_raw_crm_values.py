"""What a value may be and how it reads back: facts/zoho-crm-api-v8.md 2.3, 2.9 and 7."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.simulator.wire import Wire

DEAL = {"Deal_Name": "D", "Stage": "Qualification"}


@pytest.mark.parametrize(
    ("module", "row", "field"),
    [
        ("Deals", {**DEAL, "Account_Name": 5}, "Account_Name"),
        ("Deals", {**DEAL, "Amount": {"value": 1}}, "Amount"),
        ("Deals", {**DEAL, "Amount": "10%"}, "Amount"),
        ("Products", {"Product_Name": "P", "Product_Active": "yes"}, "Product_Active"),
        ("Products", {"Product_Name": "P", "Unit_Price": "dear"}, "Unit_Price"),
        ("Contacts", {"Last_Name": "L", "Email": "no address"}, "Email"),
        ("Contacts", {"Last_Name": ["L"]}, "Last_Name"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(zoho: Wire, module: str, row: dict[str, Any], field: str) -> None:
    answer = zoho.crm("POST", module, {"data": [row]})
    refused = answer.json()["data"][0]
    assert (answer.status_code, refused["code"], refused["details"]["api_name"]) == (400, "INVALID_DATA", field)


def test_a_look_up_is_never_resolved_by_a_name(zoho: Wire) -> None:
    zoho.insert("Accounts", Account_Name="Harbour Ltd")
    answer = zoho.crm("POST", "Deals", {"data": [{**DEAL, "Account_Name": {"name": "Harbour Ltd"}}]})
    assert answer.status_code == 400 and answer.json()["data"][0]["status"] == "error"


def test_a_contact_has_a_full_name_of_its_own(zoho: Wire) -> None:
    contact = zoho.insert("Contacts", First_Name="Ann", Last_Name="Lee", Full_Name="Somebody Else")
    assert zoho.record("Contacts", contact)["Full_Name"] == "Ann Lee"


def test_system_times_and_owners_of_creation_are_not_taken_from_the_caller(zoho: Wire) -> None:
    long_ago = "2001-01-01T00:00:00+00:00"
    deal = zoho.insert("Deals", **DEAL, Created_Time=long_ago, Modified_Time=long_ago)
    row = zoho.record("Deals", deal)
    assert not row["Created_Time"].startswith("2001") and not row["Modified_Time"].startswith("2001")


def test_an_unknown_field_changes_nothing(zoho: Wire) -> None:
    deal = zoho.insert("Deals", **DEAL, No_Such_Field="x")
    assert "No_Such_Field" not in zoho.record("Deals", deal)


def test_an_empty_text_reads_as_null(zoho: Wire) -> None:
    assert zoho.record("Accounts", zoho.insert("Accounts", Account_Name="A", Phone=""))["Phone"] is None


def test_answers_are_json_in_utf_8(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="Müller & Söhne 株式会社")
    answer = zoho.crm("GET", f"Accounts/{account}")
    assert answer.headers["Content-Type"].replace(" ", "").lower() == "application/json;charset=utf-8"
    assert answer.json()["data"][0]["Account_Name"] == "Müller & Söhne 株式会社"


def test_times_are_told_in_the_users_zone(zoho: Wire) -> None:
    zone = ZoneInfo(zoho.crm("GET", "users", type="CurrentUser").json()["users"][0]["time_zone"])
    told = datetime.fromisoformat(zoho.record("Deals", zoho.insert("Deals", **DEAL))["Created_Time"])
    assert told.utcoffset() == told.astimezone(zone).utcoffset()


def test_a_date_is_a_date(zoho: Wire) -> None:
    assert zoho.record("Deals", zoho.insert("Deals", **DEAL, Closing_Date="2026-03-02"))["Closing_Date"] == "2026-03-02"


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("Phone = '1' and Phone = '2' and Phone = '3'", "SYNTAX_ERROR"),
        (f"Phone in ({', '.join(['1'] * 101)})", "LIMIT_EXCEEDED"),
        ("Phone = 'open", "SYNTAX_ERROR"),
        ("No_Such = '1'", "INVALID_QUERY"),
    ],
)
def test_a_coql_condition_beyond_the_rules_is_refused(zoho: Wire, where: str, code: str) -> None:
    """2.9; `in` takes 50 values, on one page of the docs 100"""
    answer = zoho.crm("POST", "coql", {"select_query": f"select id from Accounts where {where}"})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_coql_takes_booleans_as_texts(zoho: Wire) -> None:
    for name, active in (("P", True), ("Q", False)):
        zoho.insert("Products", Product_Name=name, Product_Active=active)
    query = {"select_query": "select Product_Name from Products where Product_Active = 'true'"}
    assert [row["Product_Name"] for row in zoho.crm("POST", "coql", query).json()["data"]] == ["P"]


def test_coql_walks_by_the_id_where_offsets_end(zoho: Wire) -> None:
    ids = sorted(zoho.insert("Accounts", Account_Name=name) for name in "ABC")
    query = {"select_query": f"select id from Accounts where id > '{ids[0]}' order by id asc limit 2"}
    assert [row["id"] for row in zoho.crm("POST", "coql", query).json()["data"]] == ids[1:]
