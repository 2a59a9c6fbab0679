"""Proof for the auditor: both sides scanned by night or on demand, and what contradicts the promise named."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Notice, User
from invoicing import proving
from invoicing.models import Conversion, Proof
from syncjobs.models import Problem
from tests.people import browser
from tests.stories.small_trade import INVOICES, Trade

pytestmark = pytest.mark.django_db(transaction=True)


def proved(trade: Trade) -> Proof:
    """A proof worked to its end."""
    proof = proving.ask(trade.connection, trade.clock, trigger="person", doorbell=False)
    for _ in range(20):
        proving.work(proof.pk, trade.bench())
        proof.refresh_from_db()
        if proof.ended_at is not None:
            break
        trade.clock.advance(400)
    return proof


@pytest.fixture
def billed(trade: Trade) -> Conversion:
    """Shelves, billed once, its answer lost on the way and its draft adopted."""
    deal = trade.deal("Shelves")
    trade.fault(INVOICES, drop_after=True)
    return trade.settled(trade.ask(deal))


def test_a_sale_whose_answer_was_lost_is_proved_to_be_billed_once(trade: Trade, billed: Conversion) -> None:
    proof = proved(trade)
    assert (proof.keys, proof.conversions, proof.invoices) == (1, 1, 1)
    assert (proof.attempts, proof.look_ups, proof.adopted) == (1, 1, 1)
    assert proof.violations == []
    assert "Every one of 1 keys has one live invoice" in proof.verdict


def test_two_proofs_of_the_same_state_have_one_fingerprint(trade: Trade, billed: Conversion) -> None:
    first = proved(trade)
    assert first.digest and first.digest == proved(trade).digest


def test_a_twin_made_behind_our_back_is_found_and_told(trade: Trade, billed: Conversion) -> None:
    copy_in_books(trade, billed)
    proof = proved(trade)
    assert [one["kind"] for one in proof.violations] == ["doubled"]
    assert {one.role for one in Notice.objects.filter(title="A proof failed")} == {"finance", "revops", "auditor"}
    assert Problem.objects.filter(cause="proof_failed", closed_at=None).exists()
    page = browser("dee").get(reverse("admin:invoicing_proof_change", args=[proof.pk])).content.decode()
    assert "Billed twice" in page and billed.key in page


def copy_in_books(trade: Trade, row: Conversion) -> None:
    """The same body once more, in a Books that lets twins through."""
    trade.simulator.switches.change({"books_unique_twin": "accepted"})
    body = json.loads(row.payload, parse_float=Decimal)
    trade.bench().clients(trade.connection).books.create_draft_invoice(body)


def test_a_draft_deleted_in_books_is_found_when_nobody_noted_it(trade: Trade, billed: Conversion) -> None:
    trade.simulator.verbs("books").delete(trade.simulator, "invoices", billed.books_invoice_id)
    trade.clock.advance(60)
    proof = proved(trade)
    assert [one["kind"] for one in proof.violations] == ["lost"]


def test_a_proof_waits_while_books_is_away_and_goes_on_by_itself(trade: Trade, billed: Conversion) -> None:
    trade.simulator.faults.add({"method": "GET", "path": INVOICES, "times": 20, "status": 503})
    proof = proving.ask(trade.connection, trade.clock, trigger="person", doorbell=False)
    proving.work(proof.pk, trade.bench())
    proof.refresh_from_db()
    assert proof.hold and proof.ended_at is None and "It waits" in proof.verdict
    trade.simulator.faults.clear()
    trade.clock.advance(3600)
    assert proved(trade).pk == proof.pk
    proof.refresh_from_db()
    assert proof.violations == [] and proof.ended_at is not None


def test_a_second_ask_answers_with_the_proof_that_is_under_way(trade: Trade) -> None:
    first = proving.ask(trade.connection, trade.clock, trigger="person", doorbell=False)
    assert proving.ask(trade.connection, trade.clock, trigger="night", doorbell=False) == first


def test_every_night_has_its_proof_and_only_one(trade: Trade) -> None:
    trade.clock.advance(26 * 3600)
    first = proving.ask_tonight(trade.connection, trade.clock)
    assert first is not None
    proved(trade)
    assert proving.ask_tonight(trade.connection, trade.clock) is None
    trade.clock.advance(timedelta(days=1).total_seconds())
    assert proving.ask_tonight(trade.connection, trade.clock) is not None


def test_finance_and_revops_may_ask_and_the_auditor_only_reads(trade: Trade, ada: User) -> None:
    answers = {name: browser(name).post(reverse("documents:prove")).status_code for name in ("ben", "cy", "dee", "ada")}
    assert answers == {"ben": 302, "cy": 302, "dee": 403, "ada": 403}
    assert "Prove it now" not in browser("dee").get(reverse("admin:invoicing_proof_changelist")).content.decode()
