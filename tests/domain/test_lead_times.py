"""Lead times: a median that is a median, weeks of the organisation's own calendar, nothing counted twice or lost."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.lead_times import lead_time, median, monday_of, spoken, weekly

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(0), timedelta(days=90))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def minutes(*values: int) -> list[timedelta]:
    return [timedelta(minutes=value) for value in values]


def test_the_week_of_the_demo() -> None:
    pairs = [(NOON - time, NOON) for time in minutes(2, 14, 190)]
    (week,) = weekly(pairs, BERLIN)
    assert (week.monday, week.count, spoken(week.median), spoken(week.worst)) == (
        date(2026, 11, 23), 3, "14 min", "190 min",
    )  # fmt: skip


def test_of_two_the_median_is_half_way() -> None:
    assert median(minutes(10, 20)) == timedelta(minutes=15)


def test_without_a_time_there_is_no_median() -> None:
    with pytest.raises(ValueError, match="at least one"):
        median([])


def test_an_end_seen_before_its_start_took_nothing() -> None:
    assert lead_time(NOON, NOON - timedelta(hours=1)) == timedelta(0)


def test_sunday_night_in_berlin_is_not_yet_monday_though_utc_and_berlin_differ() -> None:
    assert monday_of(datetime(2026, 11, 29, 22, 59, tzinfo=UTC), BERLIN) == date(2026, 11, 23)
    assert monday_of(datetime(2026, 11, 29, 23, 0, tzinfo=UTC), BERLIN) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(minutes=190), "190 min"),
        (timedelta(hours=5, minutes=5), "5 h 5 min"),
        (timedelta(days=4, hours=2), "4 d 2 h"),
    ],
)  # fmt: skip
def test_times_in_words(time: timedelta, said: str) -> None:
    assert spoken(time) == said


@given(st.lists(TIMES, min_size=1))
def test_as_many_times_lie_below_the_median_as_above(times: list[timedelta]) -> None:
    middle = median(times)
    assert min(times) <= middle <= max(times)
    below, above = sum(time < middle for time in times), sum(time > middle for time in times)
    assert below <= len(times) // 2 and above <= len(times) // 2


@given(st.lists(st.tuples(MOMENTS, TIMES), max_size=30), st.randoms())
def test_every_pair_counts_in_one_week_whatever_their_order(
    found: list[tuple[datetime, timedelta]], dice: st.DrawFn
) -> None:
    pairs = [(start, start + time) for start, time in found]
    weeks = weekly(pairs, BERLIN)
    assert sum(week.count for week in weeks) == len(pairs)
    assert max((week.worst for week in weeks), default=timedelta(0)) == max(
        (time for _, time in found), default=timedelta(0)
    )
    assert all(week.median <= week.worst and week.monday.weekday() == 0 for week in weeks)
    shuffled = list(pairs)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert weekly(shuffled, BERLIN) == weeks
