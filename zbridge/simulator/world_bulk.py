"""Bulk worlds: many invented companies laid straight into the store, in the shape in which both systems keep rows."""

from datetime import date

from zbridge.simulator.app import Simulator


def lay(sim: Simulator, *, accounts: int, seed: int, today: date) -> None:
    """Adds that many."""
