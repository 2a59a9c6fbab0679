"""A price list of Books held against the quotes that CRM priced by that name; and what such a line is billed at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.documents import PricePolicy
from invoicing.domain.drafts import Case, Stopped
from invoicing.domain.list_prices import (
    DRIFTING,
    Accepted,
    ListRates,
    ListStanding,
    QuoteLine,
    Rate,
    Standing,
    compared,
    list_key,
)
from invoicing.domain.preflight import decide
from invoicing.domain.priced import Why
from invoicing.domain.pricing import priced_lines
from invoicing.domain.source_lines import QUOTE_COLUMNS, line
from invoicing.domain.wording import price_sentence, sentence
from tests.domain.makers import RULES, case, ready, sale
from tests.domain.makers import line as sold_line

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
amounts = st.decimals("0", "500", places=2)
quote_lines = st.builds(QuoteLine, st.sampled_from(["EUR", "USD"]), st.decimals("0", "20", places=1), amounts)
offered = st.lists(quote_lines, max_size=5)
rates = st.builds(Rate, st.booleans(), st.none() | amounts).filter(lambda one: one.is_listed or one.amount is None)
looks = st.lists(st.tuples(rates, offered), min_size=1, max_size=5)


def exactly(*amounts: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


def seen(found: list[tuple[Rate, list[QuoteLine]]]) -> ListStanding:
    before: ListStanding | None = None
    for place, (rate, lines) in enumerate(found):
        before = compared(before, rate, "EUR", lines, NOON + timedelta(days=place))
    assert before is not None
    return before


@given(looks)
def test_equal_is_green_and_only_equal_is(found: list[tuple[Rate, list[QuoteLine]]]) -> None:
    last, (rate, lines) = seen(found), found[-1]
    own = {one.price for one in lines if one.currency == "EUR"}
    assert (last.standing is Standing.SAME) == (rate.amount is not None and own == {rate.amount})
    assert (last.since is None) == (last.standing not in DRIFTING | {Standing.MISSING})
    if last.standing is Standing.SAME:
        assert last.gap == last.at_stake == 0


@given(looks, offered)
def test_a_quote_in_another_currency_counts_for_nothing(
    found: list[tuple[Rate, list[QuoteLine]]], more: list[QuoteLine]
) -> None:
    abroad = [replace(one, currency="USD") for one in more]
    rate, lines = found[-1]
    assert seen([*found[:-1], (rate, lines + abroad)]) == seen(found)


@given(looks, looks)
def test_the_order_of_the_quotes_does_not_matter_and_looking_again_changes_nothing(
    found: list[tuple[Rate, list[QuoteLine]]], more: list[tuple[Rate, list[QuoteLine]]]
) -> None:
    last, (rate, lines) = seen(found), found[-1]
    again = compared(last, rate, "EUR", lines[::-1], NOON + timedelta(days=90))
    assert again == last


@given(amounts, offered, rates, offered)
def test_what_was_accepted_holds_for_that_rate_and_no_price_beyond(
    books: Decimal, lines: list[QuoteLine], rate: Rate, later: list[QuoteLine]
) -> None:
    first = compared(None, Rate(True, books), "EUR", lines, NOON)
    if first.standing is not Standing.DIFFERENT or first.lowest is None or first.highest is None:
        return
    kept = Accepted(books, first.lowest, first.highest)
    accepted = replace(first, standing=Standing.ACCEPTED, accepted=kept)
    assert compared(accepted, Rate(True, books), "EUR", lines, NOON) == accepted
    now = compared(accepted, rate, "EUR", later, NOON)
    own = [one.price for one in later if one.currency == "EUR"]
    within = rate.amount == books and all(first.lowest <= one <= first.highest for one in own)
    assert (now.accepted is not None) == within
    assert (now.standing is Standing.ACCEPTED) == (within and bool(own) and set(own) != {books})


def test_ten_panels_at_90_against_85_put_50_at_stake_and_a_list_that_books_lacks_none() -> None:
    lines = [QuoteLine("EUR", Decimal(10), Decimal(90)), QuoteLine("USD", Decimal(10), Decimal(99))]
    found = compared(None, Rate(True, Decimal(85)), "EUR", lines, NOON)
    assert (found.gap, found.at_stake, found.lowest) == exactly(5, 50, 90)
    assert (found.standing, found.since) == (Standing.DIFFERENT, NOON)
    missing = compared(None, Rate(False), "EUR", lines, NOON)
    assert (missing.standing, missing.since) == (Standing.MISSING, NOON) and not missing.at_stake
    assert compared(None, Rate(True, None), "EUR", lines, NOON).standing is Standing.UNPRICED
    assert compared(None, Rate(True, Decimal(85)), "EUR", [], NOON).standing is Standing.UNUSED


@pytest.mark.parametrize(
    ("one", "other"), [("Dealers EUR", " dealers  eur"), ("Händler", "HAENDLER"), ("Revendeurs été", "revendeurs ete")]
)
def test_a_list_is_known_by_its_name_however_it_is_typed(one: str, other: str) -> None:
    assert list_key(one) == list_key(other)
    assert list_key("Dealers EUR") != list_key("Dealers USD")


@pytest.mark.parametrize(
    ("value", "name"),
    [("Dealers", "Dealers"), ({"id": "1", "name": "Dealers"}, "Dealers"), ({"id": "1"}, ""), (None, ""), (" ", "")],
)
def test_a_line_says_which_price_book_priced_it(value: Any, name: str) -> None:
    row = {"id": "7", "Quantity": "2", "List_Price": "90", "Price_Book_Name": value}
    assert line(row, 1, QUOTE_COLUMNS).price_book == name


# -- which price is billed ---------------------------------------------------------------------------------------------


def by_list(policy: PricePolicy, rate: object = 120, **more: Any) -> Case:
    """Three widgets at 125 by “Dealers”, where the item costs 140 and the list says 120."""
    listed = {"P1": None if rate is None else Decimal(str(rate))}
    lists = {"dealers": ListRates("Dealers", listed, more.pop("accepted", {}))}
    sold = sale(sold_line(quantity=3, rate=125, price_book=" DEALERS"), amount=Decimal(375), **more)
    return case(sold, rules=replace(RULES, price_policy=policy), price_lists=lists)


@pytest.mark.parametrize(("policy", "billed"), [(PricePolicy.SALE, 125), (PricePolicy.BOOKS, 120)])
def test_a_line_priced_by_a_list_is_held_against_the_list_s_rate(policy: PricePolicy, billed: int) -> None:
    made = ready(by_list(policy))
    (kept,) = made.prices
    assert (kept.sale, kept.books, kept.billed) == exactly(125, 120, billed) and kept.price_list == "Dealers"
    assert made.draft.lines[0].rate == billed and "the price list “Dealers”" in price_sentence(kept, "EUR")


def test_the_list_s_own_rate_is_no_difference_though_the_item_costs_more() -> None:
    assert ready(by_list(PricePolicy.STOP, rate=125)).prices == ()


def test_where_it_stops_the_sentence_names_the_list() -> None:
    verdict = decide(by_list(PricePolicy.STOP))
    assert isinstance(verdict, Stopped)
    assert "costs 120.00 EUR in Books, by the price list “Dealers”." in sentence(verdict.problems[0])


def test_another_currency_is_compared_by_its_list_and_not_at_all_without_one() -> None:
    abroad = by_list(PricePolicy.STOP)
    abroad = replace(abroad, sale=replace(abroad.sale, currency="USD"))
    assert [one.books for one in priced_lines(abroad)] == [120]
    assert priced_lines(replace(abroad, price_lists={})) == ()


def test_an_item_that_the_list_leaves_out_is_billed_at_its_own_rate() -> None:
    found = by_list(PricePolicy.SALE)
    left_out = replace(found, price_lists={"dealers": ListRates("Dealers", {}, {})})
    assert [(one.books, one.price_list) for one in priced_lines(left_out)] == [(Decimal(140), "")]


def test_a_list_whose_rate_nobody_can_tell_is_not_compared() -> None:
    assert priced_lines(by_list(PricePolicy.STOP, rate=None)) == ()
    computed = {"dealers": ListRates("Dealers", {}, {}, is_whole=False)}
    assert priced_lines(replace(by_list(PricePolicy.STOP), price_lists=computed)) == ()


def test_what_was_accepted_for_the_list_is_billed_as_promised() -> None:
    kept = {"P1": (Accepted(Decimal(120), Decimal(122), Decimal(126)), "old leaflet")}
    (one,) = ready(by_list(PricePolicy.STOP, accepted=kept)).prices
    assert (one.billed, one.why, one.reason) == (Decimal(125), Why.ACCEPTED, "old leaflet")
    dearer = {"P1": (Accepted(Decimal(120), Decimal(122), Decimal(124)), "old leaflet")}
    assert isinstance(decide(by_list(PricePolicy.STOP, accepted=dearer)), Stopped)
