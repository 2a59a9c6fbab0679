"""What happens to a draft later: voided, deleted, edited, its deal lost, re-priced or moved; and billing anew."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Connection, Notice, User
from invoicing import again, drifting
from invoicing.deciding import Refused
from invoicing.models import Conversion
from invoicing.sweeping import work_due
from syncjobs.models import Problem
from tests.people import browser
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db


@pytest.fixture
def billed(trade: Trade) -> Conversion:
    """A sale whose draft stands in Books."""
    row = trade.settled(trade.ask(trade.deal("Shelves")))
    assert row.state == "done", row.problems
    return row


def in_books(trade: Trade, row: Conversion, action: str) -> None:
    """Finance does it in Books, as herself."""
    if action == "delete":
        trade.simulator.user_delete("books", "invoices", row.books_invoice_id)
    else:
        trade.simulator.act("books", "invoices", row.books_invoice_id, action)


def in_crm(trade: Trade, row: Conversion, **values: Any) -> None:
    """The rep types it in CRM."""
    trade.simulator.user_update("crm", "Deals", row.deal.crm_id if row.deal else "", values)


def read_on(trade: Trade, row: Conversion) -> str:
    """The next readings; what the draft departs in afterwards."""
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "invoice", "deal")
    row.refresh_from_db()
    return row.drift


def test_a_draft_that_stands_departs_in_nothing(trade: Trade, billed: Conversion) -> None:
    assert read_on(trade, billed) == "" and not Problem.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Stage": "Closed Lost"}, "is lost in CRM now"),
        ({"Stage": "Negotiation/Review"}, "is open again in CRM"),
        ({"Amount": 260}, "is 260.00 EUR in CRM now; it was billed when it was 200.00 EUR"),
    ],
)
def test_a_deal_that_changes_after_its_draft_is_told_to_finance_and_the_rep_and_nothing_is_edited(
    trade: Trade, billed: Conversion, change: dict[str, Any], said: str, ada: User
) -> None:
    Conversion.objects.update(requested_by=ada)
    before = trade.drafts(billed)
    in_crm(trade, billed, **change)
    assert said in read_on(trade, billed)
    assert Problem.objects.get(closed_at=None, cause="drift").who == "finance"
    assert {one.role or str(one.user) for one in Notice.objects.filter(event__startswith="drift")} == {"finance", "Ada"}
    assert trade.drafts(billed) == before


def test_a_deal_moved_to_another_account_is_noticed(trade: Trade, billed: Conversion) -> None:
    other = trade.simulator.user_create("crm", "Accounts", {"Account_Name": "Borealis Ltd"})["id"]
    in_crm(trade, billed, Account_Name={"id": other})
    assert "belongs to Borealis Ltd in CRM now" in read_on(trade, billed)


def test_a_difference_that_ends_closes_its_question_by_itself(trade: Trade, billed: Conversion) -> None:
    in_crm(trade, billed, Amount=260)
    assert read_on(trade, billed)
    in_crm(trade, billed, Amount=200)
    assert read_on(trade, billed) == "" and not Problem.objects.filter(closed_at=None).exists()


def test_what_somebody_left_as_it_is_asks_again_only_when_it_changes(
    trade: Trade, billed: Conversion, ben: User
) -> None:
    in_crm(trade, billed, Amount=260)
    read_on(trade, billed)
    again.leave(billed, ben, trade.clock)
    assert not Problem.objects.filter(closed_at=None).exists()
    in_crm(trade, billed, Amount=270)
    read_on(trade, billed)
    assert Problem.objects.filter(closed_at=None, cause="drift").count() == 1


def test_an_invoice_that_finance_edits_is_told_with_both_totals(trade: Trade, billed: Conversion) -> None:
    lines = trade.drafts(billed)[0]["line_items"]
    wanted = {"line_items": [{"line_item_id": one["line_item_id"], "quantity": 3, "rate": 100} for one in lines]}
    trade.simulator.user_update("books", "invoices", billed.books_invoice_id, wanted)
    said = read_on(trade, billed)
    assert "now; it was made over" in said and f"{Decimal(200) * Decimal('1.19'):.2f}" in said


def test_a_voided_draft_frees_the_sale_only_on_a_persons_word(trade: Trade, billed: Conversion, ben: User) -> None:
    in_books(trade, billed, "void")
    assert "was voided in Books" in read_on(trade, billed)
    assert Conversion.objects.count() == 1
    again.ask(billed, "Wrong address on it", ben, trade.clock)
    old, new = Conversion.objects.order_by("generation")
    assert (old.state, new.generation, new.key != old.key) == ("superseded", 2, True)
    assert trade.settled(new).state == "done" and len(trade.drafts(new)) == 1
    assert trade.number_in_crm(new) == new.invoice_number != old.invoice_number


def test_a_sale_whose_invoice_stands_is_not_billed_again(trade: Trade, billed: Conversion, ben: User) -> None:
    with pytest.raises(Refused, match="still stands in Books"):
        again.ask(billed, "Once more", ben, trade.clock)
    assert Conversion.objects.count() == 1


def test_a_draft_deleted_in_books_is_noticed_within_the_hour_by_one_listing(trade: Trade, billed: Conversion) -> None:
    in_books(trade, billed, "delete")
    assert read_on(trade, billed) == "", "no list of Books tells of it"
    trade.clock.advance(3700)
    work_due(trade.connection, trade.clock)
    billed.refresh_from_db()
    assert "was deleted in Books" in billed.drift


def test_a_deal_deleted_in_crm_is_noticed_within_the_hour(trade: Trade, billed: Conversion) -> None:
    assert drifting.look_for_gone(trade.connection, trade.bench()) == 0
    trade.clock.advance(3700)
    trade.simulator.user_delete("crm", "Deals", billed.deal.crm_id if billed.deal else "")
    assert drifting.look_for_gone(trade.connection, trade.bench()) == 1
    billed.refresh_from_db()
    assert "is no longer in CRM; its invoice stands" in billed.drift


def test_above_the_threshold_a_second_person_must_agree_and_nobody_agrees_with_herself(
    trade: Trade, billed: Conversion, cy: User
) -> None:
    Connection.objects.update(second_person_over=Decimal(100))
    in_books(trade, billed, "void")
    read_on(trade, billed)
    ben, somebody = browser("ben"), browser("cy")
    assert ben.post(f"/admin/invoicing/conversion/{billed.pk}/again/", {"reason": "New address"}).status_code == 303
    assert Conversion.objects.count() == 1, "nothing is made on one person's word"
    assert ben.post(f"/admin/invoicing/conversion/{billed.pk}/agree/").status_code == 403
    assert somebody.post(f"/admin/invoicing/conversion/{billed.pk}/agree/").status_code == 303
    new = Conversion.objects.get(generation=2)
    assert trade.settled(new).state == "done" and new.requested_by == cy and new.bill_anyway == "New address"


def test_a_rep_bills_nothing_again(trade: Trade, billed: Conversion) -> None:
    in_books(trade, billed, "void")
    read_on(trade, billed)
    assert browser("ada").post(f"/admin/invoicing/conversion/{billed.pk}/again/", {"reason": "x"}).status_code == 403


def test_a_wrong_draft_is_deleted_by_a_person_and_the_deal_can_be_billed_again(
    trade: Trade, billed: Conversion, ben: User
) -> None:
    assert "Delete" in again.wrong(billed, "It was for last year", ben, trade.clock)
    in_books(trade, billed, "delete")
    assert drifting.look_at(billed, trade.bench())
    billed.refresh_from_db()
    again.ask(billed, "For this year", ben, trade.clock)
    assert trade.settled(Conversion.objects.get(generation=2)).state == "done"
