"""Seeded storms over the real services: how fast they blow and what they leave (`make torture` runs thousands)."""

import time
from collections import Counter

from bench.stage import Stage
from tests.kept_states import KeptStates
from tests.stories.sales_of_storms import lay_master_data, read
from tests.torture.chaos import Chaos
from tests.torture.sales import Ground, storm_on


def measure(schedules: int = 300) -> list[str]:
    """Sentences: what came of it, and what had befallen the schedules."""
    stage = Stage("none")
    kept = KeptStates()

    def afresh() -> dict[str, str]:
        """What the storms before left, such as calls set aside by workers that died, is gone."""
        ids: dict[str, str] = kept.reach(
            "ground", lambda: _laid(stage), user=stage.user, zoho=stage.simulator, clock=stage.clock
        )
        stage.connection.refresh_from_db()
        return ids

    ids = afresh()
    ground = Ground(Chaos(stage.connection, stage.simulator, stage.clock), ids, lambda: None)
    began = time.perf_counter()
    wrong = []
    for seed in range(schedules):
        if seed % 25 == 0:
            afresh()
        wrong += [said] if (said := _shown(ground, seed)) else []
    chaos, took = ground.chaos, time.perf_counter() - began
    return [
        f"{schedules:,} schedules, {chaos.calls:,} calls, {chaos.points:,} yield points, {chaos.kills} kills, "
        f"{chaos.stalls} stalls: {len(wrong)} showed a fault; {schedules / took:.1f} schedules a second.",
        f"What befell them: {_listed(chaos.befallen)}.",
    ]


def _laid(stage: Stage) -> dict[str, str]:
    """Customers and items to sell, read once; our own limiter as it is for everybody, since storms teach it."""
    stage.connection.bucket_set.all().delete()
    ids = lay_master_data(stage.simulator, str(stage.connection.default_tax_id or stage.connection.taxes[0]["id"]))
    read(stage.connection, stage.seams, "customer", "item", "account", "contact", "product")
    return ids


def _shown(ground: Ground, seed: int) -> str:
    try:
        storm_on(ground, seed)
    except AssertionError as shown:
        return str(shown)
    return ""


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
