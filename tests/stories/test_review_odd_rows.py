"""Rows that are not as Zoho documents them: named, set aside, and in nobody's way."""

import pytest

from invoicing import reading
from invoicing.models import Deal
from syncjobs.columns import amount, text
from syncjobs.models import Entry, Problem, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.stories.small_trade import Trade
from zbridge.simulator.store import stamp
from zbridge.zoho.paging import Page

pytestmark = pytest.mark.django_db


def written(trade: Trade, deal: Deal, **columns: object) -> None:
    """The deal as CRM holds it, changed without CRM's own checks."""
    row = trade.simulator.store.get("crm", "Deals", deal.crm_id) or {}
    at = stamp(trade.clock.now())
    trade.simulator.store.save_many(
        "crm", "Deals", [(deal.crm_id, {**row, **columns, "Modified_Time": at}, {})], created=at, modified=at
    )


def read_deals(trade: Trade) -> Run:
    return work_to_end(start_run(trade.connection, "deal", trade.clock, trigger="test", doorbell=False), bulk_reader())


def test_one_odd_deal_stops_neither_its_page_nor_the_run(trade: Trade) -> None:
    odd, plain = trade.deal("Shelves"), trade.deal("Tables")
    written(trade, odd, Closing_Date="soon")
    written(trade, plain, Deal_Name="Two tables")
    run = read_deals(trade)
    assert (run.state, run.failed) == ("incomplete", 1) and "made no sense" in run.sentence
    assert run.done == run.created + run.updated + run.unchanged + run.failed
    assert Deal.objects.get(pk=plain.pk).name == "Two tables"
    assert Entry.objects.get(run=run, remote_id=odd.crm_id).outcome == "failed"


def test_the_question_about_an_odd_deal_closes_when_it_is_read_well(trade: Trade) -> None:
    odd = trade.deal("Shelves")
    written(trade, odd, Closing_Date="soon")
    read_deals(trade)
    assert Problem.objects.get(cause="unreadable", subject_id=odd.crm_id).closed_at is None
    written(trade, odd, Closing_Date="2026-11-20", Deal_Name="Shelves again")
    read_deals(trade)
    assert Problem.objects.get(cause="unreadable", subject_id=odd.crm_id).closed_at


def test_a_deal_that_makes_no_sense_is_never_billed_as_it_was_read_before(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    row = trade.ask(deal)
    written(trade, deal, Closing_Date="soon")
    with pytest.raises(LookupError, match="not as Zoho documents"):
        reading.refresh_deal(trade.connection, deal.crm_id, trade.bench())
    assert trade.settled(row).state == "requested" and row.hold and trade.drafts(row) == []


def test_an_answer_that_makes_no_sense_pauses_the_run_with_a_cause(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoicing.feeds.DealFeed.list_page", lambda *given: dict[str, Page]()["data"])
    run = start_run(trade.connection, "deal", trade.clock, trigger="test", doorbell=False)
    run = work_to_end(run, bulk_reader(), patience=1)
    assert (run.state, run.lease_until) == ("paused", None) and "couldn't read" in run.hold


@pytest.mark.parametrize("written", ["NaN", "1e30", "Infinity", "abc"])
def test_what_is_no_amount_is_not_taken_for_one(written: str) -> None:
    with pytest.raises(ArithmeticError):
        amount(written)


def test_a_name_with_a_nul_can_be_stored_on_both_databases() -> None:
    assert text("Acme\0 Ltd") == "Acme Ltd"
