"""A deal billed in parts by explicit clicks: exact, never beyond the sale without a reason; and deals not billed."""

from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from accounts.models import AuditEvent, User
from invoicing import again, billing_parts, netting, not_billing, quote_parts
from invoicing.billing import to_invoice
from invoicing.billing_parts import Asked
from invoicing.deciding import Refused
from invoicing.models import Conversion, Deal, Invoice, Quote
from invoicing.services import Request, request_conversion
from tests.people import browser, person
from tests.stories.sales_of_storms import read
from tests.stories.selling_by_quote import lay_quote
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db


def bill(trade: Trade, deal: Deal, percent: str = "", part: int = 1, who: str = "ben", **more: Any) -> Conversion:
    """The click, and the worker that makes the draft."""
    wanted: dict[str, Any] = {"how": "percent", "percent": percent, "part": part} | more
    billing_parts.bill(deal, Asked(**wanted), person(who), trade.clock)
    row = trade.settled(Conversion.objects.get(deal=deal, part=part, state__in=["requested", "review"]))
    assert row.state == "done", row.problems
    return row


def sums(trade: Trade, rows: list[Conversion]) -> tuple[Decimal, Decimal]:
    """Net and total of these drafts, as Books made them."""
    found = [trade.drafts(row)[0] for row in rows]
    return sum(Decimal(str(one["sub_total"])) for one in found), sum(Decimal(str(one["total"])) for one in found)  # type: ignore[return-value]


def shown(deal: Deal, who: str = "ben") -> Any:
    answer: Any = browser(who).get(f"/admin/invoicing/deal/{deal.pk}/")
    assert answer.status_code == 200
    return answer


def test_thirty_percent_and_then_the_rest_are_two_drafts_that_add_up_to_the_sale(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    first, rest = bill(trade, deal, "30"), bill(trade, deal, "70", part=2)
    assert first.key != rest.key and len(trade.drafts(first)) == len(trade.drafts(rest)) == 1
    assert (first.total, rest.total) == (Decimal("71.40"), Decimal("166.60"))
    assert sums(trade, [first, rest]) == (Decimal("200.00"), Decimal("238.00"))
    line = trade.drafts(first)[0]["line_items"][0]
    assert line["description"] == "30 % of 2 x 100.00" and Decimal(str(line["tax_percentage"])) == 19


def test_the_page_shows_the_earlier_parts_what_is_left_and_the_bar(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    row = bill(trade, deal, "30")
    netting.read_due(trade.connection, trade.bench())
    answer = shown(deal)
    said = answer.content.decode()
    assert "Bill another part" in said and "Part 1: 30 %" in said and row.invoice_number in said
    assert (answer.context["parts"].left, answer.context["parts"].left_percent) == ("140.00 EUR", "70 %")
    bar = answer.context["money"].bar
    assert [str(one) for one in bar.shares] == ["0.0", "30.0", "70.0"] and str(bar.left) == "140.00 EUR"


def test_thirds_leave_no_cent(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    rows = [bill(trade, deal, "33.33"), bill(trade, deal, "33.33", part=2), bill(trade, deal, "33.34", part=3)]
    assert sums(trade, rows)[0] == Decimal("200.00")
    assert not shown(deal).context["parts"].is_left


def test_an_amount_is_billed_as_it_was_typed(trade: Trade) -> None:
    row = bill(trade, trade.deal("Shelves"), how="amount", amount="123.45")
    assert sums(trade, [row])[0] == Decimal("123.45")


def test_chosen_lines_keep_their_quantity_and_rate(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    chosen = tuple(one.source_id for one in shown(deal).context["parts"].lines)
    row = bill(trade, deal, how="lines", lines=chosen)
    line = trade.drafts(row)[0]["line_items"][0]
    assert (line["quantity"], line["rate"], row.total) == (2, 100, Decimal("238.00"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"percent": "0"}, "more than 0 %"),
        ({"percent": "thirty"}, "as a number"),
        ({"how": "amount", "amount": "10.001"}, "2 decimals"),
        ({"how": "lines"}, "at least one line"),
    ],
)
def test_what_is_no_part_is_refused_in_words(trade: Trade, ben: User, asked: dict[str, Any], said: str) -> None:
    wanted: dict[str, Any] = {"how": "percent", "part": 1} | asked
    with pytest.raises(Refused, match=said):
        billing_parts.bill(trade.deal("Shelves"), Asked(**wanted), ben, trade.clock)
    assert not Conversion.objects.exists()


def test_more_than_is_left_needs_finance_and_a_reason_which_is_kept(trade: Trade, ben: User) -> None:
    deal = trade.deal("Shelves")
    bill(trade, deal, "30")
    much = Asked(how="percent", percent="80", part=2)
    with pytest.raises(Refused, match="Only finance can bill more"):
        billing_parts.bill(deal, much, person("ada"), trade.clock)
    with pytest.raises(Refused, match=r"more than what is left of the sale, 140.00 EUR. To bill more"):
        billing_parts.bill(deal, much, ben, trade.clock)
    row = bill(trade, deal, "80", part=2, reason="Extra work agreed by phone")
    assert row.bill_anyway == "More than the sale: Extra work agreed by phone"
    event = AuditEvent.objects.get(verb="convert", subject_id=str(row.pk))
    assert "Extra work agreed" in event.detail["reason"]


def test_after_a_part_the_plain_button_and_quotes_find_what_there_is(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    row = bill(trade, deal, "30")
    assert trade.ask_again(deal).pk == row.pk and Conversion.objects.count() == 1


def test_a_sale_that_is_billed_in_full_leaves_nothing_to_bill(trade: Trade, ben: User) -> None:
    deal = trade.deal("Shelves")
    assert trade.settled(trade.ask(deal)).state == "done"
    assert shown(deal).context["parts"].left == "0.00 EUR"
    with pytest.raises(Refused, match="more than what is left"):
        billing_parts.bill(deal, Asked(how="percent", percent="10", part=2), ben, trade.clock)


def test_who_saw_an_older_state_is_told_who_was_first(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    bill(trade, deal, "30")
    bill(trade, deal, "70", part=2, who="ben")
    with pytest.raises(Refused, match=r"part 2 \(70 %\) was just billed by Ben"):
        billing_parts.bill(deal, Asked(how="percent", percent="70", part=2), person("ada"), trade.clock)
    assert Conversion.objects.filter(deal=deal).count() == 2


def test_a_deal_that_changed_since_it_was_shown_is_not_billed(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    digest = shown(deal).context["parts"].digest
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Amount": 300})
    asked = Asked(how="percent", percent="30", part=1, previewed=digest)
    billing_parts.bill(deal, asked, person("ben"), trade.clock)
    row = trade.settled(Conversion.objects.get())
    assert row.state == "refused" and "was changed in CRM after you saw" in row.problems[0]["message"]


def test_a_part_whose_draft_is_voided_is_left_again_and_can_be_billed_again(trade: Trade, ben: User) -> None:
    deal = trade.deal("Shelves")
    first, rest = bill(trade, deal, "30"), bill(trade, deal, "70", part=2)
    trade.simulator.act("books", "invoices", first.books_invoice_id, "void")
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "invoice")
    first.refresh_from_db()
    assert shown(deal).context["parts"].left == "60.00 EUR"
    again.ask(first, "Wrong address", ben, trade.clock)
    new = trade.settled(Conversion.objects.get(deal=deal, part=1, generation=2))
    assert (new.state, new.total) == ("done", Decimal("71.40")) and len(trade.drafts(rest)) == 1


def test_a_voided_part_that_another_part_took_over_is_not_billed_again(trade: Trade, ben: User) -> None:
    deal = trade.deal("Shelves")
    first = bill(trade, deal, "30")
    trade.simulator.act("books", "invoices", first.books_invoice_id, "void")
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "invoice")
    bill(trade, deal, "100", part=2)
    first.refresh_from_db()
    with pytest.raises(Refused, match="Other parts of this sale are billed meanwhile"):
        again.ask(first, "Once more", ben, trade.clock)


def test_dee_sees_no_form_and_the_door_is_shut(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    assert "Bill a part" not in shown(deal, "dee").content.decode()
    assert browser("dee").post(f"/admin/invoicing/deal/{deal.pk}/part/", {"part": 1}).status_code == 403
    browser("ben").post(f"/admin/invoicing/deal/{deal.pk}/part/", {"part": 1, "how": "percent", "percent": "30"})
    assert Conversion.objects.get().portion["label"] == "30 %"


@pytest.mark.django_db(transaction=True)
def test_two_people_bill_the_last_seventy_percent_at_once_and_one_is_told(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    bill(trade, deal, "30")
    people, start, told = [person("ben"), person("ada")], Barrier(2), list[str]()

    def press(user: User) -> None:
        start.wait()
        try:
            told.append(
                billing_parts.bill(Deal.objects.get(pk=deal.pk), Asked("percent", "70", part=2), user, trade.clock)
            )
        except Refused as refusal:
            told.append(str(refusal))
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Conversion.objects.filter(deal=deal, part=2).count() == 1
    assert sorted("was just billed by" in one for one in told) == [False, True]


# -- further accepted quotes -----------------------------------------------------------------------------------------


def with_second_quote(trade: Trade, amount: int) -> tuple[Deal, Quote]:
    """A deal that is billed, and a second accepted quote of it over 100.00 net."""
    deal = trade.deal("Shelves")
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Amount": amount})
    belongs: dict[str, Any] = {"Deal_Name": {"id": deal.crm_id}, "stage": "Accepted"}
    lay_quote(trade, "Q-1", **belongs)
    trade.clock.advance(60)
    read(trade.connection, trade.seams, "quote")
    assert trade.settled(trade.ask(deal)).state == "done"
    second = lay_quote(trade, "Q-2", quantity=1, **belongs)
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "quote", "deal")
    return Deal.objects.get(), Quote.objects.get(crm_id=second)


def test_a_second_accepted_quote_is_a_further_part_by_a_click(trade: Trade) -> None:
    deal, second = with_second_quote(trade, 300)
    assert [one.quote for one in shown(deal).context["further"]] == [second]
    browser("ben").post(f"/admin/invoicing/deal/{deal.pk}/part/quote/", {"quote": second.pk})
    row = trade.settled(Conversion.objects.get(part=2))
    assert (row.state, row.deal, row.quote, row.total) == ("done", deal, second, Decimal("119.00"))
    answer = shown(deal)
    assert answer.context["further"] == [] and answer.context["parts"].left == "0.00 EUR"
    assert len({one.key for one in Conversion.objects.all()}) == 2


def test_a_second_quote_beyond_the_deal_needs_finance_and_a_reason(trade: Trade, ben: User) -> None:
    deal, second = with_second_quote(trade, 200)
    with pytest.raises(Refused, match="Only finance can bill more"):
        quote_parts.bill(deal, str(second.pk), "", person("ada"), trade.clock)
    with pytest.raises(Refused, match="more would be billed than 200.00 EUR. To bill more"):
        quote_parts.bill(deal, str(second.pk), " ", ben, trade.clock)
    quote_parts.bill(deal, str(second.pk), "Extra shelf", ben, trade.clock)
    row = trade.settled(Conversion.objects.get(part=2))
    assert (row.state, row.bill_anyway) == ("done", "More than the deal: Extra shelf")
    with pytest.raises(Refused, match="billed already"):
        quote_parts.bill(deal, str(second.pk), "Extra shelf", ben, trade.clock)


# -- deals that are not billed ---------------------------------------------------------------------------------------


def test_finance_takes_a_deal_off_the_list_with_a_reason_and_puts_it_back(trade: Trade, ben: User) -> None:
    deal = trade.deal("Goodwill")
    with pytest.raises(Refused, match="say why"):
        not_billing.take_off(deal, " ", ben, trade.clock)
    browser("ben").post(f"/admin/invoicing/deal/{deal.pk}/not-billable/", {"reason": "Goodwill of the boss"})
    assert not to_invoice(Deal.objects.all()).exists()
    said = shown(deal, "dee").content.decode()
    assert "“Goodwill of the boss”" in said and "Put it back" not in said
    browser("ben").post(f"/admin/invoicing/deal/{deal.pk}/billable/")
    assert to_invoice(Deal.objects.all()).count() == 1
    verbs = AuditEvent.objects.filter(subject_kind="deal").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["not_billable", "billable"]


def test_a_deal_off_the_list_is_billed_by_nobody(trade: Trade, ben: User) -> None:
    deal = trade.deal("Goodwill")
    not_billing.take_off(deal, "Goodwill", ben, trade.clock)
    deal.refresh_from_db()
    row = request_conversion(Request(trade.connection, deal, None, via="auto"), trade.clock, doorbell=False)
    assert row.state == "refused" and "took Goodwill off the list" in row.problems[0]["message"]
    assert not Invoice.objects.filter(key__startswith="ZB-").exists()


def test_a_reading_of_crm_does_not_put_it_back(trade: Trade, ben: User) -> None:
    deal = trade.deal("Goodwill")
    not_billing.take_off(deal, "Goodwill", ben, trade.clock)
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Amount": 210})
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "deal")
    deal.refresh_from_db()
    assert (deal.amount, deal.not_billable) == (Decimal(210), "Goodwill")


def test_only_finance_takes_off_and_not_what_is_billed(trade: Trade, ben: User) -> None:
    deal = trade.deal("Shelves")
    for who in ("ada", "cy", "dee"):
        assert browser(who).post(f"/admin/invoicing/deal/{deal.pk}/not-billable/", {"reason": "x"}).status_code == 403
    bill(trade, deal, "30")
    with pytest.raises(Refused, match="billed already"):
        not_billing.take_off(deal, "Goodwill", ben, trade.clock)


def test_the_month_s_report_gives_it_a_line_of_its_own(trade: Trade, ben: User) -> None:
    not_billing.take_off(trade.deal("Goodwill"), "Goodwill of the boss", ben, trade.clock)
    answer: Any = browser("dee").get("/admin/reports/reconciliation/?month=2026-11")
    said = answer.content.decode()
    assert "Not billed: finance took it off the list" in said and "200.00 EUR" in said
    only: Any = browser("dee").get("/admin/reports/reconciliation/?month=2026-11&cause=not_billable")
    assert "Goodwill of the boss" in only.content.decode()
