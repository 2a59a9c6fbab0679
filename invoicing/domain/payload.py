"""A draft as Books' JSON body (facts books 5.2). Decimals become JSON numbers as they are, never floats."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

from invoicing.domain.documents import Discount
from invoicing.domain.drafts import DiscountLevel, DraftLine, InvoiceDraft


def payload(draft: InvoiceDraft) -> dict[str, Any]:
    """The body of `POST /invoices`. No number, no exchange rate and no salesperson: those are Books' own."""
    body: dict[str, Any] = {
        "customer_id": draft.customer_id,
        "reference_number": draft.reference,
        "date": draft.issued_on.isoformat(),
        "is_inclusive_tax": draft.is_inclusive_tax,
        "line_items": [_line(line, order) for order, line in enumerate(draft.lines, start=1)],
    }
    return body | _terms(draft) | _discount(draft) | _adjustment(draft) | _identity(draft)


def payload_text(draft: InvoiceDraft) -> str:
    """The body as it is frozen and sent; same draft, same text."""
    return dumps(payload(draft))


def payload_hash(text: str) -> str:
    """64 hex digits of the frozen text."""
    return sha256(text.encode()).hexdigest()


def _line(line: DraftLine, order: int) -> dict[str, Any]:
    given = {
        "item_id": line.item_id,
        "name": line.name,
        "description": line.description,
        "rate": line.rate,
        "quantity": line.quantity,
        "unit": line.unit,
        "tax_id": line.tax.books_id if line.tax else "",
        "tax_exemption_id": line.exemption_id,
        "item_order": order,
    }
    discount = {"discount": written_discount(line.discount)} if line.discount else {}
    return {name: value for name, value in given.items() if value != ""} | discount


def written_discount(discount: Discount) -> str | Decimal:
    """Books: a number is an amount, a text with % a percentage."""
    return f"{discount.value.normalize():f}%" if discount.is_percent else discount.value


def _terms(draft: InvoiceDraft) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if draft.terms_days is not None:
        found["payment_terms"] = draft.terms_days
        found["payment_terms_label"] = draft.terms_label[:100] or f"Net {draft.terms_days}"
    if draft.due_on is not None:
        found["due_date"] = draft.due_on.isoformat()
    return found


def _discount(draft: InvoiceDraft) -> dict[str, Any]:
    """CRM takes a line's discount off before tax and the document's after tax, so that is asked for."""
    if draft.discount_level is DiscountLevel.NONE:
        return {}
    on_lines = draft.discount_level is DiscountLevel.ITEM
    header = {} if on_lines else {"discount": written_discount(draft.header_discount)}
    return {"discount_type": str(draft.discount_level), "is_discount_before_tax": on_lines} | header


def _adjustment(draft: InvoiceDraft) -> dict[str, Any]:
    if not draft.adjustment:
        return {}
    return {"adjustment": draft.adjustment, "adjustment_description": draft.adjustment_description or "Adjustment"}


def _identity(draft: InvoiceDraft) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if draft.key_field_id:
        found["custom_fields"] = [{"customfield_id": draft.key_field_id, "value": draft.key}]
    if draft.contact_person_ids:
        found["contact_persons"] = list(draft.contact_person_ids)
    if draft.location_id:
        found["location_id"] = draft.location_id
    if draft.deal_id:
        found["zcrm_potential_id"] = draft.deal_id
    return found


def dumps(value: object) -> str:
    """JSON in the order given, Decimals written digit by digit as numbers; a float is refused."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(name))}:{dumps(part)}" for name, part in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(dumps(part) for part in value) + "]"
    if isinstance(value, float):
        raise TypeError("A number in a payload is a Decimal or an int, never a float.")
    return json.dumps(value, ensure_ascii=False)
