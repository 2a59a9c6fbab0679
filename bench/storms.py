"""Seeded storms over the real services; the figures of tests/stories/chaos.py."""

import time

from bench.stage import Stage
from invoicing.models import Deal
from invoicing.services import Request, request_conversion
from tests.stories.chaos import Chaos, verdict
from tests.stories.sales_of_storms import lay_deal, lay_master_data, read


def measure(schedules: int = 1000) -> list[str]:
    """One sentence."""
    stage = Stage("none")
    ids = lay_master_data(stage.simulator, str(stage.connection.default_tax_id or stage.connection.taxes[0]["id"]))
    names = [lay_deal(stage.simulator, ids, f"Deal {number}", "2026-11-20") for number in range(schedules)]
    read(stage.connection, stage.seams, "customer", "item", "account", "contact", "product", "deal")
    stage.connection.refresh_from_db()
    chaos = Chaos(stage.connection, stage.simulator, stage.clock)
    began = time.perf_counter()
    for seed, deal in enumerate(Deal.objects.filter(crm_id__in=names).order_by("pk")):
        chaos.run(
            seed, [request_conversion(Request(stage.connection, deal, None), stage.clock, doorbell=False)], workers=3
        )
    took = time.perf_counter() - began
    found = verdict(stage.connection, stage.simulator)
    return [
        f"{schedules:,} schedules, {chaos.calls:,} calls, {chaos.kills} kills, {chaos.stalls} stalls: "
        f"{len(found.doubled)} double, {len(found.lost)} lost, {found.asked} asked a person; "
        f"{schedules / took:.1f} schedules a second."
    ]
