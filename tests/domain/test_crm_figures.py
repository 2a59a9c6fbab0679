"""What CRM shows of Books: one currency's amounts, a text of several, and a deal's invoices."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.ageing import OpenInvoice, ageing, nothing_open
from invoicing.domain.crm_figures import Billed, account_figures, deal_figures, invoice_status, text_of
from invoicing.domain.receivables import Standing
from zbridge.money import Money, minor_digits

pytestmark = pytest.mark.pure
TODAY = date(2026, 11, 25)
READ = datetime(2026, 11, 25, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(Decimal(amount), currency)


def customer(
    currency: str = "EUR", *opens: tuple[str, date], owed: str | None = None, paid: tuple[str, date] | None = None,
    today: date = TODAY, name: str = "Acme",
) -> Standing:  # fmt: skip
    """A customer by its open invoices (balance, due day); Books tells their sum unless told otherwise."""
    rows = [
        OpenInvoice(number=f"INV-{place}", due_on=due, balance=money(balance, currency))
        for place, (balance, due) in enumerate(opens)
    ]
    aged = ageing(rows, today).get(currency) or nothing_open(currency)
    told = aged.outstanding if owed is None else money(owed, currency)
    return Standing(
        customer_id=f"{name} {currency}", name=name, currency=currency, outstanding=told, credits=None,
        opening=money("0", currency), drafts=money("0", currency), draft_count=0, ageing=aged,
        last_paid=money(paid[0], currency) if paid else None, last_paid_on=paid[1] if paid else None,
        days_to_pay=None, in_base=None, read_at=READ,
    )  # fmt: skip


ACME = customer(
    "EUR", ("2700", date(2026, 10, 13)), ("1200", date(2026, 11, 13)), ("600", date(2026, 12, 9)),
    paid=("1200", date(2026, 11, 5)),
)  # fmt: skip


def test_an_account_of_one_currency_shows_its_amounts_and_which_currency_they_are_in() -> None:
    assert account_figures([ACME], "EUR") == {
        "outstanding": Decimal("4500.00"), "overdue_count": 2, "overdue": Decimal("3900.00"),
        "last_paid_on": date(2026, 11, 5), "last_paid": Decimal("1200.00"), "status": "Overdue", "currency": "EUR",
        "summary": "EUR 4,500.00 (2 overdue, 3,900.00)",
    }  # fmt: skip


def test_an_account_of_two_currencies_leaves_its_amounts_empty_and_tells_both_in_words() -> None:
    found = account_figures([ACME, customer("USD", ("1200", date(2026, 12, 9)))], "EUR")
    assert (found["outstanding"], found["overdue"], found["last_paid"]) == (None, None, None)
    assert found["currency"] == "EUR, USD"
    assert found["summary"] == "EUR 4,500.00 (2 overdue, 3,900.00); USD 1,200.00"
    assert (found["overdue_count"], found["status"], found["last_paid_on"]) == (2, "Overdue", date(2026, 11, 5))


def test_a_second_customer_that_never_had_anything_makes_no_second_currency() -> None:
    assert account_figures([ACME, customer("USD")], "EUR") == account_figures([ACME], "EUR")


def test_an_account_that_owes_nothing_shows_zero_and_that_it_paid() -> None:
    found = account_figures([customer("EUR", paid=("1020", TODAY))], "EUR")
    assert (found["outstanding"], found["status"], found["summary"]) == (Decimal("0.00"), "Paid", "EUR 0.00")


def test_an_account_without_customer_has_no_invoice_and_no_amounts() -> None:
    found = account_figures([], "EUR")
    assert found["status"] == "No invoice" and {found["outstanding"], found["overdue"], found["last_paid"]} == {None}
    assert (found["summary"], found["currency"], found["overdue_count"]) == ("", "", 0)


def test_what_books_never_told_is_not_taken_for_zero() -> None:
    silent = customer()
    unknown = Standing(**{**vars(silent), "outstanding": None})
    assert account_figures([unknown], "EUR")["outstanding"] is None


@pytest.mark.parametrize(
    ("currency", "owed", "shown"),
    [("JPY", "1200.4", "1200"), ("KWD", "1.2345", "1.235"), ("EUR", "123456789012.345", "123456789012.35")],
)
def test_amounts_have_their_currency_s_own_digits(currency: str, owed: str, shown: str) -> None:
    assert text_of(account_figures([customer(currency, owed=owed)], "EUR")["outstanding"]) == shown


def test_a_summary_of_many_currencies_keeps_whole_parts() -> None:
    many = [customer(chr(65 + place) * 3, owed="123456789012.00") for place in range(26)]
    said = str(account_figures(many, "EUR")["summary"])
    assert len(said) <= 255 and said.startswith("AAA 123,456,789,012.00; BBB") and said.endswith("more")


CODES = st.sampled_from(["EUR", "USD", "JPY", "KWD"])
AMOUNTS = st.decimals(min_value=0, max_value=10**11, places=4).map(lambda one: one.normalize() + Decimal("0.0000"))
DAYS = st.dates(min_value=date(2026, 9, 1), max_value=date(2027, 1, 31))
OPENS = st.lists(st.tuples(AMOUNTS.map(str), DAYS), max_size=4)
CUSTOMERS = st.lists(st.tuples(CODES, OPENS), max_size=5)


def built(found: list[tuple[str, list[tuple[str, date]]]], today: date = TODAY) -> list[Standing]:
    return [customer(code, *opens, name=str(place), today=today) for place, (code, opens) in enumerate(found)]


@given(CUSTOMERS)
def test_currencies_are_never_added(found: list[tuple[str, list[tuple[str, date]]]]) -> None:
    figures = account_figures(built(found), "EUR")
    busy = {code for code, opens in found if any(Decimal(balance) for balance, _ in opens)}
    if len(busy) > 1:
        assert figures["outstanding"] is None and figures["overdue"] is None
    if len(busy) == 1:
        (code,) = busy
        whole = sum((Decimal(balance) for mine, opens in found if mine == code for balance, _ in opens), Decimal(0))
        assert figures["currency"] == code
        assert abs(Decimal(str(figures["outstanding"])) - whole) <= Decimal(1).scaleb(-minor_digits(code))


@given(CUSTOMERS, st.randoms())
def test_the_order_in_which_customers_are_read_changes_nothing(
    found: list[tuple[str, list[tuple[str, date]]]], chance: Any
) -> None:
    standings = built(found)
    shuffled = list(standings)
    chance.shuffle(shuffled)
    assert account_figures(shuffled, "EUR") == account_figures(standings, "EUR")


@given(DAYS, st.integers(min_value=-3 * 86_400, max_value=3 * 86_400))
def test_an_invoice_turns_overdue_exactly_at_the_organisation_s_midnight(due: date, seconds: int) -> None:
    midnight = datetime.combine(due + timedelta(days=1), datetime.min.time(), BERLIN).astimezone(UTC)
    today = (midnight + timedelta(seconds=seconds)).astimezone(BERLIN).date()
    assert account_figures([customer("EUR", ("10", due), today=today)], "EUR")["overdue_count"] == int(seconds >= 0)
    assert invoice_status(invoice(due_on=due), today) == ("Overdue" if seconds >= 0 else "Sent")


# -- deals -------------------------------------------------------------------------------------------------------------


def invoice(**changed: Any) -> Billed:
    found: dict[str, Any] = {
        "number": "INV-1", "status": "sent", "total": money("238"), "balance": money("238"),
        "written_off": money("0"), "due_on": date(2026, 12, 9), "link": "books/1",
    }  # fmt: skip
    return Billed(**found | changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": "draft"}, "Draft"),
        ({"status": "pending_approval"}, "Draft"),
        ({}, "Sent"),
        ({"due_on": TODAY}, "Sent"),
        ({"due_on": date(2026, 11, 24)}, "Overdue"),
        ({"status": "overdue"}, "Sent"),
        ({"status": "partially_paid", "balance": money("38")}, "Partly paid"),
        ({"status": "partially_paid", "balance": money("38"), "due_on": date(2026, 11, 24)}, "Overdue"),
        ({"status": "paid", "balance": money("0")}, "Paid"),
        ({"status": "void", "balance": money("0")}, "Void"),
        ({"gone": True}, "Deleted"),
    ],
)
def test_a_deal_s_invoice_has_a_status_of_the_organisation_s_day(changed: dict[str, Any], said: str) -> None:
    assert invoice_status(invoice(**changed), TODAY) == said


def test_a_deal_shows_number_total_paid_balance_and_link() -> None:
    found = deal_figures([invoice(balance=money("38"), written_off=money("8"))], TODAY)
    assert found == {
        "number": "INV-1", "status": "Partly paid", "total": Decimal("238.00"), "paid": Decimal("192.00"),
        "balance": Decimal("38.00"), "link": "books/1",
    }  # fmt: skip


def test_a_draft_has_nothing_paid_and_a_void_invoice_nothing_at_all() -> None:
    draft = deal_figures([invoice(status="draft", balance=money("0"))], TODAY)
    void = deal_figures([invoice(status="void", balance=money("0"))], TODAY)
    assert (draft["paid"], draft["status"]) == (Decimal("0.00"), "Draft")
    assert (void["total"], void["paid"], void["balance"], void["number"]) == (Decimal("0.00"),) * 3 + ("INV-1",)


def test_parts_of_a_deal_are_added_and_a_void_one_is_left_out() -> None:
    parts = [
        invoice(balance=money("0"), status="paid"), invoice(number="INV-2", status="void", balance=money("0")),
        invoice(number="INV-3", link="books/3"),
    ]  # fmt: skip
    found = deal_figures(parts, TODAY)
    assert (found["number"], found["status"], found["link"]) == ("INV-1, INV-3", "Partly paid", "books/3")
    assert (found["total"], found["paid"], found["balance"]) == (Decimal(476), Decimal(238), Decimal(238))


def test_parts_in_two_currencies_are_not_added() -> None:
    found = deal_figures([invoice(), invoice(total=money("10", "USD"), balance=money("10", "USD"))], TODAY)
    assert (found["total"], found["paid"], found["balance"]) == (None, None, None)
