"""Seeded storms over the real services: how fast they blow and what they leave (`make torture` runs thousands)."""

import time
from collections import Counter

from bench.stage import Stage
from tests.stories.sales_of_storms import lay_master_data, read
from tests.torture.chaos import Chaos
from tests.torture.sales import Ground, storm_on


def measure(schedules: int = 300) -> list[str]:
    """Sentences: what came of it, and what had befallen the schedules."""
    stage = Stage("none")
    ids = lay_master_data(stage.simulator, str(stage.connection.default_tax_id or stage.connection.taxes[0]["id"]))
    read(stage.connection, stage.seams, "customer", "item", "account", "contact", "product")
    stage.connection.refresh_from_db()
    ground = Ground(Chaos(stage.connection, stage.simulator, stage.clock), ids, lambda: None)
    began = time.perf_counter()
    wrong = [said for seed in range(schedules) if (said := _shown(ground, seed))]
    chaos, took = ground.chaos, time.perf_counter() - began
    return [
        f"{schedules:,} schedules, {chaos.calls:,} calls, {chaos.points:,} yield points, {chaos.kills} kills, "
        f"{chaos.stalls} stalls: {len(wrong)} showed a fault; {schedules / took:.1f} schedules a second.",
        f"What befell them: {_listed(chaos.befallen)}.",
    ]


def _shown(ground: Ground, seed: int) -> str:
    try:
        storm_on(ground, seed)
    except AssertionError as shown:
        return str(shown)
    return ""


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
