"""S24, F1-F6, F14: whatever the answer to a creating call is, one invoice stands in the end, or a person is asked."""

from json import dumps
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from accounts import consent
from accounts.clients import region_of
from accounts.connecting import DEMO_CALLBACK, stop_writes
from accounts.consent import Person, Redirect
from accounts.models import Connection, User
from invoicing.conversion import work
from syncjobs.models import Attempt
from tests.stories.small_trade import CUSTOMERS, INVOICES, Trade
from zbridge.zoho.wire import Ask

pytestmark = pytest.mark.django_db

# What befalls the first POST: effects, and whether the record is there afterwards, at once or late.
MADE: dict[str, dict[str, Any]] = {
    "lost after Books saved it": {"drop_after": True},
    "saved a minute later": {"commit_after": 60},
    "cut in the middle": {"reset_mid_body": True},
    "saved, lost and hidden from lists": {"drop_after": True, "visible_after": 45},
    "slower than we wait": {"delay": 400},
}
NOT_MADE: dict[str, dict[str, Any]] = {
    "lost before Books saw it": {"drop_before": True},
    "an error of Books": {"status": 500, "code": 1000},
    "a gateway's page": {"status": 502},
    "a 200 that says nothing": {"status": 200},
}
SURELY_NOT: dict[str, dict[str, Any]] = {
    "too many calls this minute": {"status": 429, "code": 44},
    "the token ended early": {"status": 401, "code": 57},
}
ALL = MADE | NOT_MADE | SURELY_NOT


@pytest.mark.parametrize("keys_in_lists", [True, False])
def test_one_draft_stands_whatever_the_answer_was(trade: Trade, keys_in_lists: bool) -> None:
    trade.simulator.switches.change({"books_cf_in_list": keys_in_lists})
    for fault, effects in ALL.items():
        row = trade.ask(trade.deal(fault))
        trade.fault(INVOICES, **effects)
        trade.settled(row)
        assert (row.state, len(trade.drafts(row))) == ("done", 1), (fault, row.hold, row.problems)
        assert trade.number_in_crm(row) == row.invoice_number == trade.drafts(row)[0]["invoice_number"], fault


def test_where_twins_are_not_refused_nothing_is_sent_again_unasked(trade: Trade) -> None:
    """Without a uniqueness that was seen to work, the end is an adoption or a question (reliability 4.6)."""
    Connection.objects.update(uniqueness_seen_at=None)
    for fault, effects in ALL.items():
        row = trade.ask(trade.deal(fault))
        trade.fault(INVOICES, **effects)
        trade.settled(row)
        ended = ("review", 0) if fault in NOT_MADE else ("done", 1)
        assert (row.state, len(trade.drafts(row))) == ended, (fault, row.hold, row.problems)
        assert trade.sends(row) == (2 if fault in SURELY_NOT else 1), fault


def test_every_attempt_is_written_down_with_what_was_concluded(trade: Trade) -> None:
    for fault, effects in ALL.items():
        row = trade.ask(trade.deal(fault))
        trade.fault(INVOICES, **effects)
        trade.settled(row)
        rows = Attempt.objects.filter(key=row.key)
        assert all(one.outcome and one.ended_at and one.conclusion for one in rows), fault
        assert rows.filter(remote_id=row.books_invoice_id).exists(), fault
        assert rows.filter(purpose=Attempt.Purpose.LOOK_UP).exists() == (fault not in SURELY_NOT), fault
        assert trade.attempts(row)[0] == (trade.attempts(row)[0] if fault in SURELY_NOT else "UNKNOWN"), fault


@pytest.mark.parametrize("unique", [True, False])
def test_a_lost_answer_never_makes_a_second_customer(trade: Trade, unique: bool) -> None:
    if not unique:
        Connection.objects.update(uniqueness_seen_at=None)
    for number, (fault, effects) in enumerate(ALL.items()):
        row = trade.ask(trade.strangers_deal(f"Novak{number}x"))
        trade.fault(CUSTOMERS, **effects)
        trade.settled(row)
        asked = fault in NOT_MADE and not unique
        assert len(trade.customers(f"Novak{number}x")) == (0 if asked else 1), fault
        ended = ("review", 0) if asked else ("done", 1)
        assert (row.state, len(trade.drafts(row))) == ended, (fault, row.hold, row.problems)


def test_a_locked_deal_keeps_its_draft_and_gets_the_number_when_it_is_unlocked(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    row = trade.ask(deal)
    trade.simulator.act("crm", "Deals", deal.crm_id, "lock")
    work(row.pk, trade.bench())
    row.refresh_from_db()
    assert row.state == "drafted" and "locked" in row.hold and row.invoice_number
    trade.simulator.act("crm", "Deals", deal.crm_id, "unlock")
    trade.settled(row)
    assert (row.state, row.hold, trade.number_in_crm(row)) == ("done", "", row.invoice_number)
    assert trade.sends(row) == 1


def test_while_writing_is_switched_off_a_sale_waits_and_none_is_lost(trade: Trade, cy: User) -> None:
    row = trade.ask(trade.deal("Shelves"))
    stop_writes(trade.connection, True, cy, trade.clock)
    work(row.pk, trade.bench())
    row.refresh_from_db()
    assert row.hold and trade.drafts(row) == [] and trade.sends(row) == 0
    stop_writes(trade.connection, False, cy, trade.clock)
    assert trade.settled(row).state == "done" and len(trade.drafts(row)) == 1


def test_an_access_that_was_revoked_holds_the_sale_until_somebody_reconnects(trade: Trade, cy: User) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, drop_after=True)
    work(row.pk, trade.bench())
    revoke(trade)
    trade.clock.advance(60)
    work(row.pk, trade.bench())
    row.refresh_from_db()
    assert row.state == "unknown" and row.hold_cause == "reconnect", row.hold
    consent_anew(trade, cy)
    assert trade.settled(row).state == "done" and (len(trade.drafts(row)), trade.sends(row)) == (1, 1)


def revoke(trade: Trade) -> None:
    """As the Zoho user does on her own account's page."""
    call(trade, "POST", "/_sim/tokens", {"action": "revoke"})


def call(trade: Trade, method: str, path: str, body: object) -> None:
    here = region_of(trade.connection)
    headers = {"Content-Type": "application/json"}
    trade.seams.wire.exchange(here, Ask(method, f"{here.api}{path}", {}, headers, dumps(body).encode()), trade.clock)


def consent_anew(trade: Trade, user: User) -> None:
    """Reconnect, as the button on the connection's page does."""
    person = Person(user, "a session")
    asked = consent.begin(trade.connection, person, DEMO_CALLBACK, trade.clock)
    accept = Ask("POST", asked, {}, {"Content-Type": "application/x-www-form-urlencoded"}, b"answer=accept")
    answer = trade.seams.wire.exchange(region_of(trade.connection), accept, trade.clock)
    query = dict(parse_qsl(urlsplit(answer.headers.get("location", "")).query))
    consent.finish(Redirect(query["state"], query["code"]), person, DEMO_CALLBACK, trade.seams)
