"""Won against invoiced: every difference has its cause, and whatever the rows, they add up to the cent."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.reconciliation import Billed, Cause, Part, Row, Terms, Won, net_of, reconcile, totals
from tests.domain.drawings import decimals

SEPTEMBER = Terms(first=date(2026, 9, 1), last=date(2026, 9, 30), percent=Decimal(19))
INSIDE, AFTER = date(2026, 9, 12), date(2026, 10, 1)


def deal(amount: str, **more: Any) -> Won:
    known: dict[str, Any] = {"id": "D1", "name": "Winter stock", "amount": Decimal(amount), "currency": "EUR"}
    return Won(**known | more)


def bill(amount: str, /, **more: Any) -> Billed:
    """An invoice at 19 %, of the deal, unpaid, issued in the month."""
    total = Decimal(amount) * Decimal("1.19")
    known: dict[str, Any] = {
        "id": "I1", "number": "INV-1", "issued_on": INSIDE, "currency": "EUR", "total": total, "balance": total,
        "net": Decimal(amount), "tax": total - Decimal(amount), "discount": Decimal(0), "deal": "D1",
    }  # fmt: skip
    return Billed(**known | more)


def parts(deals: list[Won], bills: list[Billed], terms: Terms = SEPTEMBER) -> list[Any]:
    return [(part.cause.value, part.amount) for row in reconcile(deals, bills, terms) for part in row.parts]


def test_a_deal_billed_in_full_leaves_no_difference() -> None:
    row: Any = reconcile([deal("100")], [bill("100", balance=Decimal("19"))], SEPTEMBER)[0]
    assert (row.won, row.invoiced, row.paid, row.outstanding, row.parts) == (100, 100, 100, 19, ())


@pytest.mark.parametrize(
    ("bills", "cause"),
    [
        ([], ("missing", 12_000)),
        ([bill("12000", issued_on=AFTER)], ("timing", 12_000)),
        ([bill("12000", is_draft=True)], ("timing", 12_000)),
        ([bill("7000")], ("partial", 5_000)),
        ([bill("11000", discount=Decimal(1000))], ("discount", 1_000)),
        ([bill("13000", currency="USD")], ("currency", 12_000)),
        ([bill("13000")], ("unexplained", -1_000)),
        ([bill("7000", net=None)], ("unexplained", 5_000)),
    ],
)
def test_what_is_won_and_not_invoiced_has_one_cause(bills: list[Billed], cause: tuple[str, int]) -> None:
    found = parts([deal("12000")], bills)
    assert found[0] == cause


def test_a_deal_in_two_deliveries_is_late_in_one_and_open_in_the_other() -> None:
    bills = [bill("5000"), bill("4000", id="I2", number="INV-2", issued_on=AFTER)]
    assert parts([deal("12000")], bills) == [("timing", 4_000), ("partial", 3_000)]


def test_a_discount_that_the_deal_has_already_explains_nothing() -> None:
    assert parts([deal("12000", discounted=True)], [bill("7000", discount=Decimal(1000))]) == [("partial", 5_000)]
    assert parts([deal("12000")], [bill("7000", discount=Decimal(1000))]) == [("discount", 1_000), ("partial", 4_000)]


def test_a_deal_typed_with_tax_where_amounts_are_net_differs_by_the_tax() -> None:
    assert parts([deal("119")], [bill("100")]) == [("tax", 19)]


def test_gross_deal_amounts_are_compared_without_their_tax() -> None:
    gross = Terms(first=SEPTEMBER.first, last=SEPTEMBER.last, percent=Decimal(19), gross=True)
    billed: Any
    open_one: Any
    billed, open_one = reconcile([deal("119"), deal("238", id="D2")], [bill("100")], gross)
    assert (billed.won, billed.parts) == (100, ())
    assert (open_one.won, open_one.of(Cause.MISSING)) == (200, 200)


def test_an_invoice_of_the_month_without_a_deal_of_the_month_says_whose_it_is() -> None:
    earlier = bill("50", deal="D0", deal_name="Old sale", deal_won_on=date(2026, 8, 30))
    unwon = bill("60", id="I2", deal="D9", deal_name="Open sale")
    nobodys = bill("70", id="I3", number="INV-3", deal="")
    assert sorted(parts([], [earlier, unwon, nobodys])) == [("missing", -70), ("missing", -60), ("timing", -50)]
    said = [row.parts[0].sentence for row in reconcile([], [earlier, nobodys], SEPTEMBER)]
    assert "INV-1 bills Old sale, won on 30 Aug 2026." in said and "INV-3: no deal in CRM belongs to it." in said


def test_currencies_stand_apart_and_each_adds_up() -> None:
    found: Any = totals(reconcile([deal("100")], [bill("110", currency="USD")], SEPTEMBER))
    assert (found["EUR"].won, found["EUR"].invoiced, found["EUR"].causes[Cause.CURRENCY]) == (100, 0, 100)
    assert (found["USD"].won, found["USD"].invoiced, found["USD"].causes[Cause.CURRENCY]) == (0, 110, -110)


AMOUNTS = decimals("-500", "5000", 2)
DAYS = st.sampled_from([INSIDE, date(2026, 9, 1), date(2026, 9, 30), AFTER, date(2026, 8, 31), None])
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY"])
IDS = st.sampled_from(["D1", "D2", "D3", "D4", ""])
DEALS = st.lists(
    st.builds(
        Won, id=st.sampled_from(["D1", "D2", "D3"]), name=st.just("A sale"), amount=AMOUNTS, currency=CURRENCIES,
        discounted=st.booleans(),
    ),
    max_size=3, unique_by=lambda one: one.id,
)  # fmt: skip
MAYBE = st.one_of(st.none(), AMOUNTS)
BILLS = st.lists(
    st.builds(
        Billed, id=st.uuids().map(str), number=st.text("INV-123", max_size=5), issued_on=DAYS, currency=CURRENCIES,
        total=AMOUNTS, balance=AMOUNTS, is_draft=st.booleans(), net=MAYBE, tax=MAYBE, discount=MAYBE, deal=IDS,
        deal_won_on=DAYS,
    ),
    max_size=8,
)  # fmt: skip
TERMS = st.builds(
    Terms, first=st.just(SEPTEMBER.first), last=st.just(SEPTEMBER.last), gross=st.booleans(),
    percent=st.sampled_from([Decimal(0), Decimal(19)]),
)  # fmt: skip


@given(deals=DEALS, bills=BILLS, terms=TERMS)
def test_it_always_adds_up(deals: list[Won], bills: list[Billed], terms: Terms) -> None:
    rows = reconcile(deals, bills, terms)
    for row in rows:
        assert row.won - row.invoiced == sum((part.amount for part in row.parts), Decimal(0))
    for total in totals(rows).values():
        assert total.won - total.invoiced == sum(total.causes.values(), Decimal(0))


@given(deals=DEALS, bills=BILLS, terms=TERMS)
def test_every_invoice_of_the_month_counts_once_and_no_other(
    deals: list[Won], bills: list[Billed], terms: Terms
) -> None:
    rows = reconcile(deals, bills, terms)
    inside = [one for one in bills if not one.is_draft and one.issued_on and one.issued_on.month == 9]
    assert sorted(one for row in rows for one in row.invoices) == sorted(one.id for one in inside)
    for currency, total in totals(rows).items():
        own = [one for one in inside if one.currency == currency]
        assert total.invoiced == sum((net_of(one, terms) for one in own), Decimal(0))
        assert total.paid + total.outstanding == sum((one.total - one.written_off for one in own), Decimal(0))


@given(deals=DEALS, bills=BILLS)
def test_net_deal_amounts_are_won_as_they_stand(deals: list[Won], bills: list[Billed]) -> None:
    won = sum((row.won for row in reconcile(deals, bills, SEPTEMBER)), Decimal(0))
    assert won == sum((one.amount for one in deals), Decimal(0))


def test_a_rows_cause_is_the_sum_of_its_parts() -> None:
    part = Part(Cause.TIMING, Decimal(5), "INV-1 is of 1 Oct 2026.")
    row = Row(
        currency="EUR", deal="D1", name="", invoices=(), won=Decimal(10), invoiced=Decimal(0), paid=Decimal(0),
        outstanding=Decimal(0), parts=(part, part),
    )  # fmt: skip
    assert row.of(Cause.TIMING) == 10 and row.of(Cause.MISSING) == 0
