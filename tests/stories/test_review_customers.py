"""A customer that Books refuses as a twin, or that another sale is just making, never stops a sale for ever."""

import pytest

from invoicing.conversion import work
from syncjobs import parties
from syncjobs.models import Attempt, Link, Record
from tests.stories.small_trade import CUSTOMERS, Trade

pytestmark = pytest.mark.django_db


def test_a_customer_refused_as_a_twin_but_found_nowhere_ends_with_a_person(trade: Trade) -> None:
    row = trade.ask(trade.strangers_deal("Novak"))
    trade.simulator.faults.add({"method": "POST", "path": CUSTOMERS, "times": 50, "status": 400, "code": 3062})
    assert trade.settled(row).state == "review"
    assert Attempt.objects.filter(purpose="customer").count() <= parties.MOST_TRIES


def test_two_sales_of_a_new_customer_at_once_make_one(trade: Trade) -> None:
    first = trade.strangers_deal("Novak")
    second = trade.deal("Tables", account=first.account_id, contact=first.contact_id)
    one, two = trade.ask(first), trade.ask(second)

    def meanwhile(point: str) -> None:
        if point == "customer intent committed":
            work(two.pk, trade.bench())

    work(one.pk, trade.bench(meanwhile))
    one.refresh_from_db()
    assert (one.state, trade.settled(two).state, len(trade.customers("Novak"))) == ("done", "done", 1)
    assert list(Attempt.objects.filter(purpose="customer").values_list("outcome", flat=True)) == ["OK"]


def test_a_contact_billed_alone_keeps_its_customer_when_it_gets_an_account(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    customer = Record.objects.get(kind="customer")
    Link.objects.create(
        connection=trade.connection, pair="customer", crm_kind="contact", crm_id=deal.contact_id,
        books_id=customer.remote_id, currency=customer.currency, how="email", made_at=trade.clock.now(),
    )  # fmt: skip
    row = trade.settled(trade.ask(deal))
    assert (row.state, row.customer_id) == ("done", customer.remote_id)
