"""The first linking: native ids, then exact keys, then what only two share; doubt waits, nothing is linked twice."""

from typing import Any

import pytest

from syncjobs import linking, who
from syncjobs.mappings import mapping_of
from syncjobs.models import Link
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db(transaction=True)


def account(trade: Trade, name: str, email: str = "") -> str:
    made = str(trade.simulator.user_create("crm", "Accounts", {"Account_Name": name})["id"])
    if email:
        person = {"Last_Name": name, "Email": email, "Account_Name": {"id": made}}
        trade.simulator.user_create("crm", "Contacts", person)
    return made


def customer(trade: Trade, name: str, email: str = "", **more: Any) -> str:
    people = [{"last_name": name, "email": email, "is_primary_contact": True}] if email else []
    row = {"contact_name": name, "contact_persons": people, **more}
    return str(trade.simulator.user_create("books", "contacts", row)["contact_id"])


def linked(trade: Trade) -> set[tuple[str, str, str]]:
    read(trade.connection, trade.seams, "customer", "account", "contact", "item", "product")
    linking.link_customers(trade.connection, trade.clock)
    linking.link_customers(trade.connection, trade.clock)
    rows = Link.objects.filter(pair="customer").exclude(crm_id=trade.ids["account"])
    return set(rows.values_list("crm_id", "books_id", "how"))


def test_what_the_native_integration_linked_is_adopted_though_names_differ(trade: Trade) -> None:
    mine = account(trade, "Old Name Ltd")
    theirs = customer(trade, "New Name Ltd", zcrm_account_id=mine)
    assert linked(trade) == {(mine, theirs, "native")}


def test_an_account_has_one_customer_per_currency(trade: Trade) -> None:
    currency = trade.simulator.verbs("books").rows(trade.simulator, "currencies")
    dollar = next(str(row["currency_id"]) for row in currency if row["currency_code"] == "USD")
    mine = account(trade, "Sierra Labs")
    euro = customer(trade, "Sierra Labs", zcrm_account_id=mine)
    usd = customer(trade, "Sierra Labs (USD)", zcrm_account_id=mine, currency_id=dollar)
    assert linked(trade) == {(mine, euro, "native"), (mine, usd, "native")}
    assert set(Link.objects.filter(crm_id=mine).values_list("currency", flat=True)) == {"EUR", "USD"}


def test_two_customers_that_name_one_account_in_one_currency_wait_for_a_person(trade: Trade) -> None:
    mine = account(trade, "Twice Ltd")
    for name in ("Twice", "Twice Ltd (old)"):
        customer(trade, name, zcrm_account_id=mine)
    assert linked(trade) == set()


def test_two_accounts_that_claim_one_customer_wait_for_a_person(trade: Trade) -> None:
    for name in ("Twin North", "Twin South"):
        account(trade, name, "office@twin.example")
    customer(trade, "Twin", "office@twin.example")
    assert linked(trade) == set()
    mapping = mapping_of(trade.connection, "customer", trade.clock)
    who.survey(mapping, trade.clock)
    assert len(who.shown(mapping)["pairs"]) == 2, "both stand there as candidates"


def test_a_product_is_adopted_by_its_native_id_and_never_linked_twice(trade: Trade) -> None:
    made = trade.simulator.user_create("crm", "Products", {"Product_Name": "Lamp", "Product_Code": "LMP"})["id"]
    other = trade.simulator.user_create("crm", "Products", {"Product_Name": "Other", "Product_Code": "LAMP-1"})["id"]
    tax = str(trade.connection.default_tax_id)
    item = {"name": "Bright lamp", "sku": "LAMP-1", "rate": 5, "tax_id": tax, "zcrm_product_id": made}
    trade.simulator.user_create("books", "items", item)
    read(trade.connection, trade.seams, "item", "product")
    found = Link.objects.filter(pair="product", crm_id__in=[made, other])
    assert [(row.crm_id, row.how) for row in found] == [(made, "native")]
    assert linking.link_products(trade.connection, trade.clock) == 0
