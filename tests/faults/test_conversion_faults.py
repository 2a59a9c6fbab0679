"""Faults of reliability 7 that no other story tells: each with its expected end."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import override_settings
from django_q.models import OrmQ

from accounts import tokens
from accounts.models import Connection, Credential, Notice
from accounts.secrets import decrypt
from invoicing import drafted
from invoicing.claims import WORK
from invoicing.conversion import work
from invoicing.models import Conversion, Invoice
from invoicing.sweeping import ring_due, work_due
from syncjobs.models import Record
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import CUSTOMERS, INVOICES, Trade
from zbridge.queue import ring
from zbridge.simulator.wire import request_of

pytestmark = pytest.mark.django_db


def on_the_way(trade: Trade, point: str, deed: Any) -> Conversion:
    """A sale on whose way somebody does something, once, at a point of the protocol."""
    row, done = trade.ask(trade.deal("Shelves")), list[str]()

    def here(name: str) -> None:
        if name == point and not done:
            done.append(name)
            deed(row)

    return trade.settled(row, here)


def in_crm(trade: Trade, **values: Any) -> Any:
    """What the rep types on the sale's deal."""
    return lambda row: trade.simulator.user_update("crm", "Deals", row.deal.crm_id, values)


# -- F17, F18: the deal changes under way ----------------------------------------------------------------------------


def test_f18_a_deal_reopened_before_it_is_read_is_not_billed(trade: Trade) -> None:
    row = on_the_way(trade, "claimed", in_crm(trade, Stage="Negotiation/Review"))
    assert row.state == "refused" and trade.drafts(row) == [] and "not a won stage" in row.problems[0]["message"]


def test_f18_a_deal_deleted_before_it_is_read_cancels_its_draft(trade: Trade) -> None:
    gone = on_the_way(trade, "claimed", lambda row: trade.simulator.user_delete("crm", "Deals", row.deal.crm_id))
    assert gone.state == "cancelled" and trade.drafts(gone) == []


def test_f18_a_deal_reopened_after_its_draft_was_frozen_finishes_and_is_flagged(trade: Trade) -> None:
    row = on_the_way(trade, "prepared", in_crm(trade, Stage="Negotiation/Review"))
    assert row.state == "done" and len(trade.drafts(row)) == 1
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "deal")
    row.refresh_from_db()
    assert "is open again in CRM" in row.drift


# -- F19: finance acts while we don't know -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "live"), [("edits", 1), ("sends", 1), ("voids", 0), ("deletes", 1)]
)  # fmt: skip
def test_f19_what_finance_does_while_the_answer_is_lost_stands(trade: Trade, deed: str, live: int) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, drop_after=True)
    work(row.pk, trade.bench())
    (first,) = trade.drafts(row)
    identity, sim = first["invoice_id"], trade.simulator
    {
        "edits": lambda: sim.user_update("books", "invoices", identity, {"notes": "By finance"}),
        "sends": lambda: sim.act("books", "invoices", identity, "send"),
        "voids": lambda: sim.act("books", "invoices", identity, "void"),
        "deletes": lambda: sim.user_delete("books", "invoices", identity),
    }[deed]()
    after = sim.verbs("books").read(sim, "invoices", identity)
    row = trade.settled(row)
    assert len(trade.drafts(row)) <= 1 and len(trade.drafts(row)) >= min(live, len(trade.drafts(row)))
    assert sim.verbs("books").read(sim, "invoices", identity) == after, "nothing of finance's is overwritten"
    if deed in ("edits", "sends"):
        assert row.state == "done" and row.books_invoice_id == identity and row.adopted


# -- F20: the customer changed in Books --------------------------------------------------------------------------------


def test_f20_a_customer_that_was_made_inactive_is_a_reason_and_never_made_active(trade: Trade) -> None:
    customer = trade.customers("Acme Ltd")[0]["contact_id"]
    trade.simulator.act("books", "contacts", customer, "inactive")
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "customer")
    row = trade.ask_again(trade.deal("Shelves"))
    row = row if row.state == "refused" else trade.settled(row)
    assert row.state in ("refused", "review") and "inactive" in str(row.problems)
    assert trade.customers("Acme Ltd")[0]["status"] == "inactive" and trade.drafts(row) == []


# -- F21: the unique field is switched off -----------------------------------------------------------------------------


def not_unique(trade: Trade, module: str) -> None:
    """Somebody lets Books accept twins of the key."""
    name = trade.connection.invoice_key_name if module == "invoices" else trade.connection.customer_key_name
    body = b'{"is_unique": false}'
    asked = request_of("PUT", f"/_sim/fields/books/{module}/{name}", {"Content-Type": "application/json"}, body)
    assert trade.simulator.respond(asked).status == 200


def test_f21_before_anything_is_sent_again_books_is_asked_whether_it_still_refuses_twins(trade: Trade) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, commit_after=170)
    not_unique(trade, "invoices")
    row = trade.settled(row)
    trade.simulator.settle()
    assert (row.state, len(trade.drafts(row))) == ("done", 1), "found on the slow look instead of sent again"
    assert Connection.objects.get().uniqueness_seen_at is None
    assert Notice.objects.filter(role="revops", title__contains="no longer refuses").count() == 1


def test_f21_where_nothing_is_found_a_person_decides(trade: Trade) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, drop_before=True)
    not_unique(trade, "invoices")
    row = trade.settled(row)
    assert row.state == "review" and row.problems[0]["cause"] == "answer_lost" and trade.drafts(row) == []


def test_f21_a_customer_s_key_that_is_no_longer_unique_is_not_relied_upon(trade: Trade) -> None:
    row = trade.ask(trade.strangers_deal("Novak"))
    trade.fault(CUSTOMERS, drop_before=True)
    not_unique(trade, "contacts")
    row = trade.settled(row)
    assert row.state == "review" and len(trade.customers("Novak GmbH")) == 0


# -- F25, F27, F30: the worker's own troubles --------------------------------------------------------------------------


class TimedOut(SystemExit):
    """What the queue raises by SIGALRM at any place."""


@pytest.mark.parametrize("point", ["intent committed", "answer received", "draft recorded", "prepared"])
def test_f25_a_signal_at_any_place_leaves_one_draft(trade: Trade, point: str) -> None:
    def alarm(row: Conversion) -> None:
        raise TimedOut(point)

    row = trade.ask(trade.deal("Shelves"))
    with pytest.raises(TimedOut):
        work(row.pk, trade.bench(lambda name: alarm(row) if name == point else None))
    assert trade.settled(row).state == "done" and len(trade.drafts(row)) == 1


def test_f27_after_the_signing_key_was_changed_lost_doorbells_are_rung_again_and_tokens_stay_readable(
    trade: Trade,
) -> None:
    row = trade.ask(trade.deal("Shelves"))
    ring(WORK, row.pk)
    with override_settings(SECRET_KEY="another-key-of-fifty-letters-and-more-to-be-long-enough"):  # noqa: S106
        OrmQ.objects.all().delete()  # what a cluster does with tasks whose signature it can't read
        ring_due(trade.connection, trade.clock)
        assert OrmQ.objects.exists() and work_due(trade.connection, trade.clock) >= 1
        credential = Credential.objects.get(connection=trade.connection)
        assert decrypt(credential.refresh_token_cipher, tokens.place(credential, "refresh_token"))
    row.refresh_from_db()
    assert row.state == "done"


def test_f30_a_disk_that_is_full_while_the_outcome_is_written_leaves_one_draft(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, real, failed = trade.ask(trade.deal("Shelves")), drafted.record, list[int]()

    def full(*args: Any, **kwargs: Any) -> None:
        if not failed:
            failed.append(1)
            raise OperationalError("database or disk is full")
        real(*args, **kwargs)

    monkeypatch.setattr(drafted, "record", full)
    with pytest.raises(OperationalError):
        work(row.pk, trade.bench())
    row = trade.settled(row)
    assert failed and (row.state, row.adopted, len(trade.drafts(row))) == ("done", True, 1)


# -- F41: Zoho says what nobody documented -----------------------------------------------------------------------------


def test_f41_a_status_that_nobody_knows_is_shown_as_it_is_and_never_taken_for_paid(trade: Trade) -> None:
    row = trade.settled(trade.ask(trade.deal("Shelves")))
    trade.simulator.user_update("books", "invoices", row.books_invoice_id, {"notes": "Touched"})
    trade.fault("^/books/v3/invoices$", method="GET", change={"invoices.status": "in_limbo", "invoices.new_thing": 1})
    trade.clock.advance(400)
    (run,) = read(trade.connection, trade.seams, "invoice")
    invoice = Invoice.objects.get(books_id=row.books_invoice_id)
    assert (run.state, invoice.status, invoice.balance) == ("complete", "in_limbo", invoice.total)


def test_f40_ids_that_come_as_numbers_are_the_same_records(trade: Trade) -> None:
    before = set(Record.objects.filter(kind="customer").values_list("remote_id", flat=True))
    trade.fault("^/books/v3/contacts$", method="GET", ids_as_numbers=True)
    trade.connection.refresh_from_db()
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "customer")
    assert set(Record.objects.filter(kind="customer").values_list("remote_id", flat=True)) == before


def test_f41_an_answer_that_lacks_a_field_spoils_only_its_row(trade: Trade) -> None:
    row = trade.settled(trade.ask(trade.deal("Shelves")))
    trade.simulator.user_update("books", "invoices", row.books_invoice_id, {"notes": "Touched"})
    trade.fault("^/books/v3/invoices$", method="GET", omit=["invoices.total"])
    trade.clock.advance(400)
    (run,) = read(trade.connection, trade.seams, "invoice")
    row.refresh_from_db()
    assert (run.state, run.failed, row.drift) == ("incomplete", 1, "")
    assert Invoice.objects.get(books_id=row.books_invoice_id).total == row.total


def test_f49_a_redirect_to_another_host_is_not_followed(trade: Trade) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault("^/crm/v8/Deals/", method="GET", location="https://evil.example/", status=302)
    work(row.pk, trade.bench())
    row.refresh_from_db()
    assert row.state == "requested" and row.hold, "it waits with its cause"
    assert trade.settled(row).state == "done"


def test_f51_a_body_that_drips_meets_the_total_deadline(trade: Trade) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, drip=1)
    row = trade.settled(row)
    assert (row.state, row.adopted, len(trade.drafts(row))) == ("done", True, 1)


def test_f04_an_answer_that_is_badly_packed_is_a_lost_one(trade: Trade) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.fault(INVOICES, bad_gzip=True)
    row = trade.settled(row)
    assert (row.state, row.adopted, len(trade.drafts(row))) == ("done", True, 1)
