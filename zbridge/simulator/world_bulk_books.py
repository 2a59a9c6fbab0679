"""The Books side of bulk worlds: a few customers made by hand with their invoices, and many copies of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from zbridge.simulator.app import Row
from zbridge.simulator.books_modules import MODULES, look_up_keys
from zbridge.simulator.world_build_books import BooksBuilder
from zbridge.simulator.world_bulk import Bulk, good_code, good_name
from zbridge.simulator.world_facts import Company, Invoice, Line, Payment, Product, t
from zbridge.simulator.world_names import Invented

PATTERNS = 24
GOODS = (
    ("RCK-640", "640.00"),
    ("CHR-120", "120.00"),
    ("CAB-215", "215.00"),
    ("LCK-280", "280.00"),
    ("MNT-65", "65.00"),
)
UNPAID, DRAFT = 3, 4


@dataclass(frozen=True)
class Pattern:
    """A customer with five invoices (three paid at once, one overdue, one draft) and the payment, as stored."""

    customer: Row
    invoices: Sequence[Row]
    payment: Row


@dataclass(frozen=True)
class Copies:
    """Lays copies of patterns, and items, straight into the store."""

    bulk: Bulk
    builder: BooksBuilder

    @cached_property
    def org(self) -> str:
        return str(self.bulk.sim.store.setting("books_organization_id"))

    def lay(self) -> None:
        """N customers with five invoices and a payment each, and N/2 items."""
        made = min(PATTERNS, self.bulk.accounts)
        patterns = [self._pattern(place) for place in range(made)]
        for places, at in self.bulk.chunks(self.bulk.accounts):
            copied = [self._copy(patterns[place % made], place, at) for place in places if place >= made]
            self._save("contacts", [one.customer for one in copied], at)
            self._save("invoices", [invoice for one in copied for invoice in one.invoices], at)
            self._save("customerpayments", [one.payment for one in copied], at)
        self._lay_items()

    def _save(self, module: str, docs: Sequence[Row], at: str) -> None:
        rows = [(str(doc[MODULES[module].id_key]), doc, look_up_keys(module, doc)) for doc in docs]
        self.bulk.sim.store.save_many(self.org, module, rows, created=at, modified=at)

    def _doc(self, module: str, name: str) -> Row:
        return self.bulk.sim.store.get(self.org, module, self.builder.site.ids[module, name]) or {}

    def _pattern(self, place: int) -> Pattern:
        """Made through the verbs of Books' user, long before month M."""
        company = _company(self.bulk.inventor.company(place))
        self.builder.site.at(t(-690 + place))
        self.builder.customer(company)
        labels = [f"pattern {place}.{turn}" for turn in range(5)]
        for turn, label in enumerate(labels):
            self.builder.invoice(_invoice(company, label, place, turn))
        paid = tuple((label, "") for label in labels[:UNPAID])
        day = self.builder.site.at(t(-200 + place))
        self.builder.payment(Payment(company.name, t(-200 + place), "", paid))
        invoices = [self._doc("invoices", label) for label in labels]
        payment = self._doc("customerpayments", f"{company.name} {day}")
        return Pattern(self._doc("contacts", company.name), invoices, payment)

    def _copy(self, pattern: Pattern, place: int, at: str) -> Pattern:
        company, store = self.bulk.inventor.company(place), self.bulk.sim.store
        id, *ids = store.new_ids("books", 1 + len(pattern.invoices))
        first = self._number("invoices", len(pattern.invoices))
        mine: Row = {"customer_id": id, "customer_name": company.name, "created_time": at, "last_modified_time": at}
        invoices = [
            invoice | mine | {
                "invoice_id": ids[turn], "invoice_number": f"INV-{first + turn:06}",
                "reference_number": f"PO {place + 1}", "company_name": company.name, "email": company.email,
                "_booked": invoice["_booked"] | {"customer": id},
            }
            for turn, invoice in enumerate(pattern.invoices)
        ]  # fmt: skip
        return Pattern(
            self._customer(pattern.customer, company, id, at), invoices, self._payment(pattern.payment, mine, invoices)
        )

    def _customer(self, doc: Row, company: Invented, id: str, at: str) -> Row:
        person = {
            "first_name": company.first_name,
            "last_name": company.last_name,
            "email": company.email,
            "phone": company.phone,
        }
        address = {"address": company.street, "zip": company.code, "city": company.city}
        person_id = self._id()
        return doc | person | {
            "primary_contact_id": person_id, "_persons": [person_id],
            "contact_id": id, "contact_name": company.name, "company_name": company.name, "vat_reg_no": company.vat,
            "created_time": at, "last_modified_time": at, "billing_address": doc["billing_address"] | address,
            "contact_persons": [one | person | {"contact_person_id": person_id} for one in doc["contact_persons"]],
        }  # fmt: skip

    def _payment(self, doc: Row, mine: Row, invoices: Sequence[Row]) -> Row:
        applied = [
            one | {"invoice_id": invoice["invoice_id"], "invoice_number": invoice["invoice_number"]}
            for one, invoice in zip(doc["_applied"], invoices, strict=False)
        ]
        own = {"payment_id": self._id(), "payment_number": str(self._number("customerpayments")), "_applied": applied}
        own |= {"_invoices": [one["invoice_id"] for one in applied]}
        return doc | mine | own | {"_booked": doc["_booked"] | {"customer": mine["customer_id"]}}

    def _number(self, module: str, count: int = 1) -> int:
        """The next one of Books' own series, or the first of a block."""
        return self.bulk.sim.store.next_number(f"{self.org} {module}", count=count)

    def _id(self) -> str:
        return self.bulk.sim.store.new_id("books")

    def _lay_items(self) -> None:
        for places, at in self.bulk.chunks(self.bulk.accounts // 2):
            self._save("items", [self._item(place, at) for place in places], at)

    @cached_property
    def _first_item(self) -> Row:
        product = Product(good_code(0), good_name(0), "5.00")
        self.builder.item(product)
        return self._doc("items", product.code)

    def _item(self, place: int, at: str) -> Row:
        first = self._first_item
        id = first["item_id"] if place == 0 else self._id()
        price: Decimal = self.bulk.price(place)
        own = {"item_id": id, "name": good_name(place), "sku": good_code(place), "rate": price}
        return first | own | {"created_time": at, "last_modified_time": at}


def _company(company: Invented) -> Company:
    person = f"{company.first_name} {company.last_name}"
    return Company(
        company.name,
        company.domain,
        person,
        company.street,
        company.code,
        company.city,
        vat=company.vat,
        phone=company.phone,
    )


def _invoice(company: Company, label: str, place: int, turn: int) -> Invoice:
    """Between T-650 and T-76: the last two of a customer stay unpaid, and draft."""
    code, rate = GOODS[(place + turn) % len(GOODS)]
    age = 650 - 110 * turn - 5 * place % 100
    lines = (Line(code, str(1 + (place * 3 + turn) % 12), rate),)
    return Invoice(label, company.name, t(-age), t(30 - age), lines, f"PO {place}", sent=turn != DRAFT)
