"""Journey "Token trouble": access to Zoho ends, all waits with its cause, and nothing is lost when it is back."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.clients import region_of
from accounts.connecting import stop_writes
from accounts.consent import Person, Redirect, begin, finish
from accounts.models import Alarm, Connection, Notice, User
from invoicing.conversion import work
from invoicing.models import Conversion
from invoicing.tasks import workbench
from syncjobs.models import Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work as work_run
from tests.people import browser
from tests.stories.small_trade import Trade
from zbridge.clock import SteppedClock
from zbridge.simulator.tokens import Tokens
from zbridge.site import sweep
from zbridge.zoho.wire import Ask

CALLBACK = "http://127.0.0.1/admin/accounts/connection/callback/"


def revoke(trade: Trade) -> None:
    """A person at Zoho throws zbridge out."""
    Tokens(trade.simulator.store).revoke_all()


def reconnect(trade: Trade, user: User) -> None:
    """Cy presses Reconnect and accepts at Zoho."""
    person = Person(user, "session")
    asked = begin(trade.connection, person, CALLBACK, trade.clock)
    query = consent_at_zoho(trade, asked)
    finish(Redirect(query["state"], query["code"]), person, CALLBACK, trade.seams)


def consent_at_zoho(trade: Trade, asked: str) -> dict[str, str]:
    """What Zoho's redirect carries after Accept."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    accept = Ask("POST", asked, {}, form, b"answer=accept")
    answer = trade.seams.wire.exchange(region_of(trade.connection), accept, trade.clock)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def rung(name: str) -> list[tuple[Any, ...]]:
    """What was rung for, as a worker would take it from the queue; each once."""
    tasks = [SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("pk")]
    return [task["args"] for task in tasks if task["func"] == name]


def answer_doorbells(trade: Trade) -> None:
    """A worker hears every doorbell that lies there, once."""
    resumes = rung("zbridge.site.sweep.resume")
    for args in resumes:
        sweep.resume(*args)
    for args in rung("invoicing.tasks.work_conversion"):
        work(args[0], trade.bench())
    for args in rung("syncjobs.tasks.work_run"):
        work_run(args[0], bulk_reader())
    OrmQ.objects.all().delete()


def sweeps(trade: Trade, minutes: int) -> None:
    """The minute's sweep, so many times; the calls of a minute are few, so a queue takes a while to drain."""
    for _ in range(minutes):
        sweep.work_everything()
        trade.clock.advance(60)


def invoices(trade: Trade) -> int:
    """How many stand in Books."""
    return len(trade.simulator.verbs("books").rows(trade.simulator, "invoices"))


def banner(client: Client) -> str:
    page = client.get("/admin/").content.decode()
    return page.split('class="house-banner')[1].split("</div>")[0] if 'class="house-banner' in page else ""


@pytest.fixture
def three(transactional_db: None, trade: Trade) -> list[Conversion]:
    """Three won deals asked for; access ends before a worker takes them up."""
    rows = [trade.ask(trade.deal(f"Shelves {number}")) for number in range(3)]
    revoke(trade)
    return rows


def test_the_first_rejected_refresh_holds_everything_and_tells_revops(trade: Trade, three: list[Conversion]) -> None:
    for row in three:
        work(row.pk, trade.bench())
    trade.connection.refresh_from_db()
    assert trade.connection.state == "reconnect" and trade.connection.held_at == trade.clock.now()
    causes = Conversion.objects.values_list("state", "hold_cause", "held_at")
    assert set(causes) == {("requested", "reconnect", trade.clock.now())}
    assert Notice.objects.filter(role="revops", title__contains="ended").count() == 1


def test_every_page_says_how_many_wait_since_when_and_who_can_end_it(trade: Trade, three: list[Conversion]) -> None:
    work(three[0].pk, trade.bench())
    said = {name: banner(browser(name)) for name in ("ada", "ben", "cy", "dee")}
    assert all("access to Zoho ended 10:00. 3 items wait, none is lost" in text for text in said.values()), said
    assert "Reconnect</a>" in said["cy"] and "a RevOps administrator must" not in said["cy"]
    assert all("a RevOps administrator must reconnect" in said[name] for name in ("ada", "ben", "dee"))
    assert "<a" not in said["ada"]


def test_held_drafts_are_counted_and_filtered_by_their_cause(trade: Trade, three: list[Conversion]) -> None:
    for row in three:
        work(row.pk, trade.bench())
    listed = browser("ben").get("/admin/invoicing/conversion/?tab=held&hold_cause__exact=reconnect").content.decode()
    assert listed.count("Zoho no longer accepts zbridge&#x27;s access") == 3 and "RevOps" in listed
    other = browser("ben").get("/admin/invoicing/conversion/?tab=held&hold_cause__exact=quota").content.decode()
    assert "Zoho no longer accepts" not in other


def test_on_reconnect_all_goes_on_at_once_and_nothing_is_lost(trade: Trade, three: list[Conversion], cy: User) -> None:
    for row in three:
        work(row.pk, trade.bench())
    run = start_run(trade.connection, "invoice", trade.clock, doorbell=False)
    work_run(run.pk, bulk_reader())
    run.refresh_from_db()
    assert (run.state, run.hold_cause) == ("paused", "reconnect")
    reconnect(trade, cy)
    answer_doorbells(trade)
    assert not Conversion.objects.filter(hold_cause="reconnect").exists()
    sweeps(trade, minutes=2)
    assert set(Conversion.objects.values_list("state", "hold", "hold_cause", "held_at")) == {("done", "", "", None)}
    assert Run.objects.get(pk=run.pk).state == "complete"
    assert invoices(trade) == 3
    over = Notice.objects.get(title__contains="is back")
    assert "4 items go on now, and nothing was lost" in over.text
    sweeps(trade, minutes=5)  # what all the readings at once had used of Books' calls a minute is free again
    assert Alarm.objects.get().closed_at is not None and banner(browser("cy")) == ""


def test_access_that_ends_between_the_draft_and_the_number_makes_no_second_draft(
    transactional_db: None, trade: Trade, cy: User
) -> None:
    row = trade.ask(trade.deal("Shelves"))

    def end_access(point: str) -> None:
        if point == "answer received":
            revoke(trade)

    work(row.pk, trade.bench(end_access))
    row.refresh_from_db()
    assert (row.state, row.hold_cause) == ("drafted", "reconnect")
    reconnect(trade, cy)
    answer_doorbells(trade)
    sweeps(trade, minutes=1)
    row.refresh_from_db()
    assert row.state == "done" and invoices(trade) == 1


def test_stopped_writes_hold_with_their_cause_and_go_on_when_allowed(
    transactional_db: None, trade: Trade, cy: User
) -> None:
    row = trade.ask(trade.deal("Shelves"))
    stop_writes(trade.connection, True, cy, trade.clock)
    work(row.pk, trade.bench())
    row.refresh_from_db()
    assert (row.state, row.hold_cause) == ("prepared", "writes")
    assert "a person stopped all writes to Zoho at 10:00" in banner(browser("ben"))
    assert "1 item waits and is not lost; a RevOps administrator must allow writes again" in banner(browser("ben"))
    stop_writes(Connection.objects.get(), False, cy, trade.clock)
    answer_doorbells(trade)
    sweeps(trade, minutes=1)
    row.refresh_from_db()
    assert row.state == "done" and banner(browser("ben")) == ""


def test_books_down_for_six_hours_while_crm_answers(
    transactional_db: None, trade: Trade, deals: Callable[[int], list[Conversion]]
) -> None:
    rows = deals(4)
    trade.simulator.store.set("sides", {"books": "off"})
    began = trade.clock.now()
    while (trade.clock.now() - began).total_seconds() < 6 * 3600:
        sweep.work_everything()
        trade.clock.advance(1200)
    held = set(Conversion.objects.values_list("state", "hold_cause"))
    assert invoices(trade) == 0 and {cause for _, cause in held} == {"books_down"}
    said = banner(browser("ada"))
    assert "Books hasn&#x27;t answered since 10:0" in said and "none is lost" in said
    assert Notice.objects.filter(title__contains="doesn't answer").count() == 1
    trade.simulator.store.set("sides", {})
    sweeps(trade, minutes=12)
    assert {row.state for row in Conversion.objects.all()} == {"done"} and invoices(trade) == len(rows)
    assert banner(browser("ada")) == ""
    assert Notice.objects.filter(title__contains="answers again").count() == 1


@pytest.fixture
def deals(trade: Trade) -> Callable[[int], list[Conversion]]:
    return lambda count: [trade.ask(trade.deal(f"Shelves {number}")) for number in range(count)]


def test_a_locked_deal_waits_and_its_draft_stands(transactional_db: None, trade: Trade, clock: SteppedClock) -> None:
    row = trade.ask(trade.deal("Shelves"))
    trade.simulator.act("crm", "Deals", str(row.deal and row.deal.crm_id), "lock", {})
    work(row.pk, workbench())
    row.refresh_from_db()
    assert (row.state, row.hold_cause) == ("drafted", "locked")
    assert "1 item waits for a deal that is locked in CRM" in banner(browser("ben"))
