"""Schedules cost what they cost, never more than allowed; figures are as old as the reading before the last began."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.schedules import (
    CHOICES,
    DAY,
    MEASURED,
    Day,
    age_in_words,
    cost,
    fits,
    in_words,
    measured,
    refusal,
    shortest_that_fits,
    stretched,
)

EVERY = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(CHOICES), min_size=1)
ALLOWED = st.integers(0, 5_000)
NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(("every", "calls"), [([5] * 6, 1728), ([5], 288), ([60, 1440], 25), ([10.8] * 3, 400)])
def test_an_interval_costs_one_call_a_look_and_list(every: list[float], calls: int) -> None:
    assert cost(every) == calls


@given(EVERY, ALLOWED)
def test_what_is_followed_never_costs_more_than_allowed_and_is_never_oftener_than_wanted(
    wanted: dict[str, int], allowed: int
) -> None:
    followed = stretched(wanted, allowed)
    assert fits(list(followed.values()), allowed)
    assert all(followed[kind] >= every for kind, every in wanted.items())


@given(EVERY, ALLOWED)
def test_what_fits_is_followed_as_it_is_and_only_the_shortest_are_stretched(
    wanted: dict[str, int], allowed: int
) -> None:
    followed = stretched(wanted, allowed)
    longer = {kind for kind in wanted if followed[kind] > wanted[kind]}
    assert bool(longer) == (not fits(list(wanted.values()), allowed))
    assert len({followed[kind] for kind in longer}) <= 1
    assert all(followed[kept] >= followed[kind] for kept in wanted.keys() - longer for kind in longer)


@given(EVERY, st.integers(1, 5_000), st.integers(1, 5_000))
def test_more_calls_never_make_a_list_read_more_seldom(wanted: dict[str, int], some: int, more: int) -> None:
    few, many = (stretched(wanted, allowed) for allowed in sorted((some, more)))
    assert all(many[kind] <= few[kind] + 1e-9 for kind in wanted)


def test_a_daily_list_stays_daily_when_the_frequent_ones_must_give_way() -> None:
    assert stretched({"invoice": 5, "item": DAY, "customer": 5}, 201) == {
        "invoice": 14.4,
        "item": DAY,
        "customer": 14.4,
    }


def test_a_refusal_names_the_figures_and_the_way_out() -> None:
    free = Day("Books' plan Free", "calls", 1000, 400)
    assert refusal([5] * 6, free) == (
        "Every 5 minutes for 6 lists is 1,728 calls a day, Books' plan Free has 1,000, of which schedules may use 400. "
        "The shortest that fits for all is every 30 minutes."
    )
    assert refusal([5, 15], free) == ""
    assert refusal([5, 5, 60], free).startswith("These intervals for 3 lists are 600 calls a day")
    assert refusal([5] * 6, Day("Books", "calls", 0, 0)) == ""
    assert refusal([5] * 6, Day("Books", "calls", 4, 1)).endswith("Switch some lists off.")


@given(st.integers(1, 12), st.integers(1, 5_000))
def test_the_interval_that_is_named_as_the_way_out_fits_and_no_shorter_one_does(lists: int, allowed: int) -> None:
    best = shortest_that_fits(lists, allowed)
    shorter = CHOICES if best is None else [every for every in CHOICES if every < best]
    assert best is None or fits([best] * lists, allowed)
    assert not any(fits([every] * lists, allowed) for every in shorter)


def test_figures_were_as_old_as_the_beginning_of_the_reading_before() -> None:
    minutes = ((0, 1), (5, 6), (10, 30))
    readings = [(NINE + timedelta(minutes=began), NINE + timedelta(minutes=ended)) for began, ended in minutes]
    lag = measured(readings)
    assert lag is not None
    assert (lag.typical, lag.worst, lag.readings) == (timedelta(minutes=15.5), timedelta(minutes=25), 2)
    assert measured(readings[:1]) is None and measured([]) is None


def test_only_the_last_twenty_are_measured() -> None:
    days = [NINE - timedelta(days=9)] + [NINE + timedelta(minutes=5 * number) for number in range(MEASURED + 1)]
    lag = measured([(at, at) for at in days])
    assert lag is not None and (lag.worst, lag.readings) == (timedelta(minutes=5), MEASURED)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(5, "5 minutes"), (10.8, "11 minutes"), (60, "hour"), (120, "2 hours"), (90, "1 h 30 min"), (1440, "day"),
     (2880, "48 hours"), (59.5, "hour")],
)  # fmt: skip
def test_an_interval_in_words(minutes: float, words: str) -> None:
    assert in_words(minutes) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40, "40 s"), (720, "12 min"), (3600, "1 h"), (11_100, "3 h 5 min"), (3 * 86_400, "3 days"), (-5, "0 s")],
)
def test_an_age_in_words(seconds: int, words: str) -> None:
    assert age_in_words(timedelta(seconds=seconds)) == words
