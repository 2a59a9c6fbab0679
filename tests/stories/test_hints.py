"""Hints: Zoho says that something changed, zbridge fetches what is true; repeats, order and delay change nothing."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import transaction
from django.test import Client
from django_q.models import OrmQ

from accounts.models import Connection
from invoicing import asked
from invoicing.models import Conversion, Deal, Invoice
from invoicing.tasks import work_asked, workbench
from syncjobs import channels, hints, hooks
from syncjobs.models import Entry, Hint, Record, Run
from syncjobs.reading import feed_of
from syncjobs.sweeping import ring_due, work_due
from syncjobs.tasks import bulk_reader, keep_channels, work_hints
from syncjobs.working import work_to_end
from tests.people import person
from tests.stories.knocking import PUBLIC, Post
from tests.stories.sales_of_storms import lay_deal
from tests.stories.selling_by_quote import accept, drafts, lay_quote, read_on, switched_on
from tests.stories.small_trade import Killed, Trade
from zbridge.clock import SteppedClock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trade(trade: Trade, settings: Any) -> Trade:
    """The small organisation, with CRM's notifications switched on."""
    settings.ZBRIDGE_PUBLIC_URL = PUBLIC
    channels.switch(trade.connection, person("cy"), trade.clock, on=True)
    keep_channels(trade.connection.pk)
    return trade


@pytest.fixture
def post(trade: Trade) -> Post:
    """With Books' web hooks set up, and nothing under way."""
    found = Post(trade.connection, trade.simulator, trade.seams)
    found.set_up_books("invoice", "contact", "item")
    trade.clock.advance(60)
    return found


def fetches(trade: Trade, since: int) -> list[str]:
    """What Zoho was asked since then, by path."""
    return [one["path"] for one in trade.simulator.log.since(since) if not one["path"].startswith("/oauth")]


def mark(trade: Trade) -> int:
    rows = trade.simulator.log.since(0)
    return int(rows[-1]["n"]) if rows else 0


def worked(trade: Trade) -> None:
    """The worker hears the bell, and works the runs that came of it."""
    work_hints(trade.connection.pk)
    for run in Run.objects.filter(ended_at=None):
        work_to_end(run, bulk_reader(), patience=600)


def outcomes() -> list[str]:
    return list(Hint.objects.order_by("pk").values_list("outcome", flat=True))


def test_a_deal_that_changed_is_read_by_its_id_in_one_call(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More shelves"})
    post.bring()
    before = mark(trade)
    worked(trade)
    deal.refresh_from_db()
    assert deal.name == "More shelves"
    assert fetches(trade, before) == [f"/crm/v8/Deals/{deal.crm_id}"]
    assert outcomes() == ["Read; it had changed."]


def test_a_new_deal_is_there_before_any_list_was_read(trade: Trade, post: Post) -> None:
    crm_id = lay_deal(trade.simulator, trade.ids, "Brand new", "2026-11-20")
    post.bring()
    worked(trade)
    assert Deal.objects.get(crm_id=crm_id).name == "Brand new"


def test_a_product_s_hint_is_a_reading_of_the_changed_ones(trade: Trade, post: Post) -> None:
    trade.simulator.user_update("crm", "Products", trade.ids["product"], {"Unit_Price": 120})
    post.bring()
    worked(trade)
    run = Run.objects.get(kind="product", trigger="hint")
    assert run.state == "complete" and not run.full
    assert Record.objects.get(kind="product").price == Decimal(120)
    assert Entry.objects.filter(run=run, outcome="updated").count() == 1
    assert outcomes() == [f"Read with the changes of all products, in run {run.pk}."]


def test_books_web_hook_brings_what_was_paid(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    row = trade.settled(trade.ask(deal))
    trade.simulator.act("books", "invoices", row.books_invoice_id, "send")
    post.bring()
    worked(trade)
    assert Invoice.objects.get(books_id=row.books_invoice_id).status == "sent"


@pytest.mark.parametrize("kind", ["invoice", "payment", "creditnote", "quote", "deal"])
def test_a_row_read_by_its_id_is_no_change_against_the_same_in_a_list(
    company: Connection, clock: SteppedClock, kind: str
) -> None:
    """What is read by its id must not look changed when its list is read next, or the other way round."""
    reader, feed = bulk_reader(), feed_of(kind, configured.ZBRIDGE_FEEDS)
    assert feed.told_alike
    ids = sorted(feed.known_ids(company))
    for identity in ids[:25]:
        clock.advance(10)
        row = feed.one(reader.clients(company), identity)
        assert row is not None
        with transaction.atomic():
            absorbed = feed.absorb(company, [row], company.now(clock))
        assert (absorbed.unchanged, absorbed.updated) == (1, ()), identity


def test_five_thousand_hints_of_which_4900_repeat_are_few_fetches(trade: Trade, post: Post) -> None:
    """A hundred deals change; CRM tells all of them fifty times, half of these as if they were news."""
    ids = [lay_deal(trade.simulator, trade.ids, f"Deal {number}", "2026-11-20") for number in range(100)]
    url, headers, body = post.take()[0]
    before = mark(trade)
    for number in range(50):
        news = json.loads(body) | {"ids": ids, "server_time": 1772700000000 + (number if number % 2 else 0)}
        assert post.bring([(url, dict(headers), json.dumps(news).encode())]) == [200]
        trade.clock.advance(7)
        if number % 5 == 0:
            worked(trade)
    for _ in range(5):
        trade.clock.advance(61)
        worked(trade)
    assert sum(Hint.objects.values_list("times", flat=True)) == 5000
    assert not Hint.objects.filter(done_at=None).exists()
    assert Deal.objects.filter(crm_id__in=ids).count() == 100
    assert len(fetches(trade, before)) <= 100


def test_one_deal_told_again_and_again_is_fetched_once(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More shelves"})
    letters = post.take()
    before = mark(trade)
    post.bring(letters, times=100)
    worked(trade)
    post.bring(letters, times=100)
    worked(trade)
    assert len(fetches(trade, before)) == 1
    assert Hint.objects.get().times == 200


def test_hints_in_the_wrong_order_and_two_days_late_leave_what_is_true(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    post.take()
    for name in ("First", "Second", "Third"):
        trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": name})
        trade.clock.advance(2)
    letters = post.take()
    trade.clock.advance(timedelta(days=2).total_seconds())
    for letter in reversed(letters):
        post.bring([letter])
        worked(trade)
    deal.refresh_from_db()
    assert deal.name == "Third"


def test_the_body_s_figures_are_never_believed(trade: Trade, post: Post) -> None:
    """A body that was changed on the way, with its token, only makes zbridge look."""
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "True name"})
    ((url, headers, body),) = post.take()
    lie = json.loads(body) | {"affected_values": [{"record_id": deal.crm_id, "values": {"Deal_Name": "A lie"}}]}
    post.bring([(url, headers, json.dumps(lie).encode())])
    worked(trade)
    deal.refresh_from_db()
    assert deal.name == "True name"


def test_many_deals_at_once_are_one_reading_of_the_changed_ones(trade: Trade, post: Post) -> None:
    ids = [lay_deal(trade.simulator, trade.ids, f"Deal {number}", "2026-11-20") for number in range(8)]
    post.bring()
    worked(trade)
    assert Run.objects.filter(kind="deal", trigger="hint").count() == 1
    assert Deal.objects.filter(crm_id__in=ids).count() == 8


def test_what_comes_while_its_list_is_being_read_waits_for_the_next_reading(trade: Trade, post: Post) -> None:
    trade.simulator.user_update("crm", "Products", trade.ids["product"], {"Unit_Price": 120})
    post.bring()
    work_hints(trade.connection.pk)
    run = Run.objects.get(kind="product", trigger="hint")
    Run.objects.filter(pk=run.pk).update(started_at=trade.clock.now())
    trade.clock.advance(1)
    trade.simulator.user_update("crm", "Products", trade.ids["product"], {"Unit_Price": 130})
    post.bring()
    work_hints(trade.connection.pk)
    late = Hint.objects.get(done_at=None)
    assert late.next_at is not None and late.next_at > trade.clock.now()
    work_to_end(run, bulk_reader(), patience=600)
    trade.clock.advance(60)
    worked(trade)
    assert Record.objects.get(kind="product").price == Decimal(130)
    assert not Hint.objects.filter(done_at=None).exists()


def test_a_fetch_that_fails_is_tried_again_later_each_time_and_then_left_to_the_list(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More shelves"})
    post.bring()
    trade.simulator.faults.add({"path": f"/crm/v8/Deals/{deal.crm_id}", "status": 503})
    waits = []
    for _ in range(30):
        work_hints(trade.connection.pk)
        row = Hint.objects.get()
        if row.done_at:
            break
        assert row.next_at is not None and row.taken_at is None
        waits.append((row.next_at - trade.clock.now()).total_seconds())
        trade.clock.advance(waits[-1] + 1)
    assert row.tries == hints.MOST_TRIES and "The next reading of the list finds it." in row.outcome
    assert max(waits) <= 3600


def test_a_worker_that_dies_after_the_fetch_leaves_the_hint_to_another(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More shelves"})
    post.bring()

    def dies(name: str) -> None:
        raise Killed(name)

    reader = bulk_reader()
    with pytest.raises(Killed):
        hints.work(trade.connection, type(reader)(reader.clients, reader.clock, dies))
    work_hints(trade.connection.pk)
    assert Hint.objects.get().done_at is None
    trade.clock.advance(121)
    work_hints(trade.connection.pk)
    deal.refresh_from_db()
    assert deal.name == "More shelves" and Hint.objects.get().done_at is not None


def test_the_sweep_rings_for_what_lies_and_works_it_where_no_queue_runs(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Deal_Name": "More shelves"})
    post.bring()
    OrmQ.objects.all().delete()
    ring_due(trade.connection, trade.clock)
    assert any(row.task["func"] == hints.WORK for row in OrmQ.objects.all())
    work_due(trade.connection, trade.clock)
    deal.refresh_from_db()
    assert deal.name == "More shelves"


def test_a_deleted_record_s_hint_says_that_zoho_shows_none(trade: Trade, post: Post) -> None:
    deal = trade.deal("Shelves")
    post.take()
    trade.simulator.user_delete("crm", "Deals", deal.crm_id)
    post.bring()
    worked(trade)
    assert "Zoho shows no such record" in outcomes()[-1]


def test_an_accepted_quote_told_three_times_and_read_by_its_list_too_is_billed_once(trade: Trade, post: Post) -> None:
    """S32: every door ends in the same reading, and one sale is one invoice."""
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    post.take()
    accept(trade, crm_id)
    letters = post.take()
    for _ in range(3):
        post.bring(letters)
        work_hints(trade.connection.pk)
    read_on(trade)
    post.bring(letters)
    work_hints(trade.connection.pk)
    ask(trade, "Quotes", crm_id)
    work_asked(trade.connection.pk)
    read_on(trade)
    assert len(drafts(trade)) == 1 and Conversion.objects.count() == 1


# -- a workflow asks ---------------------------------------------------------------------------------------------------


def ask(trade: Trade, module: str, crm_id: str, times: int = 1) -> list[int]:
    """CRM's workflow sends its web hook."""
    url = hooks.url(hooks.address_of(trade.connection, "convert", trade.clock)).removeprefix(PUBLIC)
    body = {"module": module, "id": crm_id}
    return [Client().post(url, body, content_type="application/json").status_code for _ in range(times)]


def test_a_workflow_s_web_hook_makes_the_draft_of_a_deal_that_was_never_read(trade: Trade) -> None:
    crm_id = lay_deal(trade.simulator, trade.ids, "Brand new", "2026-11-20")
    before = mark(trade)
    assert ask(trade, "Deals", crm_id) == [200]
    assert fetches(trade, before) == []
    work_asked(trade.connection.pk)
    row = trade.settled(Conversion.objects.get())
    assert (row.state, row.requested_via) == ("done", "hook")
    assert len(trade.drafts(row)) == 1
    assert outcomes() == [f"Draft invoice asked for ({row.key})."]


def test_a_hook_three_times_and_the_button_are_one_invoice(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    ask(trade, "Deals", deal.crm_id, times=3)
    work_asked(trade.connection.pk)
    button = trade.ask_again(deal)
    trade.clock.advance(5)
    ask(trade, "Potentials", deal.crm_id)
    row = trade.settled(Conversion.objects.get())
    work_asked(trade.connection.pk)
    assert button.pk == row.pk and Conversion.objects.count() == 1
    assert len(trade.drafts(row)) == 1 and trade.sends(row) == 1
    assert "It was asked for already" in outcomes()[-1]


def test_the_hook_and_the_button_send_the_same(trade: Trade) -> None:
    """Two sales alike: but for the key, Books is sent the same for both (S19)."""
    by_button = trade.settled(trade.ask(trade.deal("Shelves")))
    crm_id = lay_deal(trade.simulator, trade.ids, "Shelves", "2026-11-20")
    ask(trade, "Deals", crm_id)
    work_asked(trade.connection.pk)
    by_hook = trade.settled(Conversion.objects.get(requested_via="hook"))
    assert {by_button.state, by_hook.state} == {"done"}
    told = [row.payload.replace(row.key, "KEY") for row in (by_button, by_hook)]
    told = [text.replace(crm_id, "ID").replace(str(by_button.deal and by_button.deal.crm_id), "ID") for text in told]
    assert told[0] == told[1] and "KEY" in told[0]


def test_a_workflow_s_second_try_after_a_refusal_is_asked_anew(trade: Trade) -> None:
    crm_id = lay_deal(trade.simulator, trade.ids, "Early", "2026-11-20")
    trade.simulator.user_update("crm", "Deals", crm_id, {"Stage": "Negotiation/Review"})
    ask(trade, "Deals", crm_id)
    work_asked(trade.connection.pk)
    assert Conversion.objects.get().state == "refused"
    trade.simulator.user_update("crm", "Deals", crm_id, {"Stage": "Closed Won"})
    ask(trade, "Deals", crm_id)
    work_asked(trade.connection.pk)
    assert Conversion.objects.filter(state="requested").count() == 1
    assert Hint.objects.filter(sort="convert").count() == 2


def test_while_crm_is_down_what_a_workflow_asked_waits_and_is_never_given_up(trade: Trade) -> None:
    crm_id = lay_deal(trade.simulator, trade.ids, "Patient", "2026-11-20")
    ask(trade, "Deals", crm_id)
    fault = trade.simulator.faults.add({"path": "/crm/v8/Deals", "status": 503})
    for _ in range(15):
        work_asked(trade.connection.pk)
        trade.clock.advance(3601)
    assert Hint.objects.get().done_at is None
    trade.simulator.faults.remove(fault)
    trade.clock.advance(3601)
    work_asked(trade.connection.pk)
    assert Conversion.objects.get().state == "requested"


def test_a_worker_that_dies_after_asking_asks_for_nothing_twice(trade: Trade) -> None:
    crm_id = lay_deal(trade.simulator, trade.ids, "Once", "2026-11-20")
    ask(trade, "Deals", crm_id)
    bench = workbench()
    asked.work(trade.connection, bench)
    Hint.objects.update(done_at=None, taken_at=trade.clock.now())
    trade.clock.advance(121)
    asked.work(trade.connection, bench)
    row = trade.settled(Conversion.objects.get())
    assert len(trade.drafts(row)) == 1


def test_an_id_that_crm_doesn_t_have_is_said_so(trade: Trade) -> None:
    ask(trade, "Deals", "123")
    work_asked(trade.connection.pk)
    assert "CRM has no deal with the id 123" in outcomes()[0]
    assert not Conversion.objects.exists()
