"""Prices on both sides: seen to drift within a run, aligned by a plan, accepted, and weighed when a sale is billed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.connecting import keep_settings
from accounts.models import AuditEvent, Connection, User
from invoicing import previews, price_deeds, prices, stakes
from invoicing.deciding import Refused
from invoicing.models import Conversion, Deal, PriceDrift
from syncjobs.mappings import mapping_of, switch
from syncjobs.models import Conflict, KeptValue, Link, Plan, Record, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from tests.stories.small_trade import Trade
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/invoicing/pricedrift/"
Reading = Callable[..., Run]


@pytest.fixture
def shop(company: Connection, clock: SteppedClock) -> Connection:
    """Brightwater, its prices compared once."""
    prices.sweep(company, company.now(clock))
    return company


@pytest.fixture
def reading(shop: Connection, clock: SteppedClock) -> Reading:
    """Runs of these kinds, one after the other; the last one."""

    def run(*kinds: str) -> Run:
        clock.advance(400)
        for kind in kinds:
            found = start_run(shop, kind, clock, trigger="command", doorbell=False)
            work_to_end(found, bulk_reader(), patience=600)
            found.refresh_from_db()
        return found

    return run


def price(code: str) -> PriceDrift:
    return PriceDrift.objects.get(code=code)


def on_side(zoho: Simulator, side: str, row: PriceDrift) -> Any:
    module, id, name = ("Products", row.product_id, "Unit_Price") if side == "crm" else ("items", row.item_id, "rate")
    return Decimal(str((zoho.verbs(side).read(zoho, module, id) or {})[name]))


def edit(zoho: Simulator, side: str, row: PriceDrift, price: int) -> None:
    """As that system's own user would."""
    module, id, name = ("Products", row.product_id, "Unit_Price") if side == "crm" else ("items", row.item_id, "rate")
    zoho.user_update(side, module, id, {name: price})


def page_of(row: PriceDrift, who: str) -> str:
    return browser(who).get(f"{LIST}{row.pk}/").content.decode()


def test_situation_19_one_price_differs_the_others_are_green_and_counted(shop: Connection) -> None:
    desk = PriceDrift.objects.get(state="different")
    assert (desk.code, desk.crm_price, desk.books_price, desk.at_stake, desk.quotes) == ("DSK-75", 99, 95, 24, 6)
    read = Record.objects.get(kind="product", code="DSK-75")
    assert desk.since == desk.crm_since == read.changed_at and desk.crm_by.startswith("Maria")
    alone = dict(PriceDrift.objects.filter(state__startswith="only").values_list("code", "state"))
    assert (alone["LMP-3"], alone["CBL-5"]) == ("only_crm", "only_books")
    pairs = Link.objects.filter(pair="product").count()
    assert PriceDrift.objects.filter(state="same").count() == pairs - 1
    shown = browser("ben").get(LIST).content.decode()
    assert f"{pairs - 1} of {pairs} linked prices are identical" in shown and "24.00 EUR" in shown
    page = page_of(desk, "ben")
    assert "99.00 EUR in CRM, 95.00 EUR in Books" in page and "not told by Books" in page and "Maria" in page
    assert page.count(">Q-10") == 6 and "Align CRM to Books" in page


def test_an_edit_on_one_side_is_a_drift_within_its_run_with_old_new_and_both(
    shop: Connection, reading: Reading, zoho: Simulator
) -> None:
    chair = price("CHR-120")
    assert chair.state == "same"
    zoho.user_update("books", "items", chair.item_id, {"rate": 125})
    run = reading("item")
    chair.refresh_from_db()
    assert run.calls_books and chair.state == "different"
    assert (chair.crm_price, chair.books_price, chair.was_books, chair.agreed, chair.gap) == (120, 125, 120, 120, 5)
    assert chair.since == chair.books_since == Record.objects.get(kind="item", remote_id=chair.item_id).changed_at
    assert chair.quotes and chair.at_stake % 5 == 0
    page = page_of(chair, "dee")
    assert "Books from 120.00 EUR to 125.00 EUR, not told by Books: they differ." in page
    assert "Before, both said 120.00 EUR" in page
    zoho.user_update("books", "items", chair.item_id, {"rate": 120, "description": "as ever"})
    reading("item")
    chair.refresh_from_db()
    assert (chair.state, chair.since, chair.at_stake) == ("same", None, 0)
    counts = stakes.check_of(shop)
    assert (counts.different, counts.same) == (1, PriceDrift.objects.filter(state="same").count())


def test_ben_aligns_crm_by_a_plan_and_nothing_is_written_before_he_applies_it(
    shop: Connection, reading: Reading, zoho: Simulator
) -> None:
    desk = price("DSK-75")
    ben = browser("ben")
    answer = ben.post(f"{LIST}{desk.pk}/align/", {"target": "crm"}, follow=True)
    plan = Plan.objects.get(purpose="align")
    assert "0 to make, 1 to change" in answer.content.decode() and "Apply exactly this" in answer.content.decode()
    assert on_side(zoho, "crm", desk) == 99
    ben.post(f"/admin/syncjobs/plan/{plan.pk}/apply/")
    run = Run.objects.get(trigger="apply")
    assert work_to_end(run, bulk_reader(), patience=600).writes == 1
    assert (on_side(zoho, "crm", desk), on_side(zoho, "books", desk)) == (95, 95)
    reading("product")
    desk.refresh_from_db()
    assert (desk.state, desk.crm_price, desk.was_crm) == ("same", 95, 99) and "zbridge for Ben" in page_of(desk, "ben")
    kept = KeptValue.objects.get(field="price")
    assert (kept.side, kept.value, kept.instead) == ("crm", "99.00", "95.00")


def test_a_price_that_moved_after_the_plan_is_left_alone(
    shop: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    desk = price("DSK-75")
    browser("cy").post(f"{LIST}{desk.pk}/align/", {"target": "books"})
    clock.advance(60)
    zoho.user_update("books", "items", desk.item_id, {"rate": 97})
    browser("cy").post(f"/admin/syncjobs/plan/{Plan.objects.get().pk}/apply/")
    run = work_to_end(Run.objects.get(trigger="apply"), bulk_reader(), patience=600)
    assert (run.writes, on_side(zoho, "books", desk)) == (0, 97)


@pytest.mark.parametrize(
    ("owner", "edited", "new", "other"), [("books", "crm", 101, "books"), ("crm", "books", 93, "crm")]
)
def test_an_edit_on_the_side_that_does_not_own_prices_is_flagged_and_set_back_by_one_plan(
    shop: Connection, reading: Reading, zoho: Simulator, cy: User, ben: User, clock: SteppedClock, owner: str,
    edited: str, new: int, other: str,
) -> None:  # fmt: skip
    mapping = mapping_of(shop, "product", clock)
    mapping.lines.filter(name="price").update(owner=owner)
    switch(mapping, cy, clock, on=True)
    reading("item", "product", "products")
    desk = price("DSK-75")
    module, id, name = (
        ("Products", desk.product_id, "Unit_Price") if edited == "crm" else ("items", desk.item_id, "rate")
    )
    zoho.user_update(edited, module, id, {name: new})
    assert reading("item", "product", "products").writes == 0
    desk.refresh_from_db()
    here, there = {"crm": ("CRM", "Books"), "books": ("Books", "CRM")}[edited]
    page = page_of(desk, "ben")
    assert f"so the {new}.00 EUR in {here} is not taken and not sent" in page
    assert f"Align {here} to {there}</" in page.replace("\n", "") or f"Align {here} to {there}" in page
    with pytest.raises(Refused, match=f"{there} owns price, so {there} is not brought to {here}. Nothing was planned."):
        price_deeds.align([desk], other, ben, clock)
    plan = price_deeds.align([desk], edited, ben, clock)
    browser("ben").post(f"/admin/syncjobs/plan/{plan.pk}/apply/")
    work_to_end(Run.objects.get(trigger="apply"), bulk_reader(), patience=600)
    assert on_side(zoho, edited, desk) == on_side(zoho, other, desk)


def test_two_accepted_prices_stand_until_one_of_them_changes(
    shop: Connection, reading: Reading, zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    switch(mapping_of(shop, "product", clock), cy, clock, on=True)
    reading("item", "product", "products")
    assert Conflict.objects.filter(closed_at=None, field="price").count() == 1
    desk = price("DSK-75")
    ben = browser("ben")
    ben.post(f"{LIST}{desk.pk}/accept/", {"reason": " "})
    desk.refresh_from_db()
    assert desk.state == "different"
    ben.post(f"{LIST}{desk.pk}/accept/", {"reason": "promised at the fair", "seen": price_deeds.seen_as(desk)})
    desk.refresh_from_db()
    assert (desk.state, desk.reason, str(desk.accepted_by)) == ("accepted", "promised at the fair", "Ben")
    for _ in range(2):
        assert reading("item", "product", "products").writes == 0
    assert not Conflict.objects.filter(closed_at=None, field="price").exists()
    zoho.user_update("crm", "Products", desk.product_id, {"Description": "oak"})
    reading("product")
    desk.refresh_from_db()
    assert desk.state == "accepted" and AuditEvent.objects.filter(verb="accept_price").count() == 1
    zoho.user_update("books", "items", desk.item_id, {"rate": 96})
    reading("item")
    desk.refresh_from_db()
    assert (desk.state, desk.reason, desk.accepted_by, desk.at_stake) == ("different", "", None, 18)


def test_a_new_link_is_compared_and_a_broken_one_ends_it_with_its_history(
    shop: Connection, clock: SteppedClock
) -> None:
    now = shop.now(clock)
    link = Link.objects.get(pair="product", crm_id=price("DSK-75").product_id)
    link.delete()
    assert prices.is_due(shop, now)
    prices.sweep(shop, now)
    states = dict(PriceDrift.objects.filter(code="DSK-75").values_list("state", "at_stake"))
    assert states == {"off": 0, "only_crm": 0, "only_books": 0}
    made = Link.objects.create(
        connection=shop, pair="product", crm_kind="product", crm_id=link.crm_id, books_id=link.books_id, how="person",
        made_at=now,
    )  # fmt: skip
    prices.sweep(shop, now)
    desk = price("DSK-75")
    assert (desk.state, desk.link, desk.at_stake, desk.steps.count()) == ("different", made, 24, 2)
    assert not prices.is_due(shop, now)


def test_who_may_only_look_finds_no_button_and_is_refused(shop: Connection) -> None:
    desk = price("DSK-75")
    for who in ("ada", "dee"):
        page = page_of(desk, who)
        assert "95.00 EUR" in page and "Align" not in page and "Finance or a RevOps administrator decides." in page
        assert browser(who).post(f"{LIST}{desk.pk}/align/", {"target": "crm"}).status_code == 403
        assert browser(who).post(f"{LIST}{desk.pk}/accept/", {"reason": "x"}).status_code == 403
    assert "Q-10" not in page_of(desk, "raj")  # none of these quotes is his
    assert "6 more that you can" in page_of(desk, "raj")
    answer = browser("ben").post(LIST, {"action": "align_crm", "_selected_action": [str(desk.pk)]})
    assert answer.status_code == 302 and "/plan/" in answer["Location"]
    weeks = browser("ada").get(f"{LIST}weeks/").content.decode()
    assert "DSK-75" in weeks and ">4.00<" in weeks
    rows: Any = browser("ben").get(f"{LIST}export/", {"format": "csv"})
    assert "DSK-75" in rows.getvalue().decode()


# -- the gate at conversion --------------------------------------------------------------------------------------------


@pytest.fixture
def dear(trade: Trade) -> Deal:
    """Two shelves sold at 100, which Books sells at 90 by now."""
    item = Record.objects.get(kind="item", code="SHF")
    trade.simulator.user_update("books", "items", item.remote_id, {"rate": 90})
    trade.clock.advance(400)
    run = start_run(trade.connection, "item", trade.clock, trigger="command", doorbell=False)
    work_to_end(run, bulk_reader(), patience=600)
    return trade.deal("Shelves")


def rule(trade: Trade, policy: str, cy: User) -> None:
    keep_settings(trade.connection, {"price_policy": policy}, cy, trade.clock)
    trade.connection.refresh_from_db()


def rate_of(trade: Trade, row: Conversion) -> Any:
    (draft,) = trade.drafts(row)
    return Decimal(str(draft["line_items"][0]["rate"]))


@pytest.mark.parametrize(("policy", "billed"), [("sale", 100), ("books", 90)])
def test_the_rule_bills_one_of_the_two_prices_and_the_trail_keeps_both(
    trade: Trade, dear: Deal, cy: User, policy: str, billed: int
) -> None:
    rule(trade, policy, cy)
    row = trade.settled(trade.ask(dear))
    assert (row.state, rate_of(trade, row)) == ("done", billed)
    (kept,) = row.prices
    assert (kept["sale"], kept["books"], kept["billed"], kept["why"]) == ("100", "90", str(billed), "rule")
    shown = browser("ben").get(f"/admin/invoicing/conversion/{row.pk}/").content.decode()
    said = "the sale's price, 100.00 EUR (Books says 90.00 EUR)" if policy == "sale" else "Books' price, 90.00 EUR"
    assert said.replace("'", "&#x27;") in shown
    if policy == "books":
        assert row.needs_finance and row.difference[0]["cause"] == "price"
    summary = browser("cy").get(f"/admin/accounts/connection/{trade.connection.pk}/summary/").content.decode()
    assert "Bill Books" in summary or policy == "sale"


def test_where_it_asks_finance_chooses_a_price_with_a_reason(trade: Trade, dear: Deal, cy: User) -> None:
    rule(trade, "stop", cy)
    address = f"/admin/invoicing/deal/{dear.pk}/draft/"
    ben = browser("ben")
    page = ben.get(f"/admin/invoicing/deal/{dear.pk}/").content.decode()
    assert "was sold at 100.00 EUR, and costs 90.00 EUR in Books" in page and "Bill Books" in page
    browser("cy").post(address, {"price": "books", "reason": "I say so"})  # not hers to choose
    ben.post(address, {"price": "books", "reason": ""})
    ben.post(address, {"price": "cheapest", "reason": "why not"})
    assert not Conversion.objects.exclude(state="refused").exists()
    ben.post(address, {"price": "books", "reason": "the customer knows the new price"})
    row = trade.settled(Conversion.objects.exclude(state="refused").get())
    assert (row.state, row.price_choice, rate_of(trade, row)) == ("done", "books", 90)
    assert row.prices[0]["why"] == "chosen" and row.bill_anyway == "the customer knows the new price"


def test_an_accepted_difference_bills_as_promised_whatever_the_rule(
    trade: Trade, dear: Deal, ben: User, cy: User
) -> None:
    rule(trade, "stop", cy)
    prices.sweep(trade.connection, trade.connection.now(trade.clock))
    shelf = price("SHF")
    assert (shelf.state, shelf.deals, shelf.at_stake) == ("different", 1, 20)
    price_deeds.accept(shelf, "list price of last year", ben, trade.clock)
    row = trade.settled(trade.ask(dear))
    assert (row.state, rate_of(trade, row)) == ("done", 100)
    assert "accepted that the two prices differ: list price of last year" in row.prices[0]["sentence"]
    trade.clock.advance(timedelta(minutes=11).total_seconds())
    prices.sweep(trade.connection, trade.connection.now(trade.clock))
    shelf.refresh_from_db()
    assert (shelf.deals, shelf.at_stake) == (0, 0)


def test_books_price_that_moves_between_preview_and_click_asks_for_a_new_look(
    trade: Trade, dear: Deal, cy: User
) -> None:
    rule(trade, "books", cy)
    seen = previews.preview(trade.connection, dear, None, trade.clock).digest
    Record.objects.filter(kind="item", code="SHF").update(price=Decimal(80))
    browser("ben").post(f"/admin/invoicing/deal/{dear.pk}/draft/", {"previewed": seen})
    row = Conversion.objects.get()
    assert row.state == "refused" and "or one of its prices in Books was" in row.problems[0]["message"]
