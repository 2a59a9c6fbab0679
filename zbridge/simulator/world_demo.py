"""The demo world: Brightwater Supplies, its companies, sales and invoices (ui.md 3), and more around it if wished."""

from datetime import date
from typing import Literal

from zbridge.simulator import world_demo_deals as deals
from zbridge.simulator import world_demo_money as money
from zbridge.simulator import world_demo_month as month
from zbridge.simulator import world_demo_products as products
from zbridge.simulator import world_demo_quotes as quotes
from zbridge.simulator import world_demo_usual as usual
from zbridge.simulator.app import Simulator
from zbridge.simulator.crm_settings import made_id
from zbridge.simulator.store import stamp
from zbridge.simulator.world_build import CrmBuilder, Site
from zbridge.simulator.world_build_books import BooksBuilder
from zbridge.simulator.world_bulk import Bulk, lay_crm
from zbridge.simulator.world_bulk_books import Copies
from zbridge.simulator.world_demo_companies import NAMED
from zbridge.simulator.world_demo_fields import lay_fields
from zbridge.simulator.world_facts import t
from zbridge.simulator.world_names import Inventor

LONG_AGO = t(-210)
REPRICED = t(-12)
COMPANIES = (*NAMED, *usual.USUAL, *usual.PROSPECTS)
DEALS = (*usual.OLD_WINS, *usual.LOST_DEALS, *month.MONTH_DEALS, *deals.NAMED_DEALS, *usual.OPEN_DEALS)
QUOTES = (*quotes.DESK_QUOTES, *quotes.NAMED_QUOTES)
INVOICES = (*usual.USUAL_INVOICES, *month.MONTH_INVOICES, *money.NAMED_INVOICES)
PAYMENTS = (*usual.USUAL_PAYMENTS, *month.MONTH_PAYMENTS, *money.NAMED_PAYMENTS)
USERS = (
    ("Ada", "Rees", "Sales"),
    ("Raj", "Patel", "Sales"),
    ("Ben", "Hale", "Finance"),
    ("Cy", "Moss", "RevOps"),
    ("Dee", "Lund", "Audit"),
)


def seed(sim: Simulator, *, size: Literal["small"] | int, seed: int, today: date) -> None:
    """Lays both sides over the base world. `size` N adds N accounts, N customers, N/2 products and 5N invoices.

    `today` is T, a day in Brightwater's zone; the same size, seed and day give the same ids and figures. What Books
    mailed while the past was laid is forgotten.
    """
    _discount_before_tax(sim)
    site = Site(sim, today)
    site.at(LONG_AGO)
    lay_fields(sim)
    crm = CrmBuilder(site, {rate: made_id("tax", f"VAT {rate}") for rate in ("19", "7", products.UNKNOWN_TAX)})
    books = BooksBuilder(site, _taxes(sim), _currencies(sim))
    _lay_master_data(crm, books)
    _lay_sales(crm)
    _lay_money(books)
    if size != "small":
        bulk = Bulk(sim, size, Inventor(seed), today, {"id": site.ids["users", "Ada"]})
        lay_crm(bulk)
        Copies(bulk, books).lay()
    sim.store.set("mails", [])
    site.leave()


def _discount_before_tax(sim: Simulator) -> None:
    """Brightwater's own setting, which wins over what a call says (ui.md 3, number 12)."""
    id, now = str(sim.store.setting("books_organization_id")), stamp(sim.clock.now())
    org = (sim.store.get("sim", "books_orgs", id) or {}) | {"discount_before_tax": "always"}
    sim.store.save("sim", "books_orgs", id, org, created=now, modified=now, written=0.0, keys={})


def _taxes(sim: Simulator) -> dict[str, str]:
    """Books' taxes by their percentage."""
    return {f"{row['tax_percentage']:g}": str(row["tax_id"]) for row in sim.verbs("books").rows(sim, "taxes")}


def _currencies(sim: Simulator) -> dict[str, str]:
    return {str(row["currency_code"]): str(row["currency_id"]) for row in sim.verbs("books").rows(sim, "currencies")}


def _lay_master_data(crm: CrmBuilder, books: BooksBuilder) -> None:
    crm.people(USERS)
    for product in products.PRODUCTS:
        if product.in_crm:
            crm.product(product)
        if product.in_books:
            books.item(product)
    for company in COMPANIES:
        if company.in_crm:
            crm.account(company)
        if company.in_books:
            books.customer(company)
    crm.contact(deals.PERSON_NAME, deals.PERSON_NAME, deals.PERSON_EMAIL, "Ada")
    for name, currency, rates in products.PRICE_LISTS:
        books.price_list(name, currency, rates)


def _lay_sales(crm: CrmBuilder) -> None:
    crm.reprice(products.DRIFTED_CODE, products.DRIFTED_PRICE, REPRICED)
    for deal in DEALS:
        crm.deal(deal)
    for quote in QUOTES:
        crm.quote(quote)
    crm.replacements(QUOTES)


def _lay_money(books: BooksBuilder) -> None:
    """Invoices in the order of their days, so that their numbers grow with them."""
    today = books.site.today
    for invoice in sorted(INVOICES, key=lambda invoice: invoice.day.on(today)):
        books.invoice(invoice)
    for payment in sorted(PAYMENTS, key=lambda payment: payment.day.on(today)):
        books.payment(payment)
    for credit in money.NAMED_CREDITS:
        books.credit(credit)
