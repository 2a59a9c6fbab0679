"""Books' price lists held against what CRM's quotes were priced at; and the gate that bills by them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.clients import seams
from accounts.connecting import keep_settings
from accounts.models import AuditEvent, Connection, User
from invoicing import list_price_deeds, list_prices, price_lists, prices, reading, stakes, sweeping
from invoicing.deciding import Refused
from invoicing.models import ListPrice, PriceCheck, PriceDrift, PriceList, Quote, SoldProduct
from invoicing.tasks import read_price_lists, workbench
from syncjobs.models import Link, Record
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from tests.stories.small_trade import Trade
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.zoho.errors import ZohoError

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/invoicing/listprice/"
ASKED = "/books/v3/pricebooks"


@pytest.fixture
def shop(company: Connection, clock: SteppedClock) -> Connection:
    """Brightwater, its base prices compared and its price lists read once."""
    prices.sweep(company, company.now(clock))
    read_price_lists(company.pk)
    return company


@pytest.fixture
def quotes_read(shop: Connection, clock: SteppedClock) -> Callable[[], None]:
    """What changed on CRM's quotes is read."""

    def run() -> None:
        clock.advance(400)
        work_to_end(start_run(shop, "quote", clock, trigger="command", doorbell=False), bulk_reader(), patience=600)

    return run


def row(code: str, name: str = "Dealers EUR") -> ListPrice:
    return ListPrice.objects.get(code=code, list_name=name)


def read_again(connection: Connection, clock: SteppedClock) -> None:
    clock.advance(60)
    price_lists.read(connection, workbench())


def page_of(found: ListPrice, who: str) -> str:
    return browser(who).get(f"{LIST}{found.pk}/").content.decode()


def asked(zoho: Simulator) -> int:
    return sum(one["path"] == ASKED for one in zoho.log.since(0))


def list_id(name: str) -> str:
    return PriceList.objects.get(name=name).books_id


def rerate(zoho: Simulator, name: str, **rates: str) -> None:
    """Finance sets the rates of a list in Books: exactly these, by SKU."""
    items = [
        {"item_id": Record.objects.get(kind="item", code=code.replace("_", "-")).remote_id, "pricebook_rate": rate}
        for code, rate in rates.items()
    ]
    zoho.user_update("books", "pricebooks", list_id(name), {"pricebook_items": items})


def test_one_rate_is_the_same_one_differs_and_one_list_is_missing(shop: Connection) -> None:
    table, chair, fair = row("TBL-310"), row("CHR-120"), row("HBK-80", "Spring fair")
    assert (table.state, table.books_rate, table.crm_lowest, table.at_stake) == ("same", 310, 310, 0)
    assert (chair.state, chair.books_rate, chair.crm_lowest) == ("different", 114, 120)
    assert (chair.quotes, chair.gap, chair.at_stake) == (1, 6, 48) and chair.since
    assert (fair.state, fair.price_list, fair.crm_lowest, fair.at_stake) == ("missing", None, 80, 0)
    assert row("CAB-215").state == "unused" and row("CHR-120", "Dealers USD").state == "unused"
    shown = browser("ben").get(LIST).content.decode()
    assert "1 identical on CRM" in shown and "1 differ, 1 missing in Books." in shown and "48.00 EUR" in shown
    assert "compared and never written" in shown
    page = page_of(chair, "ben")
    assert "120.00 EUR on CRM&#x27;s quotes, 114.00 EUR in Books&#x27; price list: up to 6.00 EUR apart." in page
    assert (
        ">Q-1047" in page
        and "at stake: what it makes to bill them at the list" in page
        and "In Books: Items, Price Lists" in page
    )
    assert "Books has no active price list “Spring fair” in EUR for sales" in page_of(fair, "ben")
    base = PriceDrift.objects.get(code="CHR-120")
    card = browser("ben").get(f"/admin/invoicing/pricedrift/{base.pk}/").content.decode()
    assert "In price lists" in card and f"{LIST}{chair.pk}/" in card and "114.00 EUR" in card
    assert LIST in browser("ben").get("/admin/invoicing/pricedrift/").content.decode()


def test_a_rate_changed_in_books_is_seen_at_the_next_reading_with_what_it_was(
    shop: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    rerate(zoho, "Dealers EUR", TBL_310="300", CHR_120="120")
    read_again(shop, clock)
    table, chair = row("TBL-310"), row("CHR-120")
    assert (table.state, table.books_rate, table.was_rate, table.at_stake) == ("different", 300, 310, 10)
    assert table.rate_since == table.since == shop.now(clock)
    assert (chair.state, chair.since, chair.was_rate, chair.at_stake) == ("same", None, 114, 0)
    assert not ListPrice.objects.filter(code="CAB-215", list_name="Dealers EUR").exists()
    zoho.user_update("books", "pricebooks", list_id("Dealers EUR"), {"name": "DEALERS  eur"})
    read_again(shop, clock)
    assert row("TBL-310", "DEALERS  eur").since == table.since


def test_it_follows_the_quotes_as_they_are_read(
    shop: Connection, quotes_read: Callable[[], None], zoho: Simulator
) -> None:
    quote = Quote.objects.get(number="Q-1047")
    lines = (zoho.verbs("crm").read(zoho, "Quotes", quote.crm_id) or {})["Quoted_Items"]
    chair = next(one for one in lines if one["List_Price"] == 120)
    zoho.user_update("crm", "Quotes", quote.crm_id, {"Quoted_Items": [{"id": chair["id"], "List_Price": 114}]})
    quotes_read()
    assert row("CHR-120").state == "same"
    change = {"id": chair["id"], "Price_Book_Name": "Retail"}
    zoho.user_update("crm", "Quotes", quote.crm_id, {"Quoted_Items": [change]})
    quotes_read()
    assert (row("CHR-120").state, row("CHR-120", "Retail").state) == ("unused", "missing")
    zoho.user_update("crm", "Quotes", quote.crm_id, {"Quote_Stage": "Closed Lost"})
    quotes_read()
    assert not ListPrice.objects.filter(list_name="Retail").exists() and row("TBL-310").state == "unused"


def test_what_a_list_prices_is_not_at_stake_on_the_base_price(
    shop: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    """A line that a list of Books prices is billed at its rate, whatever the item's own is."""
    chair = row("CHR-120")
    zoho.user_update("books", "items", chair.item_id, {"rate": 126})
    clock.advance(60)
    work_to_end(start_run(shop, "item", clock, trigger="command", doorbell=False), bulk_reader(), patience=600)
    base = PriceDrift.objects.get(code="CHR-120")
    lines = stakes.still_valid(shop, stakes.open_lines(shop, [chair.product_id]), shop.now(clock))
    quotes = {line.quote_id for line in lines if line.quote_id}
    listed = {line.quote_id for line in lines if line.price_book}
    assert (base.books_price, base.state, base.quotes) == (126, "different", len(quotes - listed))
    SoldProduct.objects.filter(product_id=chair.product_id).update(price_book="Nobody's list")
    stakes.refresh(shop, [base], shop.now(clock))
    assert base.quotes == len(quotes) > len(quotes - listed)


def test_a_quote_in_another_currency_is_held_against_the_list_of_that_currency_only(
    shop: Connection, quotes_read: Callable[[], None], zoho: Simulator
) -> None:
    tessera, seat = Quote.objects.get(number="Q-1047"), Record.objects.get(kind="product", code="CHR-120")
    line = {"Product_Name": {"id": seat.remote_id}, "Quantity": 2, "List_Price": 125, "Price_Book_Name": "dealers usd"}
    made = {"Subject": "Chairs", "Quote_Stage": "Delivered", "Account_Name": {"id": tessera.account_id}}
    zoho.user_create("crm", "Quotes", {**made, "Currency": "USD", "Quoted_Items": [line]})
    zoho.user_create("crm", "Quotes", {**made, "Subject": "In EUR", "Currency": "EUR", "Quoted_Items": [line]})
    quotes_read()
    dollars = row("CHR-120", "Dealers USD")
    assert (dollars.state, dollars.currency, dollars.gap, dollars.at_stake) == ("different", "USD", 4, 8)
    euros = ListPrice.objects.get(code="CHR-120", list_key="dealers usd", currency="EUR")
    assert (euros.state, euros.price_list) == ("missing", None)
    only = browser("ben").get(f"{LIST}?currency=USD&list=dealers+usd").content.decode()
    assert "8.00 USD" in only and "48.00 EUR" not in only
    rows: Any = browser("ben").get(f"{LIST}export/", {"format": "csv", "tab": "all", "q": "chr"})
    assert "Dealers USD" in rows.getvalue().decode() and "TBL-310" not in rows.getvalue().decode()


def test_it_follows_a_link_that_is_broken_and_made_anew(shop: Connection, clock: SteppedClock) -> None:
    link = Link.objects.get(pair="product", crm_id=row("CHR-120").product_id)
    link.delete()
    prices.sweep(shop, shop.now(clock))
    rows = ListPrice.objects.filter(list_name="Dealers EUR", code="CHR-120")
    assert sorted(rows.values_list("state", "is_listed")) == [("missing", False), ("unused", True)]
    Link.objects.create(
        connection=shop, pair="product", crm_kind="product", crm_id=link.crm_id, books_id=link.books_id, how="person",
        made_at=shop.now(clock),
    )  # fmt: skip
    prices.sweep(shop, shop.now(clock))
    assert row("CHR-120").state == "different"


def test_a_quote_that_ran_out_is_noticed_without_being_read_again(shop: Connection, clock: SteppedClock) -> None:
    Quote.objects.filter(number="Q-1047").update(valid_till=shop.today(clock))
    clock.advance(timedelta(days=1, minutes=11).total_seconds())
    assert prices.is_due(shop, shop.now(clock))
    prices.sweep(shop, shop.now(clock))
    assert (row("CHR-120").state, row("CHR-120").quotes) == ("unused", 0)


def test_finance_accepts_with_a_reason_and_it_holds_for_these_prices(
    shop: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    chair = row("CHR-120")
    address, ben = f"{LIST}{chair.pk}/accept/", browser("ben")
    ben.post(address, {"reason": " "})
    ben.post(address, {"reason": "agreed", "seen": "1|2|3"})
    assert row("CHR-120").state == "different"
    ben.post(address, {"reason": "agreed for the year", "seen": list_price_deeds.seen_as(chair)})
    chair.refresh_from_db()
    assert (chair.state, chair.reason, str(chair.accepted_by)) == ("accepted", "agreed for the year", "Ben")
    read_again(shop, clock)
    assert "“agreed for the year”" in page_of(row("CHR-120"), "ben")
    assert AuditEvent.objects.filter(verb="accept_list_price").count() == 1
    rerate(zoho, "Dealers EUR", CHR_120="110")
    read_again(shop, clock)
    chair.refresh_from_db()
    assert (chair.state, chair.reason, chair.accepted_by) == ("different", "", None)


def test_what_was_accepted_can_be_taken_back(shop: Connection, ben: User, clock: SteppedClock) -> None:
    list_price_deeds.accept(row("CHR-120"), "agreed", ben, clock)
    browser("ben").post(f"{LIST}{row('CHR-120').pk}/take-back/")
    assert (row("CHR-120").state, row("CHR-120").reason) == ("different", "")
    with pytest.raises(Refused, match="aren't accepted"):
        list_price_deeds.take_back(row("CHR-120"), ben, clock)


def test_who_may_only_look_finds_no_button_and_is_refused(shop: Connection) -> None:
    chair = row("CHR-120")
    for who in ("ada", "dee"):
        page = page_of(chair, who)
        assert "114.00 EUR" in page and "Compare now" not in page and "Finance or a RevOps administrator" in page
        assert browser(who).post(f"{LIST}{chair.pk}/accept/", {"reason": "x"}).status_code == 403
        assert browser(who).post(f"{LIST}compare/").status_code == 403
    assert ">Q-1047" not in page_of(chair, "raj") and "1 more that you can" in page_of(chair, "raj")


def test_lists_are_read_once_a_day_in_the_quiet_hours_and_when_somebody_asks(
    shop: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    assert asked(zoho) == 1 and not price_lists.due(shop, clock)
    read_price_lists(shop.pk)
    answer = browser("ben").post(f"{LIST}compare/", {"row": row("CHR-120").pk}, follow=True)
    assert asked(zoho) == 2 and "2 active price lists for sales in Books" in answer.content.decode()
    browser("ben").get(LIST), page_of(row("CHR-120"), "ben")
    assert asked(zoho) == 2
    clock.advance(timedelta(days=1).total_seconds())
    assert price_lists.due(shop, clock)
    hour = shop.now(clock).astimezone().hour
    shop.bulk_opens, shop.bulk_closes = time((hour + 8) % 24), time((hour + 10) % 24)
    assert not price_lists.due(shop, clock)
    clock.advance(timedelta(days=1, hours=1).total_seconds())
    assert price_lists.due(shop, clock)


def test_a_plan_without_price_lists_is_said_in_plain_words_and_asked_once_a_day(
    shop: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    zoho.faults.add({"path": f"^{ASKED}$", "times": 2, "status": 400, "code": 9, "message": "Not in plan."})
    answer = browser("ben").post(f"{LIST}compare/", follow=True).content.decode()
    assert "Books gave no price lists" in answer and "Not in plan." in answer
    assert row("CHR-120").state == "different"
    clock.advance(timedelta(hours=2).total_seconds())
    assert not price_lists.due(shop, clock)
    clock.advance(timedelta(hours=23).total_seconds())
    with suppress(ZohoError):
        price_lists.read(shop, workbench())
    read_again(shop, clock)
    assert "Books gave no price lists" not in browser("ben").get(LIST).content.decode()


def test_books_that_does_not_answer_is_asked_again_at_the_next_sweep(
    shop: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    clock.advance(timedelta(days=1).total_seconds())
    zoho.faults.add({"path": f"^{ASKED}$", "times": 9, "status": 503})
    read_price_lists(shop.pk)
    assert price_lists.due(shop, clock) and not PriceCheck.objects.get(connection=shop).lists_trouble


def test_nothing_is_called_missing_before_the_lists_were_read(company: Connection, clock: SteppedClock) -> None:
    prices.sweep(company, company.now(clock))
    assert SoldProduct.objects.filter(price_book="Spring fair").exists() and not ListPrice.objects.exists()
    assert "were not read yet" in browser("ben").get(LIST).content.decode()
    sweeping.work_due(company, seams().clock)
    assert ListPrice.objects.filter(state="missing").count() == 1


def test_no_list_in_books_is_no_fault(shop: Connection, clock: SteppedClock) -> None:
    SoldProduct.objects.update(price_book="")
    price_lists.keep(shop, [], shop.now(clock))
    assert not ListPrice.objects.exists()
    assert "Books has no active price list for sales, and no open quote" in browser("ben").get(LIST).content.decode()


def test_lists_that_do_not_price_by_item_are_told_and_not_compared(shop: Connection, clock: SteppedClock) -> None:
    item = Record.objects.get(kind="item", code="CHR-120").remote_id
    of_item = {"item_id": item, "pricebook_rate": Decimal(114)}
    dealers = {"pricebook_id": "1", "name": "Dealers EUR", "currency_code": "EUR"}
    untold: tuple[dict[str, Any], ...] = (
        {"pricebook_items": [{**of_item, "price_brackets": [{"start_quantity": 1, "pricebook_rate": 114}]}]},
        {"pricebook_items": [{**of_item, "pricebook_discount": "5%"}]},
        {"pricebook_items": [of_item, {**of_item, "pricebook_rate": Decimal(110)}]},
        {"pricebook_items": [{**of_item, "pricebook_rate": "dear"}]},
        {"pricebook_type": "fixed_percentage", "percentage": 5},
        {},
    )
    for shown in untold:
        price_lists.keep(shop, [{**dealers, **shown}], shop.now(clock))
        assert row("CHR-120").state == "unpriced", shown
        assert "so it is not compared" in page_of(row("CHR-120"), "ben")
    for other in ({"status": "inactive"}, {"sales_or_purchase_type": "purchases"}):
        price_lists.keep(shop, [{**dealers, "pricebook_items": [of_item], **other}], shop.now(clock))
        assert row("CHR-120").state == "missing"


def test_where_crm_does_not_let_price_books_be_queried_quotes_are_read_all_the_same(
    company: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    zoho.faults.add({"path": "^/crm/v8/coql$", "times": 1, "status": 400, "code": "INVALID_QUERY"})
    Quote.objects.update(lines=None, digest="")
    Quote.objects.filter(number="Q-1047").update(subject="old")
    clock.advance(400)
    run = start_run(company, "quote", clock, full=True, trigger="command", doorbell=False)
    work_to_end(run, bulk_reader(), patience=600)
    lines = Quote.objects.get(number="Q-1047").lines or []
    assert len(lines) == 2 and all("Price_Book_Name" not in one for one in lines)
    quote = reading.refresh_quote(company, Quote.objects.get(number="Q-1047").crm_id, workbench())
    assert {one["Price_Book_Name"] for one in quote.lines or []} == {"Dealers EUR"}


# -- the gate at conversion --------------------------------------------------------------------------------------------


@pytest.fixture
def listed(trade: Trade) -> Quote:
    """Two shelves quoted at 95 by “Dealers”, where the item costs 100 and Books' list says 90."""
    item = Record.objects.get(kind="item", code="SHF")
    rates = [{"item_id": item.remote_id, "pricebook_rate": 90}]
    trade.simulator.user_create("books", "pricebooks", {"name": "Dealers", "pricebook_items": rates})
    trade.simulator.user_create(
        "books", "pricebooks", {"name": "Dealers", "currency_code": "USD", "pricebook_items": rates}
    )
    line = {"Product_Name": {"id": trade.ids["product"]}, "Quantity": 2, "List_Price": 95, "Price_Book_Name": "Dealers"}
    made = {
        "Subject": "Shelves", "Quote_Stage": "Accepted", "Account_Name": {"id": trade.ids["account"]},
        "Quoted_Items": [line],
    }  # fmt: skip
    crm_id = trade.simulator.user_create("crm", "Quotes", made)["id"]
    prices.sweep(trade.connection, trade.connection.now(trade.clock))
    price_lists.read(trade.connection, trade.bench())
    return reading.quote(trade.connection, crm_id, trade.bench())


@pytest.mark.parametrize(("policy", "billed"), [("sale", 95), ("books", 90)])
def test_a_quote_priced_by_a_list_is_held_against_the_list_s_rate_and_the_trail_names_it(
    trade: Trade, listed: Quote, cy: User, policy: str, billed: int
) -> None:
    keep_settings(trade.connection, {"price_policy": policy}, cy, trade.clock)
    done = trade.settled(trade.ask_quote(listed))
    (draft,) = trade.drafts(done)
    assert (done.state, Decimal(str(draft["line_items"][0]["rate"]))) == ("done", Decimal(billed))
    (kept,) = done.prices
    assert (kept["sale"], kept["books"], kept["price_list"]) == ("95", "90", "Dealers")
    assert "the price list “Dealers”" in kept["sentence"]


def test_the_gate_stops_names_the_list_and_follows_what_was_accepted_for_it(
    trade: Trade, listed: Quote, cy: User, ben: User
) -> None:
    keep_settings(trade.connection, {"price_policy": "stop"}, cy, trade.clock)
    page = browser("ben").get(f"/admin/invoicing/quote/{listed.pk}/").content.decode()
    assert "costs 90.00 EUR in Books, by the price list “Dealers”." in page
    found = ListPrice.objects.get(code="SHF", currency="EUR")
    assert (found.state, found.at_stake) == ("different", 10)
    list_price_deeds.accept(found, "promised to dealers", ben, trade.clock)
    done = trade.settled(trade.ask_quote(listed))
    assert done.state == "done" and "promised to dealers" in done.prices[0]["sentence"]
    trade.clock.advance(timedelta(minutes=11).total_seconds())
    prices.sweep(trade.connection, trade.connection.now(trade.clock))
    found.refresh_from_db()
    assert (found.state, found.quotes) == ("unused", 0)
    assert not list_prices.old(trade.connection, trade.connection.now(trade.clock)).exists()
