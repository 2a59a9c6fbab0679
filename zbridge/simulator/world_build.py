"""Lays facts through the verbs of Zoho's own users, so that numbers, totals and ids are the simulator's own arithmetic."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from zbridge.simulator.world_facts import Company, Credit, Day, Deal, Invoice, Line, Payment, Product, Quote

Row = dict[str, Any]
BOOKS_ID = {"contacts": "contact_id", "items": "item_id", "invoices": "invoice_id", "creditnotes": "creditnote_id"}


class World(Protocol):
    """What the builder needs of a simulator: the verbs of users of both sides, and its clock."""

    def user_create(self, side: str, module: str, row: Row) -> Row: ...

    def user_update(self, side: str, module: str, record_id: str, row: Row) -> Row: ...

    def act(self, side: str, module: str, record_id: str, action: str, params: Row) -> Row: ...

    def stand_at(self, day: date) -> None: ...


def _number(text: str) -> Decimal:
    return Decimal(text)


@dataclass
class Builder:
    """Lays facts in the order given; remembers the ids by the names that facts use."""

    world: World
    today: date
    currencies: dict[str, str]
    taxes: dict[str, str]
    crm_taxes: dict[str, str]
    users: dict[str, str] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def at(self, day: Day) -> str:
        """Puts the clock on that day, never later than today, and answers the day as text."""
        self.world.stand_at(min(day.on(self.today), self.today))
        return day.on(self.today).isoformat()

    def _crm(self, module: str, name: str, row: Row) -> str:
        made = self.world.user_create("crm", module, {key: value for key, value in row.items() if value not in ("", None)})
        self.ids[module, name] = str(made["id"])
        return self.ids[module, name]

    def _books(self, module: str, name: str, row: Row) -> str:
        made = self.world.user_create("books", module, {key: value for key, value in row.items() if value != ""})
        self.ids[module, name] = str(made[BOOKS_ID[module]])
        return self.ids[module, name]

    def _owner(self, name: str) -> Row:
        return {"id": self.users[name]}

    def user(self, name: str, surname: str, email: str, role: str) -> None:
        row = {"first_name": name, "last_name": surname, "email": email, "role": role}
        self._crm("users", name, row)
        self.users[name] = self.ids["users", name]

    def product(self, product: Product) -> None:
        """Both halves of a product, each only where the fact says so."""
        if product.in_crm:
            tax = [{"id": self.crm_taxes[product.tax]}] if product.tax in self.crm_taxes else None
            row = {
                "Product_Name": product.name, "Product_Code": product.code, "Unit_Price": _number(product.price),
                "Usage_Unit": product.unit, "Taxable": True, "Product_Active": True, "Tax": tax,
                "Owner": self._owner("Cy"),
            }  # fmt: skip
            self._crm("Products", product.code, row)
        if product.in_books:
            item = {
                "name": product.books_name or product.name, "sku": product.books_code or product.code,
                "rate": _number(product.item_price), "unit": product.unit, "tax_id": self.taxes[product.tax],
            }  # fmt: skip
            self._books("items", product.code, item)

    def company(self, company: Company) -> None:
        """An account with its contact in CRM, and its customer in Books."""
        if company.in_crm:
            self._account(company)
        if company.in_books:
            self._customer(company)

    def _account(self, company: Company) -> None:
        owner = self._owner(company.owner)
        row = {
            "Account_Name": company.name, "Phone": company.phone, "Website": f"https://{company.domain}",
            "Billing_Street": company.street, "Billing_Code": company.code, "Billing_City": company.city,
            "Billing_Country": company.country, "Currency": company.currency, "Owner": owner,
            "VAT_ID": company.vat, "Payment_Terms": company.crm_terms,
        }  # fmt: skip
        account = self._crm("Accounts", company.name, row)
        email = company.email if company.crm_email is None else company.crm_email
        self.contact(company.person, email, company.owner, {"Account_Name": {"id": account}, "Phone": company.phone})
        self.ids["main contact", company.name] = self.ids["Contacts", company.person]

    def contact(self, person: str, email: str, owner: str, more: Row) -> None:
        first, last = person.rsplit(" ", 1)
        row = {"First_Name": first, "Last_Name": last, "Email": email, "Owner": self._owner(owner), **more}
        self._crm("Contacts", person, row)

    def _customer(self, company: Company) -> None:
        email = company.email if company.books_email is None else company.books_email
        first, _, last = company.person.rpartition(" ")
        person = {"first_name": first or last, "last_name": last if first else "", "email": email, "is_primary_contact": True}
        phone = company.phone if company.books_phone is None else company.books_phone
        name = company.books_name or company.name
        row = {
            "contact_name": name, "company_name": name[:200], "contact_type": "customer",
            "currency_id": self.currencies[company.books_currency or company.currency],
            "payment_terms": company.terms, "payment_terms_label": f"Net {company.terms}",
            "vat_reg_no": company.vat, "contact_persons": [person | {"phone": phone}] if email or phone else "",
            "billing_address": {
                "address": company.street, "zip": company.code, "city": company.city, "country": company.country,
            },
        }  # fmt: skip
        if company.native:
            row |= {"zcrm_account_id": self.ids["Accounts", company.name]}
        self._books("contacts", company.name, row)

    def deal(self, deal: Deal) -> None:
        closing = self.at(deal.closing)
        person = self.ids.get(("main contact", deal.company)) or self.ids["Contacts", deal.company]
        account = self.ids.get(("Accounts", deal.company))
        row = {
            "Deal_Name": deal.name, "Stage": deal.stage, "Pipeline": deal.pipeline, "Closing_Date": closing,
            "Amount": deal.net, "Currency": deal.currency, "Contact_Name": {"id": person},
            "Account_Name": {"id": account} if account else None, "Owner": self._owner(deal.owner),
            "Deal_Lines": [self._deal_line(line) for line in deal.lines],
        }  # fmt: skip
        self._crm("Deals", deal.name, row)

    def _deal_line(self, line: Line) -> Row:
        product = {"id": self.ids["Products", line.code]}
        row = {"Product": product, "Quantity": _number(line.quantity), "Rate": _number(line.rate)}
        return row | {"Discount": _number(line.discount), "Tax": _number(line.tax)}

    def quote(self, quote: Quote) -> None:
        self.at(quote.made)
        row = {
            "Subject": quote.subject, "Quote_Number": quote.number, "Quote_Stage": quote.stage,
            "Valid_Till": quote.valid_till.on(self.today).isoformat(), "Owner": self._owner(quote.owner),
            "Account_Name": {"id": self.ids["Accounts", quote.company]},
            "Contact_Name": {"id": self.ids["main contact", quote.company]},
            "Quoted_Items": [self._quote_line(line) for line in quote.lines],
            "Discount": _number(quote.discount), "Adjustment": _number(quote.adjustment),
        }  # fmt: skip
        self._crm("Quotes", quote.number, row)

    def _quote_line(self, line: Line) -> Row:
        rate, quantity = _number(line.rate), _number(line.quantity)
        row = {"Product_Name": {"id": self.ids["Products", line.code]}, "Quantity": quantity, "List_Price": rate}
        row |= {"Discount": rate * quantity - line.net} if line.discount != "0" else {}
        return row | {"Line_Tax": [{"name": self._tax_name(line.tax), "percentage": _number(line.tax)}]}

    def _tax_name(self, rate: str) -> str:
        return f"VAT {rate}"

    def replacements(self, quotes: Iterable[Quote]) -> None:
        """Names the successor of each quote that has one; after all quotes are laid."""
        for quote in quotes:
            if quote.replaced_by:
                change = {"Replaced_By": {"id": self.ids["Quotes", quote.replaced_by]}}
                self.world.user_update("crm", "Quotes", self.ids["Quotes", quote.number], change)

    def invoice(self, invoice: Invoice) -> None:
        row = {
            "customer_id": self.ids["contacts", invoice.company], "date": self.at(invoice.day),
            "due_date": invoice.due.on(self.today).isoformat(), "reference_number": invoice.reference,
            "line_items": [self._invoice_line(line) for line in invoice.lines],
            "zcrm_potential_id": self.ids["Deals", invoice.deal] if invoice.deal else "",
        }  # fmt: skip
        if invoice.discount != "0":
            row |= {"discount": _number(invoice.discount), "discount_type": "entity_level", "is_discount_before_tax": True}
        made = self._books("invoices", invoice.label, row)
        if invoice.sent:
            self.world.act("books", "invoices", made, "send", {})

    def _invoice_line(self, line: Line) -> Row:
        row = {"item_id": self.ids["items", line.code], "quantity": _number(line.quantity), "rate": _number(line.rate)}
        return row | {"tax_id": self.taxes[line.tax]}
