"""What nobody could verify about Books: facts/simulator-defaults.md, each switch with all its outcomes."""

from datetime import timedelta
from time import sleep
from typing import Any

import pytest
import requests

from tests.simulator.listener import listening
from tests.simulator.wire import Wire, eventually

KEY = {"entity": "invoice", "label": "zbridge key", "data_type": "string", "show_on_pdf": False, "is_unique": True}
LINE = {"name": "W", "rate": 5, "quantity": 1}
MISSING_ID = "4600000000099999999"


def keyed(zoho: Wire, customer: str, value: str = "ZB-1") -> Any:
    custom = [{"api_name": "cf_zbridge_key", "value": value}]
    return zoho.books("POST", "invoices", {"customer_id": customer, "line_items": [LINE], "custom_fields": custom})


def key_field(zoho: Wire, entity: str = "invoice") -> None:
    assert zoho.books("POST", "settings/fields", KEY | {"entity": entity}).json()["code"] == 0


def outcome(answer: Any) -> tuple[int, int]:
    return answer.status_code, answer.json()["code"]


def day(zoho: Wire, days: int = 0) -> str:
    return (zoho.now() + timedelta(days=days)).date().isoformat()


def org(zoho: Wire, **changed: Any) -> None:
    zoho.sim("PUT", f"orgs/{zoho.organization}", changed)


def sent(zoho: Wire, customer: str, **fields: Any) -> str:
    invoice = zoho.invoice(customer, **fields)["invoice_id"]
    assert zoho.books("POST", f"invoices/{invoice}/status/sent").status_code == 200
    return str(invoice)


def pay(zoho: Wire, customer: str, invoice: str, amount: float) -> Any:
    row = {"invoice_id": invoice, "amount_applied": amount}
    today = day(zoho)
    fields = {"customer_id": customer, "payment_mode": "cash", "amount": amount, "date": today}
    return zoho.add("customerpayments", **fields, invoices=[row])


# uniqueness


@pytest.mark.parametrize(
    ("value", "expected"), [(None, (400, 120)), ("400_code_4", (400, 4)), ("accepted", (201, 0)), ("racy", (201, 0))]
)
def test_a_twin_is_refused_unless_switched(zoho: Wire, value: str | None, expected: tuple[int, int]) -> None:
    key_field(zoho)
    if value:
        zoho.switch(books_unique_twin=value)
    customer = zoho.customer()
    keyed(zoho, customer)
    assert outcome(keyed(zoho, customer)) == expected


def test_a_racy_constraint_holds_after_a_second(zoho: Wire) -> None:
    key_field(zoho)
    zoho.switch(books_unique_twin="racy")
    customer = zoho.customer()
    keyed(zoho, customer)
    zoho.advance(seconds=2)
    assert keyed(zoho, customer).status_code == 400


@pytest.mark.parametrize(
    ("value", "after_void", "after_delete"),
    [
        (None, 400, 201),
        ("void_frees", 201, 201),
        ("deleted_holds", 400, 400),
    ],
)
def test_what_a_void_or_deleted_invoice_does_with_its_value(
    zoho: Wire, value: str | None, after_void: int, after_delete: int
) -> None:
    key_field(zoho)
    if value:
        zoho.switch(books_unique_after_void=value)
    customer = zoho.customer()
    voided, deleted = (keyed(zoho, customer, name).json()["invoice"]["invoice_id"] for name in ("void", "gone"))
    zoho.books("POST", f"invoices/{voided}/status/void")
    zoho.books("DELETE", f"invoices/{deleted}")
    assert keyed(zoho, customer, "void").status_code == after_void
    assert keyed(zoho, customer, "gone").status_code == after_delete


@pytest.mark.parametrize(("value", "status"), [(None, 201), (200, 200)])
def test_an_upsert_that_creates_answers(zoho: Wire, value: int | None, status: int) -> None:
    key_field(zoho, "contact")
    if value:
        zoho.switch(books_put_upsert_create_status=value)
    headers = {"X-Unique-Identifier-Key": "cf_zbridge_key", "X-Unique-Identifier-Value": "1", "X-Upsert": "true"}
    body = {"contact_name": "A", "custom_fields": [{"api_name": "cf_zbridge_key", "value": "1"}]}
    assert zoho.books("PUT", "contacts", body, headers=headers).status_code == status


# lists


@pytest.mark.parametrize("shown", [True, False])
def test_rows_of_a_list_carry_custom_fields(zoho: Wire, shown: bool) -> None:
    key_field(zoho)
    if not shown:
        zoho.switch(books_cf_in_list=False)
    made = keyed(zoho, zoho.customer()).json()["invoice"]["invoice_id"]
    row = zoho.list("invoices")[0]
    assert ("cf_zbridge_key" in row, bool(row.get("custom_fields"))) == (shown, shown)
    assert zoho.show("invoices", made)["cf_zbridge_key"] == "ZB-1"


def modified_tomorrow(zoho: Wire, module: str) -> int:
    tomorrow = (zoho.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    return len(zoho.list(module, last_modified_time=tomorrow))


def one_of_each(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.add("items", name="Bolt", rate=1)
    pay(zoho, customer, sent(zoho, customer), 50)
    zoho.add("creditnotes", customer_id=customer, line_items=[LINE])
    zoho.add("estimates", customer_id=customer, line_items=[LINE])


def test_the_modified_filter_works_but_on_payments(zoho: Wire) -> None:
    one_of_each(zoho)
    modules = ("contacts", "items", "estimates", "creditnotes", "invoices", "customerpayments")
    assert [modified_tomorrow(zoho, module) for module in modules] == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("module", ["contacts", "items", "estimates", "creditnotes"])
def test_the_modified_filter_can_be_ignored_on_any_list(zoho: Wire, module: str) -> None:
    one_of_each(zoho)
    zoho.switch(books_modified_filter=[module])
    assert modified_tomorrow(zoho, module) == 1


@pytest.mark.parametrize(
    ("switched", "moved"),
    [
        ({}, (True, False)),
        ({"books_payment_bumps_invoice": False}, (False, False)),
        ({"books_payment_bumps_contact": True}, (True, True)),
    ],
)
def test_a_payment_moves_the_modified_time_of(zoho: Wire, switched: dict[str, bool], moved: tuple[bool, bool]) -> None:
    zoho.switch(**switched)
    customer = zoho.customer()
    invoice = sent(zoho, customer)

    def times() -> tuple[str, str]:
        return zoho.list("invoices")[0]["last_modified_time"], zoho.list("contacts")[0]["last_modified_time"]

    before = times()
    zoho.advance(minutes=5)
    pay(zoho, customer, invoice, 50)
    after = times()
    assert (before[0] != after[0], before[1] != after[1]) == moved


# creating


@pytest.mark.parametrize("stored", [True, False])
def test_the_deals_id_is_stored_on_an_invoice(zoho: Wire, stored: bool) -> None:
    if not stored:
        zoho.switch(books_potential_id_on_create="ignored")
    deal = zoho.insert("Deals", Deal_Name="D", Stage="Qualification")
    draft = zoho.invoice(zoho.customer(), zcrm_potential_id=deal)
    assert draft["zcrm_potential_id"] == (deal if stored else "")
    assert len(zoho.list("invoices", zcrm_potential_id=deal)) == (1 if stored else 0)


def own_number(zoho: Wire, customer: str) -> Any:
    body = {"customer_id": customer, "line_items": [LINE], "invoice_number": "A-1"}
    return zoho.books("POST", "invoices", body, ignore_auto_number_generation="true")


@pytest.mark.parametrize(("switched", "status"), [({}, 400), ({"books_duplicate_invoice_number": "accepted"}, 201)])
def test_a_second_invoice_of_the_same_number(zoho: Wire, switched: dict[str, str], status: int) -> None:
    zoho.switch(**switched)
    customer = zoho.customer()
    own_number(zoho, customer)
    answer = own_number(zoho, customer)
    assert answer.status_code == status
    assert status == 201 or (answer.json()["code"] != 0 and "already exists" in answer.json()["message"])


@pytest.mark.parametrize(("switched", "status"), [({}, 400), ({"books_duplicate_sku": "accepted"}, 201)])
def test_a_second_item_of_the_same_sku(zoho: Wire, switched: dict[str, str], status: int) -> None:
    zoho.switch(**switched)
    zoho.add("items", name="Bolt", rate=1, sku="B-1")
    assert zoho.books("POST", "items", {"name": "Nut", "rate": 1, "sku": "B-1"}).status_code == status


def test_an_organisation_may_allow_the_same_name_twice(zoho: Wire) -> None:
    org(zoho, duplicate_names=True)
    assert zoho.customer("Acme") != zoho.customer("Acme")
    assert len(zoho.list("contacts", filter_by="Status.Duplicate")) == 2


def test_the_name_switch_allows_the_same_name_twice(zoho: Wire) -> None:
    zoho.switch(books_duplicate_contact_name="accepted")
    assert zoho.customer("Acme") != zoho.customer("Acme")


@pytest.mark.parametrize(("switched", "status"), [({}, 400), ({"books_inactive_customer": "accepted"}, 201)])
def test_an_invoice_for_an_inactive_customer(zoho: Wire, switched: dict[str, str], status: int) -> None:
    zoho.switch(**switched)
    customer = zoho.customer()
    zoho.books("POST", f"contacts/{customer}/inactive")
    answer = zoho.books("POST", "invoices", {"customer_id": customer, "line_items": [LINE]})
    assert answer.status_code == status


@pytest.mark.parametrize(("switched", "status"), [({}, 400), ({"books_inactive_item": "accepted"}, 201)])
def test_an_invoice_of_an_inactive_item(zoho: Wire, switched: dict[str, str], status: int) -> None:
    zoho.switch(**switched)
    item = zoho.add("items", name="Bolt", rate=1)["item_id"]
    zoho.books("POST", f"items/{item}/inactive")
    body = {"customer_id": zoho.customer(), "line_items": [{"item_id": item, "quantity": 1}]}
    assert zoho.books("POST", "invoices", body).status_code == status


@pytest.mark.parametrize(("switched", "status"), [({}, 400), ({"books_currency_mismatch": "accepted"}, 201)])
def test_an_invoice_in_another_currency_than_the_customers(zoho: Wire, switched: dict[str, str], status: int) -> None:
    zoho.switch(**switched)
    rows = zoho.books("GET", "settings/currencies").json()["currencies"]
    foreign = next(row["currency_id"] for row in rows if not row["is_base_currency"])
    body = {"customer_id": zoho.customer(), "line_items": [LINE], "currency_id": foreign, "exchange_rate": 1.1}
    assert zoho.books("POST", "invoices", body).status_code == status


# the validation family


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"line_items": [LINE | {"tax_id": MISSING_ID}]}, "tax"), ({"line_items": []}, "line")],
)
def test_a_faulty_invoice_names_the_field(zoho: Wire, changed: dict[str, Any], named: str) -> None:
    answer = zoho.books("POST", "invoices", {"customer_id": zoho.customer(), "line_items": [LINE]} | changed)
    assert answer.status_code == 400 and answer.json()["code"] in (2, 4, 9)
    assert named in answer.json()["message"].lower()


def test_a_locked_period_takes_no_invoice(zoho: Wire) -> None:
    org(zoho, transaction_lock=day(zoho))
    body = {"customer_id": zoho.customer(), "line_items": [LINE]}
    answer = zoho.books("POST", "invoices", body | {"date": day(zoho, -3)})
    assert answer.status_code == 400 and answer.json()["code"] in (2, 4, 9)
    assert zoho.books("POST", "invoices", body | {"date": day(zoho, 3)}).status_code == 201


def test_a_customer_with_documents_can_not_be_deleted(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.invoice(customer)
    answer = zoho.books("DELETE", f"contacts/{customer}")
    assert answer.status_code == 400 and answer.json()["code"] != 0


@pytest.mark.parametrize(
    ("switched", "status"), [({}, "overdue"), ({"books_part_paid_past_due": "partially_paid"}, "partially_paid")]
)
def test_a_part_paid_invoice_past_its_due_date_is(zoho: Wire, switched: dict[str, str], status: str) -> None:
    zoho.switch(**switched)
    customer = zoho.customer()
    invoice = sent(zoho, customer, date=day(zoho), due_date=day(zoho, 5))
    pay(zoho, customer, invoice, 40)
    zoho.advance(days=10)
    zoho.renew()
    assert zoho.show("invoices", invoice)["status"] == status


@pytest.mark.parametrize(
    ("value", "asked", "total"),
    [
        (None, True, 108),
        (None, False, 110),
        ("before", False, 108),
        ("after", True, 110),
    ],
)
def test_the_order_of_discount_and_tax(zoho: Wire, value: str | None, asked: bool, total: int) -> None:
    if value:
        zoho.switch(books_discount_tax_order=value)
    line = {"name": "A", "rate": 100, "quantity": 1, "tax_id": zoho.tax(20)}
    header = {"discount": 10, "discount_type": "entity_level", "is_discount_before_tax": asked}
    assert zoho.invoice(zoho.customer(), line, **header)["total"] == total


# the transport


@pytest.mark.parametrize(("switched", "made"), [({}, 1), ({"books_late_commit": "dropped"}, 0)])
def test_a_post_whose_client_has_gone(zoho: Wire, switched: dict[str, str], made: int) -> None:
    zoho.switch(**switched)
    zoho.fault(method="POST", path="/books/v3/contacts$", times=1, commit_after=0.3)
    with pytest.raises(requests.ConnectionError):
        zoho.books("POST", "contacts", {"contact_name": "Late Ltd"})
    assert zoho.list("contacts") == []
    sleep(0.5)
    assert len(zoho.list("contacts")) == made


def test_statuses_of_a_missing_and_a_foreign_organisation(zoho: Wire) -> None:
    zoho.switch(books_missing_org_status=401, books_6041_status=404)
    missing = zoho.call("GET", "/books/v3/contacts", headers=zoho.signed(None))
    foreign = zoho.books("GET", "contacts", organization_id="1")
    assert (missing.status_code, foreign.status_code, foreign.json()["code"]) == (401, 404, 6041)


def test_the_rate_headers_can_be_absent(zoho: Wire) -> None:
    zoho.switch(books_rate_headers=False)
    answer = zoho.books("GET", "items")
    assert not [name for name in answer.headers if name.lower().startswith("x-rate-limit")]


@pytest.mark.parametrize("told", [True, False])
def test_a_web_hook_tells_its_organisation(zoho: Wire, told: bool) -> None:
    if not told:
        zoho.switch(books_webhook_org_id=False)
    with listening() as ear:
        hook = {"webhook_name": "zbridge", "entity": "invoice", "url": f"{ear.url}/", "method": "POST"}
        assert zoho.books("POST", "settings/webhooks", hook).json()["code"] == 0
        zoho.invoice(zoho.customer())
        assert eventually(lambda: ear.heard)
        assert ear.heard[0].json.get("organization_id") == (zoho.organization if told else None)
