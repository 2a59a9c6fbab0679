"""Notification channels and their calls: facts/zoho-crm-api-v8.md 4.3."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.simulator.listener import Listener, listening
from tests.simulator.wire import Wire, eventually

CHANNEL = "1000000068001"


@pytest.fixture
def ear() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def watch(zoho: Wire, ear: Listener, **changed: Any) -> Any:
    channel = {
        "channel_id": CHANNEL,
        "events": ["Deals.all"],
        "token": "the secret",
        "notify_url": ear.url + "/?conn=7",
    }
    channel = {key: value for key, value in (channel | changed).items() if value is not None}
    return zoho.crm("POST", "actions/watch", {"watch": [channel]})


def expiry(answer: Any) -> datetime:
    return datetime.fromisoformat(answer.json()["watch"][0]["details"]["events"][0]["channel_expiry"])


def test_a_channel_is_opened_for_an_hour_unless_it_says_longer(zoho: Wire, ear: Listener) -> None:
    answer = watch(zoho, ear)
    row = answer.json()["watch"][0]
    assert (answer.status_code, row["code"]) == (201, "SUCCESS")
    assert row["details"]["events"][0]["resource_name"] == "Deals"
    assert abs(expiry(answer) - zoho.now() - timedelta(hours=1)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("asked", "given"), [(timedelta(days=6), timedelta(days=6)), (timedelta(days=8), timedelta(hours=1))]
)
def test_a_channel_lives_at_most_a_week_else_one_hour(
    zoho: Wire, ear: Listener, asked: timedelta, given: timedelta
) -> None:
    answer = watch(zoho, ear, channel_expiry=(zoho.now() + asked).isoformat(timespec="seconds"))
    assert abs(expiry(answer) - zoho.now() - given) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"events": None}, "MANDATORY_NOT_FOUND"),
        ({"channel_id": None}, "MANDATORY_NOT_FOUND"),
        ({"notify_url": None}, "MANDATORY_NOT_FOUND"),
        ({"events": ["Deals.explode"]}, "INVALID_DATA"),
        ({"notify_url": "no address"}, "INVALID_DATA"),
        ({"token": "x" * 51}, "INVALID_DATA"),
    ],
)
def test_a_faulty_channel_is_refused(zoho: Wire, ear: Listener, changed: dict[str, Any], code: str) -> None:
    answer = watch(zoho, ear, **changed)
    assert (answer.status_code, answer.json()["watch"][0]["code"]) == (400, code)


def test_a_change_is_called_out_with_token_query_and_ids(zoho: Wire, ear: Listener) -> None:
    watch(zoho, ear)
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    call = eventually(lambda: ear.heard)[0].json
    assert (call["module"], call["ids"], call["operation"]) == ("Deals", [deal], "insert")
    assert (call["token"], str(call["channel_id"]), call["query_params"]) == ("the secret", CHANNEL, {"conn": "7"})
    assert "affected_values" not in call and call["server_time"]


def test_an_edit_and_a_delete_are_called_update_and_delete(zoho: Wire, ear: Listener) -> None:
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    watch(zoho, ear, return_affected_field_values=True)
    zoho.update("Deals", deal, Amount=5)
    zoho.crm("DELETE", f"Deals/{deal}")
    assert eventually(lambda: len(ear.heard) == 2)
    by_kind = {heard.json["operation"]: heard.json for heard in ear.heard}
    assert set(by_kind) == {"update", "delete"}
    assert by_kind["update"]["affected_fields"][0][deal] == ["Amount"]
    assert by_kind["update"]["affected_values"][0]["values"] == {"Amount": 5}


def test_a_change_of_another_module_or_event_is_not_called_out(zoho: Wire, ear: Listener) -> None:
    watch(zoho, ear, events=["Deals.edit"])
    zoho.insert("Accounts", Account_Name="A")
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    zoho.update("Deals", deal, Amount=5)
    assert eventually(lambda: ear.heard)
    assert [heard.json["operation"] for heard in ear.heard] == ["update"]


def test_an_expired_channel_is_silent(zoho: Wire, ear: Listener) -> None:
    watch(zoho, ear)
    zoho.advance(minutes=61)
    zoho.renew()
    zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    assert not eventually(lambda: ear.heard, 0.5)


def test_channels_are_listed_and_closed(zoho: Wire, ear: Listener) -> None:
    assert zoho.crm("GET", "actions/watch", channel_id=CHANNEL).status_code == 204
    watch(zoho, ear)
    row = zoho.crm("GET", "actions/watch", channel_id=CHANNEL).json()["watch"][0]
    assert str(row["channel_id"]) == CHANNEL
    assert zoho.crm("DELETE", "actions/watch", channel_ids=CHANNEL).json()["watch"][0]["status"] == "success"
    assert zoho.crm("GET", "actions/watch").status_code == 204


def test_a_channel_is_renewed_by_patch(zoho: Wire, ear: Listener) -> None:
    watch(zoho, ear)
    later = (zoho.now() + timedelta(days=3)).isoformat(timespec="seconds")
    answer = zoho.crm("PATCH", "actions/watch", {"watch": [{"channel_id": CHANNEL, "channel_expiry": later}]})
    assert answer.status_code == 200
    row = zoho.crm("GET", "actions/watch", channel_id=CHANNEL).json()["watch"][0]
    assert datetime.fromisoformat(row["channel_expiry"]) == datetime.fromisoformat(later)


def test_an_unknown_channel_is_not_subscribed(zoho: Wire) -> None:
    answer = zoho.crm("DELETE", "actions/watch", channel_ids="42")
    assert answer.json()["watch"][0]["code"] == "NOT_SUBSCRIBED"


def test_a_persons_edit_is_called_out_too(zoho: Wire, ear: Listener) -> None:
    watch(zoho, ear)
    zoho.sim("POST", "records/crm/Deals", {"data": [{"Deal_Name": "D", "Stage": "Qualification"}], "as": "user"})
    assert eventually(lambda: ear.heard)


def test_deliveries_are_kept_and_can_be_sent_again_or_forged(zoho: Wire, ear: Listener) -> None:
    watch(zoho, ear)
    zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    assert eventually(lambda: ear.heard)
    kept = eventually(lambda: zoho.sim("GET", "deliveries")["deliveries"])[-1]["n"]
    zoho.sim("POST", f"deliveries/{kept}/redeliver")
    assert eventually(lambda: len(ear.heard) == 2) and ear.heard[0].body == ear.heard[1].body
    zoho.sim("POST", f"deliveries/{kept}/forge")
    assert eventually(lambda: len(ear.heard) == 3) and ear.heard[2].json["token"] != "the secret"
