"""Reading page by page: stopped, repeated, across one crowded second, two at once; nothing lost, nothing written."""

from datetime import timedelta
from typing import Any

import pytest

from syncjobs.models import Checkpoint, Disappearance, Record, Run
from syncjobs.reading import Reader
from syncjobs.services import start_run
from syncjobs.working import work, work_to_end
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Killed, Trade
from zbridge.crash_points import Point, crash_point
from zbridge.simulator import crm_reading
from zbridge.simulator.store import stamp
from zbridge.zoho.gate import Priority

pytestmark = pytest.mark.django_db
MANY = 620


def lay_accounts(trade: Trade, count: int) -> None:
    """So many accounts in CRM, all changed in the same second."""
    at = stamp(trade.clock.now())
    given = {"Created_Time": at, "Modified_Time": at, "Owner": {"id": "1", "name": "Nobody"}}
    rows: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        (str(6000000000000000000 + n), {"id": str(6000000000000000000 + n), "Account_Name": f"Firm {n}", **given}, {})
        for n in range(count)
    ]
    trade.simulator.store.save_many("crm", "Accounts", rows, created=at, modified=at)


def reader(trade: Trade, point: Point = crash_point) -> Reader:
    return Reader(lambda row: trade.seams.clients(row, Priority.BULK), trade.clock, point)


def accounts_run(trade: Trade) -> Run:
    return start_run(trade.connection, "account", trade.clock, trigger="test", doorbell=False)


def names() -> set[str]:
    return set(Record.objects.filter(kind="account", gone_at=None).values_list("name", flat=True))


def pages_asked(trade: Trade, since: int, path: str = "/crm/v8/") -> int:
    """Calls of that side since a place in the simulator's log."""
    return sum(entry["path"].startswith(path) for entry in trade.simulator.log.since(since))


def dies_after(times: int, name: str) -> Point:
    """A crash point that kills the worker there, the nth time."""
    seen: list[str] = []

    def point(reached: str) -> None:
        seen.append(reached)
        if seen.count(name) == times:
            raise Killed(name)

    return point


@pytest.mark.parametrize("name", ["page read", "page kept"])
def test_a_stopped_reading_goes_on_from_its_checkpoint_and_ends_the_same(trade: Trade, name: str) -> None:
    lay_accounts(trade, MANY)
    run = accounts_run(trade)
    with pytest.raises(Killed):
        work(run.pk, reader(trade, dies_after(2, name)))
    kept = len(names())
    assert 0 < kept < MANY and Checkpoint.objects.get(kind="account").place
    trade.clock.advance(130)
    last = trade.simulator.log.last
    work_to_end(run, reader(trade))
    run.refresh_from_db()
    assert (run.state, names()) == ("complete", {"Acme Ltd", *(f"Firm {n}" for n in range(MANY))})
    assert pages_asked(trade, last) <= 3, "pages that were kept are not read again"


def test_a_second_reading_with_nothing_changed_changes_and_writes_nothing(trade: Trade) -> None:
    lay_accounts(trade, 30)
    kinds = ("customer", "item", "account", "contact", "product", "deal", "quote", "invoice")
    read(trade.connection, trade.seams, *kinds)
    before = list(Record.objects.order_by("pk").values())
    last = trade.simulator.log.last
    runs = read(trade.connection, trade.seams, *kinds)
    assert [(run.kind, run.created, run.updated) for run in runs] == [(kind, 0, 0) for kind in kinds]
    writes = [entry for entry in trade.simulator.log.since(last) if entry["method"] != "GET" and not asks(entry)]
    assert (writes, list(Record.objects.order_by("pk").values())) == ([], before)


def asks(entry: dict[str, Any]) -> bool:
    """A POST that only reads (a query), or one for a token."""
    path = str(entry["path"])
    return path.startswith("/oauth") or path == "/crm/v8/coql"


def test_a_delta_after_three_edits_reads_few_pages(trade: Trade) -> None:
    lay_accounts(trade, MANY)
    trade.clock.advance(3600)
    read(trade.connection, trade.seams, "account")
    trade.clock.advance(60)
    for number in (3, 77, 500):
        trade.simulator.user_update("crm", "Accounts", str(6000000000000000000 + number), {"Phone": "030 1234567"})
    last = trade.simulator.log.last
    run = read(trade.connection, trade.seams, "account")[0]
    assert (run.done, run.updated, pages_asked(trade, last)) == (3, 3, 1)


def test_five_thousand_records_of_one_second_are_all_read(trade: Trade) -> None:
    """F36: first by a full reading, then by a delta across that second"""
    lay_accounts(trade, 5000)
    read(trade.connection, trade.seams, "account")
    assert len(names()) == 5001
    trade.clock.advance(2)
    lay_accounts(trade, 5000)
    run = read(trade.connection, trade.seams, "account")[0]
    assert run.state == "complete" and run.done >= 5000 and len(names()) == 5001


def test_a_page_token_that_expired_in_the_middle_starts_the_walk_anew(trade: Trade) -> None:
    lay_accounts(trade, MANY)
    run = accounts_run(trade)
    with pytest.raises(Killed):
        work(run.pk, reader(trade, dies_after(2, "page kept")))
    trade.clock.advance(timedelta(days=2).total_seconds())
    work_to_end(run, reader(trade))
    run.refresh_from_db()
    assert run.state == "complete" and len(names()) == MANY + 1


def test_two_readings_of_a_kind_at_once_are_one(trade: Trade) -> None:
    lay_accounts(trade, MANY)
    first, second = accounts_run(trade), accounts_run(trade)
    assert first.pk == second.pk
    with pytest.raises(Killed):
        work(first.pk, reader(trade, dies_after(1, "page kept")))
    assert work(first.pk, reader(trade)) is None, "its lease still runs: another worker finds it taken"
    trade.clock.advance(130)
    work_to_end(first, reader(trade))
    assert Run.objects.filter(kind="account", state="complete").count() == 2 and len(names()) == MANY + 1


@pytest.mark.parametrize("dies", [None, 2, 4, 5])
def test_a_module_larger_than_page_tokens_reach_is_read_from_both_ends(
    trade: Trade, monkeypatch: pytest.MonkeyPatch, dies: int | None
) -> None:
    monkeypatch.setattr(crm_reading, "TOKEN_REACH", 600)
    lay_accounts(trade, 1000)
    run = start_run(trade.connection, "account", trade.clock, full=True, trigger="test", doorbell=False)
    last = trade.simulator.log.last
    if dies:
        with pytest.raises(Killed):
            work(run.pk, reader(trade, dies_after(dies, "page kept")))
        trade.clock.advance(130)
    work_to_end(run, reader(trade))
    run.refresh_from_db()
    assert (run.state, len(names())) == ("complete", 1001), run.sentence
    assert pages_asked(trade, last, "/crm/v8/Accounts") <= 3 + 1 + 3 + 1 + 1, "two walks, where the first ends, a count"


def test_beyond_twice_that_reach_it_says_so_and_nothing_is_taken_for_gone(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crm_reading, "TOKEN_REACH", 200)
    lay_accounts(trade, 1000)
    run = start_run(trade.connection, "account", trade.clock, full=True, trigger="test", doorbell=False)
    work(run.pk, reader(trade))
    run.refresh_from_db()
    assert run.state == "paused" and not Disappearance.objects.exists()
