"""Organisation, envelope, paging, filters, errors and limits: facts/zoho-books-api-v3.md 1, 2, 9 and 10."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.simulator.wire import DIGITS, Wire, parsed

MISSING_ID = "4600000000099999999"


# 1.2 the organisation


def test_only_the_list_of_organisations_works_without_an_organisation(zoho: Wire) -> None:
    bare = zoho.call("GET", "/books/v3/organizations", headers=zoho.signed(None))
    assert bare.status_code == 200 and bare.json()["code"] == 0
    named = {row["organization_id"] for row in bare.json()["organizations"]}
    assert zoho.organization in named and len(named) >= 2
    refused = zoho.call("GET", "/books/v3/contacts", headers=zoho.signed(None))
    assert refused.status_code == 400 and refused.json()["code"] != 0


def test_a_foreign_organisation_is_refused(zoho: Wire) -> None:
    answer = zoho.books("GET", "contacts", organization_id="1")
    assert (answer.status_code, answer.json()["code"]) == (400, 6041)


def test_the_organisations_share_no_records(zoho: Wire) -> None:
    zoho.customer()
    second = zoho.sim("GET", "info")["second_books_organization_id"]
    assert zoho.list("contacts", organization_id=second) == []


def test_one_organisation_reads_in_another_shape_than_the_list(zoho: Wire) -> None:
    """7.5"""
    row = zoho.books("GET", "organizations").json()["organizations"][0]
    one = zoho.books("GET", f"organizations/{zoho.organization}").json()["organization"]
    assert isinstance(row["fiscal_year_start_month"], int) and isinstance(one["fiscal_year_start_month"], str)
    assert {"currency_code", "time_zone", "price_precision", "plan_name"} <= set(row) and "version" in one


def test_taxes_currencies_and_me_are_told(zoho: Wire) -> None:
    """7.5"""
    zoho.tax(20)
    tax = zoho.books("GET", "settings/taxes").json()["taxes"][-1]
    assert {"tax_id", "tax_name", "tax_percentage", "tax_type"} <= set(tax)
    currencies = zoho.books("GET", "settings/currencies").json()["currencies"]
    assert sum(row["is_base_currency"] for row in currencies) == 1
    assert zoho.books("GET", "users/me").json()["user"]["user_id"]


# 1.3 encodings


def test_a_body_may_come_as_json_or_as_a_form_with_jsonstring(zoho: Wire) -> None:
    query, form = {"organization_id": zoho.organization}, {"JSONString": json.dumps({"contact_name": "Form Ltd"})}
    answer = zoho.call("POST", "/books/v3/contacts", params=query, data=form, headers=zoho.signed(None))
    assert (answer.status_code, answer.json()["contact"]["contact_name"]) == (201, "Form Ltd")


# 1.4 the envelope and 10 formats


def test_success_has_code_zero_and_the_singular_key(zoho: Wire) -> None:
    answer = zoho.books("POST", "contacts", {"contact_name": "A"}).json()
    assert (answer["code"], answer["message"]) == (0, "The contact has been created")
    assert DIGITS.fullmatch(answer["contact"]["contact_id"])


@pytest.mark.parametrize("module", ["contacts", "items", "invoices", "estimates", "creditnotes", "customerpayments"])
def test_an_empty_list_is_an_empty_array_under_the_plural_key(zoho: Wire, module: str) -> None:
    answer = zoho.books("GET", module)
    assert (answer.status_code, answer.json()["code"], answer.json()[module]) == (200, 0, [])
    context = answer.json()["page_context"]
    assert (context["page"], context["per_page"], context["has_more_page"]) == (1, 200, False)
    assert "total" not in context


def test_empties_are_empty_texts_and_money_is_numbers(zoho: Wire) -> None:
    draft = zoho.show("invoices", zoho.invoice(zoho.customer())["invoice_id"])
    for key in ("reference_number", "estimate_id", "last_payment_date", "zcrm_potential_id"):
        assert draft[key] == "", key
    raw = zoho.books("GET", f"invoices/{draft['invoice_id']}").json()["invoice"]
    assert isinstance(raw["total"], int | float) and isinstance(raw["balance"], int | float)


def test_times_carry_the_organisations_offset_without_a_colon(zoho: Wire) -> None:
    zoho.sim("PUT", f"orgs/{zoho.organization}", {"time_zone": "Asia/Calcutta"})
    zoho.customer()
    stamp = zoho.list("contacts")[0]["last_modified_time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0530", stamp)


# 1.5 paging and filters


def test_pages_hold_at_most_two_hundred_rows_and_say_if_more_follow(zoho: Wire) -> None:
    rows = [{"contact_name": f"C{n:03}"} for n in range(201)]
    zoho.sim("POST", "records/books/contacts", {"data": rows})
    first = zoho.books("GET", "contacts", per_page=500).json()
    second = zoho.books("GET", "contacts", page=2).json()
    assert (len(first["contacts"]), first["page_context"]["has_more_page"]) == (200, True)
    assert (len(second["contacts"]), second["page_context"]["has_more_page"]) == (1, False)


@pytest.mark.parametrize(("order", "names"), [("A", ["Alder", "Beech"]), ("D", ["Beech", "Alder"])])
def test_a_list_is_sorted_as_asked(zoho: Wire, order: str, names: list[str]) -> None:
    zoho.customer("Beech")
    zoho.customer("Alder")
    answer = zoho.books("GET", "contacts", sort_column="contact_name", sort_order=order).json()
    assert [row["contact_name"] for row in answer["contacts"]] == names
    assert (answer["page_context"]["sort_column"], answer["page_context"]["sort_order"]) == ("contact_name", order)


@pytest.mark.parametrize("query", [{"contact_nam": "Alder"}, {"zbridge_key": "1"}, {"cf_zbridge_key": "1"}])
def test_a_filter_that_books_does_not_know_is_ignored(zoho: Wire, query: dict[str, str]) -> None:
    zoho.customer("Alder")
    zoho.customer("Beech")
    assert len(zoho.list("contacts", **query)) == 2


def test_a_filter_in_the_body_is_ignored(zoho: Wire) -> None:
    zoho.customer("Alder")
    zoho.customer("Beech")
    assert len(zoho.books("GET", "contacts", {"contact_name": "Alder"}).json()["contacts"]) == 2


def test_a_bad_filter_by_is_an_invalid_value(zoho: Wire) -> None:
    """9, code 2"""
    answer = zoho.books("GET", "contacts", filter_by="Status.Odd")
    assert (answer.status_code, answer.json()["code"]) == (400, 2)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"contact_name": "Alder"}, {"Alder"}),
        ({"contact_name_startswith": "Al"}, {"Alder", "Alder Two"}),
        ({"contact_name_contains": "ee"}, {"Beech"}),
        ({"email": "ann@beech.test"}, {"Beech"}),
        ({"search_text": "Two"}, {"Alder Two"}),
    ],
)
def test_customers_are_found_by(zoho: Wire, query: dict[str, str], names: set[str]) -> None:
    zoho.customer("Alder")
    zoho.customer("Alder Two")
    person = {"first_name": "Ann", "email": "ann@beech.test", "is_primary_contact": True}
    zoho.customer("Beech", contact_persons=[person])
    assert {row["contact_name"] for row in zoho.list("contacts", **query)} == names


# 9 errors


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"invoices/{MISSING_ID}", 404, 1002),
        ("GET", f"contacts/{MISSING_ID}", 404, 1002),
        ("PUT", f"items/{MISSING_ID}", 404, 1002),
        ("DELETE", f"invoices/{MISSING_ID}", 404, 1002),
        ("GET", "nonsense", 404, 5),
    ],
)
def test_what_is_not_there_has_its_code(zoho: Wire, method: str, path: str, status: int, code: int) -> None:
    answer = zoho.books(method, path, {"name": "A", "rate": 1} if method == "PUT" else None)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) >= {"code", "message"} and "status" not in answer.json()


def test_a_body_that_is_no_json_is_refused(zoho: Wire) -> None:
    query = {"organization_id": zoho.organization}
    answer = zoho.call("POST", "/books/v3/contacts", params=query, data=b"{oops", headers=zoho.signed(None))
    assert answer.status_code == 400 and answer.json()["code"] != 0


# 2 limits


def test_the_hundred_and_first_call_of_a_minute_is_refused_and_the_next_minute_helps(zoho: Wire) -> None:
    answers = [zoho.books("GET", "items") for _ in range(101)]
    refused = answers[-1]
    assert [answer.status_code for answer in answers[:90]] == [200] * 90
    assert (refused.status_code, refused.json()["code"]) == (429, 44)
    zoho.advance(minutes=2)
    assert zoho.books("GET", "items").status_code == 200


def day_used(zoho: Wire, used: int) -> None:
    zoho.sim("PUT", f"orgs/{zoho.organization}", {"day_used": used})


def test_the_days_quota_is_told_in_headers_and_ends_in_code_45(zoho: Wire) -> None:
    answer = zoho.books("GET", "items")
    limit, left = int(answer.headers["X-Rate-Limit-Limit"]), int(answer.headers["X-Rate-Limit-Remaining"])
    assert limit in (1000, 2000, 5000, 10000) and 0 < left < limit
    day_used(zoho, limit)
    refused = zoho.books("GET", "items")
    assert (refused.status_code, refused.json()["code"]) == (429, 45)
    assert 0 < int(refused.headers["X-Rate-Limit-Reset"]) <= 86400


def test_a_new_day_gives_a_new_quota(zoho: Wire) -> None:
    day_used(zoho, 10000)
    assert zoho.books("GET", "items").json()["code"] == 45
    zoho.advance(hours=24)
    zoho.renew()
    assert zoho.books("GET", "items").status_code == 200


def test_too_many_calls_in_flight_are_refused_with_1070(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/books/v3/items$", delay=0.6)

    def ask(_: int) -> Any:
        return Wire.books(zoho, "GET", "items").json()["code"]

    with ThreadPoolExecutor(14) as pool:
        codes = list(pool.map(ask, range(14)))
    assert 1070 in codes and 0 in codes


def test_amounts_keep_their_digits(zoho: Wire) -> None:
    item = zoho.add("items", name="Bolt", rate=0.1)
    assert str(parsed(zoho.books("GET", f"items/{item['item_id']}"))["item"]["rate"]) == "0.1"
