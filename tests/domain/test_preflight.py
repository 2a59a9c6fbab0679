"""What stops a draft before it is made, each with its cause (design 5, Preflight)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from invoicing.domain.documents import (
    AMOUNT_PRODUCT,
    CustomerFacts,
    ItemFacts,
    ItemSuggestion,
    LiveClaim,
    OutsideInvoice,
    PricePolicy,
    SaleKind,
    TaxFacts,
)
from invoicing.domain.problems import Cause, Fix, Who
from syncjobs.domain.parties import match_customer
from syncjobs.domain.records import party
from tests.domain.makers import (
    ACME,
    BRIGHTWATER,
    REDUCED,
    RULES,
    STANDARD,
    WIDGET,
    case,
    causes,
    line,
    ready,
    sale,
    stops,
)

BY_HAND = OutsideInvoice(
    books_id="INV61", number="INV-000061", customer_id="C1", currency="EUR", total=Decimal("119.00"), status="sent",
    issued_on=date(2026, 6, 20),
)  # fmt: skip


def test_a_won_deal_of_a_known_customer_with_linked_products_is_ready() -> None:
    assert ready(case()).totals.total.amount == Decimal("119.00")


def test_a_deal_at_an_open_stage_is_not_billed() -> None:
    assert causes(case(sale(is_won=False, stage="Verhandlung"))) == {Cause.NOT_WON}


def test_a_stage_that_is_excluded_is_not_billed() -> None:
    rules = replace(RULES, excluded_stages=frozenset({"Closed Won"}))
    assert causes(case(rules=rules)) == {Cause.STAGE_EXCLUDED}


def test_nothing_is_billed_while_no_go_live_is_set() -> None:
    assert causes(case(rules=replace(RULES, go_live=None))) == {Cause.NO_GO_LIVE}


@pytest.mark.parametrize("won_on", [date(2026, 5, 31), None])
def test_what_was_won_before_go_live_stops(won_on: date | None) -> None:
    assert causes(case(sale(won_on=won_on))) == {Cause.BEFORE_GO_LIVE}


def test_what_was_won_on_the_day_of_go_live_is_billed() -> None:
    assert ready(case(sale(won_on=date(2026, 6, 1))))


def test_what_was_won_before_go_live_is_billed_by_a_person_with_a_reason() -> None:
    found = ready(case(sale(won_on=date(2026, 5, 1)), waived=frozenset({Cause.BEFORE_GO_LIVE})))
    assert [(warning.cause, warning.stops) for warning in found.warnings] == [(Cause.BEFORE_GO_LIVE, False)]


def test_an_unlinked_product_stops_even_when_somebody_waives_it() -> None:
    assert causes(case(items={}, waived=frozenset(Cause))) == {Cause.PRODUCT_UNMAPPED}


def test_a_sale_that_is_being_billed_stops() -> None:
    assert causes(case(live=LiveClaim(conversion_id="7"))) == {Cause.ALREADY_BILLED}


@pytest.mark.parametrize(
    "made_by_hand",
    [
        replace(BY_HAND, total=Decimal(5), potential_id="D1", customer_id="C9"),
        replace(BY_HAND, total=Decimal(5), reference="D1", customer_id="C9"),
        replace(BY_HAND, total=Decimal(5), reference=" warehouse FIT-OUT "),
    ],
)
def test_an_invoice_in_books_that_names_the_deal_stops(made_by_hand: OutsideInvoice) -> None:
    problem = stops(case(outside=(made_by_hand,)))[0]
    assert problem.cause == Cause.BILLED_OUTSIDE and problem.fixes == (Fix.ATTACH, Fix.BILL_ANYWAY)


def test_an_invoice_that_names_the_quote_stops() -> None:
    named = replace(BY_HAND, reference="Q-1042", customer_id="C9", total=Decimal(5))
    assert causes(case(sale(quote_number="Q-1042"), outside=(named,))) == {Cause.BILLED_OUTSIDE}


def test_another_customers_deal_of_the_same_name_does_not_stop_this_one() -> None:
    theirs = replace(BY_HAND, reference="Warehouse fit-out", customer_id="C9", total=Decimal(5))
    assert ready(case(outside=(theirs,)))


def test_an_equal_total_of_the_same_customer_stops_as_maybe_billed() -> None:
    problem = stops(case(outside=(BY_HAND,)))[0]
    assert (problem.cause, problem.values["invoice"]) == (Cause.MAYBE_BILLED_OUTSIDE, "INV-000061")


@pytest.mark.parametrize(
    "other",
    [
        replace(BY_HAND, issued_on=date(2026, 4, 1)),
        replace(BY_HAND, customer_id="C9"),
        replace(BY_HAND, currency="USD"),
        replace(BY_HAND, total=Decimal("118.99")),
        replace(BY_HAND, status="void"),
    ],
)
def test_an_old_void_or_different_invoice_does_not_stop(other: OutsideInvoice) -> None:
    assert ready(case(outside=(other,)))


def test_months_later_the_invoice_from_before_the_win_still_counts() -> None:
    assert causes(case(outside=(BY_HAND,), today=date(2026, 12, 1))) == {Cause.MAYBE_BILLED_OUTSIDE}


def test_what_was_maybe_billed_is_billed_anyway_with_a_reason() -> None:
    waived = frozenset({Cause.MAYBE_BILLED_OUTSIDE})
    assert ready(case(outside=(BY_HAND,), waived=waived)).warnings[0].cause == Cause.MAYBE_BILLED_OUTSIDE


def test_a_deal_without_account_and_contact_stops() -> None:
    assert causes(case(sale(account_id=""))) == {Cause.NO_PARTY}


def test_two_customers_with_one_e_mail_are_left_to_a_person() -> None:
    twins = [party(id, "Lumen Studio", emails=["accounts@lumen.example"], currency="EUR") for id in ("B1", "B2")]
    match = match_customer(party("A1", "Lumen Studio", emails=["accounts@lumen.example"], currency="EUR"), twins)
    problem = stops(case(customer=None, match=match))[0]
    assert (problem.cause, problem.fixes) == (Cause.CUSTOMER_UNCERTAIN, (Fix.CHOOSE_CUSTOMER,))


def test_a_customer_billed_in_another_currency_is_refused() -> None:
    books = party("B1", "Pacific Gear", emails=["ap@pacific.example"], currency="EUR")
    match = match_customer(party("A1", "Pacific Gear", emails=["ap@pacific.example"], currency="USD"), [books])
    assert causes(case(sale(currency="USD"), customer=None, match=match)) == {Cause.CUSTOMER_CURRENCY}
    assert causes(case(sale(currency="USD"))) == {Cause.CUSTOMER_CURRENCY}


def test_an_inactive_customer_is_not_billed() -> None:
    assert causes(case(customer=replace(ACME, active=False))) == {Cause.CUSTOMER_INACTIVE}


def test_a_customer_that_is_still_to_be_created_is_no_obstacle() -> None:
    assert ready(case(customer=CustomerFacts(books_id="", name="Fjord Analytics AS", currency="EUR")))


def test_a_currency_that_books_does_not_know_stops() -> None:
    customer = replace(ACME, currency="CHF")
    assert causes(case(sale(currency="CHF"), customer=customer)) == {Cause.CURRENCY_UNKNOWN}


def test_lines_that_crm_cut_off_stop() -> None:
    assert causes(case(sale(lines_truncated=True))) == {Cause.LINES_TRUNCATED}


def test_lines_that_were_not_read_yet_stop() -> None:
    assert causes(case(sale(lines=(), lines_unread=True))) == {Cause.LINES_UNREAD}


def test_a_deal_with_nothing_to_bill_stops() -> None:
    assert causes(case(sale(lines=(), amount=None))) == {Cause.NO_LINES}


def test_a_free_pilot_is_not_billed() -> None:
    assert causes(case(sale(line(rate=0)))) == {Cause.NOT_POSITIVE}


def test_an_adjustment_may_not_turn_the_total_negative() -> None:
    assert causes(case(sale(adjustment=Decimal(-200)))) == {Cause.NOT_POSITIVE}


def test_an_unlinked_product_stops_with_its_best_match() -> None:
    best = ItemSuggestion(item=ItemFacts(books_id="I9", name="WID 9", rate=Decimal(140)), reason="same SKU")
    sold = sale(line(9, 140, product_id="P9", product_code="WID-9"), line(2, 55))
    problems = stops(case(sold, suggestions={"P9": best}))
    assert [(p.cause, p.subject, p.fixes[0]) for p in problems] == [(Cause.PRODUCT_UNMAPPED, "WID-9", Fix.LINK_PRODUCT)]


def test_two_lines_of_one_unlinked_product_are_one_problem() -> None:
    assert len(stops(case(sale(line(), line()), items={}))) == 1


def test_a_line_without_product_stops() -> None:
    assert causes(case(sale(line(product_id="", description="by hand")))) == {Cause.LINE_WITHOUT_PRODUCT}


def test_an_amount_without_an_item_for_it_asks_the_administrator() -> None:
    problem = stops(case(sale(line(product_id=AMOUNT_PRODUCT))))[0]
    assert (problem.cause, problem.who) == (Cause.NO_AMOUNT_ITEM, Who.REVOPS)


def test_an_inactive_item_stops() -> None:
    assert causes(case(items={"P1": replace(WIDGET, active=False)})) == {Cause.ITEM_INACTIVE}


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_that_is_not_positive_stops(quantity: int) -> None:
    assert Cause.QUANTITY_INVALID in causes(case(sale(line(quantity), line(5))))


def test_a_lines_own_tax_comes_before_its_items() -> None:
    assert ready(case(sale(line(tax_percent=Decimal(7))))).draft.lines[0].tax == REDUCED


def test_without_its_own_a_line_takes_its_items_tax() -> None:
    assert ready(case(items={"P1": replace(WIDGET, tax_id="T7")})).draft.lines[0].tax == REDUCED


def test_without_both_a_line_takes_the_connections_default() -> None:
    assert ready(case(items={"P1": replace(WIDGET, tax_id="")})).draft.lines[0].tax == STANDARD


def test_a_tax_is_never_chosen_by_percentage_alone_where_two_share_it() -> None:
    twin = TaxFacts(books_id="T19B", name="Reverse charge", percentage=Decimal(19))
    sold = sale(line(tax_percent=Decimal(19), tax_name="VAT"))
    assert causes(case(sold, taxes=(STANDARD, twin))) == {Cause.TAX_AMBIGUOUS}


def test_a_tax_that_is_switched_off_is_no_choice() -> None:
    old = TaxFacts(books_id="T19B", name="Old", percentage=Decimal(19), active=False)
    assert ready(case(sale(line(tax_percent=Decimal(19))), taxes=(old, STANDARD))).draft.lines[0].tax == STANDARD


def test_two_taxes_of_one_percentage_are_told_apart_by_name() -> None:
    twin = TaxFacts(books_id="T19B", name="Reverse charge", percentage=Decimal(19))
    sold = sale(line(tax_percent=Decimal(19), tax_name="reverse charge"))
    assert ready(case(sold, taxes=(STANDARD, twin))).draft.lines[0].tax == twin


@pytest.mark.parametrize("named", [{"tax_percent": Decimal(16)}, {"tax_name": "Unheard of"}])
def test_a_tax_that_books_does_not_have_stops(named: dict[str, object]) -> None:
    assert causes(case(sale(line(**named)))) == {Cause.TAX_MISSING}


def test_a_tax_that_books_switched_off_stops() -> None:
    assert causes(case(taxes=(replace(STANDARD, active=False),))) == {Cause.TAX_MISSING}


def test_two_taxes_on_one_line_stop() -> None:
    assert causes(case(sale(line(tax_name="CGST, SGST", tax_count=2)))) == {Cause.TAX_SEVERAL}


def test_an_organisation_without_tax_needs_none() -> None:
    found = ready(case(taxes=(), organisation=replace(BRIGHTWATER, tax_regime="none")))
    assert found.draft.lines[0].tax is None and found.totals.total.amount == 100


def test_a_tax_on_the_document_and_on_no_line_stops() -> None:
    assert causes(case(sale(document_tax=Decimal(19)))) == {Cause.DOCUMENT_TAX}


def test_by_rule_a_price_other_than_the_items_stops() -> None:
    strict = replace(RULES, price_policy=PricePolicy.STOP)
    assert causes(case(rules=strict)) == {Cause.PRICE_DRIFT}
    assert ready(case(sale(line(rate="140.00")), rules=strict))


def test_a_price_that_differs_is_billed_with_a_reason() -> None:
    found = ready(case(rules=replace(RULES, price_policy=PricePolicy.STOP), waived=frozenset({Cause.PRICE_DRIFT})))
    assert found.draft.lines[0].rate == 100


def test_a_replaced_quote_is_refused() -> None:
    assert causes(case(sale(replaced_by_id="Q2", quote_number="Q-1046"))) == {Cause.QUOTE_REPLACED}


def test_a_quote_accepted_after_it_expired_is_refused() -> None:
    late = sale(valid_till=date(2026, 6, 30), accepted_on=date(2026, 7, 1), kind=SaleKind.QUOTE)
    assert causes(case(late)) == {Cause.QUOTE_EXPIRED}
    assert ready(case(sale(valid_till=date(2026, 7, 1), accepted_on=date(2026, 7, 1))))


def test_all_that_stops_is_said_at_once() -> None:
    found = case(sale(line(product_id="P9")), customer=replace(ACME, active=False))
    assert causes(found) == {Cause.CUSTOMER_INACTIVE, Cause.PRODUCT_UNMAPPED}


def test_of_a_sale_that_is_not_won_only_that_is_said() -> None:
    found = case(sale(line(product_id="P9"), is_won=False), customer=replace(ACME, active=False))
    assert causes(found) == {Cause.NOT_WON}
