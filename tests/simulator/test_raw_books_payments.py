"""Payments, credit notes and balances: facts/zoho-books-api-v3.md 7.1, 7.2; simulator-defaults.md, Arithmetic."""

from typing import Any

import pytest

from tests.simulator.wire import Wire


def sold(zoho: Wire, customer: str, amount: float = 100) -> str:
    invoice = zoho.invoice(customer, {"name": "Work", "rate": amount, "quantity": 1})["invoice_id"]
    zoho.books("POST", f"invoices/{invoice}/status/sent")
    return str(invoice)


def pay(zoho: Wire, customer: str, amount: float, **applied: float) -> Any:
    rows = [{"invoice_id": invoice[1:], "amount_applied": part} for invoice, part in applied.items()]
    today = zoho.now().date().isoformat()
    fields = {"customer_id": customer, "payment_mode": "banktransfer", "amount": amount, "date": today}
    return zoho.add("customerpayments", **fields, invoices=rows)


def balances(zoho: Wire) -> tuple[Any, Any]:
    row = zoho.list("contacts")[0]
    return row["outstanding_receivable_amount"], row["unused_credits_receivable_amount"]


@pytest.mark.parametrize(
    ("amount", "status", "balance"), [(40, "partially_paid", 60), (100, "paid", 0), (0.01, "partially_paid", 99.99)]
)
def test_a_payment_lowers_the_balance(zoho: Wire, amount: float, status: str, balance: float) -> None:
    customer = zoho.customer()
    invoice = sold(zoho, customer)
    pay(zoho, customer, amount, **{f"i{invoice}": amount})
    paid = zoho.show("invoices", invoice)
    assert (paid["status"], float(paid["balance"]), float(paid["payment_made"])) == (status, balance, amount)
    assert paid["last_payment_date"] == zoho.now().date().isoformat()
    assert float(balances(zoho)[0]) == balance


def test_a_payment_lists_its_invoices(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = sold(zoho, customer)
    made = pay(zoho, customer, 100, **{f"i{invoice}": 100})
    number = zoho.show("invoices", invoice)["invoice_number"]
    row = zoho.list("customerpayments")[0]
    assert (row["payment_id"], row["amount"], row["unused_amount"]) == (made["payment_id"], 100, 0)
    assert row["invoice_numbers"] == number and row["applied_invoices"]
    detail = zoho.show("customerpayments", made["payment_id"])["invoices"][0]
    assert (detail["invoice_id"], detail["amount_applied"]) == (invoice, 100)
    payments = zoho.books("GET", f"invoices/{invoice}/payments").json()["payments"]
    assert [payment["amount"] for payment in payments] == [100]


def test_what_was_overpaid_is_unused_credit(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = sold(zoho, customer)
    assert pay(zoho, customer, 130, **{f"i{invoice}": 100})["unused_amount"] == 30
    assert balances(zoho) == (0, 30)


def test_more_can_not_be_applied_than_is_open_or_was_paid(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = sold(zoho, customer)
    for amount, applied in ((200, 150), (50, 80)):
        row = {"invoice_id": invoice, "amount_applied": applied}
        fields = {"customer_id": customer, "payment_mode": "cash", "amount": amount, "date": "2026-03-01"}
        assert zoho.books("POST", "customerpayments", fields | {"invoices": [row]}).status_code == 400
    assert zoho.show("invoices", invoice)["balance"] == 100


def test_a_deleted_payment_opens_the_invoice_again(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = sold(zoho, customer)
    made = pay(zoho, customer, 100, **{f"i{invoice}": 100})["payment_id"]
    answer = zoho.books("DELETE", f"customerpayments/{made}")
    assert answer.json()["message"] == "The payment has been deleted."
    assert (zoho.show("invoices", invoice)["status"], balances(zoho)) == ("sent", (100, 0))


def test_an_invoice_with_a_payment_can_not_be_deleted_but_voided(zoho: Wire) -> None:
    """5.5: payments are detached to the customer's credit"""
    customer = zoho.customer()
    invoice = sold(zoho, customer)
    pay(zoho, customer, 40, **{f"i{invoice}": 40})
    assert zoho.books("DELETE", f"invoices/{invoice}").status_code == 400
    assert zoho.books("POST", f"invoices/{invoice}/status/void").status_code == 200
    assert balances(zoho) == (0, 40)


def credit(zoho: Wire, customer: str, amount: float) -> str:
    line = {"name": "Return", "rate": amount, "quantity": 1}
    return str(zoho.add("creditnotes", customer_id=customer, line_items=[line])["creditnote_id"])


def test_a_credit_note_is_open_credit_until_applied(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice, note = sold(zoho, customer), credit(zoho, customer, 30)
    assert balances(zoho) == (100, 30)
    body = {"invoices": [{"invoice_id": invoice, "amount_applied": 30}]}
    assert zoho.books("POST", f"creditnotes/{note}/invoices", body).json()["code"] == 0
    assert balances(zoho) == (70, 0)
    after = zoho.show("invoices", invoice)
    assert (after["balance"], after["credits_applied"], after["payment_made"]) == (70, 30, 0)
    assert (zoho.show("creditnotes", note)["status"], zoho.list("creditnotes")[0]["balance"]) == ("closed", 0)


def test_credits_are_applied_from_the_invoices_side_too(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice, note = sold(zoho, customer), credit(zoho, customer, 30)
    body = {"apply_creditnotes": [{"creditnote_id": note, "amount_applied": 30}]}
    assert zoho.books("POST", f"invoices/{invoice}/credits", body).json()["code"] == 0
    assert zoho.show("invoices", invoice)["balance"] == 70
    rows = zoho.books("GET", f"invoices/{invoice}/creditsapplied").json()["credits"]
    assert [row["amount_applied"] for row in rows] == [30]


def test_a_refund_takes_credit_away(zoho: Wire) -> None:
    customer = zoho.customer()
    note = credit(zoho, customer, 30)
    answer = zoho.books("POST", f"creditnotes/{note}/refunds", {"amount": 10, "date": "2026-03-01"})
    assert answer.json()["code"] == 0 and balances(zoho) == (0, 20)


def test_a_write_off_closes_the_balance(zoho: Wire) -> None:
    customer = zoho.customer()
    invoice = sold(zoho, customer)
    answer = zoho.books("POST", f"invoices/{invoice}/writeoff")
    assert answer.json()["code"] == 0
    after = zoho.show("invoices", invoice)
    assert (after["balance"], after["write_off_amount"], balances(zoho)[0]) == (0, 100, 0)


@pytest.mark.parametrize("action", ["pay", "void", "writeoff", "send"])
def test_finance_acts_by_hand_and_the_api_shows_it(zoho: Wire, action: str) -> None:
    """design 10: actions"""
    customer = zoho.customer()
    invoice = zoho.invoice(customer)["invoice_id"] if action == "send" else sold(zoho, customer)
    what = {"amount": 100, "date": zoho.now().date().isoformat()} if action == "pay" else {}
    zoho.act("books", "invoices", str(invoice), action, **what)
    status = {"pay": {"paid"}, "void": {"void"}, "writeoff": {"paid"}, "send": {"sent"}}[action]
    assert {zoho.show("invoices", str(invoice))["status"]} <= status


def test_an_estimate_is_accepted_or_declined_and_never_an_invoice_by_itself(zoho: Wire) -> None:
    """7.3"""
    line = {"name": "Work", "rate": 5, "quantity": 1}
    estimate = zoho.add("estimates", customer_id=zoho.customer(), line_items=[line])
    assert estimate["status"] == "draft"
    answer = zoho.books("POST", f"estimates/{estimate['estimate_id']}/status/accepted")
    assert answer.json()["message"] == "Estimate status has been changed to Accepted."
    assert zoho.show("estimates", estimate["estimate_id"])["status"] == "accepted" and zoho.list("invoices") == []
