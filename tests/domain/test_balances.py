"""When Books is asked for balances that its lists do not tell: within the share of the day, and nobody for ever."""

from datetime import timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.limiter import RESERVED_DAY
from accounts.pacing import LISTING_SHARE
from invoicing.domain.balances import (
    LOOK_SHARE,
    NET_SHARE,
    SWEEP_SHARE,
    SWEEPS,
    Turn,
    listing_is_cheaper,
    pages,
    saved,
    sweep_every,
    turn,
)
from zbridge.zoho.gate import Priority

DAY = timedelta(days=1)
# Two fifths of the day's calls of Books' plans.
FREE, STANDARD, PROFESSIONAL = 400, 800, 2000


@pytest.mark.parametrize(
    ("waiting", "customers", "left", "wanted"),
    [
        (1, 10_000, 200.0, Turn(singles=1)),
        (50, 10_000, 200.0, Turn(singles=50)),
        (51, 10_000, 200.0, Turn(listing=True)),
        (51, 10_000, 49.9, Turn()),
        (20, 10_000, 7.9, Turn(singles=7)),
        (20, 10_000, -3.0, Turn()),
        (3, 300, inf, Turn(listing=True)),
    ],
)
def test_who_waits_is_asked_for_one_by_one_or_by_the_list_as_the_calls_allow(
    waiting: int, customers: int, left: float, wanted: Turn
) -> None:
    assert turn(waiting, waiting, customers, left) == wanted


def test_no_list_is_read_for_those_of_whom_it_might_not_tell_yet() -> None:
    assert turn(80, 50, 10_000, inf) == Turn() and turn(80, 51, 10_000, inf) == Turn(listing=True)


def test_what_is_saved_comes_by_the_hour_and_has_an_end() -> None:
    assert saved(None, DAY, 200, 1) == 50
    assert saved(0.0, DAY / 8, 200, 1) == 25
    assert saved(10.0, 9 * DAY, 200, 1) == 50
    assert saved(10.0, 9 * DAY, 200, 500) == 500
    assert saved(10.0, -DAY, 200, 1) == 10
    assert saved(None, DAY, 0, 1) == inf


def test_all_shares_together_leave_a_part_of_what_polling_may_use() -> None:
    assert 1 - RESERVED_DAY[Priority.POLL] > LISTING_SHARE * (1 + SWEEP_SHARE + LOOK_SHARE + NET_SHARE)


@given(
    arrivals=st.lists(st.integers(0, 30), min_size=1, max_size=300),
    customers=st.integers(1, 100_000), allowed=st.integers(100, 4_000),
)  # fmt: skip
def test_no_day_costs_more_than_its_share_and_what_was_saved_and_nobody_waits_for_ever(
    arrivals: list[int], customers: int, allowed: int
) -> None:
    a_day, least, waiting, spent = allowed / 2, pages(customers), 0, 0
    left = most = saved(None, DAY, a_day, least)
    rest = [0] * (24 * 30)
    for hour, more in enumerate(arrivals + rest, start=1):
        waiting += more
        left = saved(left, DAY / 24, a_day, least)
        now = turn(waiting, waiting, customers, left)
        cost = pages(customers) if now.listing else now.singles
        waiting = 0 if now.listing else waiting - now.singles
        spent, left = spent + cost, left - cost
        assert spent <= most + a_day * hour / 24 + 1e-6
    assert waiting == 0


@pytest.mark.parametrize("allowed", [FREE, STANDARD, PROFESSIONAL])
@pytest.mark.parametrize("open_invoices", [0, 1, 5_000, 50_000])
def test_open_invoices_are_swept_as_often_as_a_quarter_of_the_lists_calls_pays(
    allowed: int, open_invoices: int
) -> None:
    every = sweep_every(open_invoices, allowed)
    calls = pages(open_invoices) * (DAY / every)
    assert calls <= allowed / 4
    assert every == SWEEPS[0] or pages(open_invoices) * (DAY / SWEEPS[SWEEPS.index(every) - 1]) > allowed / 4


def test_a_list_is_cheaper_when_more_wait_than_it_has_pages() -> None:
    assert [listing_is_cheaper(number, 400) for number in (1, 2, 3)] == [False, False, True]
