"""What Books refuses leaves no trace, and nothing sent makes it stumble: facts/zoho-books-api-v3.md 3.2, 5, 7, 9."""

from typing import Any

import pytest

from tests.simulator.wire import Wire, parsed

ONE_LINE = [{"name": "Work", "rate": 1}]


def applied(invoice: str, amount: float) -> dict[str, Any]:
    return {"invoice_id": invoice, "amount_applied": amount}


def refused(zoho: Wire, method: str, path: str, body: Any, **query: Any) -> int:
    answer = zoho.books(method, path, body, **query)
    assert answer.status_code in (400, 404), answer.text
    return int(answer.json()["code"])


def test_a_refused_change_of_a_payment_leaves_its_invoice_paid(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = zoho.sent(customer)
    payment = zoho.pay(customer, invoice, 100)["payment_id"]
    refused(zoho, "PUT", f"customerpayments/{payment}", {"invoices": [applied(invoice, 999)]})
    assert zoho.show("invoices", invoice)["status"] == "paid"
    assert zoho.show("customerpayments", payment)["unused_amount"] == 0


def test_credits_refused_halfway_are_not_applied_at_all(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = zoho.sent(customer)
    credit = zoho.add("creditnotes", customer_id=customer, line_items=[{"name": "Back", "rate": 30}])["creditnote_id"]
    rows = [{"creditnote_id": credit, "amount_applied": amount} for amount in (10, 900)]
    refused(zoho, "POST", f"invoices/{invoice}/credits", {"apply_creditnotes": rows})
    assert zoho.show("invoices", invoice)["balance"] == 100
    assert zoho.show("creditnotes", credit)["balance"] == 30


def test_a_refused_invoice_uses_no_number_up(zoho: Wire) -> None:
    customer = zoho.customer()
    first = zoho.invoice(customer)["invoice_number"]
    body = {"customer_id": customer, "line_items": ONE_LINE, "invoiced_estimate_id": "1"}
    assert refused(zoho, "POST", "invoices", body) == 1002
    assert int(zoho.invoice(customer)["invoice_number"][4:]) == int(first[4:]) + 1


def test_a_payment_that_names_an_invoice_twice_cannot_overpay_it(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = zoho.sent(customer)
    twice = [applied(invoice, 60), applied(invoice, 60)]
    refused(zoho, "POST", "customerpayments", {"customer_id": customer, "amount": 120, "invoices": twice})
    assert zoho.show("invoices", invoice)["balance"] == 100


def test_a_refused_call_counts_against_the_daily_limit(zoho: Wire) -> None:
    left = [int(zoho.books("POST", "invoices", {}).headers["X-Rate-Limit-Remaining"]) for _ in range(2)]
    assert left[0] - left[1] == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"payment_terms": 1_000_000_000},
        {"payment_terms": 1_000_000, "date": "9999-12-30"},
        {"line_items": [{"name": "Work", "rate": 1e14, "quantity": 1e14}]},
        {"line_items": [{"name": "Work", "rate": 1, "discount": "101%"}], "discount_type": "item_level"},
    ],
)
def test_an_invoice_beyond_all_measure_is_refused(zoho: Wire, sent: dict[str, Any]) -> None:
    assert refused(zoho, "POST", "invoices", {"customer_id": zoho.customer(), "line_items": ONE_LINE} | sent) == 2


@pytest.mark.parametrize("rate", [-1, 1e9, "soon"])
def test_an_impossible_exchange_rate_is_refused(zoho: Wire, rate: object) -> None:
    dollars = zoho.customer(currency_code="USD")
    body = {"customer_id": dollars, "line_items": ONE_LINE, "exchange_rate": rate}
    assert refused(zoho, "POST", "invoices", body) == 2


def test_a_page_far_beyond_the_end_is_empty(zoho: Wire) -> None:
    zoho.customer()
    assert zoho.list("contacts", page="99999999999999999999") == []


def test_a_vendor_cannot_be_invoiced(zoho: Wire) -> None:
    vendor = zoho.customer("Supplier", contact_type="vendor")
    assert refused(zoho, "POST", "invoices", {"customer_id": vendor, "line_items": ONE_LINE}) == 1002


def test_an_invoice_is_submitted_then_approved_then_sent(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    seen = []
    for step in ("submit", "approve", "status/sent"):
        assert zoho.books("POST", f"invoices/{invoice}/{step}").status_code == 200
        seen.append(zoho.show("invoices", invoice)["status"])
    assert seen == ["pending_approval", "approved", "sent"]


def test_an_approved_invoice_owes_nothing_until_it_is_sent(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    for step in ("submit", "approve"):
        assert zoho.books("POST", f"invoices/{invoice}/{step}").status_code == 200
    assert zoho.list("contacts")[0]["outstanding_receivable_amount"] == 0
    assert [row["invoice_id"] for row in zoho.list("invoices", filter_by="Status.Unpaid")] == []


def test_only_what_was_submitted_can_be_approved(zoho: Wire) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    assert refused(zoho, "POST", f"invoices/{invoice}/approve", None) == 4


@pytest.mark.parametrize(("value", "found"), [("ZB-1", 1), ("ZB-9", 0)])
def test_invoices_are_found_by_the_value_of_any_custom_field(zoho: Wire, value: str, found: int) -> None:
    field = {"entity": "invoice", "label": "zbridge key", "data_type": "string", "show_on_pdf": False}
    assert zoho.books("POST", "settings/fields", field).status_code == 201
    customer = zoho.customer()
    for key in ("ZB-1", "ZB-2"):
        zoho.invoice(customer, custom_fields=[{"api_name": "cf_zbridge_key", "value": key}])
    assert len(zoho.list("invoices", custom_field=value)) == found


@pytest.mark.parametrize(("code", "shown"), [("JPY", "¥1,001"), ("KWD", "KD1,000.600"), ("EUR", "€1,000.60")])
def test_amounts_are_shown_with_the_places_of_their_currency(zoho: Wire, code: str, shown: str) -> None:
    invoice = zoho.invoice(zoho.customer(currency_code=code), {"name": "Work", "rate": 1000.6})
    assert invoice["total_formatted"] == shown


@pytest.mark.parametrize("key", ["tax_exemptions", "exchange_rates"])
def test_exemptions_and_exchange_rates_can_be_read(zoho: Wire, key: str) -> None:
    dollar = next(
        row for row in parsed(zoho.books("GET", "settings/currencies"))["currencies"] if row["currency_code"] == "USD"
    )
    path = {"tax_exemptions": "taxexemptions", "exchange_rates": f"currencies/{dollar['currency_id']}/exchangerates"}
    assert parsed(zoho.books("GET", f"settings/{path[key]}"))[key]
