"""Off-peak hours and how long bulk work takes: over midnight, over summer time, over several nights."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.forecasting import Budget, finished_at, pace
from syncjobs.domain.windows import Window

BERLIN = "Europe/Berlin"
NIGHT = Window(time(21), time(6), BERLIN)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))
WINDOWS = st.builds(
    Window, TIMES, TIMES, st.sampled_from([BERLIN, "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"])
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-26T20:59+01:00", False, "2026-11-26T21:00+01:00"),
        ("2026-11-26T21:00+01:00", True, "2026-11-26T21:00+01:00"),
        ("2026-11-27T05:59+01:00", True, "2026-11-27T05:59+01:00"),
        ("2026-11-27T06:00+01:00", False, "2026-11-27T21:00+01:00"),
    ],
)
def test_a_night_window_is_open_over_midnight(moment: str, is_open: bool, opens: str) -> None:
    assert (NIGHT.is_open(at(moment)), NIGHT.next_opening(at(moment))) == (is_open, at(opens))


def test_the_night_of_summer_time_is_an_hour_shorter_and_that_of_winter_time_longer() -> None:
    def hours(evening: str) -> float:
        closes = NIGHT.open_until(at(evening))
        assert closes is not None
        return (closes - at(evening)) / timedelta(hours=1)

    assert hours("2026-03-28T21:00+01:00") == 8
    assert hours("2026-10-24T21:00+02:00") == 10
    assert hours("2026-11-26T21:00+01:00") == 9


def test_the_same_time_twice_means_all_day_long() -> None:
    assert Window(time(0), time(0), BERLIN).is_open(at("2026-11-26T12:00+01:00"))


@given(WINDOWS, MOMENTS)
def test_it_is_open_when_it_opens_and_shut_when_it_closes(window: Window, now: datetime) -> None:
    opening = window.next_opening(now)
    assert now <= opening <= now + timedelta(days=3) and window.is_open(opening)
    closes = window.open_until(opening)
    assert closes is not None and closes > opening
    if window.opens != window.closes:
        assert not window.is_open(closes) or window.open_until(closes) != closes


def test_nineteen_hundred_calls_at_sixty_a_minute_are_done_the_same_night() -> None:
    budget = Budget(60, 5000, 5000, at("2026-11-27T00:00+01:00"))
    assert finished_at(at("2026-11-26T12:00+01:00"), 1900, budget, NIGHT) == at("2026-11-26T21:31:40+01:00")


def test_a_day_that_is_spent_carries_over_into_the_next_and_the_next_night() -> None:
    budget = Budget(60, 100, 600, at("2026-11-27T00:00+01:00"))
    found = finished_at(at("2026-11-26T21:00+01:00"), 1300, budget, NIGHT)
    assert found == at("2026-11-28T00:10+01:00")


def test_without_a_pace_nothing_is_promised() -> None:
    assert finished_at(at("2026-11-26T12:00+01:00"), 10, Budget(0, 10, 10, at("2026-11-27T00:00+01:00"))) is None
    assert finished_at(at("2026-11-26T12:00+01:00"), 10**6, Budget(60, 0, 1, at("2026-11-27T00:00+01:00"))) is None
    assert (pace(0, 10), pace(600, 60)) == (0.0, 600)


@given(st.integers(1, 5000), st.integers(1, 5000), WINDOWS, MOMENTS)
def test_more_to_do_never_ends_earlier(few: int, more: int, window: Window, now: datetime) -> None:
    budget = Budget(60, 500, 1000, now + timedelta(hours=5))
    first, last = (finished_at(now, calls, budget, window) for calls in (few, few + more))
    assert last is None or (first is not None and first <= last)
