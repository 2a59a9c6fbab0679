"""Insert, update, upsert and delete: facts/zoho-crm-api-v8.md 2.3 to 2.6."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.simulator.wire import DIGITS, Wire, parsed

MISSING_ID = "9999999999999999"
DEAL = {"Deal_Name": "D", "Stage": "Qualification"}


def post(zoho: Wire, module: str, *rows: dict[str, Any], **more: Any) -> Any:
    return zoho.crm("POST", module, {"data": list(rows), **more})


def unique_field(zoho: Wire, module: str = "Accounts", label: str = "Books Customer ID") -> str:
    field = {"field_label": label, "data_type": "text", "length": 60, "unique": {"case_sensitive": False}}
    made = zoho.crm("POST", "settings/fields", {"fields": [field]}, module=module)
    assert made.status_code == 201, made.text
    return label.replace(" ", "_")


# 2.3 insert


def test_an_inserted_record_answers_201_with_its_id_and_times(zoho: Wire) -> None:
    answer = post(zoho, "Accounts", {"Account_Name": "A"}, trigger=[])
    row = answer.json()["data"][0]
    assert (answer.status_code, row["code"], row["message"], row["status"]) == (
        201,
        "SUCCESS",
        "record added",
        "success",
    )
    assert {"id", "Created_Time", "Modified_Time", "Created_By", "Modified_By"} <= set(row["details"])
    assert DIGITS.fullmatch(row["details"]["id"])


@pytest.mark.parametrize(
    ("row", "code", "detail"),
    [
        ({"Stage": "Qualification"}, "MANDATORY_NOT_FOUND", {"api_name": "Deal_Name"}),
        ({**DEAL, "Amount": "many"}, "INVALID_DATA", {"expected_data_type": "double", "api_name": "Amount"}),
        ({**DEAL, "Deal_Name": "x" * 256}, "INVALID_DATA", {"api_name": "Deal_Name"}),
        ({**DEAL, "Account_Name": {"id": MISSING_ID}}, "INVALID_DATA", {"api_name": "Account_Name"}),
        ({**DEAL, "Closing_Date": "soon"}, "INVALID_DATA", {"api_name": "Closing_Date"}),
    ],
)
def test_a_faulty_row_says_which_field_and_why(
    zoho: Wire, row: dict[str, Any], code: str, detail: dict[str, str]
) -> None:
    answer = post(zoho, "Deals", row)
    refused = answer.json()["data"][0]
    assert (answer.status_code, refused["code"], refused["status"]) == (400, code, "error")
    assert detail.items() <= refused["details"].items()
    assert refused["details"]["json_path"].startswith(f"$.data[0].{detail['api_name']}")


def test_a_text_too_long_names_the_limit(zoho: Wire) -> None:
    answer = post(zoho, "Accounts", {"Account_Name": "x" * 256})
    assert answer.json()["data"][0]["details"]["maximum_length"] in (200, 255)


def test_several_faults_of_a_row_come_together(zoho: Wire) -> None:
    refused = post(zoho, "Deals", {"Amount": "many"}).json()["data"][0]
    assert refused["code"] == "MULTIPLE_OR_MULTI_ERRORS"
    errors = {fault["code"] for fault in refused["details"]["errors"]}
    assert {"MANDATORY_NOT_FOUND", "INVALID_DATA"} <= errors


def test_good_and_bad_rows_together_answer_207_in_the_order_sent(zoho: Wire) -> None:
    answer = post(zoho, "Accounts", {"Account_Name": "A"}, {"Phone": "1"}, {"Account_Name": "B"})
    assert answer.status_code == 207
    assert [row["status"] for row in answer.json()["data"]] == ["success", "error", "success"]
    assert answer.json()["data"][1]["details"]["json_path"] == "$.data[1].Account_Name"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"data": [{"Account_Name": "A"}] * 101}, "LIMIT_EXCEEDED"),
        ({"trigger": []}, "MANDATORY_NOT_FOUND"),
        ({"data": []}, "INVALID_DATA"),
        ([], "INVALID_DATA"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused_as_a_whole(zoho: Wire, body: Any, code: str) -> None:
    answer = zoho.crm("POST", "Accounts", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert zoho.crm("GET", "Accounts", fields="id").status_code == 204


def test_a_hundred_rows_go_in_one_call(zoho: Wire) -> None:
    answer = post(zoho, "Accounts", *({"Account_Name": f"A{n}"} for n in range(100)))
    assert answer.status_code == 201 and len(answer.json()["data"]) == 100


def test_a_unique_field_refuses_a_second_holder(zoho: Wire) -> None:
    field = unique_field(zoho)
    first = zoho.insert("Accounts", Account_Name="A", **{field: "77"})
    answer = post(zoho, "Accounts", {"Account_Name": "B", field: "77"})
    refused = answer.json()["data"][0]
    assert (answer.status_code, refused["code"]) == (400, "DUPLICATE_DATA")
    assert (refused["details"]["api_name"], refused["details"]["id"]) == (field, first)
    assert refused["details"]["duplicate_record"]["module"]["api_name"] == "Accounts"


def test_posting_the_same_deal_twice_makes_two(zoho: Wire) -> None:
    """2.5: no idempotency key anywhere"""
    assert zoho.insert("Deals", **DEAL) != zoho.insert("Deals", **DEAL)


def test_decimals_beyond_the_fields_places_are_cut(zoho: Wire) -> None:
    """7: cut silently"""
    deal = zoho.insert("Deals", **DEAL, Amount=10.129)
    assert str(zoho.record("Deals", deal)["Amount"]) == "10.12"


def test_a_written_moment_comes_back_as_the_same_moment(zoho: Wire) -> None:
    field = {"field_label": "Seen At", "data_type": "datetime"}
    made = zoho.crm("POST", "settings/fields", {"fields": [field]}, module="Deals")
    assert made.status_code == 201, made.text
    deal = zoho.insert("Deals", **DEAL, Seen_At="2026-03-02T09:15:04+05:30")
    read = zoho.record("Deals", deal)["Seen_At"]
    assert datetime.fromisoformat(read) == datetime.fromisoformat("2026-03-02T03:45:04+00:00")


# 2.4 update


def test_an_update_changes_only_what_it_names_and_null_clears(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A", Phone="1", Website="http://a.test")
    answer = zoho.update("Accounts", account, Phone=None)
    assert (answer.status_code, answer.json()["data"][0]["message"]) == (200, "record updated")
    row = zoho.record("Accounts", account)
    assert (row["Account_Name"], row["Phone"], row["Website"]) == ("A", None, "http://a.test")


def test_an_update_moves_the_modified_time_only(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A")
    before = zoho.record("Accounts", account)
    zoho.advance(minutes=1)
    zoho.update("Accounts", account, Phone="1")
    after = zoho.record("Accounts", account)
    assert after["Created_Time"] == before["Created_Time"] and after["Modified_Time"] > before["Modified_Time"]


def test_many_records_are_updated_by_the_id_in_each_row(zoho: Wire) -> None:
    first, second = zoho.insert("Accounts", Account_Name="A"), zoho.insert("Accounts", Account_Name="B")
    rows = [{"id": first, "Phone": "1"}, {"Phone": "2"}, {"id": MISSING_ID, "Phone": "3"}, {"id": second, "Phone": "4"}]
    answer = zoho.crm("PUT", "Accounts", {"data": rows})
    assert answer.status_code == 207
    assert [row["code"] for row in answer.json()["data"]] == [
        "SUCCESS",
        "MANDATORY_NOT_FOUND",
        "INVALID_DATA",
        "SUCCESS",
    ]


def test_an_update_of_an_unknown_record_is_invalid_data(zoho: Wire) -> None:
    answer = zoho.update("Accounts", MISSING_ID, Phone="1")
    assert (answer.status_code, answer.json()["data"][0]["code"]) == (400, "INVALID_DATA")


def test_a_stale_update_is_refused_with_412(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A")
    stale = (zoho.now() - timedelta(minutes=1)).isoformat(timespec="seconds")
    answer = zoho.crm("PUT", f"Accounts/{account}", {"data": [{"Phone": "1"}]}, headers={"If-Unmodified-Since": stale})
    assert answer.status_code == 412
    refused = answer.json().get("data", [answer.json()])[0]
    assert (refused["code"], refused["details"]["id"]) == ("ALREADY_MODIFIED", account)
    assert refused["details"]["Modified_Time"] and zoho.record("Accounts", account)["Phone"] is None


def test_an_update_that_saw_the_newest_state_passes(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A")
    seen = zoho.record("Accounts", account)["Modified_Time"]
    answer = zoho.crm("PUT", f"Accounts/{account}", {"data": [{"Phone": "1"}]}, headers={"If-Unmodified-Since": seen})
    assert answer.status_code == 200


def test_a_locked_record_refuses_updates(zoho: Wire) -> None:
    deal = zoho.insert("Deals", **DEAL)
    zoho.act("crm", "Deals", deal, "lock")
    answer = zoho.update("Deals", deal, Amount=5)
    assert (answer.status_code, answer.json()["data"][0]["code"]) == (400, "RECORD_LOCKED")


# 2.5 upsert


def upsert(zoho: Wire, *rows: dict[str, Any], check: list[str] | None = None) -> Any:
    body = {"data": list(rows), "trigger": []} | ({"duplicate_check_fields": check} if check else {})
    answer = zoho.crm("POST", "Accounts/upsert", body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0]


def test_an_upsert_inserts_first_and_updates_then(zoho: Wire) -> None:
    field = unique_field(zoho)
    first = upsert(zoho, {"Account_Name": "A", field: "77"}, check=[field])
    second = upsert(zoho, {"Account_Name": "A2", field: "77"}, check=[field])
    assert (first["action"], first["duplicate_field"]) == ("insert", None)
    assert (second["action"], second["duplicate_field"]) == ("update", field)
    assert first["details"]["id"] == second["details"]["id"]


def test_an_upsert_without_check_fields_merges_by_the_systems_name_field(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A")
    assert upsert(zoho, {"Account_Name": "A", "Phone": "1"})["details"]["id"] == account


def test_an_upsert_skips_the_name_when_only_another_field_is_to_be_checked(zoho: Wire) -> None:
    field = unique_field(zoho)
    account = zoho.insert("Accounts", Account_Name="A")
    assert upsert(zoho, {"Account_Name": "A", field: "1"}, check=[field])["details"]["id"] != account


def test_an_upsert_always_checks_the_users_unique_fields(zoho: Wire) -> None:
    field = unique_field(zoho)
    account = zoho.insert("Accounts", Account_Name="A", **{field: "77"})
    assert upsert(zoho, {"Account_Name": "B", field: "77"}, check=["Account_Name"])["details"]["id"] == account


# 2.6 delete, deleted list, count, clone


def test_a_deleted_record_stands_in_the_deleted_list(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A")
    assert zoho.crm("GET", "Accounts/deleted", type="all").status_code == 204
    answer = zoho.crm("DELETE", "Accounts", ids=account)
    assert (answer.status_code, answer.json()["data"][0]["message"]) == (200, "record deleted")
    gone = zoho.crm("GET", "Accounts/deleted", type="all").json()
    row = gone["data"][0]
    assert (row["id"], row["display_name"], row["type"]) == (account, "A", "recycle")
    assert row["deleted_time"] and gone["info"]["more_records"] is False


def test_deleting_an_unknown_record_beside_a_known_one_answers_207(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="A")
    answer = zoho.crm("DELETE", "Accounts", ids=f"{account},{MISSING_ID}")
    assert answer.status_code == 207
    assert [row["code"] for row in answer.json()["data"]] == ["SUCCESS", "INVALID_DATA"]


def test_the_deleted_list_knows_its_types_and_its_since(zoho: Wire) -> None:
    zoho.crm("DELETE", f"Accounts/{zoho.insert('Accounts', Account_Name='A')}")
    assert zoho.crm("GET", "Accounts/deleted", type="odd").json()["code"] == "PATTERN_NOT_MATCHED"
    assert zoho.crm("GET", "Accounts/deleted", type="permanent").status_code == 204
    later = {"If-Modified-Since": (zoho.now() + timedelta(minutes=1)).isoformat(timespec="seconds")}
    assert zoho.crm("GET", "Accounts/deleted", headers=later, type="all").status_code in (204, 304)


def test_a_count_counts(zoho: Wire) -> None:
    zoho.insert("Accounts", Account_Name="A")
    assert zoho.crm("GET", "Accounts/actions/count").json() == {"count": 1}


def test_a_clone_copies_our_fields_too(zoho: Wire) -> None:
    """design 6: cloned records copy our fields, so they are never evidence"""
    deal = zoho.insert("Deals", **DEAL, Description="from a template")
    answer = zoho.crm("POST", f"Deals/{deal}/actions/clone", {"data": [{}]})
    assert answer.status_code == 201
    copy = answer.json()["data"][0]["details"]["id"]
    assert copy != deal and zoho.record("Deals", copy)["Description"] == "from a template"


def test_money_written_is_money_read(zoho: Wire) -> None:
    deal = zoho.insert("Deals", **DEAL, Amount=0.1)
    assert str(parsed(zoho.crm("GET", f"Deals/{deal}"))["data"][0]["Amount"]) == "0.1"


PENDING = {"$approval_state": "approval_process_pending"}


def pending(zoho: Wire, name: str) -> str:
    rows = [{"Account_Name": name, **PENDING}]
    return str(zoho.sim("POST", "records/crm/Accounts", {"data": rows, "as": "user"})["data"][0]["id"])


def test_a_record_waiting_for_approval_refuses_updates_until_approved(zoho: Wire) -> None:
    account = pending(zoho, "Waiting Ltd")
    refused = zoho.update("Accounts", account, Phone="1")
    assert (refused.status_code, refused.json()["data"][0]["code"]) == (400, "NOT_APPROVED")
    zoho.act("crm", "Accounts", account, "approve")
    assert zoho.update("Accounts", account, Phone="1").status_code == 200


def test_search_hides_what_waits_for_approval_unless_asked(zoho: Wire) -> None:
    """2.8"""
    zoho.switch(crm_search_lag=0)
    account = pending(zoho, "Waiting Ltd")
    assert zoho.crm("GET", "Accounts/search", word="Waiting").status_code == 204
    rows = zoho.crm("GET", "Accounts/search", word="Waiting", approved="both").json()["data"]
    assert [row["id"] for row in rows] == [account]
