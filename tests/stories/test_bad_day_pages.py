"""What a person meets on a bad day: a void invoice isn't called sent, a question gets its answer, words are plain."""

from typing import Any

import pytest

from accounts.models import Notice, User
from invoicing.models import Conversion, Deal
from syncjobs.models import Attempt, Problem
from tests.people import browser
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import INVOICES, Trade
from tests.stories.test_after_the_draft import billed, in_books, read_on

pytestmark = pytest.mark.django_db
__all__ = ["billed"]  # a fixture
DEALS = "/admin/invoicing/deal/"
ATTENTION = "/admin/invoicing/conversion/?tab=attention"


def page(user: str, address: str) -> str:
    answer: Any = browser(user).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def test_a_voided_draft_is_called_voided_wherever_it_is_listed(trade: Trade, billed: Conversion) -> None:
    in_books(trade, billed, "void")
    read_on(trade, billed)
    listed = page("ben", f"{DEALS}?tab=attention")
    assert f"Voided {billed.invoice_number}" in listed and "Sent INV" not in listed
    waiting = page("ben", ATTENTION)
    assert "Finance" in waiting and "Nobody" not in waiting
    shown = page("ben", f"{DEALS}{billed.deal_id}/")
    assert "No difference between the deal and its draft" not in shown
    assert f"{billed.invoice_number} was voided in Books." in shown


def test_a_reps_question_reaches_finance_and_the_answer_comes_back(trade: Trade) -> None:
    deal = trade.deal("Odd one")
    Deal.objects.filter(pk=deal.pk).update(owner_id="u-ada")
    asked = browser("ada").post(f"{DEALS}{deal.pk}/ask/", {"note": "Which tax?"}, follow=True).content.decode()
    assert "Finance was told" in asked
    assert "Odd one" in page("ben", f"{DEALS}?tab=attention")
    assert Notice.objects.get(event__startswith="asked:").role == "finance"
    problem = Problem.objects.get(cause="asked")
    desk = page("ben", f"/admin/syncjobs/problem/{problem.pk}/change/")
    assert f"{DEALS}{deal.pk}/" in desk and "subject" not in desk.lower()
    said = browser("ben").post(f"{DEALS}{deal.pk}/answer/", {"answer": "19 %, as usual."}, follow=True)
    assert "Your answer stands on the deal" in said.content.decode()
    assert "19 %, as usual." in page("ada", f"{DEALS}{deal.pk}/")
    assert Notice.objects.get(event__startswith="answered:").user == User.objects.get(username="ada")
    problem.refresh_from_db()
    assert problem.closed_at is not None


def test_a_question_is_over_when_the_deal_is_billed(trade: Trade) -> None:
    deal = trade.deal("Odd one")
    browser("ben").post(f"{DEALS}{deal.pk}/ask/", {"note": "Which tax?"})
    trade.settled(trade.ask(deal))
    assert not Problem.objects.filter(cause="asked", closed_at=None).exists()


def test_what_books_says_it_has_is_never_sent_anew_and_is_found_once_it_is_listed(trade: Trade) -> None:
    row = trade.ask(trade.deal("Hidden"))
    trade.fault(INVOICES, drop_after=True, visible_after=2400)
    trade.settled(row)
    assert (row.state, len(trade.drafts(row))) == ("done", 1), row.problems
    sends = Attempt.objects.filter(purpose="invoice", key=row.key)
    assert sends.count() == 2, [one.conclusion for one in sends]


def test_what_is_listed_nowhere_ends_as_a_question_that_offers_no_second_draft(trade: Trade) -> None:
    row = trade.ask(trade.deal("Hidden"))
    trade.fault(INVOICES, drop_after=True, visible_after=86400)
    trade.settled(row)
    assert row.state == "review" and row.problems[0]["cause"] == "key_held"
    shown = page("ben", f"/admin/invoicing/conversion/{row.pk}/")
    assert "Books says that it has a draft under" in shown
    assert "Look it up in Books now" in shown and "create the draft" not in shown


def test_a_deal_whose_lines_and_amount_differ_says_so_in_the_verdict(trade: Trade) -> None:
    deal = trade.deal("Uneven")
    trade.clock.advance(60)
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Amount": 1500})
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "deal")
    verdict = page("ben", f"{DEALS}{deal.pk}/").split('role="status"')[1].split("</p>")[0]
    assert "Ready: draft" in verdict and "that nothing here explains" in verdict
