"""Lead times: moments as zbridge saw them, median and worst per week with the rows behind, touches of people."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from invoicing import again, reading
from invoicing.models import Conversion, Deal
from tests.people import browser
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db
REPORT = "/admin/reports/lead-times/"


def page(query: str = "", who: str = "ben") -> Any:
    answer: Any = browser(who).get(REPORT + query)
    assert answer.status_code == 200
    return answer


def billed_after(trade: Trade, name: str, minutes: int) -> Conversion:
    """A deal that was seen won so long before its draft stood."""
    deal = trade.deal(name)
    assert Deal.objects.get(pk=deal.pk).won_seen_at == trade.connection.now(trade.clock)
    trade.clock.advance(60 * minutes)
    row = trade.settled(trade.ask(deal))
    assert row.state == "done", row.problems
    return row


def rows_of(answer: Any) -> list[dict[str, str]]:
    heads = [one.text for one in answer.context["headers"]]
    return [dict(zip(heads, [cell.text for cell in row], strict=True)) for row in answer.context["rows"]]


def test_median_and_worst_of_a_week_with_three_rows_behind_them(trade: Trade) -> None:
    for name, minutes in (("One", 2), ("Two", 14), ("Three", 190)):
        billed_after(trade, name, minutes)
    answer = page("?flow=won")
    assert sorted(row["It took"] for row in rows_of(answer)) == ["14 min", "190 min", "2 min"]
    assert "All 3, median 14 min, worst 190 min" in answer.content.decode()
    chart = answer.context["chart"]
    assert (list(chart.labels), {name: [str(one) for one in found] for name, found in chart.series.items()}) == (
        ["23 Nov (3)"], {"Minutes, median": ["14.0"], "Minutes, worst": ["190.0"]},
    )  # fmt: skip


def test_a_quote_s_acceptance_to_its_draft(trade: Trade) -> None:
    row = billed_after(trade, "One", 14)
    Conversion.objects.update(accepted_seen_at=row.stood_at and row.stood_at - timedelta(minutes=14))
    assert [found["It took"] for found in rows_of(page())] == ["14 min"]


def test_sending_and_paying_are_seen_with_the_readings(trade: Trade) -> None:
    row = billed_after(trade, "One", 5)
    assert rows_of(page("?flow=sent")) == []
    trade.clock.advance(3 * 3600)
    trade.simulator.act("books", "invoices", row.books_invoice_id, "send")
    read(trade.connection, trade.seams, "invoice")
    trade.clock.advance(86400 * 5)
    trade.simulator.act("books", "invoices", row.books_invoice_id, "pay", {"amount": "238.00"})
    read(trade.connection, trade.seams, "invoice")
    assert [found["It took"] for found in rows_of(page("?flow=sent"))] == ["180 min"]
    assert [found["It took"] for found in rows_of(page("?flow=paid"))] == ["5 d 0 h"]


def test_a_deal_that_reopens_is_measured_from_when_it_was_won_again(trade: Trade) -> None:
    deal = trade.deal("One")
    for stage in ("Negotiation/Review", "Closed Won"):
        trade.clock.advance(600)
        trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Stage": stage})
        reading.refresh_deal(trade.connection, deal.crm_id, trade.bench())
    assert Deal.objects.get().won_seen_at == trade.connection.now(trade.clock)


def test_what_is_billed_again_waited_for_a_person_and_is_not_measured(trade: Trade, ben: User) -> None:
    row = billed_after(trade, "One", 5)
    trade.simulator.act("books", "invoices", row.books_invoice_id, "void")
    trade.clock.advance(86400)
    read(trade.connection, trade.seams, "invoice")
    row.refresh_from_db()
    again.ask(row, "Wrong address", ben, trade.clock)
    trade.settled(Conversion.objects.get(generation=2))
    assert len(rows_of(page("?flow=won"))) == 1


def test_touches_are_the_deeds_of_people(trade: Trade, ben: User) -> None:
    by_itself = billed_after(trade, "One", 5)
    handled = billed_after(trade, "Two", 5)
    again.wrong(handled, "Wrong address", ben, trade.clock)
    again.wrong(handled, "And the wrong day", ben, trade.clock)
    found = {row["Invoice"]: row["Touches"] for row in rows_of(page("?flow=won"))}
    assert found == {by_itself.invoice_number: "0", handled.invoice_number: "2"}
    assert "1.0 touches an invoice" in page("?flow=won").content.decode()


def test_it_says_how_it_is_counted_and_leaves_as_a_file(trade: Trade) -> None:
    row = billed_after(trade, "One", 14)
    assert "Touches are the deeds of people" in page("?flow=won").content.decode()
    answer: Any = browser("ben").get(f"{REPORT}export/?flow=won&format=csv")
    whole = b"".join(answer.streaming_content).decode()
    assert "Minutes" in whole and row.invoice_number in whole and ",14," in whole


def test_many_rows_cost_as_many_queries_as_few(trade: Trade) -> None:
    def queries() -> int:
        page("?flow=won")
        with CaptureQueriesContext(database) as caught:
            page("?flow=won")
        return len(caught)

    row = billed_after(trade, "One", 5)
    few = queries()
    for number in range(20):
        row.pk, row.books_invoice_id, row.key, row.part = None, f"copy-{number}", f"ZB-COPY{number}", 2 + number
        row.save(force_insert=True)
    assert queries() == few


def test_a_month_takes_what_ended_in_it(trade: Trade) -> None:
    billed_after(trade, "One", 5)
    assert len(rows_of(page("?flow=won&month=2026-11"))) == 1
    assert "No rows for" in page("?flow=won&month=2026-10").content.decode()
