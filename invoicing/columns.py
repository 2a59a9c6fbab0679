"""From one document row as Zoho sent it to the columns of its mirror: pure (facts CRM 2.10, 2.11; Books 5.3)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from invoicing.domain.source_lines import named
from syncjobs.columns import amount, instant, look_up, text
from syncjobs.domain.normalising import normal_name

Row = Mapping[str, Any]
Columns = dict[str, Any]

DEAL_FIELDS = (
    "Deal_Name", "Stage", "Pipeline", "Amount", "Closing_Date", "Account_Name", "Contact_Name", "Owner", "Currency",
    "Modified_Time", "Created_Time",
)  # fmt: skip
QUOTE_FIELDS = (
    "Subject", "Quote_Number", "Quote_Stage", "Valid_Till", "Deal_Name", "Contact_Name", "Account_Name", "Owner",
    "Currency", "Sub_Total", "Discount", "Tax", "Adjustment", "Grand_Total", "Modified_Time", "Created_Time",
    "Modified_By",
)  # fmt: skip
# On a row: its lines as the mirror keeps them, and the mark of a list of lines that was cut.
LINES = "zbridge_lines"
TRUNCATED = "truncated"
# Kept by its name, as a text, and only on lines that were priced by one (facts CRM 2.10).
PRICE_BOOK = "Price_Book_Name"
OUTCOMES = {"Closed Won": "won", "Closed Lost": "lost"}


def day(value: object) -> date | None:
    """A calendar day; empty is None."""
    written = text(value)
    return date.fromisoformat(written[:10]) if written else None


def stage_type(stage_types: Mapping[str, str], pipeline: str, stage: str) -> str:
    """The forecast type of a stage in its pipeline (facts CRM 3.4); an unknown stage counts as open."""
    return stage_types.get(f"{pipeline}|{stage}") or stage_types.get(f"|{stage}") or "Open"


def deal(row: Row, stage_types: Mapping[str, str], home_currency: str, bill_to: str = "") -> Columns:
    """A CRM deal; amount in the record's own currency, the organisation's where CRM names none.

    `bill_to`: the look-up that may name another account to bill.
    """
    pipeline, stage = text(row.get("Pipeline")), text(row.get("Stage"))
    outcome = OUTCOMES.get(stage_type(stage_types, pipeline, stage), "open")
    return {
        "crm_id": text(row["id"]),
        "name": text(row.get("Deal_Name"))[:300],
        "name_key": normal_name(text(row.get("Deal_Name")))[:300],
        "pipeline": pipeline[:120],
        "stage": stage[:120],
        "outcome": outcome,
        "won_on": day(row.get("Closing_Date")) if outcome == "won" else None,
        "amount": amount(row.get("Amount")),
        "currency": text(row.get("Currency")) or home_currency,
        "account_id": look_up(row, "Account_Name"),
        "account_name": look_up(row, "Account_Name", "name")[:300],
        "payer_id": look_up(row, bill_to) if bill_to else "",
        "payer_name": look_up(row, bill_to, "name")[:300] if bill_to else "",
        "contact_id": look_up(row, "Contact_Name"),
        "contact_name": look_up(row, "Contact_Name", "name")[:300],
        "owner_id": look_up(row, "Owner"),
        "owner_name": look_up(row, "Owner", "name")[:150],
        "changed_at": instant(row.get("Modified_Time")),
    }


def quote(row: Row, home_currency: str) -> Columns:
    """A CRM quote without its lines; `total` is Grand_Total."""
    return {
        "crm_id": text(row["id"]),
        "subject": text(row.get("Subject"))[:300],
        "number": text(row.get("Quote_Number"))[:60],
        "stage": text(row.get("Quote_Stage"))[:120],
        "deal_id": look_up(row, "Deal_Name"),
        "account_id": look_up(row, "Account_Name"),
        "account_name": look_up(row, "Account_Name", "name")[:300],
        "contact_id": look_up(row, "Contact_Name"),
        "owner_id": look_up(row, "Owner"),
        "currency": text(row.get("Currency")) or home_currency,
        "total": amount(row.get("Grand_Total")),
        "discount": amount(row.get("Discount")),
        "adjustment": amount(row.get("Adjustment")),
        "document_tax": amount(row.get("Tax")),
        "valid_till": day(row.get("Valid_Till")),
        "replaced_by_id": look_up(row, "Replaced_By"),
        "changed_at": instant(row.get("Modified_Time")),
    }


def invoice(row: Row, key_name: str) -> Columns:
    """A Books invoice row; amounts in its currency. The key stands in its own column or in `custom_fields`."""
    return {
        "books_id": text(row["invoice_id"]),
        "number": text(row.get("invoice_number"))[:100],
        "status": text(row.get("status"))[:30],
        "customer_id": text(row.get("customer_id")),
        "customer_name": text(row.get("customer_name"))[:300],
        "reference": text(row.get("reference_number"))[:200],
        "key": invoice_key(row, key_name)[:60],
        "potential_id": text(row.get("zcrm_potential_id")),
        "issued_on": day(row.get("date")),
        "due_on": day(row.get("due_date")),
        "currency": text(row.get("currency_code")),
        "total": _owed(row, "total"),
        "balance": _owed(row, "balance"),
        "written_off": amount(row.get("write_off_amount")) or Decimal(0),
        "rate": text(row.get("exchange_rate"))[:30],
        "last_paid_on": day(row.get("last_payment_date")),
        "salesperson": text(row.get("salesperson_name"))[:200],
        "created_in_books_at": instant(row.get("created_time")),
        "changed_at": instant(row.get("last_modified_time")),
    }


LINE = (
    "item_id", "name", "description", "rate", "quantity", "unit", "discount", "item_total", "tax_name",
    "tax_percentage",
)  # fmt: skip
SUMS = (
    "sub_total", "discount_total", "tax_total", "shipping_charge", "adjustment", "payment_made", "credits_applied",
)  # fmt: skip


def invoice_detail(row: Row) -> Columns:
    """What only an invoice read by its id shows: its lines, and its sums as decimal text (facts Books 5.4)."""
    lines = [{name: _plain(one.get(name)) for name in LINE} for one in row.get("line_items") or ()]
    sums = {name: _plain(row.get(name)) for name in SUMS if amount(row.get(name)) is not None}
    return {"lines": lines, "detail": sums}


def payment(row: Row, currency: str) -> Columns:
    """A payment of a customer whose currency is `currency`; Books' rows may name none (facts Books 7.1)."""
    return {
        "books_id": text(row["payment_id"]),
        "number": text(row.get("payment_number"))[:100],
        "customer_id": text(row.get("customer_id")),
        "customer_name": text(row.get("customer_name"))[:300],
        "paid_on": day(row.get("date")),
        "amount": _owed(row, "amount"),
        "unused": amount(row.get("unused_amount")) or Decimal(0),
        "refunded": _refunded(row),
        "currency": text(row.get("currency_code")) or currency,
        "base_amount": amount(row.get("bcy_amount")),
        "mode": text(row.get("payment_mode"))[:60],
        "reference": text(row.get("reference_number"))[:200],
        "invoice_numbers": text(row.get("invoice_numbers"))[:500],
        "created_in_books_at": instant(row.get("created_time")),
        "changed_at": instant(row.get("last_modified_time")),
    }


def _refunded(row: Row) -> Decimal:
    """What was paid back: lists tell it only in the organisation's currency, which may not be the payment's."""
    told = row.get("amount_refunded")
    if told in (None, "") and amount(row.get("bcy_amount")) == amount(row.get("amount")):
        told = row.get("bcy_refunded_amount")
    return amount(told) or Decimal(0)


def allocations(row: Row) -> list[Columns]:
    """The invoices that a payment pays, each with the amount applied; [] where the row doesn't tell."""
    parts = row.get("invoices") or row.get("applied_invoices") or ()
    found: dict[str, Columns] = {}
    for part in parts:
        invoice_id = text(part.get("invoice_id"))
        one = found.setdefault(invoice_id, {"invoice_id": invoice_id, "amount": Decimal(0)})
        one["invoice_number"] = text(part.get("invoice_number"))[:100]
        one["amount"] += _owed(part, "amount_applied")
    return [one for key, one in found.items() if key]


def credit_note(row: Row) -> Columns:
    """A Books credit note row; amounts in its currency."""
    return {
        "books_id": text(row["creditnote_id"]),
        "number": text(row.get("creditnote_number"))[:100],
        "status": text(row.get("status"))[:30],
        "customer_id": text(row.get("customer_id")),
        "customer_name": text(row.get("customer_name"))[:300],
        "reference": text(row.get("reference_number"))[:200],
        "issued_on": day(row.get("date")),
        "currency": text(row.get("currency_code")),
        "total": _owed(row, "total"),
        "balance": _owed(row, "balance"),
        "changed_at": instant(row.get("last_modified_time")),
    }


def _owed(row: Row, name: str) -> Decimal:
    """An amount that every such document has: one that is missing is not 0. Raises ArithmeticError."""
    found = amount(row.get(name))
    if found is None:
        raise ArithmeticError(f"The {name} is missing.")
    return found


def invoice_key(row: Row, key_name: str) -> str:
    """The value of zbridge's unique field on an invoice row or detail; empty when it has none."""
    if key_name and text(row.get(key_name)):
        return text(row.get(key_name))
    for field in row.get("custom_fields") or ():
        if key_name and field.get("api_name") == key_name:
            return text(field.get("value"))
    return ""


def line(row: Row, names: Sequence[str]) -> Columns:
    """A line as the mirror keeps it, however it was read: numbers as text, look-ups as ids."""
    kept = {name: _plain(row.get(name)) for name in names if name not in ("Parent_Id", PRICE_BOOK)}
    book = named(row.get(PRICE_BOOK)) if PRICE_BOOK in names else ""
    return kept | ({PRICE_BOOK: book} if book else {})


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {"id": text(value.get("id"))}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [{name: text(part.get(name)) for name in ("name", "percentage")} for part in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if value is None else text(value)


def lines_by_parent(rows: Sequence[Row], names: Sequence[str]) -> dict[str, list[Any]]:
    """Rows of a subform module, in order, by the id of the record they belong to."""
    found: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda row: int(row.get("Sequence_Number") or 0)):
        found.setdefault(look_up(row, "Parent_Id"), []).append(line(row, names))
    return found
