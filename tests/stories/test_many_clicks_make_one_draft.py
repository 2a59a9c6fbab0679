"""S25: however often and by whichever door a sale is asked for, and however tasks are delivered, one draft is made."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from accounts.models import User
from invoicing import claims, reading, sending
from invoicing.claims import StaleWorker
from invoicing.models import Conversion, Deal, Quote
from invoicing.services import Request, request_conversion
from invoicing.sweeping import ring_due, work_due
from invoicing.tasks import work_conversion
from tests.stories.small_trade import INVOICES, Trade

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = 20


@pytest.fixture
def rep(ada: User) -> Callable[[Deal], User]:
    """Ada as the owner of that deal."""

    def owner(deal: Deal) -> User:
        ada.crm_user_id, ada.is_staff = deal.owner_id, True
        ada.save()
        return ada

    return owner


def at_once(deed: Callable[[], Any], times: int) -> list[Any]:
    """The deed in so many threads, started together, each with a database connection of its own."""
    barrier = Barrier(times)

    def one(_: int) -> Any:
        barrier.wait(30)
        try:
            return deed()
        finally:
            database.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def button(user: User, deal: Deal) -> Callable[[], Any]:
    """A press of *Create draft invoice* in a browser of that person."""
    session = logged_in(user).cookies[settings.SESSION_COOKIE_NAME].value

    def press() -> Any:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client.post(reverse("documents:draft", args=[deal.pk]))

    return press


def test_twenty_clicks_at_once_make_one_conversion_and_one_invoice(trade: Trade, rep: Callable[[Deal], User]) -> None:
    deal = trade.deal("Shelves")
    page = reverse("documents:deal", args=[deal.pk])
    answers = at_once(button(rep(deal), deal), CLICKS)
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, page)}
    row = Conversion.objects.get(deal=deal)
    shown = logged_in(rep(deal)).get(page).content.decode()
    assert reverse("documents:conversion", args=[row.pk]) in shown
    assert trade.settled(row).state == "done" and (len(trade.drafts(row)), trade.sends(row)) == (1, 1)


def test_a_task_delivered_twice_makes_one_invoice(trade: Trade) -> None:
    row = trade.ask(trade.deal("Shelves"))
    for _ in range(3):
        work_conversion(row.pk)
    assert (len(trade.drafts(row)), trade.sends(row)) == (1, 1)


@pytest.mark.parametrize("lost", [False, True])
def test_five_workers_at_once_send_it_once(trade: Trade, lost: bool) -> None:
    row = trade.ask(trade.strangers_deal("Novak"))
    if lost:
        trade.fault(INVOICES, drop_after=True)
    at_once(lambda: work_conversion(row.pk), 5)
    trade.settled(row)
    assert row.state == "done" and (len(trade.drafts(row)), trade.sends(row)) == (1, 1)
    assert len(trade.customers("Novak")) == 1


def test_a_task_that_was_never_delivered_is_found_by_the_sweep(trade: Trade) -> None:
    assert work_due(trade.connection, trade.clock) == 1  # the night's proof, which is due as well
    OrmQ.objects.all().delete()
    row = trade.ask(trade.deal("Shelves"))
    assert OrmQ.objects.count() == 0
    ring_due(trade.connection, trade.clock)
    assert OrmQ.objects.count() == 1
    assert work_due(trade.connection, trade.clock) == 1
    row.refresh_from_db()
    assert row.state == "done" and work_due(trade.connection, trade.clock) == 0


def test_button_command_and_list_action_make_one_invoice_together(trade: Trade, rep: Callable[[Deal], User]) -> None:
    deal = trade.deal("Shelves")
    user = rep(deal)
    assert button(user, deal)().status_code == 303
    told = convert("--deal", deal.crm_id)
    planned = logged_in(user).post(reverse("documents:create_planned"), {"deal": [f"{deal.pk}:"]})
    assert planned.status_code == 303
    row = Conversion.objects.get(deal=deal)
    assert (told["conversion"], told["state"], told["key"]) == (str(row.pk), "done", row.key)
    assert (len(trade.drafts(row)), trade.sends(row)) == (1, 1)


def convert(*words: str) -> dict[str, Any]:
    """What `manage.py convert --wait` prints."""
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("convert", *words, "--wait", "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def accepted_quote(trade: Trade, deal: Deal) -> Quote:
    """An accepted quote of the deal, with its lines, as CRM has it."""
    line = {"Product_Name": {"id": trade.ids["product"]}, "Quantity": 2, "List_Price": 100}
    quote = {
        "Subject": "Shelves", "Quote_Stage": "Accepted", "Deal_Name": {"id": deal.crm_id},
        "Account_Name": {"id": deal.account_id}, "Quoted_Items": [line],
    }  # fmt: skip
    made = trade.simulator.user_create("crm", "Quotes", quote)
    return reading.refresh_quote(trade.connection, str(made["id"]), trade.bench())


@pytest.mark.parametrize("first", ["deal", "quote"])
def test_a_deal_and_its_quote_are_one_sale(trade: Trade, first: str) -> None:
    """F16"""
    deal = trade.deal("Shelves")
    quote = accepted_quote(trade, deal)
    both = [Request(trade.connection, deal, None), Request(trade.connection, None, quote)]
    for wanted in both if first == "deal" else both[::-1]:
        request_conversion(wanted, trade.clock, doorbell=False)
        work_due(trade.connection, trade.clock)
    row = Conversion.objects.get()
    assert (row.state, len(trade.drafts(row)), trade.sends(row)) == ("done", 1, 1), (row.hold, row.problems)


@pytest.mark.parametrize("patient", [True, False])
def test_a_batch_of_new_customers_gets_through_when_the_calls_of_a_minute_are_used_up(
    trade: Trade, patient: bool
) -> None:
    """A step that is given back for want of a call must not spend the next one on starting anew, for ever."""
    rows = [trade.ask(trade.strangers_deal(f"Novak{number}")) for number in range(8)]
    last = trade.simulator.log.last
    for row in rows:
        if patient:
            work_conversion(row.pk)
        trade.settled(row)
    calls = [one for one in trade.simulator.log.since(last) if not one["path"].startswith("/oauth")]
    assert [row.state for row in rows] == ["done"] * 8 and len(calls) <= 8 * (8 if patient else 12)


def test_a_worker_whose_lease_was_taken_over_writes_and_sends_nothing(trade: Trade) -> None:
    """I21, F24: a stalled worker wakes after another has done the work"""
    row = trade.ask(trade.deal("Shelves"))
    stalled = claims.take(row.pk, trade.clock)
    assert stalled is not None
    trade.clock.advance(130)
    trade.settled(row)
    with pytest.raises(StaleWorker):
        sending.send(stalled, trade.bench())
    with pytest.raises(StaleWorker):
        stalled.save(state="refused")
    row.refresh_from_db()
    assert (row.state, trade.sends(row), len(trade.drafts(row))) == ("done", 1, 1)


def test_a_proof_that_cannot_ask_books_says_so_and_leaves_with_three(trade: Trade) -> None:
    trade.simulator.store.set("sides", {"books": "off"})
    with pytest.raises(CommandError, match="can't be reached") as ended:
        call_command("prove", stdout=StringIO())
    assert ended.value.returncode == 3
