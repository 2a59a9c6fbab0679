"""Seeded storms over the real services; the figures of tests/stories/chaos.py, and how hard the storms blew."""

import time
from collections import Counter

from bench.stage import Stage
from invoicing.models import Conversion, Deal
from invoicing.services import Request, request_conversion
from tests.stories.chaos import Chaos, verdict
from tests.stories.sales_of_storms import lay_deal, lay_master_data, read


def measure(schedules: int = 1000) -> list[str]:
    """Sentences: what came of it, and what had befallen the schedules."""
    stage = Stage("none")
    deals = _deals(stage, schedules)
    chaos = Chaos(stage.connection, stage.simulator, stage.clock)
    began = time.perf_counter()
    mishaps = [_schedule(stage, chaos, seed, deal) for seed, deal in enumerate(deals)]
    took = time.perf_counter() - began
    found = verdict(stage.connection, stage.simulator)
    ended = Counter(Conversion.objects.values_list("state", flat=True))
    invoices = len(stage.simulator.verbs("books").rows(stage.simulator, "invoices"))
    return [
        f"{len(deals):,} schedules, {chaos.calls:,} calls, {chaos.kills} kills, {chaos.stalls} stalls: "
        f"{len(found.doubled)} double, {len(found.lost)} lost, {found.asked} asked a person, "
        f"{len(chaos.faults)} broken mechanisms; {schedules / took:.1f} schedules a second.",
        f"They ended {_listed(ended)}, with {invoices:,} invoices in Books. "
        f"What befell calls: {_listed(chaos.befallen)}.",
        f"Schedules without any fault, kill or stall: {mishaps.count(0)}; with one: {mishaps.count(1)}; "
        f"with two or more: {sum(count > 1 for count in mishaps)}.",
    ]


def _deals(stage: Stage, count: int) -> list[Deal]:
    ids = lay_master_data(stage.simulator, str(stage.connection.default_tax_id or stage.connection.taxes[0]["id"]))
    names = [lay_deal(stage.simulator, ids, f"Deal {number}", "2026-11-20") for number in range(count)]
    read(stage.connection, stage.seams, "customer", "item", "account", "contact", "product", "deal")
    stage.connection.refresh_from_db()
    return list(Deal.objects.filter(crm_id__in=names).order_by("pk"))


def _schedule(stage: Stage, chaos: Chaos, seed: int, deal: Deal) -> int:
    """How many faults, kills and stalls the schedule met."""
    row = request_conversion(Request(stage.connection, deal, None), stage.clock, doorbell=False)
    assert row.state == Conversion.State.REQUESTED, "a sale refused at once would meet no storm"
    before = _mishaps(chaos)
    chaos.run(seed, [row], workers=3)
    return _mishaps(chaos) - before


def _mishaps(chaos: Chaos) -> int:
    return chaos.befallen.total() + chaos.kills + chaos.stalls


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
