"""Why CRM's amount and the draft differ: named parts that add up, to the cent."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.differences import explain_difference, rounding_allowance
from invoicing.domain.documents import Basis, Discount, OrganisationFacts, Sale, TaxRounding
from invoicing.domain.drafts import Difference, Ready
from invoicing.domain.wording import difference_sentence
from tests.domain.drawings import decimals
from tests.domain.makers import BRIGHTWATER, case, line, ready, sale
from zbridge.money import total

ALWAYS_BEFORE = replace(BRIGHTWATER, discount_before_tax_always=True)
FULL_PRICE = (line(10, 120, tax_percent=Decimal(19)), line(5, 80, tax_percent=Decimal(7)))


def q1043(**more: object) -> Sale:
    """Quarry Lane Dental's quote: 1,755.60 in CRM."""
    facts = {"amount": Decimal("1755.60"), "basis": Basis.GROSS, "header_discount": Discount(Decimal(100)),
             "adjustment": Decimal("-0.40")}  # fmt: skip
    return sale(*FULL_PRICE, **(facts | more))


def test_an_equal_amount_needs_no_explanation() -> None:
    found = ready(case(q1043()))
    assert (found.totals.total.amount, found.differences, found.needs_finance) == (Decimal("1755.60"), (), False)


def test_the_tax_on_a_discount_before_tax_is_named_per_rate_and_flagged() -> None:
    found = ready(case(q1043(), organisation=ALWAYS_BEFORE))
    assert found.totals.total.amount == Decimal("1739.60") and found.needs_finance
    (part,) = found.differences
    assert (part.cause, part.amount.amount) == (Difference.DISCOUNT, Decimal("16.00"))
    assert [(name, amount.amount) for name, amount in part.parts] == [
        ("Reduced", Decimal("1.75")), ("Standard", Decimal("14.25"))
    ]  # fmt: skip
    assert difference_sentence(part) == "16.00 EUR since Books takes the discount off before tax (1.75 + 14.25 EUR)."


def test_a_net_deal_amount_is_compared_without_tax() -> None:
    found = ready(case(sale(line(12, 640), line(40, 55))))
    assert (found.totals.net.amount, found.differences) == (Decimal("9880.00"), ())


def test_a_cent_a_line_is_rounding_and_more_is_unexplained() -> None:
    near, far = ready(case(sale(amount=Decimal("100.01")))), ready(case(sale(amount=Decimal("100.02"))))
    assert [part.cause for part in near.differences] == [Difference.ROUNDING] and not near.needs_finance
    assert [part.cause for part in far.differences] == [Difference.UNEXPLAINED] and far.needs_finance


def test_rounding_by_line_in_crm_and_once_in_books_is_rounding() -> None:
    thirds = [line(1, "33.333", tax_percent=Decimal(19)) for _ in range(3)]
    found = ready(case(sale(*thirds, amount=Decimal("118.98"), basis=Basis.GROSS)))
    assert [(part.cause, part.amount.amount) for part in found.differences] == [(Difference.ROUNDING, Decimal("-0.01"))]


def test_a_tax_that_only_books_charges_is_named() -> None:
    found = ready(case(sale(line(), basis=Basis.GROSS)))
    assert [(part.cause, part.amount.amount) for part in found.differences] == [(Difference.TAX, Decimal(-19))]


ORGANISATIONS = st.builds(
    OrganisationFacts, crm_org_id=st.just("1"), books_org_id=st.just("2"), currency=st.just("EUR"),
    currencies=st.just({"EUR": 2}), tax_rounding=st.sampled_from(TaxRounding),
    discount_before_tax_always=st.booleans(),
)  # fmt: skip
SOLD = st.builds(
    line, decimals("1", "20", 1), decimals("1", "500", 3), tax_percent=st.sampled_from([None, Decimal(7), Decimal(19)])
)


@given(st.lists(SOLD, min_size=1, max_size=5), decimals("0", "9", 2), decimals("1", "9999", 2),
       st.sampled_from(Basis), ORGANISATIONS)  # fmt: skip
def test_named_differences_add_up_to_the_difference(
    lines: list[object], header: Decimal, amount: Decimal, basis: Basis, organisation: OrganisationFacts
) -> None:
    sold = sale(*lines, header_discount=Discount(header), amount=amount, basis=basis)  # type: ignore[arg-type]
    found = _ready_or_none(sold, organisation)
    parts = explain_difference(sold, found.draft, rounding_allowance(found.draft, None))
    books = found.totals.net if basis is Basis.NET else found.totals.total
    assert total([part.amount for part in parts], "EUR").amount == amount - books.amount
    assert all(not part.parts or total([split for _, split in part.parts], "EUR") == part.amount for part in parts)


def _ready_or_none(sold: Sale, organisation: OrganisationFacts) -> Ready:
    """A tiny sale may be eaten up by its discount; then one unit is added so that a draft stands."""
    return ready(case(replace(sold, adjustment=Decimal(10)), organisation=organisation))
