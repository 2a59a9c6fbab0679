"""Drafts to review: source beside draft, what differs and why, warnings first; sent ones leave by themselves."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Notice, User
from invoicing import again, drifting
from invoicing.models import Conversion
from syncjobs.models import Run
from tests.people import browser, person
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from zbridge.site.navigation import sidebar

pytestmark = pytest.mark.django_db
REVIEW = "/admin/invoicing/review/"


def billed(trade: Trade, name: str, amount: int = 200) -> Conversion:
    """A sale of 200.00 whose deal says what it says."""
    deal = trade.deal(name)
    trade.simulator.user_update("crm", "Deals", deal.crm_id, {"Amount": amount})
    row = trade.settled(trade.ask(trade.read_deal(deal.crm_id)))
    assert row.state == "done", row.problems
    return row


def words(who: str = "ben", query: str = "") -> str:
    answer = browser(who).get(REVIEW + query)
    assert answer.status_code == 200
    text = unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return " ".join(text.split())


def shown(who: str = "ben") -> list[str]:
    """The drafts' numbers in the order of the page."""
    answer: Any = browser(who).get(REVIEW)
    return [row.invoice.number for row in answer.context["rows"]]


def next_reading(trade: Trade) -> None:
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "invoice", "deal")


def badge(who: str) -> str:
    request: Any = browser(who).get("/admin/").wsgi_request
    request.user = person(who)
    items = [item for group in sidebar(request) for item in group["items"]]
    return next((str(item.get("badge", "")) for item in items if item["title"] == "Drafts to review"), "no entry")


def test_a_draft_stands_beside_its_source_and_says_whom_it_was_told(trade: Trade) -> None:
    row = billed(trade, "Shelves")
    said = words()
    assert f"{row.customer_name}: {row.invoice_number}" in said and "From deal Shelves" in said
    assert "In CRM 200.00 EUR net" in said and "Draft 238.00 EUR with tax 200.00 EUR net" in said
    assert "Difference None." in said and "Told Finance," in said


def test_warnings_come_first_and_then_the_oldest(trade: Trade) -> None:
    first, second = billed(trade, "First"), billed(trade, "Second")
    odd = billed(trade, "Odd", amount=260)
    assert shown() == [odd.invoice_number, first.invoice_number, second.invoice_number]
    assert "60.00 EUR that nothing here explains" in words()
    trade.simulator.user_update("crm", "Deals", second.deal.crm_id if second.deal else "", {"Stage": "Closed Lost"})
    next_reading(trade)
    assert shown() == [second.invoice_number, odd.invoice_number, first.invoice_number]
    assert "is lost in CRM now" in words()


def test_the_first_row_carries_the_primary_button_into_books(trade: Trade) -> None:
    rows = [billed(trade, name) for name in ("One", "Two")]
    said = browser("ben").get(REVIEW).content.decode()
    found = re.findall(r'<a class="house-button( primary)?" href="([^"]+)" target', said)
    assert [primary for primary, _ in found] == [" primary", ""]
    assert rows[0].books_invoice_id in found[0][1]


def test_what_finance_sends_in_books_leaves_the_list_by_itself(trade: Trade) -> None:
    sent, waits = billed(trade, "One"), billed(trade, "Two")
    assert badge("ben") == "2"
    trade.simulator.act("books", "invoices", sent.books_invoice_id, "send")
    assert len(shown()) == 2
    next_reading(trade)
    assert shown() == [waits.invoice_number] and badge("ben") == "1"
    sent.refresh_from_db()
    assert sent.sent_seen_at == trade.connection.now(trade.clock) and sent.invoice_status == "sent"


def test_when_all_are_sent_the_page_says_when_the_last_one_was(trade: Trade) -> None:
    assert "All drafts are sent." in words() and "Last one" not in words()
    row = billed(trade, "One")
    trade.simulator.act("books", "invoices", row.books_invoice_id, "send")
    next_reading(trade)
    assert "All drafts are sent. Last one 25 Nov " in words() and badge("ben") == ""


def test_a_wrong_draft_is_noted_with_its_reason_and_leads_into_books(trade: Trade) -> None:
    row = billed(trade, "One")
    browser("ben").post(f"{REVIEW}{row.pk}/wrong/", {"reason": " "})
    row.refresh_from_db()
    assert row.needs_finance == ""
    answer = browser("ben").post(f"{REVIEW}{row.pk}/wrong/", {"reason": "Wrong address"}, follow=True)
    assert f"Open {row.invoice_number} in Books to delete it" in answer.content.decode()
    assert "Ben calls this draft wrong: Wrong address" in words()
    assert AuditEvent.objects.filter(verb="wrong", subject_id=str(row.pk)).count() == 1


def test_once_the_wrong_draft_is_deleted_in_books_the_rep_is_told_and_the_deal_can_be_billed_again(
    trade: Trade, ben: User
) -> None:
    row = billed(trade, "One")
    ada = person("ada")
    User.objects.filter(pk=ada.pk).update(crm_user_id=row.deal.owner_id if row.deal else "")
    again.wrong(row, "Wrong address", ben, trade.clock)
    trade.simulator.user_delete("books", "invoices", row.books_invoice_id)
    trade.clock.advance(3700)
    drifting.look_for_gone(trade.connection, trade.bench())
    assert shown() == []
    told = Notice.objects.get(user=ada)
    assert "was deleted in Books" in told.title and "Wrong address" in told.text and "can be billed again" in told.text
    row.refresh_from_db()
    again.ask(row, "Right address now", ben, trade.clock)
    new = trade.settled(Conversion.objects.get(generation=2))
    assert new.state == "done" and shown() == [new.invoice_number]


def test_dee_reads_and_presses_nothing_ada_has_no_such_page(trade: Trade) -> None:
    row = billed(trade, "One")
    assert row.invoice_number in words("dee") and "Wrong draft?" not in words("dee")
    assert browser("dee").post(f"{REVIEW}{row.pk}/wrong/", {"reason": "x"}).status_code == 403
    assert browser("ada").get(REVIEW).status_code == 403
    assert badge("ada") == "no entry"


def test_many_drafts_cost_no_more_queries_than_few_and_come_in_pages(trade: Trade) -> None:
    def queries() -> int:
        client = browser("ben")
        client.get(REVIEW)
        with CaptureQueriesContext(database) as caught:
            client.get(REVIEW)
        return len(caught)

    one = billed(trade, "One")
    few = queries()
    copies(one, 60)
    assert queries() == few <= 16
    assert len(shown()) == 50 and "Next" in words() and "51–61" in words(query="?p=2")


def copies(row: Conversion, count: int) -> None:
    """As many further drafts like it."""
    invoice = row.connection.invoice_set.get(books_id=row.books_invoice_id)
    for number in range(count):
        invoice.pk, invoice.books_id, invoice.number = None, f"copy-{number}", f"INV-9{number:05}"
        invoice.save(force_insert=True)
        row.pk, row.books_invoice_id, row.key, row.part = None, f"copy-{number}", f"ZB-COPY{number}", 2 + number
        row.save(force_insert=True)


def test_the_page_calls_nobody(trade: Trade) -> None:
    billed(trade, "One")
    before = len(trade.simulator.log.since(0))
    words()
    assert len(trade.simulator.log.since(0)) == before and not Run.objects.filter(ended_at=None).exists()
