"""Lays facts through the verbs of Zoho's own users: what both builders share, and the CRM side."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.world_facts import Company, Day, Deal, Line, Product, Quote

ZONE = ZoneInfo("Europe/Berlin")
START_OF_WORK = time(9)


@dataclass
class Site:
    """A simulator on which facts are laid: its clock is moved to each fact's day, ids are kept by the facts' names."""

    sim: Simulator
    today: date
    started: datetime = field(init=False)
    real_start: float = field(init=False)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    full_names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started, self.real_start = self.sim.clock.now(), self.sim.clock.real()

    def at(self, day: Day) -> str:
        """Puts the clock on that day, never later than today, and answers the day as text."""
        wanted = day.on(self.today)
        self.sim.clock.move_to(self._now() if wanted >= self.today else datetime.combine(wanted, START_OF_WORK, ZONE))
        return wanted.isoformat()

    def day(self) -> str:
        """The day on which the clock stands, as text."""
        return self.sim.clock.now().astimezone(ZONE).date().isoformat()

    def leave(self) -> None:
        """Lets the clock run on from the time at which the seeding began."""
        self.sim.clock.move_to(self._now())

    def _now(self) -> datetime:
        if self.started.astimezone(ZONE).date() != self.today:
            return datetime.combine(self.today, START_OF_WORK, ZONE)
        return self.started + timedelta(seconds=self.sim.clock.real() - self.real_start)

    def make(self, side: str, module: str, name: str, id_key: str, row: Row) -> str:
        """Creates a record and remembers its id under the name; what the fact leaves empty isn't typed."""
        typed = {key: value for key, value in row.items() if value not in ("", None)}
        made = str(self.sim.user_create(side, module, typed)[id_key])
        self.ids[module, name] = made
        return made


@dataclass
class CrmBuilder:
    """Lays facts in CRM, in the order given."""

    site: Site
    taxes: dict[str, str]

    def _make(self, module: str, name: str, row: Row) -> str:
        return self.site.make("crm", module, name, "id", row)

    def _owner(self, name: str) -> Row:
        return {"id": self.site.ids["users", name]}

    def people(self, people: Iterable[tuple[str, str, str]]) -> None:
        """CRM's users by first name, surname and role; the administrator is Maria."""
        self.site.ids["users", "Maria"] = str(self.site.sim.store.setting("crm_admin_id"))
        for name, surname, role in people:
            email = f"{name.lower()}@brightwater.example"
            self.site.full_names[name] = f"{name} {surname}"
            self._make("users", name, {"first_name": name, "last_name": surname, "email": email, "role": role})

    def product(self, product: Product) -> None:
        tax = [{"id": self.taxes[product.tax], "value": f"VAT {product.tax} - {product.tax} %"}]
        row = {
            "Product_Name": product.name, "Product_Code": product.code, "Unit_Price": Decimal(product.price),
            "Usage_Unit": product.unit, "Taxable": True, "Product_Active": True, "Tax": tax,
            "Owner": self._owner("Maria"),
        }  # fmt: skip
        self._make("Products", product.code, row)

    def account(self, company: Company) -> None:
        """The account and its contact."""
        row = {
            "Account_Name": company.name, "Phone": company.phone, "Website": f"https://{company.domain}",
            "Billing_Street": company.street, "Billing_Code": company.code, "Billing_City": company.city,
            "Billing_Country": company.country, "Currency": company.currency, "Owner": self._owner(company.owner),
            "VAT_ID": company.vat if company.crm_vat is None else company.crm_vat,
            "Payment_Terms": f"Net {company.terms}" if company.crm_terms is None else company.crm_terms,
            "Segment": company.segment, "Credit_Limit": Decimal(0), "Customer_Since": self.site.day(),
        }  # fmt: skip
        account = {"id": self._make("Accounts", company.name, row)}
        email = company.email if company.crm_email is None else company.crm_email
        self.contact(company.name, company.person, email, company.owner, Account_Name=account, Phone=company.phone)

    def contact(self, name: str, person: str, email: str, owner: str, **more: object) -> None:
        """A contact; `name` is what deals call it by: its company's name, or its own."""
        first, last = person.rsplit(" ", 1)
        row = {"First_Name": first, "Last_Name": last, "Email": email, "Owner": self._owner(owner), **more}
        self._make("Contacts", name, row)

    def deal(self, deal: Deal) -> None:
        account = self.site.ids.get(("Accounts", deal.company))
        row = {
            "Deal_Name": deal.name, "Stage": deal.stage, "Pipeline": deal.pipeline, "Amount": deal.net,
            "Closing_Date": self.site.at(deal.closing), "Currency": deal.currency,
            "Contact_Name": {"id": self.site.ids["Contacts", deal.company]},
            "Account_Name": {"id": account} if account else None, "Owner": self._owner(deal.owner),
            "Deal_Lines": [self._deal_line(line) for line in deal.lines],
        }  # fmt: skip
        self._make("Deals", deal.name, row)

    def _deal_line(self, line: Line) -> Row:
        row: Row = {"Product": {"id": self.site.ids["Products", line.code]}, "Quantity": Decimal(line.quantity)}
        return row | {"Rate": Decimal(line.rate), "Discount": Decimal(line.discount), "Tax": Decimal(line.tax)}

    def quote(self, quote: Quote) -> None:
        self.site.at(quote.made)
        row = {
            "Subject": quote.subject, "Quote_Number": quote.number, "Quote_Stage": quote.stage,
            "Valid_Till": quote.valid_till.on(self.site.today).isoformat(), "Owner": self._owner(quote.owner),
            "Account_Name": {"id": self.site.ids["Accounts", quote.company]},
            "Contact_Name": {"id": self.site.ids["Contacts", quote.company]}, "Currency": "EUR",
            "Quoted_Items": [self._quote_line(line) for line in quote.lines],
            "Discount": Decimal(quote.discount), "Adjustment": Decimal(quote.adjustment),
        }  # fmt: skip
        self._make("Quotes", quote.number, row)

    def _quote_line(self, line: Line) -> Row:
        rate, quantity = Decimal(line.rate), Decimal(line.quantity)
        row: Row = {"Product_Name": {"id": self.site.ids["Products", line.code]}, "Quantity": quantity}
        row |= {"List_Price": rate, "Discount": rate * quantity - line.net}
        row |= {"Price_Book_Name": line.price_book} if line.price_book else {}
        return row | {"Line_Tax": [{"name": f"VAT {line.tax}", "percentage": Decimal(line.tax)}]}

    def replacements(self, quotes: Iterable[Quote]) -> None:
        """Names the successor of each quote that has one; after all quotes are laid."""
        for quote in quotes:
            if quote.replaced_by:
                change = {"Replaced_By": {"id": self.site.ids["Quotes", quote.replaced_by]}}
                self.site.at(quote.made)
                self.site.sim.user_update("crm", "Quotes", self.site.ids["Quotes", quote.number], change)

    def reprice(self, code: str, price: str, day: Day) -> None:
        """Somebody types another price into a product."""
        self.site.at(day)
        self.site.sim.user_update("crm", "Products", self.site.ids["Products", code], {"Unit_Price": Decimal(price)})
