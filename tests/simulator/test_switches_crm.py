"""What nobody could verify about CRM and OAuth: facts/simulator-defaults.md, each switch with its other outcomes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.wire import Wire

MISSING_ID = "9999999999999999"
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "simulator.md"


@pytest.mark.parametrize(
    ("switched", "status"), [({}, 400), ({"crm_rows_failed_status": 200}, 200), ({"crm_rows_failed_status": 202}, 202)]
)
def test_a_call_whose_rows_all_failed_answers(zoho: Wire, switched: dict[str, int], status: int) -> None:
    zoho.switch(**switched)
    answer = zoho.crm("POST", "Accounts", {"data": [{"Phone": "1"}]})
    assert (answer.status_code, answer.json()["data"][0]["code"]) == (status, "MANDATORY_NOT_FOUND")


@pytest.mark.parametrize(
    ("switched", "status"), [({}, 204), ({"crm_unknown_id": 400}, 400), ({"crm_unknown_id": 404}, 404)]
)
def test_an_unknown_id_answers(zoho: Wire, switched: dict[str, int], status: int) -> None:
    zoho.switch(**switched)
    answer = zoho.crm("GET", f"Deals/{MISSING_ID}")
    assert answer.status_code == status
    assert not answer.content if status == 204 else answer.json()["code"]


@pytest.mark.parametrize(("switched", "status"), [({}, 304), ({"crm_if_modified_since_boundary": "inclusive"}, 200)])
def test_a_record_modified_in_that_very_second_is_listed(zoho: Wire, switched: dict[str, str], status: int) -> None:
    zoho.switch(**switched)
    account = zoho.insert("Accounts", Account_Name="A")
    moment = zoho.record("Accounts", account)["Modified_Time"]
    answer = zoho.crm("GET", "Accounts", headers={"If-Modified-Since": moment}, fields="id")
    assert answer.status_code == status


def quote(zoho: Wire, **line: Any) -> str:
    product = zoho.insert("Products", Product_Name="Pump", Unit_Price=100)
    rows = [{"Product_Name": {"id": product}, "Quantity": quantity, **line} for quantity in (1, 2)]
    return zoho.insert("Quotes", Subject="Q", Quoted_Items=rows)


@pytest.mark.parametrize(("switched", "left"), [({}, 2), ({"crm_subform_unmentioned_rows": "removed"}, 1)])
def test_rows_that_an_update_does_not_mention(zoho: Wire, switched: dict[str, str], left: int) -> None:
    zoho.switch(**switched)
    offer = quote(zoho)
    first = zoho.record("Quotes", offer)["Quoted_Items"][0]
    zoho.update("Quotes", offer, Quoted_Items=[{"id": first["id"], "Quantity": 5}])
    assert len(zoho.record("Quotes", offer)["Quoted_Items"]) == left


@pytest.mark.parametrize(
    ("switched", "read"),
    [
        ({}, 10),
        ({"crm_item_discount_form": "string"}, "10"),
        ({"crm_item_discount_form": "percent"}, "10%"),
    ],
)
def test_a_line_discount_reads_as(zoho: Wire, switched: dict[str, str], read: object) -> None:
    zoho.switch(**switched)
    line = zoho.record("Quotes", quote(zoho, Discount=10))["Quoted_Items"][0]
    assert line["Discount"] == read and line["Total_After_Discount"] == 90


def test_the_search_index_can_lag_a_minute_or_not_at_all(zoho: Wire) -> None:
    zoho.switch(crm_search_lag=60)
    zoho.insert("Accounts", Account_Name="Harbour Ltd")
    zoho.advance(seconds=10)
    assert zoho.crm("GET", "Accounts/search", word="Harbour").status_code == 204
    zoho.switch(crm_search_lag=0)
    zoho.insert("Accounts", Account_Name="Depot Ltd")
    assert zoho.crm("GET", "Accounts/search", word="Depot").status_code == 200


def test_a_scope_mismatch_can_be_403(zoho: Wire) -> None:
    zoho.switch(crm_scope_mismatch_status=403)
    zoho.sim("POST", "tokens", {"action": "drop_scope", "scope": "ZohoCRM.org.READ"})
    answer = zoho.crm("GET", "org")
    assert (answer.status_code, answer.json()["code"]) == (403, "OAUTH_SCOPE_MISMATCH")


def test_the_throttle_of_the_token_endpoint_can_come_with_200(zoho: Wire) -> None:
    zoho.switch(oauth_throttle_status=200)
    refused = [zoho.refresh() for _ in range(10)][-1]
    assert (refused.status_code, refused.json()["error"]) == (200, "Access Denied")


def test_all_switches_are_listed_with_their_defaults(zoho: Wire) -> None:
    switches = zoho.sim("GET", "switches")
    assert len([name for name in switches if name.startswith(("books_", "crm_", "oauth_"))]) >= 29


def test_the_documentation_tells_each_switch_with_its_default(zoho: Wire) -> None:
    told = dict(re.findall(r"^\| `(\w+)`[^|]*\| `([^`]+)`", DOCUMENTATION.read_text(), re.MULTILINE))
    switches = zoho.sim("GET", "switches")
    assert told == {name: one if isinstance(one, str) else json.dumps(one) for name, one in switches.items()}


def test_an_unknown_switch_is_refused(zoho: Wire) -> None:
    assert zoho.call("PUT", "/_sim/switches", json={"books_moon_phase": "full"}).status_code == 400
