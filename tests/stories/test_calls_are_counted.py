"""Calls are the currency (design 7): what a conversion and a reading cost, counted in the simulator's log."""

from collections import Counter
from math import ceil
from typing import Any

import pytest

from invoicing import reading
from invoicing.models import Deal
from invoicing.services import Request, request_conversion
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db
PAGE = 200

# Of each list: the side, its module and the least that a row needs.
LISTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "account": ("crm", "Accounts", "Account_Name", {}),
    "product": ("crm", "Products", "Product_Name", {}),
    "customer": ("books", "contacts", "contact_name", {}),
    "item": ("books", "items", "name", {"rate": 1}),
}


def cost(trade: Trade, deal: Deal) -> tuple[int, int]:
    """Calls to Books and to CRM from the click to the number on the deal."""
    last = trade.simulator.log.last
    row = trade.ask(deal)
    assert trade.settled(row).state == "done" and trade.number_in_crm(row)
    return calls_since(trade, last)


def calls_since(trade: Trade, last: int) -> tuple[int, int]:
    sides = Counter(entry["path"].split("/")[1] for entry in trade.simulator.log.since(last))
    return sides["books"], sides["crm"]


def deal_without_lines(trade: Trade, name: str) -> Deal:
    """A won deal that names an amount only; its lines stand on a quote."""
    row = {
        "Deal_Name": name, "Stage": "Closed Won", "Pipeline": "Standard (Standard)", "Amount": 200,
        "Closing_Date": "2026-11-20", "Account_Name": {"id": trade.ids["account"]},
        "Contact_Name": {"id": trade.ids["contact"]},
    }  # fmt: skip
    made = trade.simulator.user_create("crm", "Deals", row)
    return reading.deal(trade.connection, str(made["id"]), trade.bench())


def accept_quote(trade: Trade, deal: Deal) -> None:
    line = {"Product_Name": {"id": trade.ids["product"]}, "Quantity": 2, "List_Price": 100}
    row = {
        "Subject": "Shelves", "Quote_Stage": "Accepted", "Deal_Name": {"id": deal.crm_id},
        "Account_Name": {"id": deal.account_id}, "Quoted_Items": [line],
    }  # fmt: skip
    made = trade.simulator.user_create("crm", "Quotes", row)
    reading.refresh_quote(trade.connection, str(made["id"]), trade.bench())


def test_a_customer_met_for_the_first_time_is_looked_up_and_its_persons_read_once(trade: Trade) -> None:
    assert cost(trade, trade.deal("First")) == (3, 2)


def test_a_second_draft_of_a_customer_costs_one_call_to_books(trade: Trade) -> None:
    cost(trade, trade.deal("First"))
    assert cost(trade, trade.deal("Second")) == (1, 2)


def test_lines_from_a_quote_cost_one_more_call_to_crm(trade: Trade) -> None:
    cost(trade, trade.deal("First"))
    deal = deal_without_lines(trade, "Quoted")
    accept_quote(trade, deal)
    assert cost(trade, deal) == (1, 3)


def test_a_new_customer_costs_a_look_and_its_creation(trade: Trade) -> None:
    deal = trade.strangers_deal("Newcomer")
    read(trade.connection, trade.seams, "account", "contact")
    assert cost(trade, deal) == (3, 2)


def test_an_account_that_was_never_read_costs_one_call_and_its_contact_another(trade: Trade) -> None:
    assert cost(trade, trade.strangers_deal("Unread")) == (3, 4)


def test_a_second_click_costs_no_call(trade: Trade) -> None:
    deal = trade.deal("Twice")
    cost(trade, deal)
    last = trade.simulator.log.last
    again = request_conversion(Request(trade.connection, deal, None), trade.clock, doorbell=False)
    assert trade.settled(again).state == "done"
    assert calls_since(trade, last) == (0, 0)


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("count", [PAGE, PAGE + 1])
def test_a_list_costs_one_call_for_each_two_hundred_rows(trade: Trade, kind: str, count: int) -> None:
    side, module, name, more = LISTS[kind]
    for number in range(count - 1):
        trade.simulator.user_create(side, module, {name: f"Row {number}", **more})
    last = trade.simulator.log.last
    trade.connection.checkpoint_set.filter(kind=kind).delete()
    (run,) = read(trade.connection, trade.seams, kind)
    expected = ceil(count / PAGE)
    assert (run.done, sum(calls_since(trade, last))) == (count, expected)
