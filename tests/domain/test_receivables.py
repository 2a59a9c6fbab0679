"""What an account owes, before a call: currencies apart, nothing netted, bars that add up, the bar of a sale."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain import balances, panel
from invoicing.domain.ageing import OpenInvoice, ageing, nothing_open
from invoicing.domain.invoice_states import InvoiceFacts, paid, state_of
from invoicing.domain.receivables import Standing, worst
from invoicing.domain.sale_bar import BilledPart, sale_bar
from zbridge.money import Money, total

TODAY = date(2026, 11, 26)
cents = st.decimals(min_value=0, max_value=10**12, places=2)
days = st.integers(-200, 200).map(lambda number: TODAY - timedelta(days=number))


def eur(amount: str | Decimal, currency: str = "EUR") -> Money:
    return Money(Decimal(amount), currency)


def standing(currency: str = "EUR", opens: tuple[OpenInvoice, ...] = (), **more: object) -> Standing:
    aged = ageing(opens, TODAY).get(currency) or nothing_open(currency)
    facts: dict[str, object] = {
        "customer_id": "1", "name": "Acme Ltd", "currency": currency, "outstanding": aged.outstanding,
        "credits": eur("0", currency), "opening": eur("0", currency), "drafts": eur("0", currency), "draft_count": 0,
        "ageing": aged, "last_paid": None, "last_paid_on": None, "days_to_pay": None, "in_base": None,
        "read_at": datetime(2026, 11, 26, tzinfo=UTC),
    }  # fmt: skip
    return Standing(**facts | more)  # type: ignore[arg-type]


def opened(amount: str, late: int, currency: str = "EUR") -> OpenInvoice:
    return OpenInvoice(number="INV", due_on=TODAY - timedelta(days=late), balance=eur(amount, currency))


def test_the_banner_says_what_a_rep_must_know_before_a_call() -> None:
    acme = standing(opens=(opened("2700", 43), opened("1200", 12), opened("600", -26)))
    assert panel.banner(panel.owed([acme], "EUR")) == "2 overdue, oldest 43 days, 3,900.00 EUR"


def test_two_currencies_are_two_blocks_and_one_banner_that_adds_neither() -> None:
    found = [standing(opens=(opened("100", 1),)), standing("USD", (opened("50", 2, "USD"),))]
    assert [one.currency for one in panel.owed(found, "EUR")] == ["EUR", "USD"]
    assert panel.banner(panel.owed(found, "EUR")) == "2 overdue, oldest 2 days, 100.00 EUR + 50.00 USD"


def test_the_summary_for_a_note_names_credits_and_drafts_apart() -> None:
    acme = standing(
        opens=(opened("2700", 43),), credits=eur("150"), drafts=eur("950"), draft_count=1, last_paid=eur("1200"),
        last_paid_on=date(2026, 11, 6),
    )  # fmt: skip
    said = panel.summary("Acme Ltd", [acme], "EUR", datetime(2026, 11, 26, 9, 12, tzinfo=UTC))
    assert said.splitlines() == [
        "Acme Ltd: 1 overdue, oldest 43 days, 2,700.00 EUR.",
        "Outstanding 2,700.00 EUR; usable credits 150.00 EUR; drafts 950.00 EUR.",
        "Last paid 1,200.00 EUR on 6 Nov 2026.",
        "As of 26 Nov 2026, 09:12 (zbridge).",
    ]


@given(st.lists(st.tuples(cents, days), max_size=12))
def test_the_bars_add_up_to_what_is_open(parts: list[tuple[Decimal, date]]) -> None:
    opens = tuple(OpenInvoice(number="X", due_on=due, balance=eur(amount)) for amount, due in parts)
    for one in panel.owed([standing(opens=opens)], "EUR"):
        assert total([bar.amount for bar in one.bars], "EUR") == one.outstanding == one.not_due + one.overdue


def test_an_account_is_as_bad_as_its_worst_customer() -> None:
    assert worst([standing(), standing(opens=(opened("1", 5),))]) == "Overdue"
    assert worst([standing(), standing(opens=(opened("1", 0),))]) == "Open"
    assert worst([standing(last_paid_on=TODAY)]) == "Paid" and worst([]) == "No invoice"


facts = st.builds(
    InvoiceFacts, status=st.sampled_from(["draft", "sent", "viewed", "overdue", "partially_paid", "paid", "void"]),
    total=cents, balance=cents, due_on=days,
)  # fmt: skip


@given(facts)
def test_an_invoice_is_overdue_only_while_something_is_open_and_its_day_has_passed(one: InvoiceFacts) -> None:
    late = state_of(one, TODAY) == "Overdue"
    assert late == (
        one.status not in ("draft", "void") and one.balance > 0 and one.due_on is not None and one.due_on < TODAY
    )


def test_due_today_is_sent_and_a_written_off_one_was_not_paid() -> None:
    sent = InvoiceFacts(status="sent", total=Decimal(100), balance=Decimal(100), due_on=TODAY)
    assert (state_of(sent, TODAY), state_of(sent, TODAY + timedelta(days=1))) == ("Sent", "Overdue")
    off = InvoiceFacts(status="paid", total=Decimal(100), balance=Decimal(0), written_off=Decimal(100))
    assert (state_of(off, TODAY), paid(off)) == ("Written off", Decimal(0))


parts = st.builds(
    lambda gross, open_, billed, draft: BilledPart(
        gross=eur(gross), open_=eur(min(open_, gross)), written_off=eur("0"), billed=eur(billed), is_draft=draft
    ),
    cents, cents, cents, st.booleans(),
)  # fmt: skip


@given(cents, st.lists(parts, max_size=5))
def test_the_bar_of_a_sale_never_leaves_its_frame(value: Decimal, invoices: list[BilledPart]) -> None:
    found = sale_bar(eur(value), invoices)
    if found.shares is not None:
        assert sum(found.shares) == 100 and all(0 <= share <= 100 for share in found.shares)
    assert found.invoiced == found.paid + found.outstanding + found.drafts


def test_a_bar_whose_net_nobody_knows_yet_is_not_drawn() -> None:
    part = BilledPart(gross=eur("119"), open_=eur("119"), written_off=eur("0"), billed=None, is_draft=False)
    assert sale_bar(eur("100"), [part]).shares is None


def test_thirty_percent_billed_and_half_of_it_paid() -> None:
    part = BilledPart(gross=eur("35.70"), open_=eur("17.85"), written_off=eur("0"), billed=eur("30"), is_draft=False)
    assert sale_bar(eur("100"), [part]).shares == (Decimal("15.0"), Decimal("15.0"), Decimal("70.0"))


# -- when Books is asked anew ----------------------------------------------------------------------------------------


def test_forty_that_wait_among_ten_thousand_are_asked_one_by_one_and_sixty_by_a_listing() -> None:
    assert not balances.listing_is_cheaper(40, 10_000) and balances.listing_is_cheaper(60, 10_000)


def test_a_small_plan_sweeps_its_open_invoices_less_often() -> None:
    assert balances.sweep_every(150, 0) == timedelta(hours=1)
    assert balances.sweep_every(5_000, 4_000) == timedelta(hours=1)
    assert balances.sweep_every(5_000, 400) == timedelta(hours=6)
    assert balances.sweep_every(500_000, 400) == timedelta(days=7)


def test_a_payment_and_a_credit_note_explain_what_is_closed() -> None:
    money = balances.Money(
        closed=Decimal(150), paid=Decimal(100), credited=Decimal(50), unused=Decimal(20), usable=Decimal(20)
    )
    assert balances.adds_up(money)
    off = balances.Money(
        closed=Decimal(150), paid=Decimal(100), credited=Decimal(50), unused=Decimal(20), usable=Decimal(0)
    )
    assert not balances.adds_up(off)
