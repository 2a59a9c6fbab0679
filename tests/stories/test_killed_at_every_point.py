"""L3: a worker dies at each crash point, with and without a lost answer: one invoice, its number on the deal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from invoicing.models import Conversion, Deal
from tests.stories.small_trade import CUSTOMERS, INVOICES, Killed, Trade

pytestmark = pytest.mark.django_db

FAULTS: dict[str, dict[str, Any]] = {
    "no fault": {},
    "answer lost": {"drop_after": True},
    "call lost": {"drop_before": True},
    "error of Books": {"status": 500, "code": 1000},
}
EVERY_LIFE = {
    "claimed", "sale read", "customer known", "prepared", "intent committed", "answer received", "draft recorded",
}  # fmt: skip


@dataclass
class Deaths:
    """A crash point that notes where workers came by, and kills the first one at a chosen place."""

    at: str = ""
    passed: list[str] = field(default_factory=list)
    died: int = 0

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if name == self.at and not self.died:
            self.died += 1
            raise Killed(name)


def a_life(trade: Trade, deal: Deal, effects: dict[str, Any], deaths: Deaths) -> Conversion:
    """One conversion from request to end under these faults and deaths."""
    row = trade.ask(deal)
    for path in (CUSTOMERS, INVOICES) if effects else ():
        trade.fault(path, **effects)
    trade.settled(row, deaths)
    trade.simulator.faults.clear_orders()
    return row


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("customer", ["known", "new"])
def test_a_death_at_any_point_leaves_one_draft_with_its_number_on_the_deal(
    trade: Trade, customer: str, fault: str
) -> None:
    lay: Callable[[str], Deal] = trade.deal if customer == "known" else trade.strangers_deal
    undisturbed = Deaths()
    a_life(trade, lay("First"), FAULTS[fault], undisturbed)
    points = list(dict.fromkeys(undisturbed.passed))
    assert set(points) >= EVERY_LIFE | ({"customer intent committed"} if customer == "new" else set())
    for number, point in enumerate(points):
        deaths = Deaths(point)
        row = a_life(trade, lay(f"Sale{number}x"), FAULTS[fault], deaths)
        told = (point, row.hold, row.problems, trade.attempts(row))
        assert deaths.died == 1 and row.state == "done", told
        assert len(trade.drafts(row)) == 1 and trade.number_in_crm(row) == trade.drafts(row)[0]["invoice_number"], told
        assert len(trade.customers(f"Sale{number}x")) == (customer == "new"), told
