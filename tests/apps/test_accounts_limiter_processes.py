"""I16: however many processes call, no minute has more calls than the ceiling that was set."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.apps.fakes import connected
from tests.apps.many_callers import Callers, in_any_minute
from zbridge.clock import SteppedClock

FOUR = Callers(processes=4, minutes=2.2, faster=18)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("ceiling", "burst"), [(95, 15), (99, 6)])
def test_four_processes_together_never_pass_the_ceiling_and_use_most_of_it(
    tmp_path: Path, ceiling: int, burst: int
) -> None:
    connection = connected(SteppedClock(datetime(2026, 11, 25, 9, tzinfo=UTC)))
    each = FOUR.take_all(connection, ceiling, burst, tmp_path)
    times = [at for found in each for at in found]
    assert in_any_minute(times) <= ceiling
    assert len(times) >= 0.6 * FOUR.minutes * (ceiling - burst)
    assert all(each), "each process got some"
