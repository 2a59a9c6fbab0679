"""What of a sale goes into the draft: its canonical text and hash tell whether it changed since the preview."""

from hashlib import sha256
from typing import Any

from invoicing.domain.documents import Discount, Sale, SaleLine
from syncjobs.domain.digesting import canonical_json


def payload_relevant(sale: Sale) -> dict[str, Any]:
    """The fields whose change asks for a new preview; who owns it, or when it was touched, doesn't matter."""
    return {
        "sale": sale.root,
        "quote": sale.quote_id,
        "reference": [sale.quote_number, sale.deal_name or sale.name],
        "party": [sale.account_id, sale.contact_id],
        "currency": sale.currency,
        "amount": [sale.amount, str(sale.basis), sale.prices_include_tax],
        "won": sale.is_won,
        "replaced_by": sale.replaced_by_id,
        "lines": [_line(line) for line in sale.lines],
        "complete": not (sale.lines_truncated or sale.lines_unread),
        "discount": _discount(sale.header_discount),
        "adjustment": [sale.adjustment, sale.adjustment_description],
        "document_tax": sale.document_tax,
    }


def snapshot_text(sale: Sale) -> str:
    """Canonical JSON: 1.0 and 1.00 are the same, keys are sorted."""
    return canonical_json(payload_relevant(sale))


def snapshot_hash(sale: Sale) -> str:
    """64 hex digits of the canonical text."""
    return sha256(snapshot_text(sale).encode()).hexdigest()


def _line(line: SaleLine) -> list[Any]:
    return [
        line.product_id,
        line.quantity,
        line.rate,
        _discount(line.discount),
        line.tax_name,
        line.tax_percent,
        line.description,
    ]


def _discount(discount: Discount) -> list[Any]:
    return [discount.value, discount.is_percent]
