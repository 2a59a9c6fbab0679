"""Ground for storms: the organisation is made once and put back for each test."""

from collections.abc import Callable
from datetime import date

import pytest

from accounts.clients import Seams
from accounts.connecting import connect_simulator
from accounts.models import User
from tests.kept_states import KeptStates, the_connection
from tests.stories.conftest import without_limits
from tests.stories.small_trade import Trade
from tests.torture.chaos import Chaos
from tests.torture.sales import Ground
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator


@pytest.fixture
def ground(
    transactional_db: None, cy: User, empty_zoho: Simulator, clock: SteppedClock, kept_states: KeptStates,
    reaching: Callable[[Simulator], Seams],
) -> Ground:  # fmt: skip
    """A connected organisation with a customer and an item, ready for storms."""
    found = reaching(empty_zoho)

    def make() -> dict[str, str]:
        without_limits(empty_zoho)
        return Trade(connect_simulator(cy, go_live=date(2026, 10, 1), found=found), empty_zoho, clock, found).open().ids

    def reach() -> dict[str, str]:
        ids: dict[str, str] = kept_states.reach("ground", make, user=cy, zoho=empty_zoho, clock=clock)
        return ids

    ids = reach()
    chaos = Chaos(the_connection(), empty_zoho, clock)

    def afresh() -> None:
        reach()
        chaos.connection.refresh_from_db()

    return Ground(chaos, dict(ids), afresh)
