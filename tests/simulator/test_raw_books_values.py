"""How Books' figures, dates and texts read, and what many callers see at once: facts/zoho-books-api-v3.md 5-7, 10."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from tests.simulator.wire import Wire

LINE = {"name": "W", "rate": 5, "quantity": 1}


def field(zoho: Wire, label: str, **changed: Any) -> None:
    body = {"entity": "invoice", "label": label, "data_type": "string", "show_on_pdf": False} | changed
    assert zoho.books("POST", "settings/fields", body).json()["code"] == 0


# 6.2 the race that idempotency rests on


@pytest.mark.parametrize("module", ["invoices", "contacts"])
def test_of_many_callers_at_once_with_one_key_exactly_one_wins(zoho: Wire, module: str) -> None:
    field(zoho, "zbridge key", is_unique=True, entity="invoice" if module == "invoices" else "contact")
    custom = {"custom_fields": [{"api_name": "cf_zbridge_key", "value": "ZB-1"}]}
    customer = zoho.customer("Acme")

    def post(number: int) -> requests.Response:
        invoice = {"customer_id": customer, "line_items": [LINE]}
        body: dict[str, Any] = invoice if module == "invoices" else {"contact_name": f"C{number}"}
        return zoho.books("POST", module, body | custom)

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(post, range(8)))
    assert statuses == [201] + [400] * 7


def test_of_many_callers_at_once_every_invoice_has_its_own_number(zoho: Wire) -> None:
    customer = zoho.customer()
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: zoho.invoice(customer)["invoice_number"], range(8)))
    assert len(set(numbers)) == 8


# 5.4, 10 forms


def test_amounts_have_a_formatted_twin_that_is_text(zoho: Wire) -> None:
    draft = zoho.invoice(zoho.customer())
    assert isinstance(draft["total_formatted"], str) and isinstance(draft["balance_formatted"], str)


def test_a_decimal_custom_field_is_a_number(zoho: Wire) -> None:
    field(zoho, "Margin", data_type="decimal")
    draft = zoho.invoice(zoho.customer(), custom_fields=[{"api_name": "cf_margin", "value": 12.5}])
    assert str(draft["custom_fields"][0]["value"]) == "12.5" and draft["custom_fields"][0]["data_type"] == "decimal"


def test_a_custom_value_is_cleared_by_an_empty_text(zoho: Wire) -> None:
    field(zoho, "Project")
    invoice = zoho.invoice(zoho.customer(), custom_fields=[{"api_name": "cf_project", "value": "P7"}])["invoice_id"]
    zoho.books("PUT", f"invoice/{invoice}/customfields", [{"api_name": "cf_project", "value": ""}])
    assert zoho.show("invoices", invoice)["custom_fields"] == []


def test_a_list_tells_which_filter_it_applied(zoho: Wire) -> None:
    context = zoho.books("GET", "invoices", filter_by="Status.Draft").json()["page_context"]
    assert context["applied_filter"] == "Status.Draft"


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"date_start": "2026-03-02"}, ["02", "03"]),
        ({"date_end": "2026-03-02"}, ["01", "02"]),
        ({"date_before": "2026-03-02"}, ["01"]),
        ({"date_after": "2026-03-02"}, ["03"]),
        ({"date": "2026-03-02"}, ["02"]),
    ],
)
def test_invoices_are_listed_by_date(zoho: Wire, query: dict[str, str], days: list[str]) -> None:
    customer = zoho.customer()
    for day in ("01", "02", "03"):
        zoho.invoice(customer, date=f"2026-03-{day}")
    assert sorted(row["date"][-2:] for row in zoho.list("invoices", **query)) == days


def test_the_modified_filter_includes_its_own_second(zoho: Wire) -> None:
    """7.6: treat as inclusive"""
    zoho.invoice(zoho.customer())
    moment = zoho.list("invoices")[0]["last_modified_time"]
    assert len(zoho.list("invoices", last_modified_time=moment)) == 1


# dates and zones


def test_overdue_begins_the_day_after_the_due_date_in_the_organisations_zone(zoho: Wire) -> None:
    zoho.org(time_zone="Pacific/Auckland")
    zoho.sim("POST", "clock", {"now": "2026-12-02T09:00:00+00:00"})
    zoho.renew()
    invoice = zoho.sent(zoho.customer(), date="2026-12-01", due_date="2026-12-02")
    assert zoho.show("invoices", invoice)["status"] == "sent"
    zoho.sim("POST", "clock", {"now": "2026-12-02T12:00:00+00:00"})
    zoho.renew()
    assert zoho.show("invoices", invoice)["status"] == "overdue"


def test_an_invoice_without_date_is_of_today_in_the_organisations_zone(zoho: Wire) -> None:
    zoho.org(time_zone="Pacific/Auckland")
    zoho.sim("POST", "clock", {"now": "2026-12-02T12:00:00+00:00"})
    zoho.renew()
    assert zoho.invoice(zoho.customer())["date"] == "2026-12-03"


def test_a_customer_keeps_its_modified_time_in_the_organisations_zone(zoho: Wire) -> None:
    zoho.org(time_zone="Asia/Calcutta")
    zoho.customer()
    told = datetime.fromisoformat(zoho.list("contacts")[0]["last_modified_time"])
    assert told.utcoffset() == timedelta(hours=5, minutes=30) and abs(told - zoho.now()) < timedelta(seconds=5)


# customers' figures and tax fields


def test_an_opening_balance_counts_as_receivable(zoho: Wire) -> None:
    """defaults, Arithmetic"""
    row = {"contact_name": "Old Ltd", "opening_balance_amount": 25}
    zoho.sim("POST", "records/books/contacts", {"data": [row], "as": "user"})
    assert zoho.list("contacts")[0]["outstanding_receivable_amount"] == 25


def test_void_invoices_and_drafts_count_in_no_balance(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.books("POST", f"invoices/{zoho.sent(customer)}/status/void")
    zoho.invoice(customer)
    assert zoho.list("contacts")[0]["outstanding_receivable_amount"] == 0


def test_the_tax_number_of_a_customer_is_kept(zoho: Wire) -> None:
    customer = zoho.customer("EU Ltd", vat_reg_no="DE123456789", vat_treatment="eu_vat_registered")
    detail = zoho.show("contacts", customer)
    assert (detail["vat_reg_no"], detail["vat_treatment"]) == ("DE123456789", "eu_vat_registered")


def test_a_refund_of_a_payment_takes_the_credit_away(zoho: Wire) -> None:
    customer = zoho.customer()
    today = zoho.day()
    fields = {"customer_id": customer, "payment_mode": "cash", "amount": 50, "date": today}
    payment = zoho.add("customerpayments", **fields)["payment_id"]
    assert zoho.list("contacts")[0]["unused_credits_receivable_amount"] == 50
    answer = zoho.books("POST", f"customerpayments/{payment}/refunds", {"amount": 20, "date": today})
    assert answer.json()["code"] == 0
    assert zoho.list("contacts")[0]["unused_credits_receivable_amount"] == 30


def test_price_lists_are_read_with_their_items(zoho: Wire) -> None:
    item = zoho.add("items", name="Bolt", rate=2)["item_id"]
    row = {"name": "Dealers", "currency_code": "EUR", "pricebook_items": [{"item_id": item, "pricebook_rate": 1.5}]}
    zoho.sim("POST", "records/books/pricebooks", {"data": [row], "as": "user"})
    book = zoho.list("pricebooks")[0]
    assert (book["name"], book["pricebook_items"][0]["item_id"]) == ("Dealers", item) and book["pricebook_id"]


def test_a_payment_of_a_voided_invoice_can_be_applied_to_the_next(zoho: Wire) -> None:
    customer = zoho.customer()
    first = zoho.sent(customer)
    zoho.pay(customer, first, 100)
    zoho.books("POST", f"invoices/{first}/status/void")
    assert zoho.show("invoices", first)["payment_made"] == 0
    assert zoho.list("customerpayments")[0]["unused_amount"] == 100


def test_finance_may_edit_a_draft_and_the_sums_follow(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    line = {"name": "Work", "rate": 80, "quantity": 2}
    zoho.sim("PUT", f"records/books/invoices/{invoice}", {"data": [{"line_items": [line]}], "as": "user"})
    assert (zoho.show("invoices", invoice)["total"], zoho.show("invoices", invoice)["status"]) == (160, "draft")
