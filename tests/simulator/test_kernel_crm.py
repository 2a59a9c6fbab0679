"""What the simulated CRM does beyond the facts' main road: users, channels, own fields, credits, copies."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.wire import CLIENT, Wire, eventually, parsed

CALLBACK = "http://127.0.0.1:8000/callback"
READ = "ZohoCRM.modules.accounts.READ,ZohoCRM.users.READ"


def token_of(zoho: Wire, user: str, scope: str = READ) -> str:
    """An access token of that CRM user, from a consent of theirs."""
    query = {"response_type": "code", "client_id": CLIENT["client_id"], "scope": scope, "redirect_uri": CALLBACK}
    answer = zoho.call("POST", "/oauth/v2/auth", params=query, data={"answer": "accept", "user": user})
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **CLIENT}
    return str(zoho.oauth(grant).json()["access_token"])


def person(zoho: Wire, name: str) -> str:
    row = {"first_name": name, "last_name": "Berg", "email": f"{name}@brightwater.example"}
    return str(zoho.sim("POST", "records/crm/users", {"data": [row]})["data"][0]["id"])


def coql(zoho: Wire, query: str) -> list[str]:
    answer = zoho.crm("POST", "coql", {"select_query": query})
    assert answer.status_code in (200, 204), answer.text
    return sorted(row["id"] for row in answer.json()["data"]) if answer.content else []


def own_field(zoho: Wire, **row: Any) -> Any:
    return zoho.crm("POST", "settings/fields", {"fields": [row]}, module="Accounts").json()["fields"][0]


def test_the_one_who_consented_is_the_current_user(zoho: Wire) -> None:
    ida = person(zoho, "Ida")
    zoho.token = token_of(zoho, ida)
    assert zoho.crm("GET", "users", type="CurrentUser").json()["users"][0]["id"] == ida


def test_a_page_token_is_no_good_to_another_user(zoho: Wire) -> None:
    zoho.insert("Accounts", Account_Name="One")
    zoho.insert("Accounts", Account_Name="Two")
    query: dict[str, Any] = {"fields": "Account_Name", "per_page": 1}
    page_token = zoho.crm("GET", "Accounts", **query).json()["info"]["next_page_token"]
    zoho.token = token_of(zoho, person(zoho, "Ida"))
    answer = zoho.crm("GET", "Accounts", **query, page_token=page_token)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_DATA")


def test_search_needs_its_own_scope_beside_the_modules(zoho: Wire) -> None:
    zoho.token = token_of(zoho, "")
    for path in ("Accounts/search", "Accounts/actions/count"):
        assert zoho.crm("GET", path, word="Harbour").json()["code"] == "OAUTH_SCOPE_MISMATCH"


def test_a_count_counts_what_a_criterion_finds(zoho: Wire) -> None:
    zoho.switch(crm_search_lag=0)
    for name in ("Harbour Ltd", "Harbour North", "Dock"):
        zoho.insert("Accounts", Account_Name=name)
    assert zoho.crm("GET", "Accounts/actions/count", criteria="(Account_Name:equals:Harbour)").json() == {"count": 2}


@pytest.mark.parametrize(
    "criteria",
    ["(Account_Name:greater_than:A)", "(Employees:equals:many)", "(Description:in:a,b)", "(Employees:between:1)"],
)
def test_a_criterion_of_the_wrong_kind_is_refused(zoho: Wire, criteria: str) -> None:
    answer = zoho.crm("GET", "Accounts/search", criteria=criteria)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_QUERY")


@pytest.mark.parametrize(
    "where",
    [
        "id in ('{a}', '{b}', '1')",
        "Account_Name = '{account}'",
        "(Account_Name in ('{account}') and Amount > 0)",
        "(Modified_Time >= '2020-01-01T00:00:00+00:00' and Amount > 0)",
        "(id = '{a}' or id = '{b}')",
        "Account_Name not in ('1')",
    ],
)
def test_coql_finds_the_same_however_it_is_asked(zoho: Wire, where: str) -> None:
    account = zoho.insert("Accounts", Account_Name="Harbour")
    made = [
        zoho.insert("Deals", Deal_Name=name, Stage="Closed Won", Amount=5, Account_Name={"id": account})
        for name in ("One", "Two")
    ]
    query = f"select id from Deals where {where}".format(a=made[0], b=made[1], account=account)
    assert coql(zoho, query) == sorted(made)


def test_a_line_is_found_by_its_product_too(zoho: Wire) -> None:
    product = zoho.insert("Products", Product_Name="Pump", Unit_Price=5)
    zoho.insert("Quotes", Subject="Refit", Quoted_Items=[{"Product_Name": {"id": product}, "Quantity": 1}])
    assert len(coql(zoho, f"select id from Quoted_Items where Product_Name = '{product}'")) == 1


@pytest.mark.parametrize(
    ("row", "code", "name"),
    [
        ({"data_type": "text"}, "MANDATORY_NOT_FOUND", "field_label"),
        ({"field_label": "Size", "data_type": "wood"}, "INVALID_DATA", "data_type"),
        ({"field_label": "Size", "data_type": "text", "length": 256}, "INVALID_DATA", "length"),
        ({"field_label": "account name", "data_type": "text"}, "DUPLICATE_DATA", "field_label"),
        ({"field_label": "Size", "data_type": "lookup", "lookup": {"module": {}}}, "INVALID_DATA", "lookup"),
    ],
)
def test_an_own_field_beyond_the_limits_is_refused(zoho: Wire, row: Any, code: str, name: str) -> None:
    seen = own_field(zoho, **row)
    assert (seen["code"], seen["details"]["api_name"]) == (code, name)


def test_a_standard_edition_has_room_for_ten_own_fields(zoho: Wire) -> None:
    org = zoho.sim("GET", "info")["crm_org_id"]
    zoho.sim("PUT", f"orgs/{org}", {"edition": "standard"})
    codes = [own_field(zoho, field_label=f"Size {number}", data_type="text")["code"] for number in range(11)]
    assert codes[0] == "SUCCESS" and codes[-1] == "LIMIT_EXCEEDED"


def test_one_field_is_read_by_its_id(zoho: Wire) -> None:
    own_field(zoho, field_label="Size", data_type="text")
    rows = zoho.crm("GET", "settings/fields", module="Accounts").json()["fields"]
    wanted = next(row["id"] for row in rows if row["api_name"] == "Size")
    assert zoho.crm("GET", f"settings/fields/{wanted}", module="Accounts").json()["fields"][0]["api_name"] == "Size"


def test_a_copy_leaves_what_is_unique_with_the_first(zoho: Wire) -> None:
    own_field(zoho, field_label="Books ID", data_type="text", unique={"case_sensitive": False})
    first = zoho.insert("Accounts", Account_Name="Harbour", Books_ID="46", VAT_ID="DE1")
    copy = zoho.act("crm", "Accounts", first, "clone")
    assert (copy["VAT_ID"], copy.get("Books_ID")) == ("DE1", None)


def test_a_copied_quote_gets_a_number_of_its_own(zoho: Wire) -> None:
    product = zoho.insert("Products", Product_Name="Pump", Unit_Price=5)
    first = zoho.insert("Quotes", Subject="Refit", Quoted_Items=[{"Product_Name": {"id": product}, "Quantity": 1}])
    copy = zoho.act("crm", "Quotes", first, "clone")
    assert copy["Quote_Number"] != zoho.record("Quotes", first)["Quote_Number"]


def test_a_locked_record_is_not_deleted_over_the_api(zoho: Wire) -> None:
    account = zoho.insert("Accounts", Account_Name="Harbour")
    zoho.act("crm", "Accounts", account, "lock")
    assert zoho.crm("DELETE", f"Accounts/{account}").json()["data"][0]["code"] == "RECORD_LOCKED"


def test_products_are_put_to_a_deal_and_taken_off_again(zoho: Wire) -> None:
    deal, product = (
        zoho.insert("Deals", Deal_Name="Refit", Stage="Closed Won"),
        zoho.insert("Products", Product_Name="P"),
    )
    zoho.crm("PUT", f"Deals/{deal}/Products", {"data": [{"id": product}]})
    assert zoho.crm("GET", f"Deals/{deal}/Products", fields="Product_Name").status_code == 200
    zoho.crm("DELETE", f"Deals/{deal}/Products", ids=product)
    assert zoho.crm("GET", f"Deals/{deal}/Products", fields="Product_Name").status_code == 204


def test_credits_come_back_a_day_after_they_were_used_not_at_midnight(zoho: Wire) -> None:
    org = zoho.sim("GET", "info")["crm_org_id"]
    zoho.sim("PUT", f"orgs/{org}", {"credits_used": 59_999})
    used = []
    for hours in (0, 23, 2):
        zoho.advance(hours=hours)
        used.append(zoho.sim("GET", f"orgs/{org}")["credits_used"])
    assert used == [59_999, 59_999, 0]


def test_the_log_shows_what_came_of_a_row_and_no_secret(zoho: Wire) -> None:
    seen = zoho.sim("GET", "requests")["requests"][-1]["n"] if zoho.sim("GET", "requests")["requests"] else 0
    zoho.insert("Accounts", Account_Name="Harbour")
    zoho.refresh()
    insert, refresh = zoho.sim("GET", f"requests?since={seen}")["requests"]
    assert insert["answer"]["data"][0]["code"] == "SUCCESS"
    assert {refresh["body"]["refresh_token"], refresh["answer"]["access_token"]} == {"***"}


def test_a_channel_with_selected_fields_is_silent_about_others(zoho: Wire) -> None:
    deal = zoho.insert("Deals", Deal_Name="Refit", Stage="Closed Won")
    selection = {"group_operator": "or", "group": [{"field": {"api_name": "Amount"}}]}
    condition = {"type": "field_selection", "module": {"api_name": "Deals"}, "field_selection": selection}
    expiry = (zoho.now() + timedelta(days=1)).isoformat()
    row = {
        "channel_id": 7,
        "events": ["Deals.edit"],
        "channel_expiry": expiry,
        "notify_url": "http://zbridge.example/hook",
    }
    zoho.crm("POST", "actions/watch", {"watch": [row | {"notification_condition": [condition]}]})
    zoho.update("Deals", deal, Next_Step="Call")
    zoho.update("Deals", deal, Amount=5)
    assert eventually(lambda: zoho.sim("GET", "deliveries")["deliveries"])
    assert [one["body"]["affected_fields"] for one in zoho.sim("GET", "deliveries")["deliveries"]] == [
        [{deal: ["Amount"]}]
    ]


def test_people_can_be_made_inactive(zoho: Wire) -> None:
    ida = person(zoho, "Ida")
    zoho.sim("PUT", f"records/crm/users/{ida}", {"data": [{"status": "disabled"}]})
    users = parsed(zoho.crm("GET", "users", type="AllUsers"))["users"]
    assert [one["status"] for one in users if one["id"] == ida] == ["disabled"]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ({"Discount": "much"}, "Discount"),
        ({"Line_Tax": [{"name": "VAT 19", "percentage": "a lot"}]}, "Line_Tax"),
        ({"List_Price": 1e300}, "List_Price"),
    ],
)
def test_a_line_that_no_quote_can_hold_is_refused(zoho: Wire, line: Any, place: str) -> None:
    product = zoho.insert("Products", Product_Name="Pump", Unit_Price=5)
    rows = [{"Product_Name": {"id": product}, "Quantity": 1} | line]
    answer = zoho.crm("POST", "Quotes", {"data": [{"Subject": "Refit", "Quoted_Items": rows}]})
    assert (answer.status_code, answer.json()["data"][0]["details"]["api_name"]) == (400, place)


def test_a_client_that_tells_no_length_is_told_to(zoho: Wire) -> None:
    answer = zoho.call("POST", "/crm/v8/Deals", data=iter([b"{}"]))
    assert (answer.status_code, answer.headers["Connection"]) == (411, "close")
