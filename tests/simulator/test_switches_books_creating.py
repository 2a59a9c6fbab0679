"""What nobody could verify about creating in Books: facts/simulator-defaults.md, each switch with all its outcomes."""

from typing import Any

import pytest

from tests.simulator.wire import Wire

LINE = {"name": "W", "rate": 5, "quantity": 1}
MISSING_ID = "4600000000099999999"


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
    zoho.org(duplicate_names=True)
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
    zoho.org(transaction_lock=zoho.day())
    body = {"customer_id": zoho.customer(), "line_items": [LINE]}
    answer = zoho.books("POST", "invoices", body | {"date": zoho.day(-3)})
    assert answer.status_code == 400 and answer.json()["code"] in (2, 4, 9)
    assert zoho.books("POST", "invoices", body | {"date": zoho.day(3)}).status_code == 201


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
    invoice = zoho.sent(customer, date=zoho.day(), due_date=zoho.day(5))
    zoho.pay(customer, invoice, 40)
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
