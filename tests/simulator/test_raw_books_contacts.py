"""Customers and items: facts/zoho-books-api-v3.md 3 and 4."""

from typing import Any

import pytest

from tests.simulator.wire import Wire

ANN = {"first_name": "Ann", "last_name": "Lee", "email": "ann@acme.test", "is_primary_contact": True}
BOB = {"first_name": "Bob", "email": "bob@acme.test"}


# 3.3 rows and detail


def test_a_customers_row_carries_its_balance_and_primary_person(zoho: Wire) -> None:
    customer = zoho.customer("Acme", contact_persons=[ANN])
    sold = zoho.invoice(customer)
    zoho.books("POST", f"invoices/{sold['invoice_id']}/status/sent")
    row = zoho.list("contacts")[0]
    assert (row["contact_id"], row["outstanding_receivable_amount"], row["email"]) == (customer, 100, "ann@acme.test")
    assert (row["contact_type"], row["status"], row["phone"]) == ("customer", "active", "")
    assert {"currency_code", "payment_terms", "unused_credits_receivable_amount", "custom_fields"} <= set(row)
    assert "contact_persons" not in row


def test_drafts_count_in_no_balance(zoho: Wire) -> None:
    """defaults, Arithmetic"""
    zoho.invoice(zoho.customer())
    assert zoho.list("contacts")[0]["outstanding_receivable_amount"] == 0


def test_a_detail_has_both_addresses_with_ids_even_when_empty(zoho: Wire) -> None:
    detail = zoho.show("contacts", zoho.customer(billing_address={"city": "Bremen", "zip": "28195"}))
    billing, shipping = detail["billing_address"], detail["shipping_address"]
    assert (billing["city"], billing["zip"], shipping["city"]) == ("Bremen", "28195", "")
    assert billing["address_id"] != shipping["address_id"]
    assert detail["contact_persons"] == []


# 3.4 create and update


def test_a_contact_needs_a_name(zoho: Wire) -> None:
    answer = zoho.books("POST", "contacts", {"company_name": "A"})
    assert answer.status_code == 400 and answer.json()["code"] != 0


@pytest.mark.parametrize("first", [{}, {"contact_type": "vendor"}])
def test_a_name_is_taken_once_by_customers_and_vendors_together(zoho: Wire, first: dict[str, str]) -> None:
    zoho.customer("Acme", **first)
    answer = zoho.books("POST", "contacts", {"contact_name": "Acme"})
    assert (answer.status_code, answer.json()["code"]) == (400, 3062)


def test_an_inactive_contact_still_holds_its_name_but_hides_from_the_default_list(zoho: Wire) -> None:
    """1.5: always pass filter_by=Status.All"""
    customer = zoho.customer("Acme")
    made = zoho.books("POST", f"contacts/{customer}/inactive")
    assert made.json()["message"] == "The contact has been marked as inactive."
    assert zoho.list("contacts") == []
    assert [row["status"] for row in zoho.list("contacts", filter_by="Status.All")] == ["inactive"]
    assert zoho.books("POST", "contacts", {"contact_name": "Acme"}).json()["code"] == 3062
    zoho.books("POST", f"contacts/{customer}/active")
    assert len(zoho.list("contacts")) == 1


def test_renaming_a_customer_to_a_taken_name_is_refused(zoho: Wire) -> None:
    zoho.customer("Acme")
    answer = zoho.books("PUT", f"contacts/{zoho.customer('Bolt')}", {"contact_name": "Acme"})
    assert (answer.status_code, answer.json()["code"]) == (400, 3062)


def test_persons_left_out_of_an_update_are_removed(zoho: Wire) -> None:
    customer = zoho.customer("Acme", contact_persons=[ANN, BOB])
    ann, bob = zoho.show("contacts", customer)["contact_persons"]
    kept = [{"contact_person_id": bob["contact_person_id"], "first_name": "Bob"}]
    answer = zoho.books("PUT", f"contacts/{customer}", {"contact_name": "Acme", "contact_persons": kept})
    assert (answer.status_code, answer.json()["message"]) == (200, "Contact has been updated successfully")
    after = zoho.show("contacts", customer)["contact_persons"]
    assert [row["contact_person_id"] for row in after] == [bob["contact_person_id"]]
    assert ann["is_primary_contact"] is True


def test_persons_stay_when_an_update_does_not_speak_of_them(zoho: Wire) -> None:
    customer = zoho.customer("Acme", contact_persons=[ANN])
    zoho.books("PUT", f"contacts/{customer}", {"notes": "called"})
    detail = zoho.show("contacts", customer)
    assert (len(detail["contact_persons"]), detail["notes"], detail["contact_name"]) == (1, "called", "Acme")


def test_payment_terms_in_words_are_refused(zoho: Wire) -> None:
    answer = zoho.books("POST", "contacts", {"contact_name": "A", "payment_terms": "thirty days"})
    assert (answer.status_code, answer.json()["code"]) == (400, 2)
    assert "Payment Terms" in answer.json()["message"]


@pytest.mark.parametrize(("name", "length"), [("company_name", 201)])
def test_a_text_too_long_is_refused(zoho: Wire, name: str, length: int) -> None:
    """10, lengths"""
    answer = zoho.books("POST", "contacts", {"contact_name": "A", name: "x" * length})
    assert answer.status_code == 400


def test_a_customer_without_documents_can_be_deleted(zoho: Wire) -> None:
    customer = zoho.customer()
    assert zoho.books("DELETE", f"contacts/{customer}").json()["message"] == "The contact has been deleted."
    assert zoho.books("GET", f"contacts/{customer}").status_code == 404


# contact persons have paths of their own


def test_a_person_is_added_listed_made_primary_and_deleted(zoho: Wire) -> None:
    customer = zoho.customer("Acme", contact_persons=[ANN])
    made = zoho.books("POST", "contacts/contactpersons", {"contact_id": customer, **BOB})
    assert made.status_code == 201
    bob = made.json()["contact_person"]["contact_person_id"]
    rows = zoho.books("GET", f"contacts/{customer}/contactpersons").json()["contact_persons"]
    assert {row["first_name"] for row in rows} == {"Ann", "Bob"}
    assert zoho.books("POST", f"contacts/contactpersons/{bob}/primary").status_code == 200
    assert zoho.list("contacts")[0]["email"] == "bob@acme.test"
    assert zoho.books("DELETE", f"contacts/contactpersons/{bob}").status_code == 200


def test_a_person_needs_a_first_name(zoho: Wire) -> None:
    body = {"contact_id": zoho.customer(), "last_name": "Lee"}
    assert zoho.books("POST", "contacts/contactpersons", body).status_code == 400


# 3.5 the native integration


def native(zoho: Wire, on: bool) -> None:
    zoho.sim("PUT", f"orgs/{zoho.organization}", {"native_integration": on})


def test_an_account_is_imported_once_and_answers_with_customer_id(zoho: Wire) -> None:
    native(zoho, True)
    account = zoho.insert("Accounts", Account_Name="Harbour Ltd")
    answers = [zoho.books("POST", f"crm/account/{account}/import") for _ in range(2)]
    ids = {answer.json()["data"]["customer_id"] for answer in answers}
    assert [answer.status_code for answer in answers] == [200, 200] and len(ids) == 1
    rows = zoho.list("contacts", zcrm_account_id=account)
    assert [row["contact_id"] for row in rows] == list(ids)
    assert zoho.show("contacts", ids.pop())["zcrm_account_id"] == account


def test_an_import_without_the_integration_is_refused(zoho: Wire) -> None:
    native(zoho, False)
    account = zoho.insert("Accounts", Account_Name="Harbour Ltd")
    answer = zoho.books("POST", f"crm/account/{account}/import")
    assert answer.json()["code"] != 0 and zoho.list("contacts") == []


def test_no_customer_of_an_account_is_an_empty_list(zoho: Wire) -> None:
    zoho.customer()
    assert zoho.list("contacts", zcrm_account_id="4600000000012345") == []


# 4 items


def bolt(zoho: Wire, **fields: Any) -> Any:
    return zoho.add("items", **{"name": "Bolt", "rate": 2.5, **fields})


def test_an_item_reads_back_with_its_tax_and_links(zoho: Wire) -> None:
    tax = zoho.tax(20)
    item = bolt(zoho, sku="B-1", tax_id=tax)
    row = zoho.list("items")[0]
    assert (row["item_id"], row["name"], row["sku"]) == (item["item_id"], "Bolt", "B-1")
    assert (row["tax_id"], row["tax_percentage"], str(row["rate"])) == (tax, 20, "2.5")
    assert row["zcrm_product_id"] == "" and row["is_linked_with_zohocrm"] is False


@pytest.mark.parametrize("body", [{"rate": 1}, {"name": "Bolt"}])
def test_an_item_needs_name_and_rate(zoho: Wire, body: dict[str, Any]) -> None:
    assert zoho.books("POST", "items", body).status_code == 400


def test_an_items_name_is_taken_once(zoho: Wire) -> None:
    bolt(zoho)
    answer = zoho.books("POST", "items", {"name": "Bolt", "rate": 3})
    assert (answer.status_code, answer.json()["code"]) == (400, 1001)
    assert len(zoho.list("items", name="Bolt")) == 1


def test_the_item_list_shows_active_items_unless_all_are_asked_for(zoho: Wire) -> None:
    item = bolt(zoho)["item_id"]
    assert zoho.books("POST", f"items/{item}/inactive").status_code == 200
    assert zoho.list("items") == [] and len(zoho.list("items", filter_by="Status.All")) == 1
    assert len(zoho.list("items", filter_by="Status.Inactive")) == 1


def test_an_item_is_updated_partly(zoho: Wire) -> None:
    item = bolt(zoho, sku="B-1")["item_id"]
    answer = zoho.books("PUT", f"items/{item}", {"name": "Bolt", "rate": 3})
    assert (answer.status_code, answer.json()["message"]) == (200, "Item details have been saved.")
    assert (zoho.show("items", item)["rate"], zoho.show("items", item)["sku"]) == (3, "B-1")


def test_details_of_many_items_come_in_one_call(zoho: Wire) -> None:
    ids = [bolt(zoho, name=name)["item_id"] for name in ("Bolt", "Nut")]
    rows = zoho.books("GET", "itemdetails", item_ids=",".join(ids)).json()["items"]
    assert {row["item_id"] for row in rows} == set(ids)


def test_an_item_used_in_a_document_can_not_be_deleted(zoho: Wire) -> None:
    item = bolt(zoho)["item_id"]
    zoho.invoice(zoho.customer(), {"item_id": item, "quantity": 1})
    assert zoho.books("DELETE", f"items/{item}").status_code == 400
    assert zoho.books("GET", f"items/{item}").status_code == 200


def test_custom_fields_of_an_item_have_a_path_of_their_own(zoho: Wire) -> None:
    field = {"entity": "item", "label": "Family", "data_type": "string", "show_on_pdf": False}
    assert zoho.books("POST", "settings/fields", field).json()["code"] == 0
    item = bolt(zoho)["item_id"]
    body = {"custom_fields": [{"api_name": "cf_family", "value": "screws"}]}
    assert zoho.books("PUT", f"item/{item}/customfields", body).status_code == 200
    assert zoho.show("items", item)["cf_family"] == "screws"
