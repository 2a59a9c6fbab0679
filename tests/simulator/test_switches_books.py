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


def keyed(zoho: Wire, customer: str, value: str = "ZB-1") -> Any:
    custom = [{"api_name": "cf_zbridge_key", "value": value}]
    return zoho.books("POST", "invoices", {"customer_id": customer, "line_items": [LINE], "custom_fields": custom})


def key_field(zoho: Wire, entity: str = "invoice") -> None:
    assert zoho.books("POST", "settings/fields", KEY | {"entity": entity}).json()["code"] == 0


def outcome(answer: Any) -> tuple[int, int]:
    return answer.status_code, answer.json()["code"]


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
    zoho.pay(customer, zoho.sent(customer), 50)
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
    invoice = zoho.sent(customer)

    def times() -> tuple[str, str]:
        return zoho.list("invoices")[0]["last_modified_time"], zoho.list("contacts")[0]["last_modified_time"]

    before = times()
    zoho.advance(minutes=5)
    zoho.pay(customer, invoice, 50)
    after = times()
    assert (before[0] != after[0], before[1] != after[1]) == moved


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
