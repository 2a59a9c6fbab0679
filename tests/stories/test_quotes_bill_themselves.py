"""An accepted quote becomes one draft by itself, once it is switched on; nothing from before, and nothing twice."""

from decimal import Decimal

import pytest

from invoicing import auto_switch
from invoicing.models import Conversion
from tests.stories.selling_by_quote import (
    accept,
    asked,
    bill,
    drafts,
    edit,
    hinted,
    lay_quote,
    line,
    only_read,
    quote,
    read_on,
    switched_on,
)
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db


def test_an_accepted_quote_becomes_one_draft_without_a_click(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    (made,) = drafts(trade)
    row = Conversion.objects.get()
    assert (row.state, row.requested_via, row.quote) == ("done", "auto", quote(crm_id)), row.problems
    assert Decimal(str(made["total"])) == 238 and made["reference_number"] == "Q-1"
    read_on(trade)
    read_on(trade)
    assert len(drafts(trade)) == 1


def test_while_it_is_off_nothing_is_billed_and_the_quote_waits_for_a_click(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    read_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    assert drafts(trade) == [] and quote(crm_id).accepted_seen_at is not None and not Conversion.objects.exists()


def test_of_300_quotes_accepted_long_ago_none_is_billed_when_it_is_switched_on(trade: Trade) -> None:
    for number in range(300):
        lay_quote(trade, f"Q-{number}", stage="Accepted")
    switched_on(trade)
    for _ in range(3):
        read_on(trade)
    assert Conversion.objects.count() == 0 and drafts(trade) == []


def test_a_quote_accepted_before_the_switch_is_not_billed_when_it_changes_afterwards(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    read_on(trade)
    accept(trade, crm_id)
    switched_on(trade)
    edit(trade, crm_id, Adjustment=Decimal("-0.20"))
    read_on(trade)
    assert drafts(trade) == [] and quote(crm_id).stop != ""


def test_a_quote_made_and_accepted_between_two_readings_is_billed_since_it_is_younger_than_the_switch(
    trade: Trade,
) -> None:
    switched_on(trade)
    accept(trade, lay_quote(trade, "Q-1"))
    read_on(trade)
    assert len(drafts(trade)) == 1


def test_many_accepted_at_first_sight_look_like_an_import_and_none_bills_itself(trade: Trade) -> None:
    switched_on(trade)
    for number in range(21):
        lay_quote(trade, f"Q-{number}", stage="Accepted", quantity=number + 1)
    read_on(trade)
    assert drafts(trade) == []


def test_a_copy_of_an_accepted_quote_is_not_billed_by_itself(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    trade.simulator.act("crm", "Quotes", crm_id, "clone")
    read_on(trade)
    assert len(drafts(trade)) == 1


def test_unaccepted_and_accepted_again_is_still_one_draft(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    accept(trade, crm_id, stage="Delivered")
    read_on(trade)
    row = Conversion.objects.get()
    assert quote(crm_id).accepted_seen_at is None and "no longer accepted in CRM" in row.drift
    accept(trade, crm_id)
    read_on(trade)
    row.refresh_from_db()
    assert len(drafts(trade)) == 1 and Conversion.objects.count() == 1 and row.drift == ""


def test_unaccepted_before_it_was_sent_makes_no_draft_and_accepted_again_makes_one(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    trade.clock.advance(300)
    only_read(trade)
    accept(trade, crm_id, stage="Negotiation")
    bill(trade)
    assert drafts(trade) == [] and Conversion.objects.get().state == "refused"
    accept(trade, crm_id)
    read_on(trade)
    assert len(drafts(trade)) == 1


def test_edited_between_acceptance_and_conversion_is_refused_with_what_changed(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    trade.clock.advance(300)
    only_read(trade)
    edit(trade, crm_id, Quoted_Items=[line(trade, 5)])
    bill(trade)
    row = Conversion.objects.get()
    assert row.state == "refused" and "2 lines instead of 1" in row.problems[0]["message"], row.problems
    assert drafts(trade) == [] and "2 lines instead of 1" in asked("auto_refused")[0]


def test_a_refusal_is_asked_again_only_when_something_changed(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1", Valid_Till="2026-11-20")
    switched_on(trade)
    accept(trade, crm_id)
    for _ in range(3):
        read_on(trade)
    assert [row.state for row in Conversion.objects.all()] == ["refused"]
    assert "valid till 20 November 2026" in asked("auto_refused")[0] and len(asked("auto_refused")) == 1
    edit(trade, crm_id, Valid_Till="2026-12-31")
    read_on(trade)
    assert len(drafts(trade)) == 1 and asked("auto_refused") == []


def test_edited_after_acceptance_and_accepted_anew_is_billed_as_it_is_now(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    trade.clock.advance(300)
    only_read(trade)
    edit(trade, crm_id, Quoted_Items=[line(trade, 5)])
    bill(trade)
    accept(trade, crm_id, stage="Delivered")
    read_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    (made,) = drafts(trade)
    assert Decimal(str(made["total"])) == 833


def test_a_replaced_quote_is_refused(trade: Trade) -> None:
    crm_id, newer = lay_quote(trade, "Q-1"), lay_quote(trade, "Q-2", quantity=3)
    switched_on(trade)
    edit(trade, crm_id, Quote_Stage="Accepted", Replaced_By={"id": newer})
    read_on(trade)
    assert drafts(trade) == [] and "was replaced by another one" in asked("auto_refused")[0]


def test_200_lines_a_line_of_nothing_and_a_negative_adjustment_come_to_the_cent(trade: Trade) -> None:
    many = lay_quote(trade, "Q-1", Quoted_Items=[line(trade, 1, "9.99") for _ in range(200)])
    nothing = lay_quote(
        trade, "Q-2", Quoted_Items=[line(trade, 1, 0), line(trade, 3, "33.33", "0.99")], Adjustment=Decimal("-0.19")
    )
    switched_on(trade)
    accept(trade, many, nothing)
    read_on(trade)
    found = {row["reference_number"]: row for row in drafts(trade)}
    assert [len(found[number]["line_items"]) for number in ("Q-1", "Q-2")] == [200, 2]
    for crm_id, number in ((many, "Q-1"), (nothing, "Q-2")):
        assert abs(Decimal(str(found[number]["total"])) - (quote(crm_id).total or 0)) <= Decimal("0.01") * 200
    assert Decimal(str(found["Q-2"]["adjustment"])) == Decimal("-0.19")
    assert Decimal(str(found["Q-2"]["total"])) == quote(nothing).total


def test_a_quote_that_comes_to_nothing_is_refused(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1", Quoted_Items=[line(trade, 1, 0)])
    switched_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    assert drafts(trade) == [] and "Only amounts above zero are billed" in asked("auto_refused")[0]


def test_a_currency_that_books_does_not_have_is_refused(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    currencies = [row for row in trade.connection.currencies if row["code"] != "EUR"]
    trade.connection.currencies = currencies or [{"code": "USD", "digits": 2, "rate": "0.9"}]
    trade.connection.save()
    accept(trade, crm_id)
    read_on(trade)
    assert drafts(trade) == [] and "which is not switched on in Books" in asked("auto_refused")[0]


def test_a_renamed_stage_bills_nothing_and_neither_does_naming_it_in_the_setting(trade: Trade) -> None:
    old, new = lay_quote(trade, "Q-1"), lay_quote(trade, "Q-2", quantity=3)
    switched_on(trade)
    accept(trade, old)
    read_on(trade)
    accept(trade, old, new, stage="Confirmed")
    read_on(trade)
    trade.connection.accepted_stages = ["Confirmed"]
    trade.connection.save()
    edit(trade, new, Adjustment=Decimal("-1"))
    for _ in range(3):
        read_on(trade)
    assert [row["reference_number"] for row in drafts(trade)] == ["Q-1"]
    assert quote(new).accepted_before and quote(new).accepted_seen_at is not None


def test_three_notifications_a_poll_and_a_click_make_one_draft(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    for _ in range(3):
        hinted(trade, crm_id)
        bill(trade)
    read_on(trade)
    trade.ask_quote(quote(crm_id))
    bill(trade)
    assert len(drafts(trade)) == 1 and Conversion.objects.count() == 1


def test_a_billed_quote_that_changes_shows_in_what(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    edit(trade, crm_id, Adjustment=Decimal("-10"))
    read_on(trade)
    row = Conversion.objects.get()
    assert "was changed in CRM after it was billed: adjustment -10.00 EUR instead of 0.00 EUR" in row.drift
    assert len(drafts(trade)) == 1


# -- a deal and its quotes ---------------------------------------------------------------------------------------------


def test_a_quote_of_an_open_deal_bills_the_deal_s_sale_and_writes_its_number_there(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Stage": "Negotiation/Review"})
    crm_id = lay_quote(trade, "Q-1", Deal_Name={"id": deal.crm_id})
    switched_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    row = Conversion.objects.get()
    assert (row.state, row.sale, row.deal) == ("done", f"deal:{deal.crm_id}", deal), row.problems
    assert trade.number_in_crm(row) == row.invoice_number and row.drift == ""
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Stage": "Closed Won"})
    read_on(trade, "deal", "quote")
    assert trade.ask_again(deal) == row and len(drafts(trade)) == 1


def test_a_quote_whose_deal_is_billed_makes_no_second_draft(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    crm_id = lay_quote(trade, "Q-1", Deal_Name={"id": deal.crm_id})
    switched_on(trade)
    trade.settled(trade.ask(deal))
    accept(trade, crm_id)
    read_on(trade)
    assert len(drafts(trade)) == 1 and asked("possible_part") == []


def test_a_second_accepted_quote_of_a_deal_waits_as_a_possible_part(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    first, second = (lay_quote(trade, number, Deal_Name={"id": deal.crm_id}) for number in ("Q-1", "Q-2"))
    switched_on(trade)
    accept(trade, first, second)
    read_on(trade)
    read_on(trade)
    assert len(drafts(trade)) == 1 and len(asked("possible_part")) == 1 and "Q-2" in asked("possible_part")[0]


def test_won_deals_bill_themselves_only_in_the_pipeline_that_is_on_and_only_when_seen_won(trade: Trade) -> None:
    old, later = trade.deal("Long won"), trade.deal("Later won")
    trade.simulator.user_update("crm", "Deals", later.crm_id, {"Stage": "Negotiation/Review"})
    switched_on(trade, "Standard (Standard)")
    trade.simulator.user_update("crm", "Deals", later.crm_id, {"Stage": "Closed Won"})
    read_on(trade, "deal")
    read_on(trade, "deal")
    assert [row.deal for row in Conversion.objects.all()] == [later] != [old] and len(drafts(trade)) == 1


# -- the switch --------------------------------------------------------------------------------------------------------


def test_stopping_cancels_what_was_not_sent_and_starting_again_bills_none_of_it(trade: Trade) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    trade.clock.advance(300)
    only_read(trade)
    assert "1 automatic draft was not sent yet and cancelled" in auto_switch.stop(trade.connection, None, trade.clock)
    bill(trade)
    switched_on(trade)
    read_on(trade)
    assert drafts(trade) == [] and [row.state for row in Conversion.objects.all()] == ["cancelled"]
    assert trade.ask_quote(quote(crm_id)).state == "requested"
