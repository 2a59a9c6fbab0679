"""Two prices held against each other: when they drift, since when, what is at stake, and which one is billed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.documents import AcceptedPrice, Discount, PricePolicy, RulesInForce, SaleLine
from invoicing.domain.drafts import Case, Difference, Stopped
from invoicing.domain.parts import by_percent
from invoicing.domain.parts import whole as whole_of
from invoicing.domain.preflight import decide
from invoicing.domain.price_drift import (
    Moment,
    Offered,
    SidePrice,
    Standing,
    Standpoint,
    at_stake,
    by_week,
    compared,
    gap,
    monday,
)
from invoicing.domain.priced import Why
from invoicing.domain.problems import Cause
from invoicing.domain.wording import price_sentence
from tests.domain.makers import RULES, case, line, ready, sale

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
amounts = st.none() | st.decimals("0", "500", places=2)
times = st.integers(0, 10_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
sides = st.builds(SidePrice, amounts, st.none() | times, st.sampled_from(["", "Maria"]))
readings = st.lists(st.tuples(sides, sides), min_size=1, max_size=6)


def after(found: list[tuple[SidePrice, SidePrice]]) -> Standpoint:
    before: Standpoint | None = None
    for crm, books in found:
        before = compared(before, crm, books)
    assert before is not None
    return before


@given(readings)
def test_equal_is_green_and_reading_the_same_again_changes_nothing(found: list[tuple[SidePrice, SidePrice]]) -> None:
    last, (crm, books) = after(found), found[-1]
    assert (last.standing is Standing.SAME) == (crm.amount == books.amount)
    assert (last.crm, last.books) == (crm.amount, books.amount)
    touched = [replace(side, at=NOON + timedelta(days=90), by="Somebody") for side in (crm, books)]
    assert compared(last, *touched) is last  # edited, but not the price
    assert last.since is None or last.standing is not Standing.SAME


@given(readings, sides, sides)
def test_what_was_accepted_holds_for_exactly_these_two_prices(
    found: list[tuple[SidePrice, SidePrice]], crm: SidePrice, books: SidePrice
) -> None:
    accepted = replace(after(found), standing=Standing.ACCEPTED)
    now = compared(accepted, crm, books)
    same_two = (crm.amount, books.amount) == (accepted.crm, accepted.books)
    assert (now.standing is Standing.ACCEPTED) == same_two


@given(readings)
def test_the_old_values_are_those_before_and_a_drift_that_goes_on_keeps_its_beginning(
    found: list[tuple[SidePrice, SidePrice]],
) -> None:
    if len(found) < 2:
        return
    before, last = after(found[:-1]), after(found)
    if last.crm != before.crm:
        assert last.was_crm == before.crm and last.crm_since == found[-1][0].at
    if last.books != before.books:
        assert last.was_books == before.books and last.books_since == found[-1][1].at
    if before.standing is last.standing is Standing.DIFFERENT and before.since:
        assert last.since == before.since


lines = st.lists(st.builds(Offered, st.decimals("0", "20", places=1), amounts), max_size=5)


@given(lines, lines, amounts)
def test_money_at_stake_adds_up_and_is_nothing_where_all_is_sold_at_books_price(
    some: list[Offered], more: list[Offered], books: Decimal | None
) -> None:
    assert at_stake(some + more, books) == at_stake(some, books) + at_stake(more, books) >= 0
    assert at_stake([replace(one, rate=books) for one in some], books) == 0


def test_six_desks_at_99_against_95_put_24_at_stake() -> None:
    assert at_stake([Offered(Decimal(1), Decimal(99))] * 6, Decimal(95)) == 24


def test_at_first_sight_a_drift_began_with_the_later_of_both_changes() -> None:
    old, new = SidePrice(Decimal(95), NOON - timedelta(days=200)), SidePrice(Decimal(99), NOON, "Maria")
    found = compared(None, new, old)
    assert (found.since, found.crm_by, found.gap) == (NOON, "Maria", Decimal(4))


@given(st.lists(st.builds(Moment, times, amounts, amounts), max_size=6))
def test_a_week_shows_its_widest_gap_and_nothing_before_anything_was_known(moments: list[Moment]) -> None:
    first = datetime.combine(monday(NOON.date()), datetime.min.time(), UTC)
    found = by_week(moments, first, 3)
    widest = max((gap(one.crm, one.books) for one in moments), default=None)
    assert len(found) == 3 and all(one is None or widest is not None and one <= widest for one in found)
    assert (found[-1] is None) == (not [one for one in moments if one.at < first + timedelta(weeks=3)])


# -- which price is billed ---------------------------------------------------------------------------------------------


def sold_dear(**more: Any) -> Case:
    """Three widgets at 150, where Books says 140."""
    return case(sale(line(quantity=3, rate=150), amount=Decimal(450)), **more)


def under(policy: PricePolicy) -> RulesInForce:
    return replace(RULES, price_policy=policy)


def first_line(found: Case) -> SaleLine:
    return found.sale.lines[0]


def test_by_the_rule_to_bill_the_sale_s_price_the_trail_keeps_both() -> None:
    found = sold_dear(rules=under(PricePolicy.SALE))
    made = ready(found)
    (kept,) = made.prices
    assert (kept.billed, kept.sale, kept.books) == (Decimal(150), Decimal(150), Decimal(140)) and kept.why is Why.RULE
    assert made.draft.lines[0].rate == kept.sale and not made.differences


def test_by_the_rule_to_bill_books_price_the_difference_is_named_and_adds_up() -> None:
    found = sold_dear(rules=under(PricePolicy.BOOKS))
    made = ready(found)
    (kept,) = made.prices
    assert made.draft.lines[0].rate == kept.books == kept.billed
    (part,) = made.differences
    assert part.cause is Difference.PRICE and part.amount.amount == 10 * first_line(found).quantity
    assert made.needs_finance and "billed at Books' price" in price_sentence(kept, "EUR")


def test_where_it_stops_a_person_chooses_the_one_or_the_other() -> None:
    found = sold_dear(rules=under(PricePolicy.STOP))
    verdict = decide(found)
    assert isinstance(verdict, Stopped)
    (problem,) = verdict.problems
    assert problem.cause is Cause.PRICE_DRIFT
    assert [str(fix) for fix in problem.fixes] == ["bill_sale_price", "bill_books_price", "ask_finance"]
    for choice in (PricePolicy.SALE, PricePolicy.BOOKS):
        (kept,) = ready(replace(found, price_choice=choice)).prices
        assert kept.why is Why.CHOSEN and kept.billed == (kept.sale if choice is PricePolicy.SALE else kept.books)
    (kept,) = ready(replace(found, waived=frozenset({Cause.PRICE_DRIFT}))).prices
    assert (kept.billed, kept.why) == (kept.sale, Why.CHOSEN)


@pytest.mark.parametrize("policy", list(PricePolicy))
def test_two_accepted_prices_bill_the_sale_as_promised_and_no_other_price(policy: PricePolicy) -> None:
    found = sold_dear(rules=under(policy))
    sold = first_line(found)
    accepted = {sold.product_id: AcceptedPrice(sale=sold.rate, books=sold.rate - 10, reason="trade fair")}
    (kept,) = ready(replace(found, accepted_prices=accepted)).prices
    assert (kept.billed, kept.why, kept.reason) == (sold.rate, Why.ACCEPTED, "trade fair")
    other = {sold.product_id: replace(accepted[sold.product_id], sale=sold.rate + 1)}
    if policy is PricePolicy.STOP:
        assert isinstance(decide(replace(found, accepted_prices=other)), Stopped)


def test_a_part_of_a_line_is_held_against_the_whole_line_s_price() -> None:
    usual = case(sale(line(quantity=3, rate=140), amount=Decimal(420)), rules=under(PricePolicy.STOP))
    assert ready(replace(usual, portion=by_percent(whole_of(usual.sale, 2), (), Decimal(30), 2)))
    dear = sold_dear(rules=under(PricePolicy.BOOKS))
    part = replace(dear, portion=by_percent(whole_of(dear.sale, 2), (), Decimal(30), 2))
    verdict = decide(part)
    assert isinstance(verdict, Stopped) and verdict.problems[0].cause is Cause.PRICE_DRIFT
    assert ready(replace(part, price_choice=PricePolicy.SALE)).prices[0].why is Why.CHOSEN


def test_another_currency_or_gross_prices_are_not_compared() -> None:
    found = sold_dear(rules=under(PricePolicy.STOP))
    gross = replace(found, sale=replace(found.sale, prices_include_tax=True))
    assert Cause.PRICE_DRIFT not in {one.cause for one in getattr(decide(gross), "problems", ())}


def test_a_discount_larger_than_the_line_at_books_price_stops() -> None:
    found = sold_dear(rules=under(PricePolicy.BOOKS))
    sold = first_line(found)
    big = replace(sold, discount=Discount((sold.rate - 10) * sold.quantity + 1))
    verdict = decide(replace(found, sale=replace(found.sale, lines=(big, *found.sale.lines[1:]))))
    assert isinstance(verdict, Stopped) and Cause.PRICE_DRIFT in {one.cause for one in verdict.problems}
