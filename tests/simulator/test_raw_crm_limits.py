"""Credits and concurrency of the CRM: facts/zoho-crm-api-v8.md 5."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.simulator.wire import Wire


def credits_used(zoho: Wire, used: int) -> Any:
    return zoho.sim("PUT", f"orgs/{zoho.sim('GET', 'info')['crm_org_id']}", {"credits_used": used})


def limit(zoho: Wire) -> int:
    orgs = {row["id"]: row for row in zoho.sim("GET", "orgs")["orgs"]}
    return int(orgs[zoho.sim("GET", "info")["crm_org_id"]]["credit_limit"])


def test_the_credits_header_shows_only_past_half(zoho: Wire) -> None:
    assert "X-API-CREDITS-REMAINING" not in zoho.crm("GET", "org").headers
    credits_used(zoho, limit(zoho) * 6 // 10)
    left = int(zoho.crm("GET", "org").headers["X-API-CREDITS-REMAINING"])
    assert 0 < left < limit(zoho) / 2


def test_spent_credits_are_too_many_requests_without_a_hint_when_to_come_back(zoho: Wire) -> None:
    credits_used(zoho, limit(zoho))
    answer = zoho.crm("GET", "org")
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert answer.json()["status"] == "error" and "Retry-After" not in answer.headers


def test_credits_come_back_within_a_rolling_day(zoho: Wire) -> None:
    credits_used(zoho, limit(zoho))
    assert zoho.crm("GET", "org").status_code == 429
    zoho.advance(hours=24, minutes=1)
    zoho.renew()
    assert zoho.crm("GET", "org").status_code == 200


def remaining(zoho: Wire) -> int:
    return int(zoho.crm("GET", "org").headers["X-API-CREDITS-REMAINING"])


def test_ten_written_rows_cost_one_credit(zoho: Wire) -> None:
    credits_used(zoho, limit(zoho) * 6 // 10)
    before = remaining(zoho)
    zoho.crm("POST", "Accounts", {"data": [{"Account_Name": f"A{n}"} for n in range(25)]})
    assert before - remaining(zoho) == 3 + 1


def test_a_coql_call_costs_by_its_limit(zoho: Wire) -> None:
    credits_used(zoho, limit(zoho) * 6 // 10)
    before = remaining(zoho)
    zoho.crm("POST", "coql", {"select_query": "select id from Accounts where id is not null limit 2000"})
    assert before - remaining(zoho) == 3 + 1


def test_too_many_calls_at_once_are_too_many_requests(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/crm/v8/org$", delay=0.6)

    def ask(_: int) -> int:
        return zoho.crm("GET", "org").status_code

    with ThreadPoolExecutor(30) as pool:
        statuses = list(pool.map(ask, range(30)))
    assert 429 in statuses and 200 in statuses
