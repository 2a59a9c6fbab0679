"""L2: hundreds of seeded storms over the real services: nothing is billed twice, nothing is lost.

`make torture` runs 10,000 of them (ZBRIDGE_SCHEDULES). A failing seed is printed; it reproduces by itself.
"""

import os
from dataclasses import replace
from datetime import date

import pytest

from accounts.connecting import connect_simulator
from accounts.models import Connection, User
from invoicing.models import Conversion, Deal
from invoicing.services import Request, request_conversion
from tests.stories.chaos import Chaos, verdict
from tests.stories.sales_of_storms import lay_deal, lay_master_data, read
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

SCHEDULES = int(os.environ.get("ZBRIDGE_SCHEDULES", "500"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stormy(cy: User, empty_zoho: Simulator, clock: SteppedClock) -> Chaos:
    """A connected organisation with a customer and an item, ready for storms."""
    empty_zoho.store.set("switches", {"books_rate_headers": False})
    for module, name in (("crm_orgs", "crm_org_id"), ("books_orgs", "books_organization_id")):
        id = str(empty_zoho.store.setting(name))
        org = empty_zoho.store.get("sim", module, id) or {}
        empty_zoho.store.save("sim", module, id, org | {"limits": "off"}, created="", modified="", written=0.0, keys={})
    chaos = Chaos(Connection(), empty_zoho, clock)
    calm = replace(chaos.seams)
    chaos.storm.active = False
    chaos.connection = connect_simulator(cy, go_live=date(2026, 10, 1), found=calm)
    chaos.faults.clear()
    return chaos


def _deals(chaos: Chaos, count: int) -> list[Deal]:
    tax = str(chaos.connection.default_tax_id or chaos.connection.taxes[0]["id"])
    ids = lay_master_data(chaos.simulator, tax)
    names = [lay_deal(chaos.simulator, ids, f"Deal {number}", "2026-11-20") for number in range(count)]
    read(chaos.connection, chaos.seams, "customer", "item", "account", "contact", "product", "deal")
    chaos.connection.refresh_from_db()
    return list(Deal.objects.filter(crm_id__in=names).order_by("pk"))


def _request(chaos: Chaos, deal: Deal) -> Conversion:
    wanted = Request(chaos.connection, deal, None, via="test")
    return request_conversion(wanted, chaos.clock, doorbell=False)


def test_no_storm_bills_a_sale_twice_or_loses_one(stormy: Chaos) -> None:
    deals = _deals(stormy, SCHEDULES)
    for seed, deal in enumerate(deals):
        row = _request(stormy, deal)
        assert row.state == Conversion.State.REQUESTED, row.problems
        stormy.run(seed, [row], workers=3)
        assert stormy.faults == [], f"seed {seed}: {stormy.faults}"
    found = verdict(stormy.connection, stormy.simulator)
    print(
        f"\n{len(deals)} schedules, {stormy.calls} calls, {stormy.kills} kills, {stormy.stalls} stalls, "
        f"{len(found.doubled)} double, {len(found.lost)} lost, {found.asked} asked a person"
    )
    assert (found.doubled, found.lost) == ([], [])
    assert stormy.kills > 0 and stormy.stalls > 0, "the storm must really blow"
    if len(deals) >= 200:
        assert set(stormy.befallen) >= {"lost after", "late commit", "500", "cut short", "hidden"}, stormy.befallen
