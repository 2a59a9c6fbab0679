"""Zoho's own Python SDK as an independent witness: it was written against the real CRM and must get along with ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.conftest import ROOT
from tests.simulator.wire import Wire

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def told(served: Wire, clean: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    served.sim("POST", "restore", {"name": "clean"})
    served.sim("POST", "clock", {"now": clean[1]})
    served.switch(crm_search_lag=0)
    folder = tmp_path_factory.mktemp("sdk")
    program = [sys.executable, str(Path(__file__).with_name("sdk_scenarios.py")), served.base, str(folder)]
    ran = subprocess.run(program, cwd=folder, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_the_sdk_is_the_official_one() -> None:
    assert "zohocrmsdk8-0" in (ROOT / "requirements-dev.txt").read_text()


@pytest.mark.parametrize(
    ("scenario", "status", "kind"),
    [
        ("organisation", 200, "ResponseWrapper"),
        ("current_user", 200, "ResponseWrapper"),
        ("modules", 200, "ResponseWrapper"),
        ("fields", 200, "ResponseWrapper"),
        ("update", 200, "ActionWrapper"),
        ("update_many", 200, "ActionWrapper"),
        ("search", 200, "ResponseWrapper"),
        ("coql", 200, "ResponseWrapper"),
        ("deleted", 200, "ActionWrapper"),
        ("good_and_bad_rows", 207, "ActionWrapper"),
        ("missing_mandatory_field", 400, "ActionWrapper"),
        ("update_of_an_absent_id", 400, "ActionWrapper"),
        ("empty_list", 204, "NoneType"),
        ("absent_id", 204, "NoneType"),
        ("bad_token", 401, "APIException"),
    ],
)
def test_the_sdk_understands_the_answer(told: Any, scenario: str, status: int, kind: str) -> None:
    seen = told[scenario]
    assert (seen.get("status"), seen.get("object")) == (status, kind), seen


def test_a_dead_refresh_token_is_refused_before_any_call(told: Any) -> None:
    assert "invalid_code" in told["bad_refresh"]["raised"]


def test_the_sdk_learns_who_the_user_is(told: Any) -> None:
    assert told["current_user"]["name"]


def test_the_sdk_walks_the_pages_by_token(told: Any) -> None:
    assert told["pages"] == {"names": ["Page C", "Page B", "Page A"], "calls": 2}


def test_the_sdk_writes_and_reads_a_quote_with_its_lines(told: Any) -> None:
    assert told["quote"] == {
        "subject": "Refit",
        "grand_total": 647.68,
        "line": "Record",
        "product": "Pump",
        "net_total": 647.68,
        "tax": [107.95],
    }


def test_an_update_of_the_sdk_arrives(told: Any) -> None:
    assert (told["update"]["amount"], told["update"]["stage"]) == (7.5, "Qualification")


def test_ids_sent_as_numbers_link_records(told: Any) -> None:
    assert told["lookup"]["same"] is True and "@" in told["lookup"]["owner"]


def test_the_sdk_upserts(told: Any) -> None:
    assert told["upsert"] == {"actions": ["insert", "update"], "same": True}


def test_the_sdk_finds_what_it_wrote(told: Any) -> None:
    assert told["search"]["names"] == ["Searched Ltd"] and told["coql"]["amounts"] == [12.5]


def test_the_sdk_reads_the_deleted_list(told: Any) -> None:
    assert told["deleted"]["same"] is True and told["deleted"]["names"] == ["Doomed Ltd"]


def test_a_refused_row_stands_beside_a_good_one(told: Any) -> None:
    assert told["good_and_bad_rows"]["rows"] == ["SuccessResponse", "APIException"]


def test_a_missing_field_is_named(told: Any) -> None:
    refused = told["missing_mandatory_field"]["json"]["data"][0]
    faults = refused["details"].get("errors", [refused])
    assert {"Deal_Name", "Stage"} & {fault["details"]["api_name"] for fault in faults}
