"""A sale refused, asked again, cancelled or decided upon still makes one draft, or says why it makes none."""

from typing import Any

import pytest
from django.test import Client

from accounts.connecting import stop_writes
from accounts.models import Connection, User
from invoicing import deciding, receivables
from invoicing.billing import to_invoice
from invoicing.conversion import work
from invoicing.deciding import Refused
from invoicing.models import Conversion, Deal, Invoice, Quote
from syncjobs.models import Record
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import INVOICES, Trade

pytestmark = pytest.mark.django_db
LOST: dict[str, Any] = {"drop_before": True}


def in_review(trade: Trade) -> Conversion:
    """A sale whose answer was lost where Books isn't known to refuse twins."""
    Connection.objects.update(uniqueness_seen_at=None)
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, **LOST)
    return trade.settled(row)


def test_a_sale_that_books_refused_can_be_asked_for_again(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    trade.fault(INVOICES, status=400, code=15)
    assert trade.settled(trade.ask(deal)).state == "refused"
    row = trade.settled(trade.ask(deal))
    assert (row.state, len(trade.drafts(row)), trade.attempts(row)) == ("done", 1, ["FAIL", "OK"])


def test_who_looked_in_books_and_saw_none_gets_the_draft(trade: Trade, cy: User) -> None:
    row = in_review(trade)
    assert row.state == "review"
    deciding.create_anyway(row, cy, trade.clock)
    row.refresh_from_db()
    with pytest.raises(Refused):
        deciding.cancel(row, cy, trade.clock)
    assert trade.settled(row).state == "done" and len(trade.drafts(row)) == 1


def test_who_found_the_draft_in_books_links_it(trade: Trade, cy: User) -> None:
    Connection.objects.update(uniqueness_seen_at=None)
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, drop_after=True)
    work(row.pk, trade.bench())
    trade.fault("^/books/v3/invoices", method="GET", status=500, code=1000)
    Conversion.objects.update(state="review", problems=[{"cause": "answer_lost", "message": "Lost."}])
    read(trade.connection, trade.seams, "invoice")
    read(trade.connection, trade.seams, "invoice")
    row.refresh_from_db()
    (found,) = deciding.may_be_it(row)
    deciding.link_existing(row, found.books_id, cy, trade.clock)
    assert trade.settled(row).state == "done" and trade.number_in_crm(row) == found.number


def test_who_looked_and_wants_no_draft_gives_it_up_with_a_reason(trade: Trade, cy: User) -> None:
    row = in_review(trade)
    with pytest.raises(Refused, match="needs a reason"):
        deciding.give_up(row, " ", cy, trade.clock)
    deciding.give_up(row, "It was a test", cy, trade.clock)
    row.refresh_from_db()
    assert row.state == "cancelled" and trade.ask(row.deal or trade.deal("x")).state == "requested"


def test_a_sale_that_may_stand_in_books_is_not_prepared_anew_by_choosing_a_customer(trade: Trade, cy: User) -> None:
    row = in_review(trade)
    customer = Record.objects.filter(kind="customer")[0]
    with pytest.raises(Refused):
        deciding.choose_customer(row, customer.remote_id, cy, trade.clock)


def test_a_question_about_the_customer_is_asked_anew_when_somebody_looks_again(trade: Trade, cy: User) -> None:
    row = trade.ask(trade.strangers_deal("Novak"))
    trade.fault("^/books/v3/contacts$", status=400, code=15)
    assert trade.settled(row).state == "review"
    deciding.look_again(row, cy, trade.clock)
    assert trade.settled(row).state == "done"


def test_a_cancelled_sale_is_not_sent_by_a_worker_that_had_begun(trade: Trade, cy: User) -> None:
    row = trade.ask(trade.deal("Shelves"))

    def cancel(point: str) -> None:
        if point == "customer known":
            deciding.cancel(Conversion.objects.get(pk=row.pk), cy, trade.clock)

    work(row.pk, trade.bench(cancel))
    row.refresh_from_db()
    assert row.state == "cancelled" and trade.drafts(row) == []


def test_a_switch_thrown_after_a_lost_answer_waits_and_asks_nobody(trade: Trade, cy: User) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, **LOST)
    work(row.pk, trade.bench())
    stop_writes(trade.connection, True, cy, trade.clock)
    assert trade.settled(row).state == "prepared" and row.hold
    stop_writes(trade.connection, False, cy, trade.clock)
    assert trade.settled(row).state == "done" and len(trade.drafts(row)) == 1


def test_an_odd_row_is_no_deleted_deal_and_waits_with_its_cause(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    row = trade.ask(trade.deal("Shelves"))
    monkeypatch.setattr("invoicing.sales.sale_of", {}.__getitem__)
    work(row.pk, trade.bench())
    row.refresh_from_db()
    assert (row.state, row.lease_until) == ("requested", None) and "couldn't work" in row.hold
    monkeypatch.undo()
    assert trade.settled(row).state == "done"


def quote_of(trade: Trade, **columns: object) -> Quote:
    return Quote.objects.create(
        connection=trade.connection, crm_id="77", subject="Shelves", digest="", read_at=trade.clock.now(), **columns
    )


def test_a_quote_linked_to_the_deal_after_both_were_asked_for_makes_one_draft(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    other = Conversion.objects.create(
        connection=trade.connection, quote=quote_of(trade), sale="quote:77", key="ZB-77", state="prepared",
        requested_at=trade.clock.now(),
    )  # fmt: skip
    row = trade.ask(deal)
    Quote.objects.update(deal_id=deal.crm_id)
    assert trade.settled(row).state == "cancelled" and row.problems[0]["cause"] == "already_billed"
    assert trade.drafts(row) == [] and other.is_live


def by_hand(trade: Trade, **columns: object) -> Invoice:
    found = {"books_id": "900", "number": "INV-900", "status": "sent", "customer_id": "1", "customer_name": "Nobody"}
    return Invoice.objects.create(
        connection=trade.connection, currency="EUR", total=1, balance=1, digest="", read_at=trade.clock.now(),
        **found | columns,
    )  # fmt: skip


def test_an_invoice_made_by_hand_is_not_attached_beside_a_draft_on_its_way(trade: Trade, cy: User) -> None:
    deal = trade.deal("Shelves")
    trade.ask(deal)
    with pytest.raises(Refused):
        deciding.attach(deal, by_hand(trade).books_id, cy, trade.clock)


def test_a_void_invoice_bills_nothing(trade: Trade, cy: User) -> None:
    with pytest.raises(Refused):
        deciding.attach(trade.deal("Shelves"), by_hand(trade, status="void").books_id, cy, trade.clock)


def test_a_rep_attaches_no_invoice_that_is_not_hers_to_see(trade: Trade, ada: User) -> None:
    deal = trade.deal("Shelves")
    with pytest.raises(Refused):
        deciding.attach(deal, by_hand(trade).books_id, ada, trade.clock)
    named = by_hand(trade, books_id="901", number="INV-901", potential_id=deal.crm_id)
    assert deciding.attach(deal, named.books_id, ada, trade.clock).invoice_number == "INV-901"


def test_a_deal_deleted_after_its_draft_holds_nothing_for_ever(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    row = trade.ask(deal)
    trade.simulator.faults.add({"method": "PUT", "path": "/crm/v8/Deals", "times": 1, "status": 503})
    work(row.pk, trade.bench())
    trade.simulator.act("crm", "Deals", deal.crm_id, "delete")
    assert trade.settled(row).state == "done" and "no longer in CRM" in row.drift


def test_a_deal_billed_by_its_quote_is_no_longer_to_be_invoiced(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    assert list(to_invoice(Deal.objects.all())) == [deal]
    Conversion.objects.create(
        connection=trade.connection, quote=quote_of(trade, deal_id=deal.crm_id), sale="quote:77", key="ZB-77",
        state="requested", requested_at=trade.clock.now(),
    )  # fmt: skip
    assert list(to_invoice(Deal.objects.all())) == []


def test_a_rep_links_only_products_of_her_deal(trade: Trade, ada: User) -> None:
    item = Record.objects.get(kind="item")
    with pytest.raises(Refused):
        deciding.link_product(trade.deal("Shelves"), "12345", item.remote_id, ada, trade.clock)


def test_a_draft_that_finance_sent_is_no_longer_to_review(trade: Trade, ben: User) -> None:
    trade.settled(trade.ask(trade.deal("Shelves")))
    assert drafts_to_review(ben) == 1
    Invoice.objects.update(status="sent")
    receivables.rework(trade.connection, Invoice.objects.values_list("customer_id", flat=True), trade.clock.now())
    assert drafts_to_review(ben) == 0


def drafts_to_review(user: User) -> int:
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    cards = client.get("/admin/").context["panels"]
    return sum(int(card.waiting.count) for card in cards if card.panel.title == "Drafts to review")
