"""What people read: names and figures, no codes, and a button that says what it does."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoicing.domain.documents import ItemFacts, ItemSuggestion
from invoicing.domain.drafts import Difference, NamedDifference
from invoicing.domain.preflight import decide
from invoicing.domain.problems import Cause, Fix, Problem, Who
from invoicing.domain.states import FOLLOWERS, LIVE, ConversionState, can_follow, look_up_delay
from invoicing.domain.wording import (
    answer_lost,
    difference_rows,
    fix_label,
    problem_row,
    refused_by_books,
    sentence,
    two_drafts,
    verdict_sentence,
)
from syncjobs.domain.parties import match_customer
from syncjobs.domain.records import party
from tests.domain.makers import ACME, case, line, sale, stops
from zbridge.money import Money


def test_an_unlinked_product_names_its_best_match_and_the_price() -> None:
    best = ItemSuggestion(item=ItemFacts(books_id="I9", name="WID 9", rate=Decimal(140)), reason="same SKU")
    sold = sale(line(9, 140, product_id="P9", product_code="WID-9"))
    (problem,) = stops(case(sold, suggestions={"P9": best}))
    assert sentence(problem) == "No draft was made: WID-9 has no item in Books. The best match is WID 9, 140.00 EUR."
    assert [fix_label(problem, fix) for fix in problem.fixes] == ["Link WID-9 to WID 9", "Ask finance"]


def test_two_customers_with_one_e_mail_are_said_with_the_address() -> None:
    twins = [party(id, "Lumen Studio", emails=["accounts@lumen.example"]) for id in ("B1", "B2")]
    match = match_customer(party("A", "Lumen", emails=["accounts@lumen.example"]), twins)
    (problem,) = stops(case(customer=None, match=match))
    assert sentence(problem) == (
        "Two Books customers use accounts@lumen.example, so zbridge didn't guess and created nothing. "
        "Finance can choose in Needs attention."
    )


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_a_sentence_and_shows_no_code(cause: Cause) -> None:
    said = sentence(Problem(cause=cause, subject="Spare parts", who=Who.REP))
    assert said.endswith(".") and not re.search(r"[{}_]|None|object", said)


@pytest.mark.parametrize("fix", list(Fix))
def test_every_fix_is_a_button_with_words(fix: Fix) -> None:
    problem = Problem(cause=Cause.NOT_WON, subject="WID-9", who=Who.REP, values={"item": "WID 9", "invoice": "INV-1"})
    assert not re.search(r"[{}_]", fix_label(problem, fix)) and fix_label(problem, fix)[0].isupper()


def test_a_row_carries_what_scripts_rely_on() -> None:
    row = problem_row(Problem(cause=Cause.NOT_WON, subject="June order", who=Who.REP, fixes=(Fix.CHECK_CRM,)))
    assert {"cause", "subject", "message", "who", "fixes"} <= set(row)
    assert (row["cause"], row["who"], row["fixes"]) == (
        "not_won", "rep", [{"fix": "check_crm", "label": "Check CRM again"}]
    )  # fmt: skip


def test_a_refusal_by_books_is_quoted_and_nothing_was_created() -> None:
    assert refused_by_books("Invalid tax", "tax_id")["message"] == (
        "Books refused the draft because of “tax_id”: “Invalid tax”. Nothing was created."
    )
    assert "gave no reason" in refused_by_books("", None)["message"]


def test_a_verdict_is_one_line() -> None:
    acme = sale(line(12, 640), line(40, 55), line(8, 175), line(1, 1200))
    assert verdict_sentence(decide(case(acme))) == "Ready: draft 14,851.20 EUR for Acme Ltd"
    assert verdict_sentence(decide(case(sale(is_won=False)))) == "1 thing stops this"
    inactive = replace(ACME, active=False)
    assert verdict_sentence(decide(case(items={}, customer=inactive))) == "2 things stop this"


def test_days_are_said_as_people_say_them() -> None:
    (problem,) = stops(case(sale(won_on=date(2026, 5, 31))))
    assert "was won on 31 May 2026, before go-live on 1 June 2026." in sentence(problem)


def test_braces_in_a_name_are_only_text() -> None:
    assert "{x}" in sentence(Problem(cause=Cause.NO_LINES, subject="Deal {x}", who=Who.REP))


def test_a_lost_answer_asks_and_an_alarm_names_both_invoices() -> None:
    assert [fix["fix"] for fix in answer_lost("ZB-1")["fixes"]] == ["link_existing", "create_anyway"]
    assert "INV-1, INV-2" in two_drafts(["INV-2", "INV-1"])["message"]


def test_a_difference_is_kept_as_text_with_its_sentence() -> None:
    part = NamedDifference(cause=Difference.ROUNDING, amount=Money(Decimal("-0.01"), "EUR"))
    assert difference_rows([part], needs_finance=False) == [
        {"cause": "rounding", "amount": "-0.01", "currency": "EUR", "sentence": "-0.01 EUR of rounding.",
         "needs_finance": False}
    ]  # fmt: skip


def test_looks_come_after_5_15_60_and_then_every_240_seconds() -> None:
    assert [look_up_delay(looked) for looked in (0, 1, 2, 3, 9)] == [
        timedelta(seconds=seconds) for seconds in (5, 15, 60, 240, 240)
    ]


def test_every_state_but_three_is_live() -> None:
    assert set(ConversionState) - LIVE == {"refused", "cancelled", "superseded"}


def test_what_is_not_live_never_lives_again_and_a_draft_is_never_sent_twice() -> None:
    assert not any(FOLLOWERS[state] for state in set(ConversionState) - LIVE)
    for state in (ConversionState.DRAFTED, ConversionState.DONE):
        assert not can_follow(state, ConversionState.SENDING) and not can_follow(state, ConversionState.PREPARED)
    assert can_follow(ConversionState.UNKNOWN, ConversionState.DRAFTED)


def test_nothing_is_cancelled_once_it_was_sent() -> None:
    late = (ConversionState.SENDING, ConversionState.UNKNOWN, ConversionState.DRAFTED, ConversionState.DONE)
    assert not any(can_follow(state, ConversionState.CANCELLED) for state in late)
