"""Many quotes accepted at once that bill themselves: the calls, the time on the simulator's clock, and none twice.

Calls are held to our own limiter as it starts for a new organisation (60 a minute for Books, 240 for CRM).
"""

from collections import Counter
from decimal import Decimal
from typing import Any

from bench.stage import Stage  # isort: skip

from accounts.purse import Purse
from invoicing import auto_switch, automatic
from invoicing.conversion import work
from invoicing.models import Conversion, Deal
from invoicing.services import Request, request_conversion
from invoicing.workbench import Workbench
from tests.stories.sales_of_storms import lay_deal, lay_master_data, read
from zbridge.crash_points import crash_point
from zbridge.zoho.gate import Priority

QUOTES, CLICKS_EVERY = 500, 50
HEAD = ("what", "found", "goal")
# A draft costs Books one call and CRM one (the quote read fresh); the pace is Books'.
PER_MINUTE = 60


def measure(count: int = QUOTES) -> list[tuple[str, ...]]:
    """Rows of what was found and the goal."""
    stage = Stage("none")
    ids, crm_ids = _laid(stage, count)
    stage.connection.bucket_set.all().delete()
    began, before = stage.clock.now(), len(stage.simulator.log.since(0))
    for crm_id in crm_ids:
        stage.simulator.user_update("crm", "Quotes", crm_id, {"Quote_Stage": "Accepted"})
    clicks = _until_all_stand(stage, ids)
    seconds = (stage.clock.now() - began).total_seconds()
    calls = Counter(_side(one) for one in stage.simulator.log.since(before))
    return _rows(stage, count, seconds, calls, clicks)


def _rows(stage: Stage, count: int, seconds: float, calls: Counter[str], clicks: list[float]) -> list[tuple[str, ...]]:
    made = Counter(_number_of(one) for one in _invoices(stage))
    twice = sum(1 for number, times in made.items() if number.startswith("Q-") and times > 1)
    drafted = sum(1 for number in made if number.startswith("Q-"))
    slowest = f"{max(clicks):.1f} s" if clicks else "none"
    return [
        ("quotes accepted at once, drafted", f"{drafted:,} of {count:,}", "all"),
        ("drafted twice", str(twice), "0"),
        ("Books calls a draft", f"{calls['books'] / count:.2f}", "1"),
        ("CRM calls a draft", f"{calls['crm'] / count:.2f}", "1 (the quote read fresh)"),
        ("minutes on Zoho's clock", f"{seconds / 60:.1f}", f"{count / PER_MINUTE:.1f}, what the calls allow"),
        ("a click on a deal meanwhile waits for calls at most", slowest, "2 s"),
    ]


def _laid(stage: Stage, count: int) -> tuple[dict[str, str], list[str]]:
    """Quotes that were read while they were not accepted yet; then somebody pressed Start."""
    tax = str(stage.connection.default_tax_id or stage.connection.taxes[0]["id"])
    ids = lay_master_data(stage.simulator, tax)
    crm_ids = [_quote(stage, ids, number) for number in range(count)]
    for number in range(count // CLICKS_EVERY):
        lay_deal(stage.simulator, ids, f"Clicked {number}", "2026-11-20")
    read(stage.connection, stage.seams, "customer", "item", "account", "contact", "product", "deal", "quote")
    stage.connection.refresh_from_db()
    auto_switch.start(stage.connection, auto_switch.QUOTES, stage.user, stage.clock)
    stage.connection.refresh_from_db()
    stage.clock.advance(300)
    return ids, crm_ids


def _quote(stage: Stage, ids: dict[str, str], number: int) -> str:
    line = {
        "Product_Name": {"id": ids["product"]}, "Quantity": Decimal(1 + number % 7), "List_Price": Decimal(100),
        "Line_Tax": [{"name": "VAT 19", "percentage": Decimal(19)}],
    }  # fmt: skip
    row: dict[str, Any] = {
        "Subject": f"Shelves {number}", "Quote_Number": f"Q-{number}", "Quote_Stage": "Delivered",
        "Valid_Till": "2026-12-31", "Account_Name": {"id": ids["account"]}, "Contact_Name": {"id": ids["contact"]},
        "Currency": "EUR", "Quoted_Items": [line],
    }  # fmt: skip
    return str(stage.simulator.user_create("crm", "Quotes", row)["id"])


def _until_all_stand(stage: Stage, ids: dict[str, str]) -> list[float]:
    """Turns as the bell rings them; now and then somebody presses the button of a deal. Seconds each click waited."""
    read(stage.connection, stage.seams, "quote")
    deals, clicks = list(Deal.objects.filter(name__startswith="Clicked")), list[float]()
    behind = _bench(stage, Priority.POLL)
    for _ in range(20_000):
        more = automatic.turn(stage.connection, behind)
        left = Conversion.objects.exclude(state__in=["done", "refused", "review"])
        if not more and not left.exists():
            return clicks
        if (
            deals
            and Conversion.objects.filter(state="done", deal=None).count() >= CLICKS_EVERY * (len(clicks) + 1) - 25
        ):
            clicks.append(_clicked(stage, deals.pop()))
        stage.clock.advance(1)
    raise AssertionError("They did not come to an end.")


def _clicked(stage: Stage, deal: Deal) -> float:
    began = stage.clock.now()
    row = request_conversion(Request(stage.connection, deal, None), stage.clock, doorbell=False)
    while row.state not in ("done", "refused", "review"):
        work(row.pk, _bench(stage, Priority.CLICK))
        row.refresh_from_db()
        if row.next_at is not None:
            stage.clock.advance(max(0.1, (row.next_at - stage.clock.now()).total_seconds()))
    assert row.state == "done", row.problems
    return (stage.clock.now() - began).total_seconds()


def _bench(stage: Stage, priority: Priority) -> Workbench:
    """As a worker's: behind the limiter, calls set aside before it begins."""
    purse = Purse(stage.clock)
    return Workbench(
        lambda row: stage.seams.clients(row, priority, purse=purse), stage.clock, crash_point, purse.set_aside
    )


def _side(one: dict[str, Any]) -> str:
    return "books" if "/books/v3/" in str(one["path"]) else "crm" if "/crm/v8/" in str(one["path"]) else "other"


def _invoices(stage: Stage) -> list[dict[str, Any]]:
    return list(stage.simulator.verbs("books").rows(stage.simulator, "invoices"))


def _number_of(one: dict[str, Any]) -> str:
    return str(one.get("reference_number") or "")
