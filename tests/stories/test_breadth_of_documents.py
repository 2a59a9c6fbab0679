"""Long documents, locked periods, names that are taken, customers that are vendors too: a draft, or a reason."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.readiness import check
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db


def organisation(trade: Trade, **values: Any) -> None:
    """Finance sets the Books organisation so."""
    id = str(trade.simulator.store.setting("books_organization_id"))
    org = trade.simulator.store.get("sim", "books_orgs", id) or {}
    trade.simulator.store.save("sim", "books_orgs", id, org | values, created="", modified="", written=0.0, keys={})


def deal_of(trade: Trade, name: str, lines: list[dict[str, Any]], amount: Decimal | int) -> str:
    """A won deal with these lines; its id."""
    row: dict[str, Any] = {
        "Deal_Name": name, "Stage": "Closed Won", "Pipeline": "Standard (Standard)", "Amount": amount,
        "Closing_Date": "2026-11-20", "Account_Name": {"id": trade.ids["account"]},
        "Contact_Name": {"id": trade.ids["contact"]}, "Deal_Lines": lines,
    }  # fmt: skip
    return str(trade.simulator.user_create("crm", "Deals", row)["id"])


def shelves(trade: Trade, count: int) -> list[dict[str, Any]]:
    """So many lines of one shelf each."""
    return [{"Product": {"id": trade.ids["product"]}, "Quantity": 1, "Rate": Decimal(100)} for _ in range(count)]


def test_a_locked_period_is_said_in_books_own_words_and_tried_again_once_it_is_open(trade: Trade) -> None:
    organisation(trade, transaction_lock="2026-12-31")
    row = trade.settled(trade.ask(trade.deal("Shelves")))
    assert row.state == "refused" and "locked until 2026-12-31" in row.problems[0]["message"]
    assert trade.drafts(row) == []
    organisation(trade, transaction_lock="")
    assert row.deal is not None
    assert trade.settled(trade.ask(row.deal)).state == "done"


@pytest.mark.parametrize("count", [1, 200, 500])
def test_every_line_of_a_long_deal_is_billed(trade: Trade, count: int) -> None:
    deal = trade.read_deal(deal_of(trade, "Many shelves", shelves(trade, count), 100 * count))
    row = trade.settled(trade.ask(deal))
    (draft,) = trade.drafts(row)
    assert row.state == "done" and len(draft["line_items"]) == count
    assert Decimal(str(draft["total"])) == Decimal(119) * count and row.needs_finance == ""


def test_the_same_product_twice_stays_two_lines(trade: Trade) -> None:
    lines = shelves(trade, 2)
    lines[1] |= {"Quantity": 3, "Rate": Decimal(90)}
    row = trade.settled(trade.ask(trade.read_deal(deal_of(trade, "Twice", lines, 370))))
    (draft,) = trade.drafts(row)
    assert [(int(one["quantity"]), int(one["rate"])) for one in draft["line_items"]] == [(1, 100), (3, 90)]


def test_a_name_that_a_vendor_holds_asks_a_person_and_makes_no_customer(trade: Trade) -> None:
    trade.simulator.user_create("books", "contacts", {"contact_name": "Novak GmbH", "contact_type": "vendor"})
    row = trade.settled(trade.ask(trade.strangers_deal("Novak")))
    assert row.state == "review" and "Novak GmbH" in str(row.problems) and trade.drafts(row) == []
    assert [one["contact_type"] for one in trade.customers("Novak GmbH")] == ["vendor"]


def test_a_vendor_with_the_same_e_mail_is_not_billed(trade: Trade) -> None:
    person = {"last_name": "Fox", "email": "fox@acme.example", "is_primary_contact": True}
    vendor = {"contact_name": "Acme Supplies", "contact_type": "vendor", "contact_persons": [person]}
    trade.simulator.user_create("books", "contacts", vendor)
    row = trade.settled(trade.ask(trade.deal("Shelves")))
    assert row.state == "done" and row.customer_name == "Acme Ltd"


def test_a_cloned_deal_carries_the_first_one_s_number_and_is_a_sale_of_its_own(trade: Trade) -> None:
    first = trade.settled(trade.ask(trade.deal("Shelves")))
    assert first.deal is not None and trade.number_in_crm(first) == first.invoice_number
    copy = trade.simulator.act("crm", "Deals", first.deal.crm_id, "clone")
    clone = trade.read_deal(str(copy["id"]))
    row = trade.settled(trade.ask(clone))
    assert (row.state, row.key != first.key, len(trade.drafts(row))) == ("done", True, 1), row.problems
    assert trade.number_in_crm(row) == row.invoice_number != first.invoice_number


def test_a_customer_registered_elsewhere_is_charged_no_tax_of_here(trade: Trade) -> None:
    customer = trade.customers("Acme Ltd")[0]["contact_id"]
    trade.simulator.user_update("books", "contacts", customer, {"vat_treatment": "eu_vat_registered"})
    read(trade.connection, trade.seams, "customer")
    assert [one["name"] for one in trade.connection.taxes if one["percentage"] == "0"], "Books has one tax of nothing"
    row = trade.settled(trade.ask(trade.deal("Shelves")))
    (draft,) = trade.drafts(row)
    assert row.state == "done" and Decimal(str(draft["total"])) == 200 and row.needs_finance == ""


def test_where_two_taxes_of_nothing_could_be_meant_finance_says_which(trade: Trade) -> None:
    customer = trade.customers("Acme Ltd")[0]["contact_id"]
    trade.simulator.user_update("books", "contacts", customer, {"vat_treatment": "eu_vat_registered"})
    export = {"tax_name": "Export", "tax_percentage": Decimal(0), "tax_type": "tax"}
    trade.simulator.user_create("books", "taxes", export)
    check(trade.connection, trade.seams)
    read(trade.connection, trade.seams, "customer")
    row = trade.ask_again(trade.deal("Shelves"))
    assert row.state == "refused" and "“eu vat registered” in Books" in row.problems[0]["message"]
    assert trade.drafts(row) == []
