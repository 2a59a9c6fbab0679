"""Unique custom fields and the upsert headers: facts/zoho-books-api-v3.md 6; this is what idempotency rests on."""

from typing import Any

import pytest

from tests.simulator.wire import BOOKS_ONE, Wire

KEY = "cf_zbridge_key"
ENTITY = {"contacts": "contact", "items": "item", "invoices": "invoice"}


def key_field(zoho: Wire, module: str = "invoices", **changed: Any) -> Any:
    field = {"entity": ENTITY[module], "label": "zbridge key", "data_type": "string", "is_unique": True}
    answer = zoho.books("POST", "settings/fields", field | {"show_on_pdf": False, "is_mandatory": False} | changed)
    assert answer.json()["code"] == 0, answer.text
    return answer.json()


def fields(zoho: Wire, entity: str) -> dict[str, Any]:
    answer = zoho.books("GET", "settings/fields", entity=entity, filter_custom_fields="true")
    return {row["api_name"]: row for row in answer.json()["fields"]}


def keyed(value: str) -> dict[str, Any]:
    return {"custom_fields": [{"api_name": KEY, "value": value}]}


def body(zoho: Wire, module: str, name: str = "Harbour Ltd") -> dict[str, Any]:
    if module == "invoices":
        return {"customer_id": zoho.customer(name), "line_items": [{"name": "W", "rate": 5, "quantity": 1}]}
    return {"contact_name": name} if module == "contacts" else {"name": name, "rate": 5}


def upsert(zoho: Wire, module: str, value: str, sent: dict[str, Any], create: bool) -> Any:
    headers = {"X-Unique-Identifier-Key": KEY, "X-Unique-Identifier-Value": value}
    return zoho.books("PUT", module, sent, headers=headers | ({"X-Upsert": "true"} if create else {}))


# 6.3 the field


def test_a_custom_field_is_made_and_read_back(zoho: Wire) -> None:
    key_field(zoho)
    row = fields(zoho, "invoice")[KEY]
    assert (row["label"], row["data_type"], row["is_unique"], row["is_active"]) == ("zbridge key", "string", True, True)
    assert row["field_id"] and KEY not in fields(zoho, "contact")


def test_a_field_becomes_unique_later(zoho: Wire) -> None:
    key_field(zoho, is_unique=False)
    row = fields(zoho, "invoice")[KEY]
    assert row["is_unique"] is False
    zoho.books("PUT", f"settings/fields/{row['field_id']}", {"is_unique": True})
    assert fields(zoho, "invoice")[KEY]["is_unique"] is True


def test_a_value_is_shown_three_times(zoho: Wire) -> None:
    """3.3, 5.4"""
    key_field(zoho)
    draft = zoho.invoice(zoho.customer(), **keyed("ZB-1"))
    row = draft["custom_fields"][0]
    assert (row["api_name"], row["value"], row["show_on_pdf"]) == (KEY, "ZB-1", False)
    assert draft[KEY] == "ZB-1" == draft["custom_field_hash"][KEY]


def test_a_field_without_value_is_left_out_of_the_array(zoho: Wire) -> None:
    key_field(zoho)
    assert zoho.invoice(zoho.customer())["custom_fields"] == []


@pytest.mark.parametrize("how", ["customfield_id", "api_name", "label", "index"])
def test_a_field_is_named_in_four_ways(zoho: Wire, how: str) -> None:
    """5.4"""
    key_field(zoho)
    row = zoho.invoice(zoho.customer("A"), **keyed("ZB-1"))["custom_fields"][0]
    draft = zoho.invoice(zoho.customer("B"), custom_fields=[{how: row[how], "value": "ZB-2"}])
    assert draft[KEY] == "ZB-2"


# 6.2 the constraint


@pytest.mark.parametrize("module", ["contacts", "items", "invoices"])
def test_a_second_record_with_the_same_value_is_refused(zoho: Wire, module: str) -> None:
    key_field(zoho, module)
    zoho.add(module, **body(zoho, module), **keyed("ZB-1"))
    answer = zoho.books("POST", module, body(zoho, module, "Other Ltd") | keyed("ZB-1"))
    assert (answer.status_code, answer.json()["code"]) == (400, 120)
    assert len(zoho.list(module, filter_by="Status.All")) == 1


def test_taking_anothers_value_by_an_update_is_refused_too(zoho: Wire) -> None:
    key_field(zoho, "contacts")
    zoho.customer("A", **keyed("ZB-1"))
    other = zoho.customer("B", **keyed("ZB-2"))
    assert zoho.books("PUT", f"contacts/{other}", keyed("ZB-1")).status_code == 400
    assert zoho.books("PUT", f"contacts/{other}", keyed("ZB-2")).status_code == 200


def test_a_field_that_is_not_unique_takes_twins(zoho: Wire) -> None:
    key_field(zoho, is_unique=False)
    customer = zoho.customer()
    for _ in range(2):
        zoho.invoice(customer, **keyed("ZB-1"))
    assert len(zoho.list("invoices")) == 2


def test_the_organisations_hold_their_values_apart(zoho: Wire) -> None:
    key_field(zoho, "contacts")
    zoho.customer("A", **keyed("ZB-1"))
    zoho.organization = zoho.sim("GET", "info")["second_books_organization_id"]
    key_field(zoho, "contacts")
    zoho.customer("A", **keyed("ZB-1"))


# 6.1 the headers


@pytest.mark.parametrize("module", ["contacts", "items", "invoices"])
def test_an_upsert_creates_first_and_updates_then(zoho: Wire, module: str) -> None:
    key_field(zoho, module)
    sent = body(zoho, module) | keyed("ZB-1")
    first, second = (upsert(zoho, module, "ZB-1", sent, create=True) for _ in range(2))
    one = f"{BOOKS_ONE[module]}_id"
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()[BOOKS_ONE[module]][one] == second.json()[BOOKS_ONE[module]][one]


def test_without_the_upsert_header_nothing_is_created(zoho: Wire) -> None:
    key_field(zoho, "contacts")
    answer = upsert(zoho, "contacts", "ZB-1", {"contact_name": "A"} | keyed("ZB-1"), create=False)
    assert answer.status_code >= 400 and zoho.list("contacts") == []


def test_a_put_by_key_updates_what_is_found(zoho: Wire) -> None:
    key_field(zoho, "contacts")
    customer = zoho.customer("A", **keyed("ZB-1"))
    answer = upsert(zoho, "contacts", "ZB-1", {"notes": "seen"} | keyed("ZB-1"), create=False)
    assert answer.json()["contact"]["contact_id"] == customer and zoho.show("contacts", customer)["notes"] == "seen"


def test_a_replayed_upsert_overwrites_what_finance_edited(zoho: Wire) -> None:
    """6.1, danger"""
    key_field(zoho)
    sent = body(zoho, "invoices") | keyed("ZB-1") | {"notes": "ours"}
    invoice = upsert(zoho, "invoices", "ZB-1", sent, create=True).json()["invoice"]["invoice_id"]
    zoho.sim("PUT", f"records/books/invoices/{invoice}", {"data": [{"notes": "finance"}], "as": "user"})
    upsert(zoho, "invoices", "ZB-1", sent, create=True)
    assert zoho.show("invoices", invoice)["notes"] == "ours"


@pytest.mark.parametrize("key", ["email", "cf_nonsense", "cf_plain"])
def test_only_a_unique_custom_field_works_as_key(zoho: Wire, key: str) -> None:
    key_field(zoho, "contacts", label="plain", is_unique=False)
    headers = {"X-Unique-Identifier-Key": key, "X-Unique-Identifier-Value": "1", "X-Upsert": "true"}
    assert zoho.books("PUT", "contacts", {"contact_name": "A"}, headers=headers).status_code == 400


def test_the_headers_mean_nothing_on_a_post(zoho: Wire) -> None:
    key_field(zoho, "contacts")
    zoho.customer("A", **keyed("ZB-1"))
    headers = {"X-Unique-Identifier-Key": KEY, "X-Unique-Identifier-Value": "ZB-1", "X-Upsert": "true"}
    assert zoho.books("POST", "contacts", {"contact_name": "B"}, headers=headers).status_code == 201
    assert len(zoho.list("contacts")) == 2
