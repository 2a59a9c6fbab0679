"""What Books will make of a draft, held to invoices that were worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from invoicing.domain.drafts import InvoiceDraft
from invoicing.domain.totals import expected_totals
from tests.domain.document_table import DOCUMENTS, Document
from tests.domain.drawings import DRAFTS, draft_of


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_totals_are_those_worked_out_by_hand(document: Document) -> None:
    found = expected_totals(draft_of(document))
    assert found.sub_total.amount == Decimal(document.sub_total)
    assert {tax.name: tax.amount.amount for tax in found.taxes} == {
        name: Decimal(amount) for name, amount in document.taxes.items()
    }
    assert found.total.amount == Decimal(document.total)


@given(DRAFTS)
def test_the_parts_of_a_total_add_up(draft: InvoiceDraft) -> None:
    found = expected_totals(draft)
    assert found.total == found.sub_total - found.discount + found.tax + found.adjustment
    assert found.tax.amount == sum(tax.amount.amount for tax in found.taxes)


@given(DRAFTS)
def test_the_order_of_lines_never_changes_a_total(draft: InvoiceDraft) -> None:
    plain = replace(draft, discount_before_tax=False)
    turned = replace(plain, lines=plain.lines[::-1])
    assert replace(expected_totals(turned), lines=()) == replace(expected_totals(plain), lines=())


@given(DRAFTS)
def test_a_discount_before_tax_is_never_dearer_for_the_customer(draft: InvoiceDraft) -> None:
    before = expected_totals(replace(draft, discount_before_tax=True))
    after = expected_totals(replace(draft, discount_before_tax=False))
    assert before.total <= after.total


@given(DRAFTS)
def test_a_price_that_holds_its_tax_is_what_the_customer_pays(draft: InvoiceDraft) -> None:
    inclusive = replace(draft, is_inclusive_tax=True, discount_before_tax=False)
    untaxed = replace(inclusive, lines=tuple(replace(line, tax=None) for line in inclusive.lines))
    assert expected_totals(inclusive).total == expected_totals(untaxed).total


@given(DRAFTS)
def test_every_figure_has_the_currencys_decimals(draft: InvoiceDraft) -> None:
    found = expected_totals(draft)
    figures = [found.total, found.tax, found.sub_total, *found.lines, *(tax.amount for tax in found.taxes)]
    assert all(figure.amount == figure.amount.quantize(Decimal("0.01")) for figure in figures)
