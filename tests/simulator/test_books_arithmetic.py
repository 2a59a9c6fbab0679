"""Laws of a Books document's sums, whatever it says: facts/simulator-defaults.md, Arithmetic."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from zbridge.simulator.books_arithmetic import Discount, Header, Line, Tax, rounded, spread, sums

places = st.sampled_from([0, 2, 3])
amounts = st.decimals("0.01", 99999, places=2)
percentages = st.sampled_from([Decimal(text) for text in ("0", "7", "7.5", "19", "20")])
taxes = st.lists(percentages, max_size=2).map(
    lambda rates: tuple(Tax(f"{place}-{rate}", "VAT", rate) for place, rate in enumerate(rates))
)
lines = st.lists(
    st.builds(Line, rate=amounts, quantity=st.decimals(1, 40, places=1), taxes=taxes), min_size=1, max_size=5
)
headers = st.builds(
    Header, places=places, item_level=st.booleans(), inclusive=st.booleans(), discount_first=st.booleans()
)


@given(amount=amounts, weights=st.lists(amounts, min_size=1, max_size=8), to=places)
def test_a_discount_spread_over_lines_loses_no_cent(amount: Decimal, weights: list[Decimal], to: int) -> None:
    whole = rounded(amount, to)
    assert sum(spread(whole, weights, to)) == whole


@given(lines, headers)
def test_the_total_is_what_its_parts_add_up_to(lines: list[Line], header: Header) -> None:
    found = sums(lines, header)
    assert found.total == found.sub_total - found.discount + found.tax_total
    assert found.tax_total == sum(amount for _, amount in found.taxes)


@given(lines, places)
def test_an_inclusive_document_costs_what_its_prices_say(lines: list[Line], to: int) -> None:
    prices = sum(rounded(line.rate * line.quantity, to) for line in lines)
    assert sums(lines, Header(places=to, inclusive=True)).total == prices


@given(lines)
def test_both_ways_of_rounding_tax_differ_by_less_than_a_cent_a_line(lines: list[Line]) -> None:
    once, each = (sums(lines, Header(item_level=level)).tax_total for level in (False, True))
    assert abs(once - each) <= Decimal("0.01") * 2 * len(lines)


@given(lines, st.sampled_from([Decimal(5), Decimal(10)]))
def test_a_discount_before_tax_never_raises_the_tax(lines: list[Line], off: Decimal) -> None:
    discounted = sums(lines, Header(discount=Discount(off, percent=True)))
    assert discounted.tax_total <= sums(lines, Header()).tax_total
