"""India's GST: inside a state the centre's and the state's tax together, across a border the integrated one."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.documents import Supply, TaxFacts, TaxPart
from invoicing.domain.problems import Cause
from tests.domain.makers import ACME, BRIGHTWATER, RULES, WIDGET, case, line, ready, sale, stops

HALVES = (TaxPart("CGST9", Decimal(9)), TaxPart("SGST9", Decimal(9)))
GST18 = TaxFacts(books_id="G", name="GST18", percentage=Decimal(18), parts=HALVES, supply=Supply.WITHIN)
IGST18 = TaxFacts(books_id="I", name="IGST18", percentage=Decimal(18), supply=Supply.BETWEEN)
NIL = TaxFacts(books_id="N", name="Nil", percentage=Decimal(0))
CHENNAI = replace(BRIGHTWATER, country="India", tax_regime="gst", place="TN")


def indian(place: str | None, *lines: Any, taxes: tuple[TaxFacts, ...] = (GST18, IGST18, NIL), **more: Any) -> Any:
    facts: dict[str, Any] = {
        "organisation": CHENNAI, "taxes": taxes, "customer": replace(ACME, place=place, tax_treatment="business_gst"),
        "items": {"P1": replace(WIDGET, tax_id="G")}, "rules": replace(RULES, default_tax_id="G"),
    }  # fmt: skip
    return case(sale(*lines), **(facts | more))


def tax_names(found: Any) -> list[str]:
    return [one.tax.name if one.tax else "none" for one in ready(found).draft.lines]


@pytest.mark.parametrize(
    ("place", "wanted"), [("TN", "GST18"), ("KA", "IGST18"), (None, "GST18")], ids=["inside", "across", "not read yet"]
)
def test_the_item_s_tax_becomes_that_of_the_supply(place: str | None, wanted: str) -> None:
    assert tax_names(indian(place)) == [wanted]


def test_a_percentage_that_two_taxes_share_is_certain_once_the_place_is() -> None:
    eighteen = line(tax_percent=Decimal(18), tax_count=1)
    assert tax_names(indian("TN", eighteen)) == ["GST18"] and tax_names(indian("KA", eighteen)) == ["IGST18"]


def test_a_tax_named_by_the_rep_for_the_other_supply_stops() -> None:
    named = line(tax_name="GST18", tax_count=1)
    assert tax_names(indian("TN", named)) == ["GST18"]
    assert [one.cause for one in stops(indian("KA", named))] == [Cause.TAX_MISSING]


@pytest.mark.parametrize("whose", ["customer", "organisation"])
def test_an_unknown_place_stops_once_and_says_whose(whose: str) -> None:
    bare = indian("TN" if whose == "organisation" else "", line(), line())
    found = replace(bare, organisation=replace(CHENNAI, place="")) if whose == "organisation" else bare
    (problem,) = stops(found)
    assert problem.cause is Cause.PLACE_UNKNOWN
    assert problem.values["where"] == ("Acme Ltd" if whose == "customer" else "the organisation's address")


def test_a_tax_without_a_twin_for_the_supply_stops_and_several_are_never_chosen_between() -> None:
    assert stops(indian("KA", taxes=(GST18, NIL)))[0].cause is Cause.TAX_PLACE
    other = replace(IGST18, books_id="I2", name="IGST18 services")
    problem = stops(indian("KA", taxes=(GST18, IGST18, other)))[0]
    assert problem.values["choices"] == "IGST18, IGST18 services"


def test_abroad_is_across_a_border_and_charged_nothing() -> None:
    abroad = replace(ACME, place="", tax_treatment="overseas")
    assert tax_names(indian("", customer=abroad)) == ["Nil"]


def test_a_special_zone_is_always_across_a_border() -> None:
    zone = replace(ACME, place="TN", tax_treatment="business_sez")
    assert tax_names(indian("TN", customer=zone)) == ["IGST18"]


def test_where_no_tax_depends_on_a_place_none_is_asked_for() -> None:
    found = case(customer=replace(ACME, place=""), organisation=replace(BRIGHTWATER, place=""))
    assert tax_names(found) == ["Standard"]


@given(st.sampled_from(["TN", "KA", "MH", None, ""]), st.integers(1, 40), st.integers(1, 10_000))
def test_the_tax_is_of_the_supply_and_the_percentage_never_changes(
    place: str | None, quantity: int, cents: int
) -> None:
    found = indian(place, line(quantity, Decimal(cents) / 100))
    if place == "":
        assert stops(found)[0].cause is Cause.PLACE_UNKNOWN
        return
    (one,) = ready(found).draft.lines
    assert one.tax is not None and one.tax.percentage == 18
    assert one.tax.supply is (Supply.BETWEEN if place in ("KA", "MH") else Supply.WITHIN)
