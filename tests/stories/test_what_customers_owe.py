"""Payments, credits, refunds, write-offs and what is taken back: zbridge says of them what Books says, to the cent."""

import os
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from accounts.models import Bucket
from invoicing import balances, successors
from invoicing.domain import panel
from invoicing.models import Allocation, CreditNote, Invoice, Payment, Receivable
from syncjobs.models import Checkpoint, Record, Run
from tests.stories.money_in_books import Finance, any_deed, finance
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from zbridge.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(trade: Trade) -> Finance:
    return finance(trade)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_a_sent_invoice_is_outstanding_and_a_draft_stands_apart(ben: Finance) -> None:
    ben.invoice("100.00")
    ben.invoice("40.00", sent=False)
    ben.read_on()
    found = ben.standing()
    assert (found.outstanding, found.drafts, found.draft_count) == (eur("100.00"), eur("40.00"), 1)
    assert found.status == "Open"


def test_an_opening_balance_is_told_apart_from_invoices(ben: Finance) -> None:
    ben.trade.simulator.user_update("books", "contacts", ben.customer, {"opening_balance_amount": Decimal("30.00")})
    ben.invoice("100.00")
    ben.read_on()
    assert (ben.standing().outstanding, ben.standing().opening) == (eur("130.00"), eur("30.00"))


def test_one_payment_over_two_invoices_is_one_payment_with_two_parts(ben: Finance) -> None:
    first, second = ben.invoice("1800.00"), ben.invoice("1000.00")
    ben.pay(first, "2500.00", (first, "1800.00"), (second, "700.00"))
    ben.read_on()
    assert sorted(Allocation.objects.values_list("amount", flat=True)) == [Decimal("700"), Decimal("1800")]
    assert sorted(Invoice.objects.values_list("status", "balance")) == [("paid", 0), ("partially_paid", Decimal("300"))]
    assert ben.standing().outstanding == eur("300.00") and ben.kept().last_paid == Decimal("2500")


def test_what_is_paid_too_much_is_the_customer_s_credit_and_nets_nothing(ben: Finance) -> None:
    ben.pay(ben.invoice("500.00"), "550.00")
    ben.invoice("80.00")
    ben.read_on()
    assert (ben.standing().outstanding, ben.standing().credits) == (eur("80.00"), eur("50.00"))
    assert Payment.objects.get().unused == Decimal("50")


def test_a_deleted_payment_opens_its_invoice_again_and_is_gone(ben: Finance) -> None:
    ben.pay(ben.invoice("500.00"), "500.00")
    ben.read_on()
    assert ben.standing().status == "Paid"
    ben.act("customerpayments", Payment.objects.get().books_id, "delete")
    ben.read_on()
    assert ben.standing().outstanding == eur("500.00")
    assert Payment.objects.get().gone_at is not None and not Allocation.objects.exists()
    assert ben.kept().last_paid is None and ben.standing().status == "Open"


def test_a_credit_note_closes_an_invoice_and_opens_it_when_it_is_taken_off(ben: Finance) -> None:
    bill, note = ben.invoice("150.00"), ben.credit("150.00")
    ben.act("invoices", bill, "apply_credit", creditnote_id=note, amount=Decimal("150.00"))
    ben.read_on()
    assert (ben.standing().outstanding, ben.standing().credits) == (eur("0"), eur("0"))
    ben.act("creditnotes", note, "unapply")
    ben.read_on()
    assert (ben.standing().outstanding, ben.standing().credits) == (eur("150.00"), eur("150.00"))
    assert CreditNote.objects.get().balance == Decimal("150")


def test_a_refund_leaves_no_credit(ben: Finance) -> None:
    ben.pay(ben.invoice("100.00"), "130.00")
    ben.read_on()
    ben.act("customerpayments", Payment.objects.get().books_id, "refund", amount=Decimal("30.00"))
    ben.invoice("1.00")
    ben.read_on()
    assert ben.standing().credits == eur("0") and Payment.objects.get().refunded == Decimal("30")


def test_an_invoice_voided_after_a_part_payment_leaves_the_money_as_credit(ben: Finance) -> None:
    bill = ben.invoice("100.00")
    ben.pay(bill, "40.00")
    ben.read_on()
    ben.act("invoices", bill, "void")
    ben.read_on()
    assert (ben.standing().outstanding, ben.standing().credits) == (eur("0"), eur("40.00"))
    assert not Allocation.objects.exists() and ben.kept().open_count == 0


def test_a_written_off_invoice_is_no_longer_open_and_says_what_was_given_up(ben: Finance) -> None:
    ben.act("invoices", ben.invoice("70.00"), "writeoff")
    ben.read_on()
    assert (ben.standing().outstanding, Invoice.objects.get().written_off) == (eur("0"), Decimal("70"))


def test_due_today_is_not_overdue_and_tomorrow_it_is_without_any_change_in_books(ben: Finance) -> None:
    ben.invoice("100.00", due_in=0)
    ben.read_on()
    assert (ben.standing().ageing.overdue_count, ben.standing().status) == (0, "Open")
    calls = ben.trade.simulator.log.last
    ben.trade.clock.advance(timedelta(days=1).total_seconds())
    assert (ben.standing().ageing.overdue_count, ben.standing().status) == (1, "Overdue")
    assert ben.trade.simulator.log.last == calls


def test_a_payment_that_books_tells_of_nowhere_is_found_by_the_sweep_of_open_invoices(ben: Finance) -> None:
    ben.trade.simulator.switches.change({"books_payment_bumps_invoice": False})
    bill = ben.invoice("100.00")
    ben.read_on()
    ben.pay(bill, "100.00")
    ben.read_on(minutes=61)
    assert Invoice.objects.get(books_id=bill).status == "paid" and ben.standing().outstanding == eur("0")


def test_an_invoice_deleted_in_books_is_noticed_by_the_sweep(ben: Finance) -> None:
    bill = ben.invoice("100.00")
    ben.read_on()
    ben.act("invoices", bill, "delete")
    ben.read_on(minutes=61)
    assert Invoice.objects.get(books_id=bill).gone_at is not None and ben.standing().outstanding == eur("0")


def test_average_days_to_pay_are_counted_from_the_invoice_s_day(ben: Finance) -> None:
    for days in (10, 20):
        bill = ben.invoice("100.00")
        ben.trade.clock.advance(days * 86_400)
        ben.pay(bill, "100.00")
    ben.read_on()
    assert ben.standing().days_to_pay == Decimal("15.0")


def test_a_customer_merged_in_books_leaves_its_money_to_the_other(ben: Finance) -> None:
    other = ben.trade.simulator.user_create("books", "contacts", {"contact_name": "Acme Limited"})["contact_id"]
    ben.pay(ben.invoice("100.00"), "40.00")
    ben.invoice("30.00")
    ben.read_on()
    assert ben.standing().outstanding == eur("90.00")
    ben.trade.simulator.act("books", "contacts", ben.customer, "merge", {"into": other})
    loser, ben.customer = ben.customer, str(other)
    ben.full_cycle()
    successors.follow(ben.trade.connection, ben.trade.bench())
    ben.read_on()
    assert ben.standing().outstanding == eur("90.00") and ben.kept().last_paid == Decimal("40")
    left = Receivable.objects.get(customer_id=loser)
    assert (left.open_count, left.last_paid, left.draft_count) == (0, None, 0)
    assert not Invoice.objects.filter(customer_id=loser).exists()


def test_invoices_in_another_currency_than_the_customer_s_are_overdue_too_and_never_added(ben: Finance) -> None:
    ben.invoice("100.00", due_in=0)
    ben.read_on()
    row = Invoice.objects.get()
    row.pk, row.books_id, row.number, row.currency, row.balance = None, "1", "USD-1", "USD", Decimal("50")
    row.save()
    ben.trade.clock.advance(86_400)
    found = panel.owed([ben.standing()], "EUR")
    assert panel.banner(found) == "2 overdue, oldest 1 day, 100.00 EUR + 50.00 USD"


@pytest.mark.parametrize(
    ("currency", "balance", "said"),
    [
        ("JPY", "123456789012", "123,456,789,012 JPY"),
        ("KWD", "1234567890.125", "1,234,567,890.125 KWD"),
        ("EUR", "999999999999.99", "999,999,999,999.99 EUR"),
    ],
)
def test_amounts_of_twelve_digits_and_currencies_without_or_with_three_decimals(
    ben: Finance, currency: str, balance: str, said: str
) -> None:
    ben.invoice("100.00", due_in=0)
    ben.read_on()
    Invoice.objects.update(currency=currency, balance=Decimal(balance), total=Decimal(balance))
    Record.objects.filter(remote_id=ben.customer).update(currency=currency, outstanding=Decimal(balance))
    found = ben.standing()
    assert str(found.outstanding) == said == str(found.ageing.outstanding)


def crowd(ben: Finance, count: int) -> list[str]:
    """So many customers more, each with an invoice that was sent; all read and looked at."""
    zoho, first = ben.trade.simulator, ben.customer
    made = [zoho.user_create("books", "contacts", {"contact_name": f"Firm {number}"}) for number in range(count)]
    bills = []
    for row in made:
        ben.customer = str(row["contact_id"])
        bills.append(ben.invoice("100.00"))
    ben.customer = first
    ben.read_on()
    ben.trade.clock.advance(180)
    ben.look()
    return bills


def calls_of_looks(ben: Finance, since: int) -> list[str]:
    """For what Books was asked, by path without its id."""
    rows = [str(one["path"]) for one in ben.trade.simulator.log.since(since)]
    return [path.split("/books/v3/")[1].split("/")[0] for path in rows if "/books/v3/" in path]


def test_many_that_wait_cost_one_list_of_customers_and_it_is_not_read_twice(ben: Finance) -> None:
    for bill in crowd(ben, 5):
        ben.pay(bill, "40.00")
    ben.trade.clock.advance(360)
    read(ben.trade.connection, ben.trade.seams, "invoice", "payment")
    assert balances.waiting(ben.trade.connection).count() == 5
    ben.trade.clock.advance(180)
    last = ben.trade.simulator.log.last
    for _ in range(4):
        balances.look(ben.trade.connection, ben.trade.bench())
        if Run.objects.filter(kind="customer", state="waiting").exists():
            read(ben.trade.connection, ben.trade.seams, "customer")
        ben.trade.clock.advance(60)
    assert calls_of_looks(ben, last) == ["contacts"]
    assert not balances.waiting(ben.trade.connection).exists()
    owed = Record.objects.filter(kind="customer", name__startswith="Firm").values_list("outstanding", flat=True)
    assert set(owed) == {Decimal("60")}


def test_who_is_to_be_looked_at_waits_for_calls_when_the_day_s_share_is_used(ben: Finance) -> None:
    bill = ben.invoice("100.00")
    ben.read_on()
    connection = ben.trade.connection
    Bucket.objects.filter(side="books").update(day_limit=1000, day_told_at=ben.trade.clock.now())
    Checkpoint.objects.filter(kind="looks").update(place={"left": -1.0}, read_at=ben.trade.clock.now())
    ben.pay(bill, "40.00")
    ben.read_on()
    assert balances.waiting(connection).count() == 1 and ben.standing().outstanding == eur("100.00")
    ben.trade.clock.advance(3600)
    balances.look(connection, ben.trade.bench())
    assert not balances.waiting(connection).exists() and ben.standing().outstanding == eur("60.00")


@pytest.mark.parametrize("seed", range(int(os.environ.get("ZBRIDGE_MONEY_HISTORIES", "8"))))
def test_after_any_history_the_mirror_says_what_books_says_to_the_cent(ben: Finance, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    deeds = []
    for _ in range(5):
        deeds += [any_deed(ben, random) for _ in range(random.randint(1, 6))]
        ben.read_on(minutes=random.choice([6, 70]))
    ben.full_cycle()
    assert differences(ben) == [], deeds


def differences(ben: Finance) -> list[str]:
    """In what zbridge and Books differ."""
    said, books = ben.standing(), ben.figures()
    found = [
        f"{name}: {ours} here, {theirs} in Books"
        for name, ours, theirs in (
            ("outstanding", said.outstanding, books["outstanding_receivable_amount"]),
            ("credits", said.credits, books["unused_credits_receivable_amount"]),
        )
        if ours is None or ours.amount != Decimal(str(theirs))
    ]  # fmt: skip
    for model, module, key, columns in (
        (Invoice, "invoices", "invoice_id", ("balance", "total")),
        (Payment, "customerpayments", "payment_id", ("amount", "unused")),
        (CreditNote, "creditnotes", "creditnote_id", ("balance", "total")),
    ):
        ours = {row["books_id"]: row for row in model.objects.filter(gone_at=None).values("books_id", *columns)}
        names = {"unused": "unused_amount"}
        theirs = {
            str(row[key]): {name: Decimal(str(row[names.get(name, name)])) for name in columns}
            for row in ben.rows(module)
        }
        mine = {key: {name: row[name] for name in columns} for key, row in ours.items()}
        if mine != theirs:
            found.append(f"{module}: {mine} here, {theirs} in Books")
    return found
