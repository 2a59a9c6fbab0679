"""Years of data brought over: in order, through troubles and nights, counted on both sides, nothing made twice."""

from datetime import datetime, time, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Connection, User
from syncjobs import importing, linking
from syncjobs.comparing import compare_pair
from syncjobs.mappings import Refused, mapping_of
from syncjobs.models import Checkpoint, Comparison, Import, Link, Record, Run, RunPage
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work
from tests.people import browser
from tests.stories.bringing_over import to_its_end
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Killed, Trade
from tests.stories.test_reading import lay_accounts, names, pages_asked, reader
from zbridge.clock import SteppedClock
from zbridge.crash_points import Point
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 620


@pytest.fixture
def trade(trade: Trade) -> Trade:
    """Only what both sides of this small world say is mapped: its names."""
    for pair in ("customer", "person", "product"):
        mapping_of(trade.connection, pair, trade.clock).lines.exclude(name="name").delete()
    return trade


def imported(trade: Trade, cy: User, **more: Any) -> Import:
    row = importing.start_import(trade.connection, cy, trade.clock, **more)
    return to_its_end(row, reader(trade), trade.clock)


def test_an_import_reads_every_kind_in_order_and_counts_both_sides(
    company: Connection, cy: User, clock: SteppedClock
) -> None:
    row = to_its_end(importing.start_import(company, cy, clock), bulk_reader(), clock)
    assert [run.kind for run in row.runs.order_by("pk")] == list(importing.STEPS)
    assert row.state == "incomplete", "the demo has accounts of which nobody knows yet who they are"
    compared = {one.pair: one for one in importing.comparisons_of(row)}
    assert set(compared) == {"customer", "person", "product"}
    for one in compared.values():
        crm_kind, books_kind = mapping_of(company, one.pair, clock).kinds
        for kind, number in ((crm_kind, one.crm), (books_kind, one.books)):
            assert Record.objects.filter(connection=company, kind=kind, gone_at=None).count() == number
        assert one.linked + one.only_crm + one.left_out_crm == one.crm
        assert one.linked + one.only_books + one.left_out_books == one.books
        assert one.differences.filter(what="only_crm").count() == one.only_crm
        assert one.differences.filter(what="different").count() == one.differing


def test_an_import_writes_nothing_and_what_would_be_made_waits_in_its_plans(
    company: Connection, cy: User, clock: SteppedClock, zoho: Simulator
) -> None:
    mapping = mapping_of(company, "product", clock)
    type(mapping).objects.filter(pk=mapping.pk).update(two_way=True, creates_in_books=True, creates_in_crm=True)
    last = zoho.log.last
    row = to_its_end(importing.start_import(company, cy, clock), bulk_reader(), clock)
    writes = [one for one in zoho.log.since(last) if one["method"] != "GET" and "/oauth" not in one["path"]]
    assert [one["path"] for one in writes if "coql" not in one["path"]] == []
    plan = row.runs.get(kind="products").plans.get()
    assert plan.state == "made" and plan.writes.filter(remote_id="").exists()
    assert "to be made in Books" in row.sentence


def test_complete_is_said_only_without_a_gap(trade: Trade, cy: User) -> None:
    read(trade.connection, trade.seams, "customer", "account", "contact")
    row = imported(trade, cy)
    assert (row.state, row.sentence.split(":")[0]) == ("complete", "Complete"), row.sentence
    trade.simulator.user_create("crm", "Accounts", {"Account_Name": "Only Here GmbH"})
    mapping = mapping_of(trade.connection, "customer", trade.clock)
    type(mapping).objects.filter(pk=mapping.pk).update(creates_in_books=True)
    row = imported(trade, cy)
    assert row.state == "incomplete" and "1 only in CRM is to be made in Books" in row.sentence
    named = Comparison.objects.filter(pair="customer").first()
    assert named is not None
    assert [one.name for one in named.differences.filter(what="only_crm")] == ["Only Here GmbH"]


def test_an_import_started_twice_is_one(trade: Trade, cy: User) -> None:
    importing.start_import(trade.connection, cy, trade.clock)
    with pytest.raises(Refused, match="under way"):
        importing.start_import(trade.connection, cy, trade.clock)
    assert (Import.objects.count(), Run.objects.filter(trigger="import").count()) == (1, 1)


def dies_once(times: int, name: str) -> Point:
    """A crash point that kills one worker there, the nth time that it is reached."""
    left = [times]

    def point(reached: str) -> None:
        left[0] -= reached == name
        if reached == name and left[0] == 0:
            raise Killed(name)

    return point


@pytest.mark.parametrize("place", [1, 2, 4])
@pytest.mark.parametrize("point", ["page read", "page kept"])
def test_a_worker_killed_in_the_first_a_middle_and_the_last_page_reads_at_most_one_page_again(
    trade: Trade, cy: User, point: str, place: int
) -> None:
    lay_accounts(trade, MANY)
    row = importing.start_import(trade.connection, cy, trade.clock)
    last = trade.simulator.log.last
    to_its_end(row, reader(trade, dies_once(place + 3, point)), trade.clock)
    assert row.state == "complete", row.sentence
    assert names() == {"Acme Ltd", *(f"Firm {n}" for n in range(MANY))}
    assert pages_asked(trade, last, "/crm/v8/Accounts") <= 4 + 1 + 1, "four pages, one read again, one count"
    assert not RunPage.objects.exclude(ids="").exists(), "what it showed is dropped once compared"


def test_deltas_go_on_while_an_import_waits_for_the_night(trade: Trade, cy: User) -> None:
    at_noon(trade)
    hours(trade, time(21), time(6))
    row = importing.start_import(trade.connection, cy, trade.clock, in_window=True)
    run = row.runs.get()
    work(run.pk, reader(trade))
    run.refresh_from_db()
    assert run.state == "paused" and run.hold_cause == "window" and "21:00" in run.hold
    account = trade.simulator.user_create("crm", "Accounts", {"Account_Name": "New at noon"})
    assert account and read(trade.connection, trade.seams, "account")[0].created == 1
    assert row.runs.count() == 1 and Import.objects.get().state == "running"


def at_noon(trade: Trade) -> None:
    there = trade.connection.now(trade.clock).astimezone(ZoneInfo(trade.connection.time_zone))
    noon = datetime.combine(there.date() + timedelta(days=1), time(12), there.tzinfo)
    trade.clock.advance((noon - there).total_seconds())


def hours(trade: Trade, opens: time, closes: time) -> None:
    trade.connection.bulk_opens, trade.connection.bulk_closes = opens, closes
    trade.connection.save(update_fields=["bulk_opens", "bulk_closes"])


def test_an_import_stops_when_the_window_closes_and_goes_on_the_next_night(trade: Trade, cy: User) -> None:
    lay_accounts(trade, MANY)
    at_noon(trade)
    hours(trade, time(21), time(6))
    row = importing.start_import(trade.connection, cy, trade.clock, in_window=True)
    trade.clock.advance(18 * 3600 - 2)
    paused = None
    ticks = iter(range(1000))

    def point(name: str) -> None:
        if next(ticks) < 1000 and name == "page kept":
            trade.clock.advance(1)

    for _ in range(40):
        importing.advance_due(trade.connection, trade.clock)
        run = row.runs.order_by("-pk").first()
        assert run is not None
        work(run.pk, reader(trade, point))
        run.refresh_from_db()
        if run.state == "paused":
            paused = run
            break
    assert paused is not None and paused.hold_until is not None
    there = paused.hold_until.astimezone(ZoneInfo(trade.connection.time_zone))
    assert there.hour == 21, "the next night"
    to_its_end(row, reader(trade), trade.clock)
    assert row.state == "complete" and len(names()) == MANY + 1


def test_a_conversion_goes_on_while_an_import_is_under_way(trade: Trade, cy: User) -> None:
    lay_accounts(trade, MANY)
    row = importing.start_import(trade.connection, cy, trade.clock)
    work(row.runs.get().pk, reader(trade))
    sale = trade.settled(trade.ask(trade.deal("Shelves")))
    assert (sale.state, len(trade.drafts(sale))) == ("done", 1)
    assert to_its_end(row, reader(trade), trade.clock).state == "complete"
    assert len(trade.drafts(sale)) == 1


def test_stopping_keeps_what_was_read_and_a_new_import_may_begin(trade: Trade, cy: User) -> None:
    lay_accounts(trade, MANY)
    row = importing.start_import(trade.connection, cy, trade.clock)
    importing.stop_import(row, cy, trade.clock)
    row.refresh_from_db()
    assert row.state == "stopped" and not Run.objects.filter(part_of=row, ended_at=None).exists()
    with pytest.raises(Refused):
        importing.stop_import(row, cy, trade.clock)
    assert imported(trade, cy).state == "complete"


def test_the_delta_goes_on_from_where_the_import_began(trade: Trade, cy: User) -> None:
    Checkpoint.objects.all().delete()
    lay_accounts(trade, MANY)
    trade.clock.advance(3600)
    imported(trade, cy)
    trade.clock.advance(60)
    trade.simulator.user_update("crm", "Accounts", str(6000000000000000000 + 7), {"Phone": "030 1234567"})
    last = trade.simulator.log.last
    run = read(trade.connection, trade.seams, "account")[0]
    assert (run.updated, pages_asked(trade, last)) == (1, 1)


def test_a_poison_record_blocks_no_other_and_makes_it_incomplete(trade: Trade, cy: User) -> None:
    lay_accounts(trade, 300)
    for name, price in (("Dear", 10**15), ("Cheap", 1)):
        trade.simulator.user_create("crm", "Products", {"Product_Name": name, "Unit_Price": price})
    row = imported(trade, cy)
    assert row.state == "incomplete" and "1 of 3 products made no sense" in row.sentence
    assert len(names()) == 301 and Record.objects.filter(kind="product", name="Cheap").exists()


def test_a_run_that_is_under_way_is_let_end_before_the_import_takes_the_kind(trade: Trade, cy: User) -> None:
    other = start_run(trade.connection, "item", trade.clock, trigger="test", doorbell=False)
    Run.objects.filter(pk=other.pk).update(lease_until=trade.clock.now() + timedelta(seconds=100), state="running")
    row = importing.start_import(trade.connection, cy, trade.clock)
    assert work(row.runs.get().pk, reader(trade)) is None, "two listings of one kind are never stored at once"
    trade.clock.advance(200)
    assert to_its_end(row, reader(trade), trade.clock).state == "complete"


def test_the_page_shows_how_far_it_is_and_what_each_step_came_to(
    company: Connection, cy: User, clock: SteppedClock
) -> None:
    address = f"/admin/syncjobs/import/{company.pk}/"
    assert "Nothing was imported yet" in browser("cy").get(address).content.decode()
    answer = browser("cy").post(f"{address}start/", {"when": "now"}, follow=True).content.decode()
    assert "You can close this page" in answer and "data-run-progress" in answer
    row = to_its_end(Import.objects.get(), bulk_reader(), clock)
    page = browser("cy").get(address).content.decode()
    assert row.sentence.split(".")[0] in unescape(page) and "Import everything now" in page
    assert (
        browser("cy")
        .post(f"{address}start/", {"when": "off_peak"}, follow=True)
        .content.decode()
        .count("No off-peak hours")
    )
    few = queries(address)
    lay(company, clock, 40)
    assert queries(address) <= few, "as many queries whatever it came to"


def queries(address: str) -> int:
    client = browser("cy")
    client.get(address)
    with CaptureQueriesContext(database) as caught:
        client.get(address)
    return len(caught)


def lay(company: Connection, clock: SteppedClock, count: int) -> None:
    """More plans, runs and comparisons."""
    for _ in range(count):
        compare_pair(mapping_of(company, "product", clock), clock)


def test_the_off_peak_hours_are_both_or_none_and_told_in_the_audit_trail(company: Connection, cy: User) -> None:
    address = f"/admin/syncjobs/import/{company.pk}/hours/"
    answer = browser("cy").post(address, {"opens": "21:00", "closes": ""})
    assert answer.status_code == 400 and "Give both hours" in answer.content.decode()
    assert not Connection.objects.exclude(bulk_opens=None).exists()
    browser("cy").post(address, {"opens": "21:00", "closes": "6"})
    assert Connection.objects.filter(bulk_opens=time(21), bulk_closes=time(6)).exists()
    assert AuditEvent.objects.filter(sentence__contains="21:00 to 06:00").exists()


@pytest.mark.parametrize("who", ["ben", "dee"])
def test_finance_and_the_auditor_look_and_press_nothing(company: Connection, who: str) -> None:
    address = f"/admin/syncjobs/import/{company.pk}/"
    assert "Import everything now" not in browser(who).get(address).content.decode()
    assert browser(who).post(f"{address}start/").status_code == 403
    assert browser("ada").get(address).status_code == 403
    assert not Import.objects.exists()


def test_an_import_in_the_off_peak_hours_is_started_and_stopped_on_its_page(company: Connection, cy: User) -> None:
    Connection.objects.update(bulk_opens=time(3), bulk_closes=time(4))
    address = f"/admin/syncjobs/import/{company.pk}/"
    assert "Import in the off-peak hours" in browser("cy").get(address).content.decode()
    browser("cy").post(f"{address}start/", {"when": "off_peak"})
    row = Import.objects.get()
    assert row.in_window and row.runs.get().in_window
    assert "in the off-peak hours only" in browser("cy").get(address).content.decode()
    assert browser("dee").post(f"/admin/syncjobs/import/{row.pk}/stop/").status_code == 403
    answer = browser("cy").post(f"/admin/syncjobs/import/{row.pk}/stop/", follow=True).content.decode()
    assert (
        "Stopped. What was read stays, and nothing was written." in answer and "Stopped by Cy after 0 of 11" in answer
    )


def test_what_is_linked_for_sure_stands_in_the_trail_with_every_pair(trade: Trade) -> None:
    for number in range(2):
        made = trade.simulator.user_create("crm", "Accounts", {"Account_Name": f"Firm {number}"})["id"]
        row = {"contact_name": f"Customer {number}", "zcrm_account_id": made}
        trade.simulator.user_create("books", "contacts", row)
    read(trade.connection, trade.seams, "customer", "account")
    linking.link_customers(trade.connection, trade.clock)
    event = AuditEvent.objects.filter(verb="link", sentence__contains="each for sure").latest("pk")
    native = set(Link.objects.filter(how="native").values_list("crm_id", "books_id"))
    assert {(one[0], one[1]) for one in event.detail["links"] if one[2] == "native"} == native and len(native) == 2
