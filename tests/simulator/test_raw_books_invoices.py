"""Invoices from draft to void: facts/zoho-books-api-v3.md 5."""

from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.wire import Wire

MISSING_ID = "4600000000099999999"


def send(zoho: Wire, invoice: str) -> None:
    assert zoho.books("POST", f"invoices/{invoice}/status/sent").status_code == 200


def day(zoho: Wire, days: int = 0) -> str:
    return (zoho.now() + timedelta(days=days)).date().isoformat()


def past_due(zoho: Wire) -> str:
    """A sent invoice whose due date has passed, never edited since; its id."""
    invoice = zoho.invoice(zoho.customer(), date=day(zoho), due_date=day(zoho, 5))["invoice_id"]
    send(zoho, invoice)
    zoho.advance(days=10)
    zoho.renew()
    return str(invoice)


# 5.2 create


def test_a_new_invoice_is_a_draft_with_a_number(zoho: Wire) -> None:
    answer = zoho.books(
        "POST", "invoices", {"customer_id": zoho.customer(), "line_items": [{"name": "Work", "rate": 5, "quantity": 2}]}
    )
    assert (answer.status_code, answer.json()["message"]) == (201, "The invoice has been created.")
    draft = answer.json()["invoice"]
    assert (draft["status"], draft["total"], draft["balance"]) == ("draft", 10, 10)
    assert draft["customer_name"] == "Harbour Ltd"
    assert draft["invoice_number"] and draft["due_date"] >= draft["date"]
    line = draft["line_items"][0]
    assert (line["name"], line["quantity"], line["item_total"]) == ("Work", 2, 10) and line["line_item_id"]


def test_sending_while_creating_makes_it_sent_and_mails_it(zoho: Wire) -> None:
    person = {"first_name": "Ann", "email": "ann@acme.test", "is_primary_contact": True}
    customer = zoho.customer(contact_persons=[person])
    body = {"customer_id": customer, "line_items": [{"name": "W", "rate": 5, "quantity": 1}]}
    assert zoho.books("POST", "invoices", body, send="true").json()["invoice"]["status"] == "sent"
    assert "ann@acme.test" in str(zoho.sim("GET", "mails"))


def test_invoice_numbers_run_on(zoho: Wire) -> None:
    customer = zoho.customer()
    first, second = (zoho.invoice(customer)["invoice_number"] for _ in range(2))
    assert first != second and int(second.split("-")[-1]) == int(first.split("-")[-1]) + 1


def test_a_number_of_ones_own_needs_the_generator_off(zoho: Wire) -> None:
    body = {"customer_id": zoho.customer(), "line_items": [{"name": "W", "rate": 5, "quantity": 1}]}
    own = zoho.books("POST", "invoices", body | {"invoice_number": "A-1"}, ignore_auto_number_generation="true")
    assert own.json()["invoice"]["invoice_number"] == "A-1"
    assert zoho.books("POST", "invoices", body, ignore_auto_number_generation="true").status_code == 400


@pytest.mark.parametrize("left_out", ["customer_id", "line_items"])
def test_an_invoice_needs_customer_and_lines(zoho: Wire, left_out: str) -> None:
    body = {"customer_id": zoho.customer(), "line_items": [{"name": "W", "rate": 5, "quantity": 1}]}
    del body[left_out]
    answer = zoho.books("POST", "invoices", body)
    assert answer.status_code == 400 and answer.json()["code"] != 0
    assert zoho.list("invoices") == []


def test_a_line_takes_name_rate_and_tax_from_its_item(zoho: Wire) -> None:
    tax = zoho.tax(20)
    item = zoho.add("items", name="Bolt", rate=2.5, tax_id=tax, description="steel")
    line = zoho.invoice(zoho.customer(), {"item_id": item["item_id"], "quantity": 4})["line_items"][0]
    assert (line["name"], line["item_total"], line["tax_id"]) == ("Bolt", 10, tax)


def test_a_line_names_an_existing_item(zoho: Wire) -> None:
    body = {"customer_id": zoho.customer(), "line_items": [{"item_id": MISSING_ID, "quantity": 1}]}
    assert zoho.books("POST", "invoices", body).status_code in (400, 404)


def test_the_customers_terms_set_the_due_date(zoho: Wire) -> None:
    draft = zoho.invoice(zoho.customer(payment_terms=15, payment_terms_label="Net 15"), date="2026-03-01")
    assert (draft["due_date"], draft["payment_terms"]) == ("2026-03-16", 15)


def test_what_was_sent_is_kept(zoho: Wire) -> None:
    sent = {"reference_number": "Q-7", "notes": "Thanks", "terms": "30 days", "adjustment_description": "rounding"}
    kept = zoho.show("invoices", zoho.invoice(zoho.customer(), **sent)["invoice_id"])
    assert {key: kept[key] for key in sent} == sent


def test_a_reference_may_be_used_twice(zoho: Wire) -> None:
    customer = zoho.customer()
    for _ in range(2):
        zoho.invoice(customer, reference_number="Q-7")
    assert len(zoho.list("invoices", reference_number="Q-7")) == 2


# 5.3 list


def test_an_invoice_row_has_no_lines_and_no_tax_total(zoho: Wire) -> None:
    zoho.invoice(zoho.customer(), reference_number="Q-7")
    row = zoho.list("invoices")[0]
    assert {"invoice_id", "status", "total", "balance", "due_date", "currency_code", "last_modified_time"} <= set(row)
    assert not {"line_items", "tax_total", "payment_made"} & set(row)


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ({"reference_number": "R1"}, {"R1"}),
        ({"filter_by": "Status.Draft"}, {"R1"}),
        ({"filter_by": "Status.Sent"}, {"R2"}),
        ({"status": "void"}, {"R3"}),
        ({"filter_by": "Status.Unpaid"}, {"R2"}),
        ({"search_text": "R2"}, {"R2"}),
        ({"filter_by": "Status.All"}, {"R1", "R2", "R3"}),
        ({"zbridge": "1"}, {"R1", "R2", "R3"}),
    ],
)
def test_invoices_are_listed_by(zoho: Wire, query: dict[str, str], references: set[str]) -> None:
    customer = zoho.customer()
    _, second, third = (zoho.invoice(customer, reference_number=f"R{n}")["invoice_id"] for n in (1, 2, 3))
    send(zoho, second)
    zoho.books("POST", f"invoices/{third}/status/void")
    assert {row["reference_number"] for row in zoho.list("invoices", **query)} == references


def test_invoices_are_listed_by_customer(zoho: Wire) -> None:
    first, second = zoho.customer("A"), zoho.customer("B")
    zoho.invoice(first)
    zoho.invoice(second)
    assert [row["customer_id"] for row in zoho.list("invoices", customer_id=second)] == [second]


def test_invoices_are_listed_by_modified_time(zoho: Wire) -> None:
    """7.6: percent-encoded offset, no colon"""
    customer = zoho.customer()
    zoho.invoice(customer, reference_number="old")
    zoho.advance(hours=2)
    zoho.renew()
    zoho.invoice(customer, reference_number="new")
    since = (zoho.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    assert [row["reference_number"] for row in zoho.list("invoices", last_modified_time=since)] == ["new"]


def test_a_count_comes_without_rows_when_asked_for(zoho: Wire) -> None:
    """1.5: response_option 2, the key is unverified"""
    zoho.invoice(zoho.customer())
    answer = zoho.books("GET", "invoices", response_option="2")
    assert answer.status_code == 200 and not answer.json().get("invoices")
    assert "1" in told(answer.json()["page_context"])


def told(context: dict[str, Any]) -> set[str]:
    return {str(value) for key, value in context.items() if key not in ("page", "per_page")}


# 5.5 status machine


def test_an_invoice_goes_from_draft_to_sent_to_void_and_back_to_draft(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    steps = [
        ("sent", "Invoice status has been changed to Sent."),
        ("void", "Invoice status has been changed to Void."),
        ("draft", "Status of invoice changed from void to draft"),
    ]
    for status, message in steps:
        answer = zoho.books("POST", f"invoices/{invoice}/status/{status}")
        assert (answer.status_code, answer.json()["message"]) == (200, message)
        assert zoho.show("invoices", invoice)["status"] == status


def test_only_a_void_invoice_goes_back_to_draft(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    send(zoho, invoice)
    assert zoho.books("POST", f"invoices/{invoice}/status/draft").status_code == 400


def test_mailing_an_invoice_marks_it_sent(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    body = {"to_mail_ids": ["ann@acme.test"], "subject": "Your invoice", "body": "Hello"}
    assert zoho.books("POST", f"invoices/{invoice}/email", body).status_code == 200
    assert zoho.show("invoices", invoice)["status"] == "sent"
    assert "ann@acme.test" in str(zoho.sim("GET", "mails"))


def test_overdue_comes_with_the_date_and_without_an_edit(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer(), date=day(zoho), due_date=day(zoho, 5))["invoice_id"]
    send(zoho, invoice)
    before = zoho.show("invoices", invoice)
    zoho.advance(days=10)
    zoho.renew()
    after = zoho.show("invoices", invoice)
    assert (before["status"], after["status"]) == ("sent", "overdue")
    assert after["last_modified_time"] == before["last_modified_time"]


def test_overdue_invoices_are_found_by_their_status(zoho: Wire) -> None:
    invoice = past_due(zoho)
    assert [row["invoice_id"] for row in zoho.list("invoices", filter_by="Status.OverDue")] == [invoice]
    assert zoho.list("invoices", filter_by="Status.Sent") == []
    assert [row["status"] for row in zoho.list("invoices", filter_by="Status.Unpaid")] == ["overdue"]


def test_a_draft_past_its_due_date_is_not_overdue(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer(), date=day(zoho), due_date=day(zoho, 5))["invoice_id"]
    zoho.advance(days=10)
    zoho.renew()
    assert zoho.show("invoices", invoice)["status"] == "draft"


# update and delete


def test_lines_left_out_of_an_update_are_deleted(zoho: Wire) -> None:
    draft = zoho.invoice(zoho.customer(), *({"name": name, "rate": 10, "quantity": 1} for name in ("A", "B")))
    kept = draft["line_items"][1]
    body = {"customer_id": draft["customer_id"], "line_items": [{"line_item_id": kept["line_item_id"], "name": "B",
            "rate": 10, "quantity": 1}]}  # fmt: skip
    answer = zoho.books("PUT", f"invoices/{draft['invoice_id']}", body)
    assert (answer.status_code, answer.json()["message"]) == (200, "Invoice information has been updated.")
    after = zoho.show("invoices", draft["invoice_id"])
    assert [line["line_item_id"] for line in after["line_items"]] == [kept["line_item_id"]]
    assert after["total"] == 10


def test_a_deleted_invoice_is_gone_without_a_trace(zoho: Wire) -> None:
    """7.6: no feed, no tombstones"""
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    answer = zoho.books("DELETE", f"invoices/{invoice}")
    assert (answer.status_code, answer.json()["message"]) == (200, "The invoice has been deleted.")
    assert zoho.list("invoices") == []
    gone = zoho.books("GET", f"invoices/{invoice}")
    assert (gone.status_code, gone.json()["code"]) == (404, 1002)


def test_custom_fields_of_an_invoice_have_a_path_of_their_own(zoho: Wire) -> None:
    field = {"entity": "invoice", "label": "Project", "data_type": "string", "show_on_pdf": False}
    assert zoho.books("POST", "settings/fields", field).json()["code"] == 0
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    body = [{"api_name": "cf_project", "value": "P7"}]
    answer = zoho.books("PUT", f"invoice/{invoice}/customfields", body)
    assert (answer.status_code, answer.json()["message"]) == (200, "Custom Fields Updated Successfully")
    assert zoho.show("invoices", invoice)["cf_project"] == "P7"
