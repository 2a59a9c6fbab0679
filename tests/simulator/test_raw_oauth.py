"""Tokens, scopes and refusals as facts/zoho-crm-api-v8.md section 1 tells them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.simulator.wire import CLIENT, REFRESH_TOKEN, Wire

CALLBACK = "http://127.0.0.1:8000/callback"
ACCOUNT_READ = "ZohoCRM.modules.accounts.READ"


def authorize(zoho: Wire, answer: str = "accept", **changed: str) -> requests.Response:
    query = {
        "response_type": "code",
        "client_id": CLIENT["client_id"],
        "scope": ACCOUNT_READ,
        "redirect_uri": CALLBACK,
        "access_type": "offline",
        "prompt": "consent",
        "state": "s1",
    } | changed
    return zoho.call("POST", "/oauth/v2/auth", params=query, data={"answer": answer})


def redirected(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code in (302, 303), answer.text
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchange(zoho: Wire, code: str, **changed: str) -> Any:
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **CLIENT, **changed}
    return zoho.oauth(grant).json()


def consent(zoho: Wire, **changed: str) -> Any:
    return exchange(zoho, redirected(authorize(zoho, **changed))["code"])


# 1.3 the token endpoint


def test_a_refresh_gives_a_token_for_an_hour_and_no_new_refresh_token(zoho: Wire) -> None:
    answer = zoho.refresh().json()
    assert set(answer) == {"access_token", "scope", "api_domain", "token_type", "expires_in"}
    assert (answer["api_domain"], answer["token_type"], answer["expires_in"]) == (zoho.base, "Bearer", 3600)
    assert "," not in answer["scope"] and "ZohoCRM." in answer["scope"] and "ZohoBooks." in answer["scope"]


def test_the_token_endpoint_also_takes_its_parameters_from_the_query(zoho: Wire) -> None:
    query = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, **CLIENT}
    assert zoho.call("POST", "/oauth/v2/token", params=query).json()["access_token"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"refresh_token": "1000.dead"}, "invalid_code"),
        ({"client_id": "1000.NOBODY"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client_secret"),
        ({"grant_type": "guess"}, "general_error"),
    ],
)
def test_a_refused_refresh_comes_with_http_200(zoho: Wire, changed: dict[str, str], error: str) -> None:
    """1.4"""
    answer = zoho.refresh(**changed)
    assert (answer.status_code, answer.json()["error"]) == (200, error)


# 1.2 consent


def test_consent_comes_back_with_code_state_and_data_centre(zoho: Wire) -> None:
    answer = redirected(authorize(zoho))
    assert answer["state"] == "s1" and answer["code"].startswith("1000.")
    assert answer["location"] and answer["accounts-server"]


def test_a_denied_consent_comes_back_with_access_denied(zoho: Wire) -> None:
    assert redirected(authorize(zoho, answer="deny")) == {"error": "access_denied", "state": "s1"}


def test_the_consent_page_asks_before_it_answers(zoho: Wire) -> None:
    query = {"response_type": "code", "scope": ACCOUNT_READ, "redirect_uri": CALLBACK, "prompt": "consent"}
    page = zoho.call("GET", "/oauth/v2/auth", params={**query, "client_id": CLIENT["client_id"]})
    assert page.status_code == 200 and ACCOUNT_READ in page.text and "<form" in page.text


def test_a_code_buys_tokens_once(zoho: Wire) -> None:
    code = redirected(authorize(zoho))["code"]
    first, second = exchange(zoho, code), exchange(zoho, code)
    assert first["refresh_token"] and first["access_token"] and first["scope"] == ACCOUNT_READ
    assert second == {"error": "invalid_code"}


def test_a_code_dies_after_two_minutes(zoho: Wire) -> None:
    code = redirected(authorize(zoho))["code"]
    zoho.advance(seconds=121)
    assert exchange(zoho, code)["error"] == "invalid_code"


def test_the_redirect_address_must_match(zoho: Wire) -> None:
    code = redirected(authorize(zoho))["code"]
    assert exchange(zoho, code, redirect_uri=CALLBACK + "/")["error"] == "invalid_redirect_uri"


def test_online_access_has_no_refresh_token(zoho: Wire) -> None:
    assert "refresh_token" not in consent(zoho, access_type="online")


def test_a_second_consent_gives_a_refresh_token_only_when_the_screen_is_forced(zoho: Wire) -> None:
    """1.2: offline gives one only on the first consent unless prompt=consent"""
    assert "refresh_token" in consent(zoho, prompt="")
    assert "refresh_token" not in consent(zoho, prompt="")
    assert "refresh_token" in consent(zoho)


def test_a_refresh_token_made_by_consent_works(zoho: Wire) -> None:
    assert zoho.refresh(refresh_token=consent(zoho)["refresh_token"]).json()["access_token"]


# 1.5 limits and lifetimes


def test_the_eleventh_token_in_ten_minutes_is_refused_and_later_given_again(zoho: Wire) -> None:
    answers = [zoho.refresh() for _ in range(10)]
    refused = answers[-1]
    assert refused.status_code == 400
    assert (refused.json()["error"], refused.json()["status"]) == ("Access Denied", "failure")
    zoho.advance(minutes=31)
    assert zoho.refresh().json()["access_token"]


def test_the_thirty_first_live_token_kills_the_oldest(zoho: Wire) -> None:
    for _ in range(3):
        zoho.advance(seconds=601)
        for _ in range(10):
            assert zoho.refresh().json()["access_token"]
    assert zoho.crm("GET", "org").status_code == 401


def test_the_twenty_first_refresh_token_evicts_the_oldest(zoho: Wire) -> None:
    zoho.sim("POST", "tokens", {"action": "fill_to", "n": 19})
    assert consent(zoho)["refresh_token"] and zoho.refresh().json().get("access_token")
    assert consent(zoho)["refresh_token"]
    assert zoho.refresh().json() == {"error": "invalid_code"}


def test_a_token_dies_after_an_hour(zoho: Wire) -> None:
    zoho.advance(seconds=3601)
    answer = zoho.crm("GET", "org")
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_TOKEN")
    answer = zoho.books("GET", "contacts")
    assert (answer.status_code, answer.json()["code"]) == (401, 57)


def test_a_revoked_refresh_token_takes_its_access_tokens_along(zoho: Wire) -> None:
    answer = zoho.call("POST", "/oauth/v2/token/revoke", data={"token": REFRESH_TOKEN})
    assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    assert zoho.crm("GET", "org").json()["code"] == "INVALID_TOKEN"
    assert zoho.refresh().json() == {"error": "invalid_code"}


# 6 of the CRM sheet, 9 of the Books sheet: who may call


@pytest.mark.parametrize(
    ("headers", "crm", "books"),
    [
        ({}, "AUTHENTICATION_FAILURE", 14),
        ({"Authorization": "Zoho-oauthtoken 1000.dead.beef"}, "INVALID_TOKEN", 57),
    ],
)
def test_a_call_without_a_good_token_is_refused(zoho: Wire, headers: dict[str, str], crm: str, books: int) -> None:
    first = zoho.call("GET", "/crm/v8/org", headers=headers)
    second = zoho.call("GET", "/books/v3/organizations", headers=headers)
    assert (first.status_code, first.json()["code"]) == (401, crm)
    assert (second.status_code, second.json()["code"]) == (401, books)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "Deals?fields=id"), ("POST", "Accounts"), ("GET", "org"), ("GET", "settings/modules")]
)
def test_a_crm_call_beyond_the_scope_is_a_scope_mismatch(zoho: Wire, method: str, path: str) -> None:
    zoho.token = consent(zoho)["access_token"]
    answer = zoho.crm(method, path, {"data": [{"Account_Name": "A"}]})
    assert (answer.status_code, answer.json()["code"]) == (401, "OAUTH_SCOPE_MISMATCH")
    assert zoho.crm("GET", "Accounts", fields="id").status_code == 204


def test_coql_needs_the_scope_of_its_module_too(zoho: Wire) -> None:
    zoho.token = consent(zoho, scope=f"ZohoCRM.coql.READ,{ACCOUNT_READ}")["access_token"]
    query = {"select_query": "select id from Deals where id is not null"}
    assert zoho.crm("POST", "coql", query).json()["code"] == "OAUTH_SCOPE_MISMATCH"
    query = {"select_query": "select id from Accounts where id is not null"}
    assert zoho.crm("POST", "coql", query).status_code == 204


def test_a_books_call_beyond_the_scope_looks_like_a_dead_token(zoho: Wire) -> None:
    zoho.token = consent(zoho, scope="ZohoBooks.contacts.READ")["access_token"]
    assert zoho.books("GET", "contacts").status_code == 200
    for answer in (zoho.books("GET", "invoices"), zoho.books("POST", "contacts", {"contact_name": "A"})):
        assert (answer.status_code, answer.json()["code"]) == (401, 57)


def test_marking_an_invoice_sent_needs_create_not_update(zoho: Wire) -> None:
    """Books 1.2"""
    draft = zoho.invoice(zoho.customer())["invoice_id"]
    zoho.token = consent(zoho, scope="ZohoBooks.invoices.UPDATE")["access_token"]
    assert zoho.books("POST", f"invoices/{draft}/status/sent").status_code == 401
    zoho.token = consent(zoho, scope="ZohoBooks.invoices.CREATE")["access_token"]
    assert zoho.books("POST", f"invoices/{draft}/status/sent").status_code == 200
