"""The demo world as seeded: each figure of ui.md 3 stands in CRM or Books before zbridge touches anything."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.simulator.build import build, lay_world
from zbridge.simulator.store import dumps
from zbridge.simulator.world_facts import day_after_m, month_m

pytestmark = pytest.mark.pure
T = date(2026, 11, 25)
Row = dict[str, Any]


def seeded(size: str = "small", seed: int = 1) -> Simulator:
    sim = build(clock=SteppedClock(datetime(2026, 11, 25, 9, tzinfo=UTC)))
    lay_world(sim, size=size, seed=seed)
    return sim


@pytest.fixture(scope="module")
def world() -> "World":
    return World(seeded())


class World:
    """Both sides as their own users read them."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def rows(self, side: str, module: str, **wanted: object) -> list[Row]:
        found = self.sim.verbs(side).rows(self.sim, module)
        return [row for row in found if all(row.get(name) == value for name, value in wanted.items())]

    def one(self, side: str, module: str, **wanted: object) -> Row:
        (found,) = self.rows(side, module, **wanted)
        key = {"crm": "id", "contacts": "contact_id", "items": "item_id", "invoices": "invoice_id"}
        row = self.sim.verbs(side).read(self.sim, module, found[key.get(side) or key[module]])
        assert row is not None
        return row

    def deal(self, name: str) -> Row:
        return self.one("crm", "Deals", Deal_Name=name)

    def quote(self, number: str) -> Row:
        return self.one("crm", "Quotes", Quote_Number=number)

    def account(self, name: str) -> Row:
        return self.one("crm", "Accounts", Account_Name=name)

    def customer(self, name: str) -> Row:
        return self.one("books", "contacts", contact_name=name)

    def invoices(self, customer: str) -> list[Row]:
        return self.rows("books", "invoices", customer_id=self.customer(customer)["contact_id"])

    def owner(self, deal: Row) -> str:
        return str(self.one("crm", "users", id=deal["Owner"]["id"])["first_name"])


def t(days: int) -> str:
    return (T + timedelta(days=days)).isoformat()


def lines(deal: Row) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(line["Quantity"]), Decimal(line["Rate"])) for line in deal["Deal_Lines"]]


def net(rows: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    return sum((quantity * rate for quantity, rate in rows), Decimal(0))


def money(text: str) -> Decimal:
    return Decimal(text)


def test_1_acme_has_a_won_deal_of_four_lines_that_ada_may_bill(world: World) -> None:
    deal = world.deal("Warehouse fit-out")
    assert [str(quantity) for quantity, _ in lines(deal)] == ["12", "40", "8", "1"]
    assert net(lines(deal)) == deal["Amount"] == money("12480.00")
    assert (deal["Stage"], deal["Closing_Date"], world.owner(deal)) == ("Closed Won", t(-1), "Ada")
    assert world.customer("Acme Ltd")["email"] == "accounts@acme.example"


def test_2_northgates_widget_is_written_differently_in_books(world: World) -> None:
    assert world.deal("Spare parts")["Amount"] == money("1370.00")
    assert world.one("crm", "Products", Product_Code="WID-9")["Unit_Price"] == money("140.00")
    assert world.one("books", "items", name="WID 9")["rate"] == money("140.00")
    assert not world.rows("books", "items", sku="WID-9")


def test_3_two_customers_of_lumen_share_an_email(world: World) -> None:
    assert world.deal("Studio cabinets")["Amount"] == money("2150.00")
    twins = world.rows("books", "contacts", email="accounts@lumen.example")
    assert sorted(row["outstanding_receivable_amount"] for row in twins) == [0, money("480.00")]


def test_4_cafe_mueller_has_the_same_vat_number_but_no_email_in_books(world: World) -> None:
    assert world.deal("Quiet corner")["Amount"] == money("940.00")
    customer = world.customer("Cafe Mueller und Soehne")
    assert customer["vat_reg_no"] == world.account("Café Müller & Söhne GmbH")["VAT_ID"] and not customer["email"]


def test_5_orchards_emails_differ_in_case_and_a_blank_only(world: World) -> None:
    assert world.deal("Staff lockers")["Amount"] == money("5600.00")
    assert world.rows("crm", "Contacts", Email=" Billing@Orchard.example")
    assert world.customer("Orchard Foods")["email"] == "billing@orchard.example"


def test_6_fjord_and_mara_are_not_in_books(world: World) -> None:
    assert world.deal("Archive move")["Amount"] == money("3300.00")
    home = world.deal("Home studio")
    assert home["Amount"] == money("780.00") and home["Contact_Name"] and not home.get("Account_Name")
    names = {row["contact_name"] for row in world.rows("books", "contacts")}
    assert not names & {"Fjord Analytics AS", "Mara Oduya"}


def test_7_delta_was_billed_by_hand(world: World) -> None:
    assert world.deal("June order")["Amount"] == money("3200.00")
    invoice = world.one("books", "invoices", invoice_number="INV-000061")
    assert (invoice["customer_name"], invoice["total"]) == ("Delta Foods", money("3808.00"))


def test_8_kestrels_deal_is_rajs(world: World) -> None:
    deal = world.deal("Crew training")
    assert (deal["Amount"], world.owner(deal)) == (money("18900.00"), "Raj")


def test_9_webers_deals_run_in_a_german_pipeline(world: World) -> None:
    names = ("Werkstatt Mannheim", "Lager Heilbronn", "Free pilot")
    found = [(deal["Stage"], deal["Amount"], deal["Pipeline"]) for deal in map(world.deal, names)]
    assert found == [
        ("Gewonnen", money("7450.00"), "Enterprise (DE)"),
        ("Verhandlung", money("9990.00"), "Enterprise (DE)"),
        ("Gewonnen", 0, "Enterprise (DE)"),
    ]


def test_10_pacific_gears_currencies_differ_and_sierras_agree(world: World) -> None:
    pacific, sierra = world.deal("Showroom refit"), world.deal("Lab consulting")
    assert (pacific["Amount"], pacific["Currency"]) == (money("6000.00"), "USD")
    assert (sierra["Amount"], sierra["Currency"]) == (money("2400.00"), "USD")
    codes = [world.customer(name)["currency_code"] for name in ("Pacific Gear", "Sierra Labs")]
    assert codes == ["EUR", "USD"]


@pytest.mark.parametrize(("number", "total"), [("Q-1042", "1713.00"), ("Q-1043", "1755.60"), ("Q-1048", "1612.80")])
def test_11_and_12_the_quotes_totals_in_crm(world: World, number: str, total: str) -> None:
    quote = world.quote(number)
    assert (quote["Grand_Total"], quote["Quote_Stage"]) == (money(total), "Delivered")


def test_12_books_discounts_before_tax_whatever_a_call_says(world: World) -> None:
    quote, books = world.quote("Q-1043"), world.sim.store.setting("books_organization_id")
    org = world.sim.store.get("sim", "books_orgs", books)
    assert org is not None and org["discount_before_tax"] == "always"
    tax = {row["tax_percentage"]: row["tax_id"] for row in world.rows("books", "taxes")}
    made = world.sim.user_create(
        "books",
        "invoices",
        {
            "customer_id": world.customer("Quarry Lane Dental")["contact_id"],
            "line_items": [
                {"name": "Task chair", "rate": money("120"), "quantity": 10, "tax_id": tax[19]},
                {"name": "Safety handbook", "rate": money("80"), "quantity": 5, "tax_id": tax[7]},
            ],
            "discount": quote["Discount"],
            "discount_type": "entity_level",
            "is_discount_before_tax": False,
            "adjustment": quote["Adjustment"],
        },
    )
    world.sim.user_delete("books", "invoices", made["invoice_id"])
    assert made["total"] == money("1739.60")


def test_13_tesseras_quotes_have_three_things_wrong(world: World) -> None:
    assert world.quote("Q-1044")["Valid_Till"] == t(-3)
    assert world.quote("Q-1045")["Quote_Stage"] == world.quote("Q-1046")["Quote_Stage"] == "Accepted"
    assert world.quote("Q-1046")["Replaced_By"]["id"] == world.quote("Q-1047")["id"]


def test_14_acmes_money(world: World) -> None:
    customer, bills = world.customer("Acme Ltd"), world.invoices("Acme Ltd")
    overdue = sorted((row["due_date"], row["balance"]) for row in bills if row["status"] == "overdue")
    assert overdue == [(t(-43), money("2700.00")), (t(-12), money("1200.00"))]
    assert [row["total"] for row in bills if row["status"] == "draft"] == [money("950.00")]
    assert customer["outstanding_receivable_amount"] == money("4500.00")
    assert customer["unused_credits_receivable_amount"] == money("150.00")
    paid = world.rows("books", "customerpayments", customer_id=customer["contact_id"])
    assert [(row["date"], row["amount"]) for row in paid] == [(t(-20), money("1200.00"))]


def test_15_solways_invoice_is_due_today_and_overdue_tomorrow() -> None:
    world = World(seeded())
    (bill,) = world.invoices("Solway Marine")
    assert (bill["due_date"], bill["balance"], bill["status"]) == (t(0), money("1020.00"), "sent")
    world.sim.clock.move_to(datetime(2026, 11, 25, 23, 1, tzinfo=UTC))
    assert world.invoices("Solway Marine")[0]["status"] == "overdue"


def test_16_one_payment_over_two_invoices_and_an_overpayment(world: World) -> None:
    schools = [(row["total"], row["balance"]) for row in world.invoices("Ridgeway Schools")]
    assert schools == [(money("1800.00"), 0), (money("1000.00"), money("300.00"))]
    assert world.customer("Vega Print")["unused_credits_receivable_amount"] == money("50.00")
    assert [(row["total"], row["status"]) for row in world.invoices("Vega Print")] == [(money("500.00"), "paid")]
    assert world.deal("Clubhouse lockers")["Stage"] == "Closed Won"


def test_17_three_quotes_wait_to_be_accepted(world: World) -> None:
    assert {world.quote(number)["Quote_Stage"] for number in ("Q-1049", "Q-1050", "Q-1051")} == {"Delivered"}


def test_18_halcyons_phones_and_terms_differ(world: World) -> None:
    account, customer = world.account("Halcyon Clinics"), world.customer("Halcyon Clinics")
    assert account["Phone"].endswith("0101") and customer["phone"].endswith("0199")
    assert (account["Payment_Terms"], customer["payment_terms"]) == ("Net 60", 30)
    assert world.account("Bramble & Co") and world.customer("Bramble & Co")


def test_19_the_desks_price_was_changed_in_crm_by_maria(world: World) -> None:
    desk = world.one("crm", "Products", Product_Code="DSK-75")
    assert (desk["Unit_Price"], world.one("books", "items", sku="DSK-75")["rate"]) == (money("99.00"), money("95.00"))
    assert desk["Modified_Time"].startswith(t(-12)) and desk["Modified_By"]["id"] == desk["Owner"]["id"]
    offered = [row for row in world.rows("crm", "Quoted_Items") if row["Product_Name"]["id"] == desk["id"]]
    assert [(row["Quantity"], row["List_Price"]) for row in offered] == [(1, money("99.00"))] * 6


def test_19_one_product_on_each_side_only_and_customers_without_email(world: World) -> None:
    assert world.rows("crm", "Products", Product_Code="LMP-3") and not world.rows("books", "items", sku="LMP-3")
    assert world.rows("books", "items", sku="CBL-5") and not world.rows("crm", "Products", Product_Code="CBL-5")
    customers = world.rows("books", "contacts")
    assert (len(customers), len([row for row in customers if not row["email"]])) == (60, 18)
    assert len([row for row in customers if row.get("zcrm_account_id")]) == 5


def test_20_the_bad_days_records_are_there(world: World) -> None:
    odd = [row for row in world.rows("crm", "Products") if "8.1" in str(row.get("Tax"))]
    assert len(odd) == 2 and not [row for row in world.rows("books", "taxes") if row["tax_percentage"] == money("8.1")]
    assert [len(row["contact_name"]) for row in world.rows("books", "contacts") if len(row["contact_name"]) > 255] == [
        300
    ]
    assert world.customer("=cmd|' /C calc'!A0") and world.account("=cmd|' /C calc'!A0")


def won_in_m(world: World) -> list[Row]:
    start, end = month_m(T).isoformat(), day_after_m(T).isoformat()
    won = [deal for deal in world.rows("crm", "Deals") if deal["Stage"] in ("Closed Won", "Gewonnen")]
    return [deal for deal in won if start <= deal["Closing_Date"] < end]


def invoiced_in_m(world: World) -> list[Row]:
    start, end = month_m(T).isoformat(), day_after_m(T).isoformat()
    return [world.one("books", "invoices", invoice_number=row["invoice_number"])
            for row in world.rows("books", "invoices") if start <= row["date"] < end]  # fmt: skip


def test_20_month_m_adds_up(world: World) -> None:
    invoiced = invoiced_in_m(world)
    assert sum(deal["Amount"] for deal in won_in_m(world)) == money("410200.00")
    assert sum(row["total"] - row["tax_total"] for row in invoiced) == money("388100.00")
    billed = {row["zcrm_potential_id"] for row in world.rows("books", "invoices") if row.get("zcrm_potential_id")}
    missing = [deal["Amount"] for deal in won_in_m(world) if deal["id"] not in billed]
    assert sorted(missing) == [money("1500.00"), money("2600.00")]


def test_month_m_is_the_last_full_month_that_ended_before_t_minus_7() -> None:
    assert month_m(date(2026, 11, 25)) == date(2026, 10, 1)
    assert month_m(date(2026, 12, 7)) == date(2026, 10, 1)
    assert month_m(date(2026, 12, 8)) == date(2026, 11, 1) == month_m(date(2026, 12, 9))


def test_deals_were_won_before_go_live_too(world: World) -> None:
    early = [deal for deal in world.rows("crm", "Deals", Stage="Closed Won") if deal["Closing_Date"] < "2026-10-01"]
    assert len(early) == 6


def test_the_same_seed_and_day_give_the_same_ids() -> None:
    first, second = (World(seeded()) for _ in range(2))
    for side, module in (("crm", "Deals"), ("crm", "Quotes"), ("books", "contacts"), ("books", "invoices")):
        assert dumps(first.rows(side, module)) == dumps(second.rows(side, module))


def test_a_bulk_world_has_the_demo_inside_and_as_much_as_asked_around_it() -> None:
    world, small = World(seeded("40", seed=2)), World(seeded())
    for side, module, more in (("crm", "Accounts", 40), ("books", "contacts", 40), ("books", "invoices", 200)):
        assert len(world.rows(side, module)) == len(small.rows(side, module)) + more
    assert sum(row["total"] - row["tax_total"] for row in invoiced_in_m(world)) == money("388100.00")
    assert world.deal("Warehouse fit-out") == small.deal("Warehouse fit-out")


def test_a_bulk_worlds_balances_are_the_sums_of_its_invoices() -> None:
    world = World(seeded("40"))
    for customer in world.rows("books", "contacts"):
        bills = world.rows("books", "invoices", customer_id=customer["contact_id"])
        owed = sum((row["balance"] for row in bills if row["status"] not in ("draft", "void")), Decimal(0))
        assert customer["outstanding_receivable_amount"] == owed
