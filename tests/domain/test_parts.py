"""Parts of a sale: whatever they are, together they are the sale to the cent, and none bills a line twice."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from invoicing.domain.documents import Basis, Discount, Sale, SaleKind, SaleLine
from invoicing.domain.parts import (
    NotDivisible,
    by_lines,
    by_percent,
    by_value,
    exceeds,
    left,
    part_of,
    whole,
)
from invoicing.domain.portions import Portion, portion_of, row_of
from invoicing.domain.totals import less
from zbridge.money import round_to

CENTS = st.integers(1, 500_000).map(lambda units: Decimal(units) / 100)
QUANTITIES = st.integers(1, 5_000).map(lambda units: Decimal(units) / 100)
PERCENTS = st.integers(0, 90).map(lambda number: Discount(Decimal(number), is_percent=True))


def line(number: int, quantity: Decimal, rate: Decimal, discount: Discount) -> SaleLine:
    return SaleLine(
        source_id=f"l{number}", product_id=f"p{number}", product_name=f"Item {number}", quantity=quantity, rate=rate,
        discount=discount,
    )  # fmt: skip


def sale_of(*lines: SaleLine, amount: Decimal | None = None, **more: object) -> Sale:
    made = Sale(
        kind=SaleKind.DEAL, crm_id="1", deal_id="1", name="Fit-out", currency="EUR", amount=amount, basis=Basis.NET,
        lines=lines,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


ACME = sale_of(
    line(1, Decimal(12), Decimal(640), Discount()), line(2, Decimal(40), Decimal(55), Discount()),
    line(3, Decimal(8), Decimal(175), Discount()), line(4, Decimal(1), Decimal(1200), Discount()),
    amount=Decimal(12480),
)  # fmt: skip


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    count = draw(st.integers(1, 6))
    lines = [line(number, draw(QUANTITIES), draw(CENTS), draw(PERCENTS)) for number in range(count)]
    bare = sale_of(*lines, adjustment=draw(st.sampled_from([Decimal(0), Decimal("-0.20"), Decimal("0.40")])))
    net = whole(bare, 2).value
    header = round_to(net * draw(st.integers(0, 30)) / 100, 2)
    return replace(bare, header_discount=Discount(header), amount=net - header)


def billed(sale: Sale) -> Decimal:
    """What a sale's lines come to, as Books computes each."""
    return sum((round_to(less(one.rate * one.quantity, one.discount), 2) for one in sale.lines), Decimal(0))


def all_parts(sale: Sale, percents: list[int]) -> list[Portion]:
    of, found = whole(sale, 2), list[Portion]()
    for percent in percents:
        found.append(by_percent(of, found, Decimal(percent), 2))
    rest = left(of, found)
    return [*found, rest] if any(one.price for one in rest.lines) else found


def test_thirty_percent_and_the_rest_of_the_demo_s_first_deal() -> None:
    of = whole(ACME, 2)
    first = by_percent(of, [], Decimal(30), 2)
    rest = by_percent(of, [first], Decimal(70), 2)
    assert (first.value, rest.value, first.amount, rest.amount) == (
        Decimal(3744), Decimal(8736), Decimal(3744), Decimal(8736),
    )  # fmt: skip
    shown = part_of(ACME, first, 2).lines[0]
    assert (shown.quantity, shown.rate, shown.description) == (Decimal(1), Decimal("2304.00"), "30 % of 12 x 640.00")


@given(sales(), st.lists(st.integers(1, 45), max_size=2))
def test_parts_add_up_to_the_sale_to_the_cent(sale: Sale, percents: list[int]) -> None:
    of = whole(sale, 2)
    assume(of.value > 5)
    parts = all_parts(sale, percents)
    assert sum((part.value for part in parts), Decimal(0)) == of.value
    assert sum((part.amount or 0 for part in parts), Decimal(0)) == sale.amount
    assert sum((billed(part_of(sale, part, 2)) for part in parts), Decimal(0)) == billed(sale)
    for one in of.lines:
        taken = [it for part in parts for it in part.lines if it.source_id == one.source_id]
        assert sum((it.amount for it in taken), Decimal(0)) == one.amount
        assert sum((it.discount for it in taken), Decimal(0)) == one.discount


@given(sales(), st.integers(1, 99))
def test_a_percentage_and_what_it_lacks_to_a_hundred_leave_nothing(sale: Sale, percent: int) -> None:
    of = whole(sale, 2)
    assume(of.value > 5)
    first = by_percent(of, [], Decimal(percent), 2)
    second = by_percent(of, [first], Decimal(100 - percent), 2)
    assert not exceeds(of, [first], second) and left(of, [first, second]).value == 0


@given(sales(), st.integers(1, 99))
def test_an_amount_is_billed_as_it_was_asked(sale: Sale, percent: int) -> None:
    of = whole(sale, 2)
    wanted = round_to(of.value * percent / 100, 2)
    assume(of.value > 5 and of.value - wanted > Decimal("0.05"))
    part = by_value(of, [], wanted, 2)
    assert part.value == wanted and not exceeds(of, [], part)
    assert all(one.amount >= 0 for one in left(of, [part]).lines)


@given(sales(), st.sets(st.integers(0, 5)))
def test_chosen_lines_and_the_others_add_up(sale: Sale, chosen: set[int]) -> None:
    of, ids = whole(sale, 2), {f"l{number}" for number in chosen}
    payable = {one.source_id for one in of.lines if one.amount > 0}
    assume(ids & payable and of.value > 5)
    first = by_lines(of, [], ids, 2)
    rest = left(of, [first])
    assert first.value + rest.value == of.value
    assert billed(part_of(sale, first, 2)) + billed(part_of(sale, rest, 2)) == billed(sale)


def test_a_whole_line_keeps_its_quantity_and_rate() -> None:
    first = by_lines(whole(ACME, 2), [], ["l1"], 2)
    assert part_of(ACME, first, 2).lines == (ACME.lines[0],) and first.amount == 7680


def test_more_than_is_left_is_noticed() -> None:
    of = whole(ACME, 2)
    first = by_percent(of, [], Decimal(30), 2)
    more = by_percent(of, [first], Decimal(80), 2)
    assert exceeds(of, [first], more) and more.value == 9984
    assert exceeds(of, [of], by_percent(of, [of], Decimal(1), 2))


@pytest.mark.parametrize("percent", [0, -5])
def test_nothing_and_less_is_no_part(percent: int) -> None:
    with pytest.raises(NotDivisible):
        by_percent(whole(ACME, 2), [], Decimal(percent), 2)


def test_a_line_that_is_billed_can_t_be_chosen_again() -> None:
    of = whole(ACME, 2)
    with pytest.raises(NotDivisible, match="isn't billed yet"):
        by_lines(of, [by_lines(of, [], ["l1"], 2)], ["l1"], 2)


@given(sales(), st.integers(1, 99))
def test_a_part_is_kept_and_read_back_as_it_was(sale: Sale, percent: int) -> None:
    of = whole(sale, 2)
    assume(of.value > 5)
    part = by_percent(of, [], Decimal(percent), 2)
    assert portion_of(row_of(part)) == part
