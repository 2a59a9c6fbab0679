"""Lays facts in Books through the verbs of its own user: numbers, totals and balances come out of its arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from zbridge.simulator.app import Row
from zbridge.simulator.world_build import Site
from zbridge.simulator.world_facts import Company, Credit, Invoice, Line, Payment, Product


@dataclass
class BooksBuilder:
    """Lays facts in the first organisation, in the order given."""

    site: Site
    taxes: dict[str, str]
    currencies: dict[str, str]

    def _make(self, module: str, name: str, id_key: str, row: Row) -> str:
        return self.site.make("books", module, name, id_key, row)

    def item(self, product: Product) -> None:
        row = {
            "name": product.books_name or product.name, "sku": product.books_code or product.code,
            "rate": Decimal(product.item_price), "unit": product.unit, "tax_id": self.taxes[product.tax],
        }  # fmt: skip
        self._make("items", product.code, "item_id", row)

    def price_list(self, name: str, currency: str, rates: Sequence[tuple[str, str]]) -> None:
        """A price list for sales with a rate per item."""
        items = [{"item_id": self.site.ids["items", code], "pricebook_rate": Decimal(rate)} for code, rate in rates]
        row = {"name": name, "currency_code": currency, "pricebook_items": items}
        self._make("pricebooks", name, "pricebook_id", row)

    def customer(self, company: Company) -> None:
        """A customer with one contact person where there is an e-mail or a phone."""
        name = company.books_name or company.name
        row = {
            "contact_name": name, "company_name": name[:200], "contact_type": "customer",
            "currency_id": self.currencies[company.books_currency or company.currency],
            "payment_terms": company.terms, "payment_terms_label": f"Net {company.terms}",
            "vat_reg_no": company.vat, "contact_persons": _people(company),
            "website": f"https://{company.domain}" if company.domain else "",
            "billing_address": {
                "address": company.street, "zip": company.code, "country": company.country,
                "city": company.city if company.books_city is None else company.books_city,
            },
            "custom_fields": [
                {"api_name": "cf_segment", "value": company.segment},
                {"api_name": "cf_sales_rep", "value": self.site.full_names.get(company.owner, "")},
            ],
            "zcrm_account_id": self.site.ids["Accounts", company.name] if company.native else "",
        }  # fmt: skip
        self._make("contacts", company.name, "contact_id", row)

    def invoice(self, invoice: Invoice) -> None:
        """An invoice made by hand; sent unless the fact says it stayed a draft."""
        row: Row = {
            "customer_id": self.site.ids["contacts", invoice.company], "date": self.site.at(invoice.day),
            "due_date": invoice.due.on(self.site.today).isoformat(), "reference_number": invoice.reference,
            "line_items": [self._line(line) for line in invoice.lines],
            "zcrm_potential_id": self.site.ids["Deals", invoice.deal] if invoice.deal else "",
        }  # fmt: skip
        if invoice.discount != "0":
            row |= {"discount": Decimal(invoice.discount), "discount_type": "entity_level"}
        made = self._make("invoices", invoice.label, "invoice_id", row)
        if invoice.sent:
            self.site.sim.act("books", "invoices", made, "send")

    def _line(self, line: Line) -> Row:
        row: Row = {"item_id": self.site.ids["items", line.code], "quantity": Decimal(line.quantity)}
        return row | {"rate": Decimal(line.rate), "tax_id": self.taxes[line.tax]}

    def payment(self, payment: Payment) -> None:
        """Money received, applied as the fact says; without amounts it pays its invoices in full."""
        day = self.site.at(payment.day)
        owed = [self._due(label, amount) for label, amount in payment.applied]
        applied = [
            {"invoice_id": self.site.ids["invoices", label], "amount_applied": due}
            for (label, _), due in zip(payment.applied, owed, strict=True)
        ]
        row = {
            "customer_id": self.site.ids["contacts", payment.company], "payment_mode": "banktransfer", "date": day,
            "amount": Decimal(payment.amount) if payment.amount else sum(owed, Decimal(0)),
            "invoices": applied,
        }  # fmt: skip
        self._make("customerpayments", f"{payment.company} {day}", "payment_id", row)

    def _due(self, label: str, amount: str) -> Decimal:
        if amount:
            return Decimal(amount)
        sim = self.site.sim
        invoice = sim.verbs("books").read(sim, "invoices", self.site.ids["invoices", label]) or {}
        return Decimal(invoice["balance"])

    def credit(self, credit: Credit) -> None:
        row = {
            "customer_id": self.site.ids["contacts", credit.company], "date": self.site.at(credit.day),
            "line_items": [self._line(credit.line)],
        }  # fmt: skip
        self._make("creditnotes", credit.company, "creditnote_id", row)


def _people(company: Company) -> list[Row] | str:
    email = company.email if company.books_email is None else company.books_email
    phone = company.phone if company.books_phone is None else company.books_phone
    if not (email or phone):
        return ""
    first, _, last = company.person.rpartition(" ")
    person = {"first_name": first or last, "last_name": last if first else "", "is_primary_contact": True}
    return [person | {"email": email, "phone": phone}]
