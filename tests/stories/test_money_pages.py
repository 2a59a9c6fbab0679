"""Before a call: the account's page, an invoice, a payment, the PDF; from our own tables, also while Zoho is down."""

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Connection
from invoicing import receivables
from invoicing.account_page import account_page
from invoicing.models import Account, Deal, Invoice, Payment
from syncjobs import linking
from syncjobs.models import Link, Record
from syncjobs.reading import feed_of
from tests.people import browser, person
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(company: Connection, clock: SteppedClock) -> Connection:
    """Read and linked, and its reps known: Ada sells to Acme, Raj to Kestrel Air."""
    linking.link_customers(company, clock)
    for who, deal in (("ada", "Warehouse fit-out"), ("raj", "Crew training")):
        theirs = Deal.objects.get(name=deal).owner_id
        Deal.objects.filter(owner_id=theirs).update(owner_id=f"u-{who}")
    return company


def account(name: str) -> Account:
    return Account.objects.get(name__startswith=name)


def page(name: str, path: str) -> str:
    answer: Any = browser(name).get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def of_account(name: str, who: str = "ben") -> str:
    return page(who, f"/admin/invoicing/account/{account(name).pk}/")


def test_acme_s_page_says_what_the_customer_owes_before_the_call(company: Connection) -> None:
    found = of_account("Acme")
    for said in (
        "2 overdue, oldest 43 days, 3,900.00 EUR", "Last paid 1,200.00 EUR on", "4,500.00 EUR", "150.00 EUR",
        "950.00 EUR (1)", "Open balances by age", "2,700.00 EUR", "as of <time",
    ):  # fmt: skip
        assert said in found, said


def test_the_invoice_due_longest_ago_stands_on_top_and_a_draft_below(company: Connection, clock: SteppedClock) -> None:
    acme = account("Acme")
    bills = account_page(acme, person("ben"), clock).invoices
    owed = [bill.invoice.due_on or date.max for bill in bills if bill.invoice.balance and bill.state != "Draft"]
    assert [bill.state for bill in bills[:4]] == ["Overdue", "Overdue", "Sent", "Draft"]
    assert owed == sorted(owed)


def test_one_payment_over_two_invoices_and_one_paid_too_much_are_told_right(company: Connection) -> None:
    ridgeway, vega = of_account("Ridgeway"), of_account("Vega")
    assert "2,500.00 EUR" in ridgeway and "<strong>300.00 EUR</strong>" in ridgeway
    assert "Nothing overdue" in vega and "50.00 EUR" in vega
    paid = Payment.objects.get(amount=2500)
    said = page("ben", f"/admin/invoicing/payment/{paid.pk}/")
    assert "1,800.00 EUR" in said and "700.00 EUR" in said


def test_with_books_off_the_page_stays_with_its_age_and_nobody_calls_books(
    company: Connection, zoho: Simulator
) -> None:
    zoho.store.set("sides", {"books": "off"})
    last = zoho.log.last
    found = of_account("Acme")
    assert "3,900.00 EUR" in found and "as of <time" in found and zoho.log.last == last


def test_refresh_now_reads_one_account_in_a_handful_of_calls(company: Connection, zoho: Simulator) -> None:
    bill = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
    zoho.act("books", "invoices", bill.books_id, "pay", {"amount": Decimal(2700)})
    last = zoho.log.last
    answer: Any = browser("ada").post(f"/admin/invoicing/account/{account('Acme').pk}/refresh/", follow=True)
    assert "1 overdue, oldest 12 days, 1,200.00 EUR" in answer.content.decode()
    assert "2,700.00 EUR on" in answer.content.decode()
    assert len([one for one in zoho.log.since(last) if "/books/" in one["path"]]) <= 5


def test_refresh_now_while_books_is_down_says_so_and_loses_nothing(company: Connection, zoho: Simulator) -> None:
    zoho.faults.add({"method": "GET", "path": "/books/", "status": 503, "code": 0})
    answer: Any = browser("ben").post(f"/admin/invoicing/account/{account('Acme').pk}/refresh/", follow=True)
    found = answer.content.decode()
    assert "could not be read just now" in found and "What you see is as last read." in found
    assert "3,900.00 EUR" in found


def test_dee_may_look_but_presses_nothing(company: Connection) -> None:
    assert "Refresh now</button>" not in of_account("Acme", "dee")
    assert browser("dee").post(f"/admin/invoicing/account/{account('Acme').pk}/refresh/").status_code == 403


def test_solway_is_overdue_at_midnight_in_berlin_on_page_and_list(company: Connection, clock: SteppedClock) -> None:
    assert "Nothing overdue" in of_account("Solway")
    assert "Solway" not in page("ben", "/admin/invoicing/account/?tab=overdue")
    clock.advance(86_400)
    assert "1 overdue, oldest 1 day, 1,020.00 EUR" in of_account("Solway")
    assert "Solway" in page("ben", "/admin/invoicing/account/?tab=overdue")


def test_an_invoice_s_page_shows_its_way_and_reads_its_lines_when_asked(company: Connection) -> None:
    row = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
    where = f"/admin/invoicing/invoice/{row.pk}/"
    found = page("ben", where)
    assert "Overdue for 43 days" in found and "Lines are read from Books only when" in found
    answer: Any = browser("ben").post(f"{where}refresh/", follow=True)
    assert "As last read from Books." in answer.content.decode() and "2,268.91 EUR" in answer.content.decode()
    assert row.books_id in found


def test_the_rep_gets_the_pdf_and_it_is_kept_nowhere(company: Connection) -> None:
    row = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
    answer: Any = browser("ada").post(f"/admin/invoicing/invoice/{row.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert row.number in answer["Content-Disposition"] and row.number.encode() in answer.content


def test_without_books_there_is_no_pdf_and_the_page_says_why(company: Connection, zoho: Simulator) -> None:
    zoho.faults.add({"method": "GET", "path": "/books/", "status": 503, "code": 0})
    row = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
    answer: Any = browser("ada").post(f"/admin/invoicing/invoice/{row.pk}/pdf/", follow=True)
    assert "The PDF could not be fetched from Books" in answer.content.decode()


def test_raj_sees_no_money_of_customers_that_are_not_his(company: Connection) -> None:
    row = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
    paid = Payment.objects.get(customer_name="Acme Ltd")
    raj = browser("raj")
    for path in (
        f"account/{account('Acme').pk}/", f"invoice/{row.pk}/", f"payment/{paid.pk}/",
    ):  # fmt: skip
        assert raj.get(f"/admin/invoicing/{path}").status_code == 404
    assert raj.post(f"/admin/invoicing/invoice/{row.pk}/pdf/").status_code == 404
    assert "Acme" not in raj.get("/admin/invoicing/payment/").content.decode()


def test_from_a_deal_its_invoice_its_payments_and_its_report_are_two_clicks_away(
    company: Connection, clock: SteppedClock
) -> None:
    deal = Deal.objects.get(name="Depot assembly")
    found = page("ben", f"/admin/invoicing/deal/{deal.pk}/")
    bill = Invoice.objects.get(reference="Depot assembly")
    assert f"/admin/invoicing/invoice/{bill.pk}/" in found and "Billed and paid" in found
    assert f"/admin/invoicing/account/{account(deal.account_name).pk}/#payments" in found
    assert "/admin/reports/" in found


def test_nobody_edits_a_mirrored_amount_through_the_admin(company: Connection) -> None:
    row = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
    for name in ("ben", "cy"):
        for path in ("change/", ""):
            answer: Any = browser(name).post(f"/admin/invoicing/invoice/{row.pk}/{path}", {"balance": "0"})
            assert answer.status_code in (302, 403, 405)
    row.refresh_from_db()
    assert row.balance == Decimal(2700)


def test_the_page_of_a_customer_with_many_invoices_asks_the_database_as_often(
    company: Connection, clock: SteppedClock
) -> None:
    where = f"/admin/invoicing/account/{account('Acme').pk}/"
    ben = browser("ben")

    def queries() -> int:
        ben.get(where)
        with CaptureQueriesContext(database) as caught:
            ben.get(where)
        return len(caught)

    few = queries()
    forty_more(company, clock)
    assert queries() == few


def forty_more(company: Connection, clock: SteppedClock) -> None:
    """Forty further invoices like Acme's oldest one."""
    row = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
    for number in range(40):
        row.pk, row.books_id, row.number = None, f"x{number}", f"X-{number}"
        row.save()
    receivables.rework(company, [row.customer_id], company.now(clock))


def test_all_invoices_of_a_customer_are_one_press_away(company: Connection, clock: SteppedClock) -> None:
    of_acme = Invoice.objects.filter(customer_name="Acme Ltd", gone_at=None)
    forty_more(company, clock)
    found = re.search(r'All of them: <a href="([^"]+)">Acme Ltd</a>', of_account("Acme"))
    assert found is not None
    assert f"1–25 of {of_acme.count()}" in page("ben", found.group(1).replace("&amp;", "&"))


def test_what_a_person_s_customer_owes_moves_with_the_person_to_another_account(
    company: Connection, clock: SteppedClock
) -> None:
    """A contact may be the customer; CRM says of which account she is."""
    acme, kestrel = account("Acme"), account("Kestrel")
    link = Link.objects.get(crm_id=acme.remote_id, pair="customer")
    link.delete()
    contact = Record.objects.filter(kind="contact", parent_id=acme.remote_id).first()
    assert contact is not None and account("Acme").open_count == 0
    Link.objects.create(
        connection=company, pair="customer", crm_kind="contact", crm_id=contact.remote_id, books_id=link.books_id,
        how="person", made_at=clock.now(),
    )  # fmt: skip
    assert account("Acme").open_count == 3
    row = json.loads(contact.raw)
    row["Account_Name"] = {"id": kestrel.remote_id, "name": "Kestrel Air"}
    before = kestrel.open_count
    feed_of("contact", settings.ZBRIDGE_FEEDS).absorb(company, [row], company.now(clock))
    assert (account("Acme").open_count, account("Kestrel").open_count) == (0, before + 3)
    assert "Acme" not in page("ben", "/admin/invoicing/account/?tab=owing")


def test_a_customer_that_is_gone_owes_nothing_in_the_list_until_it_is_back(
    company: Connection, clock: SteppedClock
) -> None:
    acme = account("Acme")
    link = Link.objects.get(crm_id=acme.remote_id, pair="customer")
    row = json.loads(Record.objects.get(kind="customer", remote_id=link.books_id).raw)
    feed = feed_of("customer", settings.ZBRIDGE_FEEDS)
    feed.forget(company, [link.books_id], company.now(clock))
    assert account("Acme").open_count == 0 and "Acme" not in page("ben", "/admin/invoicing/account/?tab=overdue")
    feed.absorb(company, [row], company.now(clock))
    assert account("Acme").open_count == 3 and "Acme" in page("ben", "/admin/invoicing/account/?tab=overdue")


@pytest.mark.skipif(database.vendor == "sqlite", reason="SQLite lets one write at a time")
def test_what_two_readings_store_at_once_for_one_account_is_all_counted(
    company: Connection, clock: SteppedClock
) -> None:
    acme = account("Acme")
    contact = Record.objects.filter(kind="contact", parent_id=acme.remote_id).first()
    first = Link.objects.get(crm_id=acme.remote_id, pair="customer").books_id
    linked = Link.objects.filter(pair="customer").values("books_id")
    second = Record.objects.filter(kind="customer").exclude(remote_id__in=linked).first()
    assert contact is not None and second is not None
    Link.objects.create(
        connection=company, pair="customer", crm_kind="contact", crm_id=contact.remote_id, books_id=second.remote_id,
        how="person", made_at=clock.now(),
    )  # fmt: skip
    before, added_up = account("Acme").open_count, threading.Event()

    def store(customer: str) -> None:
        """The second begins when the first has added up, and not stored for good yet."""
        try:
            if customer != first:
                assert added_up.wait(10)
            with transaction.atomic():
                bill = Invoice.objects.get(customer_name="Acme Ltd", balance=2700)
                bill.pk, bill.books_id, bill.customer_id = None, f"new-{customer}", customer
                bill.save()
                receivables.rework(company, [customer], company.now(clock))
                if customer == first:
                    added_up.set()
                    time.sleep(1)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(store, (first, second.remote_id)))
    assert account("Acme").open_count == before + 2


@pytest.mark.parametrize("tab", ["all", "overdue", "owing", "all&q=a"])
def test_the_list_of_accounts_asks_the_database_at_most_ten_times(company: Connection, tab: str) -> None:
    """Through a proxy, as people do; the demo's own pages also ask who of its people is there."""
    ben = browser("ben")
    ben.defaults["HTTP_X_FORWARDED_FOR"] = "10.1.2.3"
    ben.get(f"/admin/invoicing/account/?tab={tab}")
    with CaptureQueriesContext(database) as caught:
        assert ben.get(f"/admin/invoicing/account/?tab={tab}").status_code == 200
    assert len(caught) <= 10


def test_the_upgrade_works_out_what_accounts_that_were_read_before_owe(company: Connection) -> None:
    rows = Record.objects.filter(kind="account").order_by("pk").values_list("pk", "open_count", "owed_since")
    kept = list(rows)
    Record.objects.update(open_count=0, owed_since=None)
    import_module("invoicing.migrations.0021_earlier_accounts_owe").accounts_owe(apps, None)
    assert list(rows) == kept and any(count for _, count, _ in kept)
