"""Reports answer from the mirror: sums are those of all rows, currencies stand apart, a rep sees what is hers."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Connection, User
from invoicing import netting
from invoicing.models import Deal, Invoice, Payment
from invoicing.reconciling import month
from invoicing.tasks import workbench
from tests.people import browser, person
from zbridge.clock import SteppedClock

pytestmark = pytest.mark.django_db(transaction=True)
REPORTS = "/admin/reports/"
NAMES = ("won-not-invoiced", "receivables", "call-list", "payments", "invoices", "reconciliation")


def page(who: str, address: str) -> str:
    answer: Any = browser(who).get(REPORTS + address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def shown(who: str, address: str) -> Any:
    """What the page was drawn from."""
    answer: Any = browser(who).get(REPORTS + address)
    return answer.context


@pytest.fixture
def ada(company: Connection) -> User:
    """Ada, whose deals are those of CRM's Ada."""
    theirs = next(str(row["id"]) for row in company.crm_users if row["name"].startswith("Ada"))
    user = person("ada")
    Deal.objects.filter(connection=company, owner_id=theirs).update(owner_id=user.crm_user_id)
    return user


@pytest.fixture
def month_m(company: Connection, clock: SteppedClock) -> date:
    """Month M, with its net amounts read."""
    assert company.go_live is not None
    first = company.go_live.replace(day=1)
    netting.read(company, month(company, first, clock).unread, workbench(patience=60.0))
    return first


def test_the_index_asks_the_questions(company: Connection) -> None:
    found = page("ben", "")
    for question in ("What did we win and not bill yet?", "Who owes us, and since when?", "Whom should I call?"):
        assert question in found


def test_month_m_stands_on_the_page_with_each_cause_and_its_rows(month_m: date) -> None:
    found = page("dee", f"reconciliation/?month={month_m:%Y-%m}")
    for figure in ("410,200.00 EUR", "388,100.00 EUR", "12,000.00 EUR", "5,000.00 EUR", "4,100.00 EUR", "1,000.00 EUR"):
        assert figure in found
    missing = page("dee", f"reconciliation/?month={month_m:%Y-%m}&cause=missing")
    assert "Reception desks" in missing and "Space plan" in missing and "Depot assembly" not in missing
    assert "2,600.00 EUR" in missing and "1,500.00 EUR" in missing


def test_a_month_before_go_live_says_so_and_shows_the_way(month_m: date) -> None:
    found = page("ben", "reconciliation/?month=2020-01")
    assert "was before go-live" in found and f"Show {month_m:%B %Y}" in found


def test_a_deal_leads_to_the_report_that_contains_it(month_m: date, company: Connection) -> None:
    deal = Deal.objects.get(connection=company, name="Depot assembly")
    here: Any = browser("ben").get(f"/admin/invoicing/deal/{deal.pk}/")
    link = f"/admin/reports/reconciliation/?connection={company.pk}&amp;month={month_m:%Y-%m}&amp;deal={deal.crm_id}"
    assert link in here.content.decode()
    there = page("ben", link.removeprefix(REPORTS).replace("&amp;", "&"))
    assert "Depot assembly" in there and "Space plan" not in there


def test_the_buckets_add_up_to_what_is_owed(company: Connection) -> None:
    for by in ("customer", "rep", "currency"):
        context = shown("ben", f"receivables/?by={by}")
        open_ones = Invoice.objects.filter(connection=company, balance__gt=0, gone_at=None)
        open_ones = open_ones.exclude(status__in=["draft", "void"])
        for row in context["sums"]:
            currency = row[0].text.split(", ")[1]
            owed = sum(open_ones.filter(currency=currency).values_list("balance", flat=True))
            amounts = [
                Decimal(cell.text.split()[0].replace(",", "")) for cell in row[1:] if cell.text.endswith(currency)
            ]
            assert amounts[-1] == owed == sum(amounts[:-1])
    assert "Acme Ltd" in page("ben", "receivables/")


def test_the_sums_are_of_all_rows_and_not_of_the_page_shown(company: Connection) -> None:
    rows = Invoice.objects.filter(connection=company, currency="EUR", gone_at=None)
    first, second = shown("ben", "invoices/"), shown("ben", "invoices/?p=2")
    assert len(first["rows"]) == 50 and second["rows"]
    assert first["sums"] == second["sums"]
    wanted = f"{sum(rows.values_list('total', flat=True)):,.2f} EUR"
    assert wanted in [cell.text for row in first["sums"] for cell in row]


def test_every_invoice_is_in_exactly_one_state(company: Connection) -> None:
    states = ("draft", "open", "partial", "overdue", "paid", "void")
    counted = [shown("ben", f"invoices/?state={state}")["number"] for state in states]
    assert sum(counted) == Invoice.objects.filter(connection=company, gone_at=None).count()


def test_what_was_paid_in_a_month_and_what_is_near_an_empty_one(company: Connection) -> None:
    day = Payment.objects.filter(connection=company).latest("paid_on").paid_on
    assert day is not None
    paid = Payment.objects.filter(connection=company, paid_on__year=day.year, paid_on__month=day.month)
    assert shown("ben", f"payments/?month={day:%Y-%m}")["number"] == paid.count()
    assert 'No rows for January 2020; nearest data: <a href="?month=' in page("ben", "payments/?month=2020-01")


def test_a_rep_sees_her_own_deals_only_and_is_not_asked_whose(company: Connection, ada: User, month_m: date) -> None:
    found = page("ada", "won-not-invoiced/")
    assert "Warehouse fit-out" in found and "Kestrel" not in found and 'name="rep"' not in found
    assert "Kestrel" in page("ben", "won-not-invoiced/")
    names = [row[0].text for row in shown("ada", f"reconciliation/?month={month_m:%Y-%m}")["rows"]]
    own = set(Deal.objects.filter(owner_id=ada.crm_user_id).values_list("name", flat=True))
    assert names and set(names) <= own


def test_the_call_list_carries_what_a_rep_needs_on_the_phone(company: Connection) -> None:
    acme = next(row for row in shown("ben", "call-list/")["rows"] if row[0].text == "Acme Ltd")
    assert [cell.text for cell in acme[2:5]] == ["2", "3,900.00 EUR", "43"]
    assert acme[6].text == "1,200.00 EUR"


def test_what_was_won_and_not_billed_is_the_list_of_deals_to_invoice(company: Connection) -> None:
    found = shown("ben", "won-not-invoiced/")
    listed: Any = browser("ben").get("/admin/invoicing/deal/?tab=to-invoice")
    assert found["number"] == listed.context["cl"].result_count


@pytest.mark.parametrize("name", NAMES)
def test_looking_at_a_report_takes_the_same_queries_whatever_its_rows(
    company: Connection, name: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = browser("ben")
    client.get(f"{REPORTS}{name}/")
    with django_assert_max_num_queries(26 if name == "reconciliation" else 16):
        client.get(f"{REPORTS}{name}/")
