"""Search and COQL: facts/zoho-crm-api-v8.md 2.8 and 2.9."""

from typing import Any

import pytest

from tests.simulator.wire import Wire, eventually


def accounts(zoho: Wire, *names: str, **fields: Any) -> list[str]:
    zoho.switch(crm_search_lag=0)
    return [zoho.insert("Accounts", Account_Name=name, **fields) for name in names]


def found(zoho: Wire, **query: Any) -> set[str]:
    answer = zoho.crm("GET", "Accounts/search", **query)
    assert answer.status_code in (200, 204), answer.text
    return {row["Account_Name"] for row in answer.json()["data"]} if answer.content else set()


# 2.8 search


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "EXPECTED_PARAM_MISSING"),
        ({"word": "a"}, "INVALID_DATA"),
        ({"criteria": "(Account_Name:resembles:A)"}, "INVALID_QUERY"),
        ({"criteria": "(No_Such_Field:equals:A)"}, "INVALID_QUERY"),
        ({"criteria": "((Account_Name:equals:A)and"}, "INVALID_QUERY"),
        ({"criteria": "or".join(["(Account_Name:equals:A)"] * 16)}, "CRITERIA_LIMIT_EXCEEDED"),
    ],
)
def test_a_search_that_breaks_a_rule_is_refused(zoho: Wire, query: dict[str, Any], code: str) -> None:
    answer = zoho.crm("GET", "Accounts/search", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ("(Account_Name:equals:Harbour Ltd)", {"Harbour Ltd"}),
        ("(Account_Name:starts_with:Har)", {"Harbour Ltd", "Harvest Co"}),
        ("(Account_Name:in:Harbour Ltd,Depot)", {"Harbour Ltd", "Depot"}),
        ("((Account_Name:starts_with:Har)and(Phone:equals:1))", {"Harbour Ltd", "Harvest Co"}),
        ("((Account_Name:equals:Depot)or(Account_Name:equals:Harvest Co))", {"Depot", "Harvest Co"}),
        (
            "((Account_Name:equals:Depot)or((Account_Name:starts_with:Har)and(Account_Name:equals:Co)))",
            {"Depot", "Harvest Co"},
        ),
        ("(Annual_Revenue:between:5,15)", {"Harbour Ltd", "Depot", "Harvest Co"}),
        ("(Annual_Revenue:greater_than:10)", set()),
        ("(Account_Name:equals:Nobody)", set()),
    ],
)
def test_a_search_by_criteria_finds(zoho: Wire, criteria: str, names: set[str]) -> None:
    accounts(zoho, "Harbour Ltd", "Depot", "Harvest Co", Phone="1", Annual_Revenue=10)
    assert found(zoho, criteria=criteria) == names


def test_equals_also_finds_names_that_only_contain_the_word(zoho: Wire) -> None:
    accounts(zoho, "Harbour", "Harbour Ltd")
    assert found(zoho, criteria="(Account_Name:equals:Harbour)") == {"Harbour", "Harbour Ltd"}


def test_brackets_and_commas_in_a_value_are_escaped(zoho: Wire) -> None:
    accounts(zoho, "Depot (North), Inc", "Depot")
    assert found(zoho, criteria=r"(Account_Name:equals:Depot \(North\)\, Inc)") == {"Depot (North), Inc"}


def test_criteria_win_over_a_word(zoho: Wire) -> None:
    accounts(zoho, "Harbour", "Depot")
    assert found(zoho, criteria="(Account_Name:equals:Depot)", word="Harbour") == {"Depot"}


def test_a_phone_and_a_word_find_too(zoho: Wire) -> None:
    accounts(zoho, "Harbour Ltd", Phone="+442055501")
    assert found(zoho, phone="+442055501") == {"Harbour Ltd"} == found(zoho, word="Harbour")


def test_a_search_answer_has_no_page_token(zoho: Wire) -> None:
    accounts(zoho, "Harbour A", "Harbour B")
    info = zoho.crm("GET", "Accounts/search", word="Harbour", per_page=1).json()["info"]
    assert (info["count"], info["page"], info["more_records"]) == (1, 1, True)
    assert "next_page_token" not in info


def test_deals_are_found_by_the_id_of_their_account(zoho: Wire) -> None:
    first, second = accounts(zoho, "A", "B")
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification", Account_Name={"id": first})
    zoho.insert("Deals", Deal_Name="E", Stage="Qualification", Account_Name={"id": second})
    answer = zoho.crm("GET", "Deals/search", criteria=f"(Account_Name:equals:{first})")
    assert [row["id"] for row in answer.json()["data"]] == [deal]


def test_a_search_reaches_two_thousand_rows(zoho: Wire) -> None:
    accounts(zoho, "A")
    answer = zoho.crm("GET", "Accounts/search", word="AB", page=11, per_page=200)
    assert (answer.status_code, answer.json()["code"]) == (400, "LIMIT_REACHED")
    assert answer.json()["details"]["limit"]


def test_search_lags_behind_a_write_where_coql_does_not(zoho: Wire) -> None:
    zoho.insert("Accounts", Account_Name="Harbour Ltd")
    assert found(zoho, word="Harbour") == set()
    assert coql(zoho, "select Account_Name from Accounts where Account_Name = 'Harbour Ltd'")
    zoho.advance(seconds=6)
    assert eventually(lambda: found(zoho, word="Harbour"), 6) == {"Harbour Ltd"}


# 2.9 COQL


def coql(zoho: Wire, query: str) -> Any:
    answer = zoho.crm("POST", "coql", {"select_query": query})
    assert answer.status_code in (200, 204), answer.text
    return answer.json()["data"] if answer.content else []


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Account_Name = 'Harbour Ltd'", ["Harbour Ltd"]),
        ("Account_Name = 'Harbour'", []),
        ("Account_Name != 'Depot'", ["Harbour Ltd", "O'Neil"]),
        ("Account_Name in ('Depot', 'Harbour Ltd')", ["Depot", "Harbour Ltd"]),
        ("Account_Name not in ('Depot', 'Harbour Ltd')", ["O'Neil"]),
        ("Account_Name like 'Har%'", ["Harbour Ltd"]),
        ("Account_Name not like '%our%'", ["Depot", "O'Neil"]),
        (r"Account_Name = 'O\'Neil'", ["O'Neil"]),
        ("Website is null", ["Depot", "Harbour Ltd", "O'Neil"]),
        ("Website is not null", []),
        ("Annual_Revenue between 5 and 15", ["Depot", "Harbour Ltd", "O'Neil"]),
        ("((Annual_Revenue >= 10) and (Account_Name < 'E'))", ["Depot"]),
        ("((Account_Name = 'Depot') or (Phone = '2'))", ["Depot"]),
        ("Modified_Time > '2020-01-01T00:00:00+00:00'", ["Depot", "Harbour Ltd", "O'Neil"]),
    ],
)
def test_coql_filters_exactly(zoho: Wire, where: str, names: list[str]) -> None:
    accounts(zoho, "Harbour Ltd", "Depot", "O'Neil", Phone="1", Annual_Revenue=10)
    rows = coql(zoho, f"select Account_Name from Accounts where {where} order by Account_Name asc")
    assert [row["Account_Name"] for row in rows] == names


def test_coql_always_gives_the_id_and_joins_with_a_dot(zoho: Wire) -> None:
    account = accounts(zoho, "Harbour Ltd")[0]
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification", Account_Name={"id": account})
    row = coql(zoho, "select Account_Name, Account_Name.Account_Name from Deals where Deal_Name = 'D'")[0]
    assert row == {"id": deal, "Account_Name": {"id": account}, "Account_Name.Account_Name": "Harbour Ltd"}


@pytest.mark.parametrize("limit", ["limit 1, 1", "limit 1 offset 1"])
def test_coql_pages_by_offset(zoho: Wire, limit: str) -> None:
    accounts(zoho, "A", "B", "C")
    query = f"select Account_Name from Accounts where id is not null order by Account_Name asc {limit}"
    answer = zoho.crm("POST", "coql", {"select_query": query}).json()
    assert [row["Account_Name"] for row in answer["data"]] == ["B"]
    assert answer["info"] == {"count": 1, "more_records": True}


def test_coql_without_a_hit_is_204(zoho: Wire) -> None:
    answer = zoho.crm("POST", "coql", {"select_query": "select id from Accounts where Account_Name = 'X'"})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select id from Accounts", "SYNTAX_ERROR"),
        ("selekt id from Accounts where id is not null", "SYNTAX_ERROR"),
        ("select No_Such from Accounts where id is not null", "INVALID_QUERY"),
        ("select id from Nonsense where id is not null", "INVALID_MODULE"),
        ("select id from Accounts where id is not null limit 2001", "LIMIT_EXCEEDED"),
        (f"select {', '.join(['Phone'] * 51)} from Accounts where id is not null", "LIMIT_EXCEEDED"),
    ],
)
def test_a_wrong_coql_query_is_refused(zoho: Wire, query: str, code: str) -> None:
    answer = zoho.crm("POST", "coql", {"select_query": query})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_coql_reads_line_items_of_many_quotes_at_once(zoho: Wire) -> None:
    """2.10: subforms are API modules too"""
    product = zoho.insert("Products", Product_Name="Pump")
    line = {"Product_Name": {"id": product}, "Quantity": 3, "List_Price": 5}
    quotes = [zoho.insert("Quotes", Subject=name, Quoted_Items=[line]) for name in "QR"]
    named = ", ".join(f"'{quote}'" for quote in quotes)
    rows = coql(zoho, f"select Parent_Id, Quantity from Quoted_Items where Parent_Id in ({named})")
    assert sorted(row["Parent_Id"]["id"] for row in rows) == sorted(quotes)
