"""The controls below /_sim/ that stories, operators and other tests rely on: design.md 10."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulator.wire import DIGITS, Wire


def test_info_tells_clock_seed_and_organisations(zoho: Wire) -> None:
    info = zoho.sim("GET", "info")
    assert set(info) >= {"clock", "seed", "crm_org_id", "books_organization_id", "second_books_organization_id"}
    assert info["seed"] == 1 and datetime.fromisoformat(info["clock"]).tzinfo
    assert info["books_organization_id"] != info["second_books_organization_id"]


def test_a_world_of_size_none_has_no_records(zoho: Wire) -> None:
    counts = zoho.sim("GET", "counts")
    assert set(counts) >= {"crm", "books"}
    assert not any(counts["crm"].get(name) for name in ("Accounts", "Deals", "Quotes", "Products", "Contacts"))
    assert not any(counts["books"].get(name) for name in ("contacts", "items", "invoices", "customerpayments"))


def test_counts_follow_the_records(zoho: Wire) -> None:
    zoho.insert("Accounts", Account_Name="A")
    zoho.customer()
    counts = zoho.sim("GET", "counts")
    assert (counts["crm"]["Accounts"], counts["books"]["contacts"]) == (1, 1)


# the log


def test_the_log_keeps_each_call_with_body_and_answer(zoho: Wire) -> None:
    last = max([row["n"] for row in zoho.sim("GET", "requests")["requests"]], default=0)
    zoho.customer("Harbour Ltd")
    zoho.crm("GET", "Accounts", fields="id")
    zoho.sim("GET", "info")
    posted, read = zoho.sim("GET", f"requests?since={last}")["requests"]
    assert (posted["method"], posted["path"], posted["status"]) == ("POST", "/books/v3/contacts", 201)
    assert posted["body"] == {"contact_name": "Harbour Ltd"}
    assert posted["query"] == {"organization_id": zoho.organization} and posted["answer"]["code"] == 0
    assert (read["path"], read["status"], read["answer"], read["n"]) == ("/crm/v8/Accounts", 204, None, posted["n"] + 1)


def test_the_log_keeps_token_calls_too(zoho: Wire) -> None:
    zoho.refresh()
    assert zoho.sim("GET", "requests")["requests"][-1]["path"] == "/oauth/v2/token"


# the clock


def test_the_clock_is_set_and_advanced_and_runs_on(zoho: Wire) -> None:
    zoho.sim("POST", "clock", {"now": "2026-06-01T08:00:00+00:00"})
    assert timedelta(0) <= zoho.now() - datetime(2026, 6, 1, 8, tzinfo=UTC) < timedelta(seconds=5)
    before = zoho.now()
    zoho.advance(days=1)
    assert timedelta(days=1) <= zoho.now() - before < timedelta(days=1, seconds=5)


def test_records_carry_the_simulators_time(zoho: Wire) -> None:
    zoho.sim("POST", "clock", {"now": (zoho.now() + timedelta(days=40)).isoformat()})
    zoho.renew()
    deal = zoho.record("Deals", zoho.insert("Deals", Deal_Name="D", Stage="Qualification"))
    assert abs(datetime.fromisoformat(deal["Created_Time"]) - zoho.now()) < timedelta(seconds=5)


# snapshot, restore, reset


def test_a_restore_brings_records_switches_and_clock_state_back(zoho: Wire) -> None:
    zoho.customer("A")
    zoho.sim("POST", "snapshot", {"name": "one"})
    zoho.customer("B")
    zoho.switch(crm_search_lag=0)
    zoho.sim("POST", "restore", {"name": "one"})
    assert [row["contact_name"] for row in zoho.list("contacts")] == ["A"]


def test_a_restore_takes_ids_up_where_the_snapshot_left_them(zoho: Wire) -> None:
    zoho.sim("POST", "snapshot", {"name": "one"})
    first = zoho.insert("Accounts", Account_Name="A")
    zoho.sim("POST", "restore", {"name": "one"})
    assert zoho.insert("Accounts", Account_Name="A") == first


def test_an_unknown_snapshot_is_refused(zoho: Wire) -> None:
    assert zoho.call("POST", "/_sim/restore", json={"name": "nowhere"}).status_code in (400, 404)


def test_a_reset_clears_records_faults_log_and_clock(zoho: Wire) -> None:
    zoho.customer()
    zoho.advance(days=90)
    zoho.fault(method="GET", path="/books/v3", status=500, code=1000)
    zoho.sim("POST", "reset")
    assert zoho.sim("GET", "requests")["requests"] == []
    assert not zoho.sim("GET", "counts")["books"].get("contacts")
    zoho.renew()
    assert zoho.books("GET", "items").status_code == 200


# records, as that system's own user would


def test_a_persons_record_is_seen_by_the_api_and_moves_its_time(zoho: Wire) -> None:
    made = zoho.sim("POST", "records/crm/Deals", {"data": [{"Deal_Name": "D", "Stage": "Qualification"}], "as": "user"})
    deal = made["data"][0]["id"]
    before = zoho.record("Deals", deal)["Modified_Time"]
    zoho.advance(minutes=1)
    zoho.sim("PUT", f"records/crm/Deals/{deal}", {"data": [{"Amount": 5}], "as": "user"})
    after = zoho.record("Deals", deal)
    assert after["Amount"] == 5 and after["Modified_Time"] > before


def test_records_are_read_and_deleted_below_their_module(zoho: Wire) -> None:
    customer = zoho.customer("A")
    assert DIGITS.fullmatch(zoho.sim("GET", "records/books/contacts")["data"][0]["contact_id"])
    assert zoho.sim("GET", f"records/books/contacts/{customer}")["data"][0]["contact_name"] == "A"
    zoho.sim("DELETE", f"records/books/contacts/{customer}")
    assert zoho.list("contacts") == []


def test_a_person_may_write_what_the_api_may_not(zoho: Wire) -> None:
    """Edit price: the user of Books changes an item without the API telling who"""
    item = zoho.add("items", name="Bolt", rate=2)["item_id"]
    zoho.sim("PUT", f"records/books/items/{item}", {"data": [{"rate": 3}], "as": "user"})
    assert zoho.show("items", item)["rate"] == 3


# actions


def test_crm_accounts_merge_into_one(zoho: Wire) -> None:
    first, second = (zoho.insert("Accounts", Account_Name=name) for name in "AB")
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification", Account_Name={"id": second})
    zoho.act("crm", "Accounts", second, "merge", into=first)
    assert zoho.crm("GET", f"Accounts/{second}").status_code == 204
    assert zoho.record("Deals", deal)["Account_Name"]["id"] == first


def test_books_customers_merge_and_the_loser_just_disappears(zoho: Wire) -> None:
    """Books 3.1"""
    first, second = zoho.customer("A"), zoho.customer("B")
    invoice = zoho.invoice(second)["invoice_id"]
    zoho.act("books", "contacts", second, "merge", into=first)
    assert zoho.books("GET", f"contacts/{second}").status_code == 404
    assert zoho.show("invoices", invoice)["customer_id"] == first


@pytest.mark.parametrize("module", ["invoices", "customerpayments"])
def test_finance_unapplies_and_refunds(zoho: Wire, module: str) -> None:
    customer = zoho.customer()
    invoice = zoho.invoice(customer)["invoice_id"]
    zoho.act("books", "invoices", invoice, "send")
    zoho.act("books", "invoices", invoice, "pay", amount=100, date="2026-03-01")
    payment = zoho.list("customerpayments")[0]["payment_id"]
    zoho.act("books", module, invoice if module == "invoices" else payment, "unapply")
    assert zoho.list("contacts")[0]["unused_credits_receivable_amount"] == 100
    zoho.act("books", "customerpayments", payment, "refund", amount=40)
    assert zoho.list("contacts")[0]["unused_credits_receivable_amount"] == 60


def test_finance_applies_a_credit_note(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = zoho.invoice(customer)["invoice_id"]
    line = {"name": "Return", "rate": 30, "quantity": 1}
    note = zoho.add("creditnotes", customer_id=customer, line_items=[line])["creditnote_id"]
    zoho.act("books", "invoices", invoice, "send")
    zoho.act("books", "invoices", invoice, "apply_credit", creditnote_id=note, amount=30)
    assert zoho.show("invoices", invoice)["balance"] == 70


def test_a_person_clones_a_deal_with_our_fields(zoho: Wire) -> None:
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification", Description="key ZB-1")
    copy = zoho.act("crm", "Deals", deal, "clone")
    row = copy.get("data", [copy])[0]
    assert row["id"] != deal and zoho.record("Deals", row["id"])["Description"] == "key ZB-1"


@pytest.mark.parametrize(("side", "module", "name"), [("crm", "Deals", "Books_Note"), ("books", "invoices", "cf_note")])
def test_a_custom_field_is_made_and_taken_away(zoho: Wire, side: str, module: str, name: str) -> None:
    def there() -> bool:
        if side == "crm":
            return name in zoho.crm("GET", "settings/fields", module=module).text
        return name in zoho.books("GET", "settings/fields", entity="invoice").text

    zoho.sim("PUT", f"fields/{side}/{module}/{name}", {"data_type": "text" if side == "crm" else "string"})
    assert there()
    zoho.sim("DELETE", f"fields/{side}/{module}/{name}")
    assert not there()


# tokens


def test_tokens_expire_or_are_revoked_at_will(zoho: Wire) -> None:
    zoho.sim("POST", "tokens", {"action": "expire"})
    assert zoho.crm("GET", "org").json()["code"] == "INVALID_TOKEN"
    zoho.renew()
    assert zoho.crm("GET", "org").status_code == 200
    zoho.sim("POST", "tokens", {"action": "revoke"})
    assert zoho.crm("GET", "org").json()["code"] == "INVALID_TOKEN"
    assert zoho.refresh().json() == {"error": "invalid_code"}


@pytest.mark.parametrize(("scope", "side"), [("ZohoCRM.org.READ", "crm"), ("ZohoBooks.contacts.READ", "books")])
def test_a_scope_can_be_dropped(zoho: Wire, scope: str, side: str) -> None:
    zoho.sim("POST", "tokens", {"action": "drop_scope", "scope": scope})
    answer = zoho.crm("GET", "org") if side == "crm" else zoho.books("GET", "contacts")
    assert answer.status_code == 401
    zoho.renew()
    answer = zoho.crm("GET", "org") if side == "crm" else zoho.books("GET", "contacts")
    assert answer.status_code == 401, "the scope is lost for the refresh token, not only for one access token"


def test_the_root_is_a_page_for_people(zoho: Wire) -> None:
    page = zoho.call("GET", "/")
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")


def test_of_rows_typed_together_none_stays_when_one_is_refused(zoho: Wire) -> None:
    rows = {"data": [{"Account_Name": "A"}, {"Phone": "no name"}]}
    assert zoho.call("POST", "/_sim/records/crm/Accounts", json=rows).status_code == 400
    assert not zoho.sim("GET", "counts")["crm"].get("Accounts")


def test_nobody_hears_of_a_record_that_was_refused(zoho: Wire) -> None:
    channel = {"channel_id": "1", "events": ["Accounts.all"], "notify_url": "http://127.0.0.1:9/", "token": "t"}
    zoho.crm("POST", "actions/watch", {"watch": [channel]})
    before = len(zoho.sim("GET", "deliveries")["deliveries"])
    rows = {"data": [{"Account_Name": "A"}, {"Phone": "no name"}]}
    zoho.call("POST", "/_sim/records/crm/Accounts", json=rows)
    assert len(zoho.sim("GET", "deliveries")["deliveries"]) == before
    zoho.insert("Accounts", Account_Name="B")
    assert len(zoho.sim("GET", "deliveries")["deliveries"]) == before + 1


@pytest.mark.parametrize("wrong", [{"books_duplicate_sku": "allowed"}, {"books_rate_headers": "off"}])
def test_a_switch_takes_only_its_outcomes(zoho: Wire, wrong: dict[str, str]) -> None:
    assert zoho.call("PUT", "/_sim/switches", json=wrong).status_code == 400
