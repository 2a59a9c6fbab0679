"""Customers who are charged no tax here, and those who are exempt: a line's tax follows the customer, or it stops."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.documents import TaxFacts
from invoicing.domain.payload import payload
from invoicing.domain.problems import Cause
from invoicing.domain.treatments import NOT_CHARGED
from tests.domain.makers import ACME, REDUCED, STANDARD, case, line, ready, sale, stops

ABROAD = replace(ACME, tax_treatment="eu_vat_registered")
FREE = TaxFacts(books_id="T0", name="Reverse charge", percentage=Decimal(0))
TAXES = (STANDARD, REDUCED, FREE)


def test_a_customer_registered_in_another_country_gets_the_one_tax_of_nothing() -> None:
    found = ready(case(customer=ABROAD, taxes=TAXES))
    assert [one.tax for one in found.draft.lines] == [FREE] and found.totals.tax.amount == 0


def test_without_one_such_tax_nothing_is_guessed() -> None:
    for taxes in ((STANDARD,), (STANDARD, FREE, replace(FREE, books_id="T00", name="Export"))):
        (problem,) = stops(case(customer=ABROAD, taxes=taxes))
        assert problem.cause is Cause.TAX_TREATMENT and problem.values["treatment"] == "eu vat registered"


def test_a_line_that_names_a_tax_of_here_contradicts_and_stops() -> None:
    (problem,) = stops(case(sale(line(tax_name="Standard", tax_percent=Decimal(19))), customer=ABROAD, taxes=TAXES))
    assert problem.cause is Cause.TAX_TREATMENT and problem.values["named_tax"] == "Standard"


def test_a_line_that_names_the_tax_of_nothing_is_as_it_should_be() -> None:
    sold = sale(line(tax_name="Reverse charge", tax_percent=Decimal(0)))
    assert ready(case(sold, customer=ABROAD, taxes=TAXES)).draft.lines[0].tax == FREE


def test_an_exempt_customer_has_no_tax_and_the_reason_on_each_line() -> None:
    exempt = replace(ACME, taxable=False, exemption_id="E1")
    found = ready(case(customer=exempt))
    assert found.totals.tax.amount == 0
    assert [(one.get("tax_id"), one["tax_exemption_id"]) for one in payload(found.draft)["line_items"]] == [
        (None, "E1")
    ]


def test_an_exempt_customer_without_a_reason_stops() -> None:
    (problem,) = stops(case(customer=replace(ACME, taxable=False)))
    assert problem.cause is Cause.EXEMPTION_MISSING


@pytest.mark.parametrize("treatment", ["", "vat_registered", "uk", "eu_vat_not_registered", "business_gst", "consumer"])
def test_everybody_else_is_charged_as_ever(treatment: str) -> None:
    found = ready(case(customer=replace(ACME, tax_treatment=treatment), taxes=TAXES))
    assert found.draft.lines[0].tax == STANDARD


@given(st.sampled_from(sorted(NOT_CHARGED)), st.lists(st.sampled_from([STANDARD, REDUCED, FREE]), unique=True))
def test_whoever_is_charged_no_tax_never_is(treatment: str, taxes: list[TaxFacts]) -> None:
    given_case = case(customer=replace(ACME, tax_treatment=treatment), taxes=tuple(taxes))
    if FREE in taxes:
        assert ready(given_case).totals.tax.amount == 0
    else:
        assert stops(given_case)
