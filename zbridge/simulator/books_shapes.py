"""How Books shows a record: rows and details, times in the organisation's offset, empties as texts (facts 3.3, 5.3)."""

from datetime import date, datetime
from decimal import Decimal

from zbridge.simulator import books_unique
from zbridge.simulator.app import Row
from zbridge.simulator.books_arithmetic import rounded
from zbridge.simulator.books_desk import Desk

AMOUNTS = {
    "total", "balance", "sub_total", "discount_total", "tax_total", "payment_made", "credits_applied",
    "write_off_amount", "shipping_charge", "adjustment", "bcy_total", "amount", "unused_amount", "rate", "item_total",
    "discount_amount",
    "outstanding_receivable_amount", "unused_credits_receivable_amount", "tax_amount", "amount_applied", "credit_limit",
}  # fmt: skip
TIMES = ("created_time", "last_modified_time")
_HEAD = (
    "status", "customer_id", "customer_name", "reference_number", "date", "currency_id", "currency_code",
    "exchange_rate", "total", "balance", "created_time", "last_modified_time", "zcrm_potential_id",
    "zcrm_potential_name",
)  # fmt: skip
ROWS: dict[str, tuple[str, ...]] = {
    "contacts": (
        "contact_id", "contact_name", "customer_name", "vendor_name", "company_name", "website", "language_code",
        "contact_type", "contact_type_formatted", "status", "customer_sub_type", "source", "is_linked_with_zohocrm",
        "zcrm_account_id", "zcrm_contact_id", "zcrm_vendor_id", "payment_terms", "payment_terms_id",
        "payment_terms_label", "currency_id", "currency_code", "outstanding_receivable_amount",
        "outstanding_receivable_amount_bcy",
        "outstanding_payable_amount", "unused_credits_receivable_amount", "unused_credits_receivable_amount_bcy",
        "first_name", "last_name", "email", "phone", "mobile", "portal_status", "created_time", "last_modified_time",
        "contactperson_custom_fields", "tags", "has_attachment", "tax_treatment", "vat_treatment", "vat_reg_no",
        "gst_no",
    ),
    "items": (
        "item_id", "name", "item_name", "sku", "unit", "status", "source", "is_linked_with_zohocrm", "zcrm_product_id",
        "crm_owner_id", "description", "rate", "sales_rate", "tax_id", "tax_name", "tax_percentage", "purchase_rate",
        "account_id", "account_name", "item_type", "product_type", "is_taxable", "created_time", "last_modified_time",
    ),
    "invoices": (
        "invoice_id", "invoice_number", *_HEAD, "current_sub_status", "company_name", "email", "due_date", "due_days",
        "write_off_amount", "shipping_charge", "adjustment", "is_emailed", "is_viewed_by_client", "client_viewed_time",
        "reminders_sent", "payment_expected_date", "last_payment_date", "salesperson_name", "invoice_url",
        "billing_address",
    ),
    "estimates": ("estimate_id", "estimate_number", *_HEAD, "expiry_date"),
    "creditnotes": ("creditnote_id", "creditnote_number", *_HEAD),
    "customerpayments": (
        "payment_id", "payment_number", "payment_type", "date", "payment_mode", "amount", "bcy_amount", "unused_amount",
        "bcy_refunded_amount", "customer_id", "customer_name", "invoice_numbers", "applied_invoices",
        "reference_number", "description", "account_id", "account_name", "gateway_transaction_id", "payment_status",
        "settlement_status",
        "tax_amount_withheld", "currency_code", "created_time", "last_modified_time",
    ),
}  # fmt: skip


def row(desk: Desk, module: str, doc: Row) -> Row:
    """A row of a list."""
    full = _values(desk, module, doc)
    found = {name: full.get(name, "") for name in ROWS[module]}
    if desk.sim.switches["books_cf_in_list"]:
        found |= books_unique.shown(desk, module, doc)
    return finished(desk, found)


def detail(desk: Desk, module: str, doc: Row) -> Row:
    """A whole record."""
    full = _values(desk, module, doc)
    if module == "invoices":
        full |= _invoice_detail(desk, full)
    if module == "contacts":
        full["has_transaction"] = has_documents(desk, str(doc["contact_id"]))
    return finished(desk, full | books_unique.shown(desk, module, doc))


def _values(desk: Desk, module: str, doc: Row) -> Row:
    found = {name: value for name, value in doc.items() if not name.startswith("_")}
    found |= dict.fromkeys((name for name in ROWS[module] if name not in found), "")
    if module == "invoices":
        found |= _invoice(desk, doc)
    elif module in ("creditnotes", "estimates"):
        found["status"] = status(desk, module, doc)
    elif module == "customerpayments":
        found |= _payment(desk, doc)
    elif module == "contacts":
        found |= _contact(desk, doc)
    else:
        found |= {"item_name": doc["name"], "sales_rate": doc["rate"]}
    return found


def status(desk: Desk, module: str, doc: Row) -> str:
    """A document's status today: overdue comes with the date, closed with the balance."""
    state = str(doc["_state"])
    if module == "creditnotes" and state == "open" and not doc["balance"]:
        return "closed"
    if module != "invoices" or state != "sent":
        return state
    if doc["balance"] <= 0:
        return "paid"
    part_paid = doc["balance"] < doc["total"]
    if str(doc["due_date"]) < desk.today.isoformat() and not (part_paid and _part_paid_first(desk)):
        return "overdue"
    return "partially_paid" if part_paid else "sent"


def _part_paid_first(desk: Desk) -> bool:
    return bool(desk.sim.switches["books_part_paid_past_due"] == "partially_paid")


def _invoice(desk: Desk, doc: Row) -> Row:
    found = status(desk, "invoices", doc)
    days = (date.fromisoformat(str(doc["due_date"])) - desk.today).days
    due = f"Due in {days} day(s)" if days >= 0 else f"Overdue by {-days} days"
    return {
        "status": found, "current_sub_status": found, "due_days": due if found not in ("draft", "void", "paid") else "",
        "is_viewed_by_client": False, "invoice_url": f"{desk.sim.base_url}/ui/books/invoices/{doc['invoice_id']}",
    }  # fmt: skip


def _invoice_detail(desk: Desk, full: Row) -> Row:
    base = int(desk.org["price_precision"])
    rate = Decimal(full["exchange_rate"])
    in_base = {f"bcy_{name}": rounded(Decimal(full[name]) * rate, base) for name in ("total", "sub_total", "tax_total")}
    customer = desk.look("contacts", full["customer_id"]) or {}
    contact = {
        "customer_balance": customer.get("_open", 0), "credit_limit": customer.get("credit_limit", 0),
        "unused_customer_credits": customer.get("_unused", 0),
    }  # fmt: skip
    return in_base | {"contact": contact, "rounding_mode": "round_half_up", "type": "invoice", "roundoff_value": 0}


def _payment(desk: Desk, doc: Row) -> Row:
    applied = [one | {"invoice_number": one["invoice_number"]} for one in doc["_applied"]]
    return {
        "invoice_numbers": ", ".join(one["invoice_number"] for one in applied), "applied_invoices": applied,
        "invoices": applied, "bcy_amount": rounded(Decimal(doc["amount"]) * Decimal(doc["exchange_rate"]), 2),
        "payment_type": "Invoice Payment" if applied else "Customer Advance", "amount_refunded": doc["_refunded"],
        "payment_status": "paid", "bcy_refunded_amount": doc["_refunded"], "tax_amount_withheld": 0,
    }  # fmt: skip


def _contact(desk: Desk, doc: Row) -> Row:
    open_ = doc["_open"] + Decimal(str(doc.get("opening_balance_amount") or 0))
    rate = Decimal(1) if doc["currency_id"] == desk.base_currency["currency_id"] else Decimal(str(doc["_rate"]))
    linked = bool(doc.get("zcrm_account_id") or doc.get("zcrm_contact_id") or doc.get("zcrm_vendor_id"))
    return {
        "outstanding_receivable_amount": open_, "outstanding_receivable_amount_bcy": rounded(open_ * rate, 2),
        "unused_credits_receivable_amount": doc["_unused"], "outstanding_payable_amount": 0,
        "unused_credits_receivable_amount_bcy": rounded(doc["_unused"] * rate, 2), "is_linked_with_zohocrm": linked,
        "is_crm_customer": linked, "customer_name": doc["contact_name"], "vendor_name": doc["contact_name"],
        "contact_type_formatted": "Vendors" if doc["contact_type"] == "vendor" else "Customers", "tags": [],
        "contactperson_custom_fields": [], "has_attachment": False, "portal_status": "disabled", "language_code": "en",
    }  # fmt: skip


def has_documents(desk: Desk, contact: str) -> bool:
    """Whether anything was ever written to that contact."""
    modules = ("invoices", "estimates", "creditnotes", "customerpayments")
    return any(desk.sim.store.page(desk.name, name, key=("customer_id", contact), limit=1) for name in modules)


def finished(desk: Desk, found: Row) -> Row:
    """Times in the organisation's offset without a colon, `""` for empties, formatted twins of amounts."""
    for name in TIMES:
        if found.get(name):
            found[name] = local_time(desk, str(found[name]))
    symbol = found.get("currency_symbol") or found.get("currency_code") or desk.org["currency_symbol"]
    places = desk.places.get(str(found.get("currency_code") or desk.org["currency_code"]), 2)
    shown = {name: value for name, value in found.items() if name in AMOUNTS and value != ""}
    twins = {f"{name}_formatted": f"{symbol}{value:,.{places}f}" for name, value in shown.items()}
    return {name: "" if value is None else value for name, value in found.items()} | twins


def local_time(desk: Desk, stamped: str) -> str:
    """A stamp as the API tells it, such as 2026-11-25T09:00:00+0100."""
    return datetime.fromisoformat(stamped).astimezone(desk.zone).strftime("%Y-%m-%dT%H:%M:%S%z")
