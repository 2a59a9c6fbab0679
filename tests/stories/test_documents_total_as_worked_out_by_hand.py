"""The hand-written table of documents, through zbridge's own payload into Books: no arithmetic judges itself."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from invoicing.domain.documents import Discount, TaxFacts
from invoicing.domain.drafts import DiscountLevel, InvoiceDraft
from invoicing.domain.payload import payload
from tests.domain.document_table import DOCUMENTS, TAXES, Document
from tests.domain.drawings import draft_of
from tests.stories.small_trade import Trade
from zbridge.money import minor_digits

pytestmark = pytest.mark.django_db


class Finance:
    """Books as finance set it up: the table's taxes and currencies, and a customer of each currency."""

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.simulator = trade.simulator
        self.taxes = {name: self._tax(name) for name in TAXES}
        self.customers: dict[str, str] = {}

    def add(self, module: str, row: dict[str, Any]) -> dict[str, Any]:
        return self.simulator.user_create("books", module, row)

    def _tax(self, name: str) -> str:
        percentage, parts = TAXES[name]
        single = {"tax_name": f"{name} of the table", "tax_percentage": Decimal(percentage), "tax_type": "tax"}
        if not parts:
            return str(self.add("taxes", single)["tax_id"])
        ids = [
            self.add("taxes", {"tax_name": part, "tax_percentage": Decimal(share), "tax_type": "tax"})["tax_id"]
            for part, share in parts
        ]
        return str(self.add("taxes", single | {"tax_type": "tax_group", "taxes": ids})["tax_id"])

    def customer(self, currency: str) -> str:
        if currency not in self.customers:
            rows = self.simulator.verbs("books").rows(self.simulator, "currencies")
            found = next((row for row in rows if row["currency_code"] == currency), None)
            digits = minor_digits(currency)
            new = {"currency_code": currency, "price_precision": digits, "exchange_rate": 1}
            currency_id = (found or self.add("currencies", new))["currency_id"]
            row = {"contact_name": f"Pays in {currency}", "currency_id": currency_id}
            self.customers[currency] = str(self.add("contacts", row)["contact_id"])
        return self.customers[currency]

    def follow(self, document: Document) -> None:
        """Set the organisation as the document supposes it."""
        store = self.simulator.store
        id = str(store.setting("books_organization_id"))
        wanted = {
            "tax_rounding": f"{document.rounding}_level",
            "discount_before_tax": "always" if document.before_tax else "as_sent",
        }
        org = (store.get("sim", "books_orgs", id) or {}) | wanted
        store.save("sim", "books_orgs", id, org, created="", modified="", written=0.0, keys={})

    def draft(self, document: Document, number: int) -> InvoiceDraft:
        """zbridge's draft of the document, with the ids of this Books."""
        drawn = draft_of(document)
        lines = tuple(replace(line, item_id="", tax=self._here(line.tax)) for line in drawn.lines)
        level = DiscountLevel.ENTITY if drawn.header_discount else DiscountLevel.NONE
        level = DiscountLevel.ITEM if any(line.discount for line in lines) else level
        return replace(
            drawn, key=f"ZB-{number:020}", key_field_id=self.trade.connection.invoice_key_field, lines=lines,
            customer_id=self.customer(document.currency), discount_level=level,
            header_discount=Discount(drawn.header_discount.value),
        )  # fmt: skip

    def _here(self, tax: TaxFacts | None) -> TaxFacts | None:
        return replace(tax, books_id=self.taxes[tax.name]) if tax else None

    def post(self, document: Document, number: int) -> dict[str, Any]:
        """The invoice as Books made it."""
        self.follow(document)
        self.trade.clock.advance(2)
        books = self.trade.bench().clients(self.trade.connection).books
        made = books.create_draft_invoice(payload(self.draft(document, number)))
        found = self.simulator.verbs("books").read(self.simulator, "invoices", str(made["invoice_id"]))
        return found or {}


def figures(invoice: dict[str, Any]) -> tuple[Decimal, dict[str, Decimal], Decimal]:
    """Sub total, tax by name, total."""
    taxes = {str(row["tax_name"]).split(" (")[0].split(" of the")[0]: row["tax_amount"] for row in invoice["taxes"]}
    amounts = {name: Decimal(str(amount)) for name, amount in taxes.items()}
    return Decimal(str(invoice["sub_total"])), amounts, Decimal(str(invoice["total"]))


def by_hand(document: Document) -> tuple[Decimal, dict[str, Decimal], Decimal]:
    taxes = {name: Decimal(amount) for name, amount in document.taxes.items()}
    return Decimal(document.sub_total), taxes, Decimal(document.total)


def test_books_makes_of_every_document_what_was_worked_out_by_hand(trade: Trade) -> None:
    finance = Finance(trade)
    found = {document.name: figures(finance.post(document, number)) for number, document in enumerate(DOCUMENTS)}
    wrong = {
        document.name: (found[document.name], by_hand(document))
        for document in DOCUMENTS
        if found[document.name] != by_hand(document)
    }
    assert wrong == {} and len(found) >= 40
