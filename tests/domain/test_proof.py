"""What a proof finds, one contradiction at a time, and that an honest month has none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.proof import Claimed, ReadInvoice, Sent, unseen, violations

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
INVOICE = ReadInvoice("900", "INV-000123", "draft", "ZB-ACME")
CLAIM = Claimed(
    id="7", key="ZB-ACME", state="done", invoice_id="900", invoice_number="INV-000123", payload_hash="aa",
    explained=False, by_hand=False, prepared_at=NOW - timedelta(hours=5), waits_since=None,
)  # fmt: skip
SENT = Sent("ZB-ACME", "aa", NOW - timedelta(hours=4))


def kinds(
    invoices: list[ReadInvoice], claims: list[Claimed] | None = None, sent: list[Sent] | None = None
) -> list[str]:
    found = violations(invoices, [CLAIM] if claims is None else claims, [SENT] if sent is None else sent, NOW)
    return [one.kind for one in found]


def test_one_claim_with_its_one_draft_is_proved() -> None:
    assert kinds([INVOICE]) == []


def test_two_live_invoices_with_one_key_are_found() -> None:
    assert kinds([INVOICE, replace(INVOICE, id="901", number="INV-000124")]) == ["doubled"]


def test_a_voided_twin_bills_nobody() -> None:
    assert kinds([INVOICE, replace(INVOICE, id="901", status="void")]) == []


def test_a_key_that_nobody_here_asked_for_is_found() -> None:
    assert kinds([INVOICE, ReadInvoice("950", "INV-9", "sent", "ZB-STRANGER")]) == ["orphan"]


def test_a_key_of_somebody_elses_is_not_ours() -> None:
    assert kinds([INVOICE, ReadInvoice("950", "INV-9", "sent", "SHOP-1")]) == []


def test_a_draft_that_books_no_longer_has_is_lost() -> None:
    assert kinds([]) == ["lost"]


def test_a_draft_whose_end_is_noted_already_is_not_lost() -> None:
    assert kinds([], [replace(CLAIM, explained=True)]) == []


def test_a_list_without_an_invoice_proves_nothing_so_it_is_asked_for() -> None:
    assert unseen([], [CLAIM]) == ["900"]
    assert unseen([INVOICE], [CLAIM]) == []
    assert unseen([], [replace(CLAIM, explained=True)]) == []


def test_an_invoice_without_a_written_attempt_is_found() -> None:
    assert kinds([INVOICE], sent=[]) == ["no_intent"]


def test_an_invoice_attached_by_hand_needs_no_attempt() -> None:
    by_hand = replace(CLAIM, key="hand:900", by_hand=True, prepared_at=None)
    assert kinds([replace(INVOICE, key="")], [by_hand], []) == []


def test_a_body_that_differs_from_the_frozen_one_is_found() -> None:
    assert kinds([INVOICE], sent=[replace(SENT, payload_hash="bb")]) == ["other_payload"]


def test_an_attempt_before_the_sale_was_prepared_anew_is_history() -> None:
    old = Sent("ZB-ACME", "bb", NOW - timedelta(days=1))
    assert kinds([INVOICE], sent=[old, SENT]) == []


@pytest.mark.parametrize(("hours", "found"), [(1, []), (3, ["stuck"])])
def test_a_conversion_forgotten_on_its_way_is_found_after_two_hours(hours: int, found: list[str]) -> None:
    waiting = replace(CLAIM, state="sending", invoice_id="", waits_since=NOW - timedelta(hours=hours))
    assert kinds([], [waiting]) == found


SALES = st.lists(st.tuples(st.sampled_from(["done", "drafted", "refused", "review"]), st.booleans()), max_size=30)


@given(SALES, st.data())
def test_an_honest_month_is_proved_and_any_second_copy_is_found(
    sales: list[tuple[str, bool]], data: st.DataObject
) -> None:
    claims = [
        replace(CLAIM, id=str(n), key=f"ZB-{n}", state=state, invoice_id=f"9{n}") for n, (state, _) in enumerate(sales)
    ]
    sent = [replace(SENT, key=one.key) for one in claims]
    invoices = [
        ReadInvoice(one.invoice_id, one.id, "draft", one.key) for one in claims if one.state in ("done", "drafted")
    ]
    assert violations(invoices, claims, sent, NOW) == ()
    if invoices:
        twin = data.draw(st.sampled_from(invoices))
        found = violations([*invoices, replace(twin, id="twin")], claims, sent, NOW)
        assert [(one.kind, one.key) for one in found] == [("doubled", twin.key)]
