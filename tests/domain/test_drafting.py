"""From a sale to the draft: nothing dropped, nothing doubled, and the same body for the same sale."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.documents import BothDiscounts, Discount, LineSource, ReferenceFrom, SaleLine
from invoicing.domain.drafting import draft
from invoicing.domain.drafts import DiscountLevel, InvoiceDraft, Ready, Stopped
from invoicing.domain.keys import conversion_key
from invoicing.domain.payload import dumps, payload, payload_hash, payload_text
from invoicing.domain.preflight import decide
from invoicing.domain.problems import Cause
from invoicing.domain.snapshots import snapshot_hash
from syncjobs.domain.keys import customer_key
from tests.domain.drawings import LINE_DISCOUNTS, decimals
from tests.domain.makers import ACME, BRIGHTWATER, RULES, STANDARD, case, causes, line, ready, sale

TEN_PERCENT = Discount(Decimal(10), is_percent=True)


def test_a_line_keeps_its_quantity_rate_discount_and_description() -> None:
    sold = sale(line("2.5", "99.90", discount=TEN_PERCENT, description="Blue"))
    (found,) = ready(case(sold)).draft.lines
    assert (found.item_id, found.quantity, found.rate) == ("I1", Decimal("2.5"), Decimal("99.90"))
    assert (found.discount, found.description, found.tax) == (TEN_PERCENT, "Blue", STANDARD)


def test_a_document_discount_alone_stands_on_the_document_after_tax() -> None:
    body = payload(ready(case(sale(header_discount=Discount(Decimal(10))))).draft)
    assert (body["discount"], body["discount_type"], body["is_discount_before_tax"]) == (10, "entity_level", False)


def test_line_discounts_stand_on_the_lines_and_come_off_before_tax() -> None:
    sold = sale(line(discount=TEN_PERCENT), line(discount=Discount(Decimal("2.50"))))
    body = payload(ready(case(sold)).draft)
    assert (body["discount_type"], body["is_discount_before_tax"]) == ("item_level", True)
    assert [row["discount"] for row in body["line_items"]] == ["10%", Decimal("2.50")] and "discount" not in body


BOTH = sale(line(discount=TEN_PERCENT), header_discount=Discount(Decimal(20)), adjustment=Decimal("-0.40"))


def test_with_both_discounts_the_documents_joins_the_adjustment() -> None:
    body = payload(ready(case(BOTH)).draft)
    assert (body["discount_type"], body["adjustment"]) == ("item_level", Decimal("-20.40"))
    assert body["adjustment_description"] == "Discount 20.00 EUR; Adjustment -0.4 EUR"


def test_with_both_discounts_finance_may_choose_to_stop() -> None:
    strict = replace(BRIGHTWATER, both_discounts=BothDiscounts.STOP)
    assert causes(case(BOTH, organisation=strict)) == {Cause.BOTH_DISCOUNTS}


def test_a_document_discount_in_percent_counts_on_the_lines() -> None:
    found = ready(case(sale(line(2, 100), header_discount=TEN_PERCENT))).draft
    assert (found.header_discount, found.discount_level) == (Discount(Decimal("20.00")), DiscountLevel.ENTITY)


def test_the_draft_is_dated_today_and_due_by_the_customers_terms() -> None:
    body = payload(ready(case()).draft)
    assert (body["date"], body["due_date"], body["payment_terms"]) == ("2026-07-02", "2026-08-01", 30)


@pytest.mark.parametrize("terms", [None, -3])
def test_without_plain_terms_books_finds_the_due_date(terms: int | None) -> None:
    found = ready(case(customer=replace(ACME, terms_days=terms))).draft
    assert found.due_on is None and "due_date" not in payload(found)


@pytest.mark.parametrize(
    ("chosen", "quote", "reference"),
    [
        (ReferenceFrom.QUOTE, "Q-1042", "Q-1042"), (ReferenceFrom.QUOTE, "", "Warehouse fit-out"),
        (ReferenceFrom.DEAL, "Q-1042", "Warehouse fit-out"),
    ],
)  # fmt: skip
def test_the_customer_reads_the_quotes_number_or_the_deals_name(
    chosen: ReferenceFrom, quote: str, reference: str
) -> None:
    found = ready(case(sale(quote_number=quote), rules=replace(RULES, reference_from=chosen))).draft
    assert found.reference == reference and found.key not in found.reference


def test_a_reference_has_at_most_a_hundred_characters() -> None:
    assert len(ready(case(sale(deal_name="x" * 300))).draft.reference) == 100


def test_the_key_stands_in_its_own_field() -> None:
    body = payload(ready(case()).draft)
    assert body["custom_fields"] == [{"customfield_id": "F1", "value": conversion_key("CRM1", "BOOKS1", "deal:D1")}]


def test_without_such_a_field_the_reference_carries_the_key() -> None:
    found = ready(case(sale(deal_name="y" * 200), rules=replace(RULES, key_field_id=""))).draft
    assert found.reference.startswith(f"{found.key} y") and "custom_fields" not in payload(found)


def test_the_deal_and_its_contact_stand_on_the_invoice() -> None:
    body = payload(ready(case(customer=replace(ACME, contact_person_ids=("P7",)))).draft)
    assert (body["zcrm_potential_id"], body["contact_persons"]) == ("D1", ["P7"])


def test_number_exchange_rate_and_salesperson_are_left_to_books() -> None:
    body = payload(ready(case()).draft)
    assert not {"invoice_number", "exchange_rate", "salesperson_id", "salesperson_name"} & set(body)


def test_prices_with_tax_make_an_inclusive_draft_except_where_no_tax_is_charged() -> None:
    gross = sale(prices_include_tax=True)
    assert payload(ready(case(gross)).draft)["is_inclusive_tax"] is True
    assert (
        payload(ready(case(gross, organisation=replace(BRIGHTWATER, tax_regime="none"))).draft)["is_inclusive_tax"]
        is False
    )


def test_lines_keep_their_order() -> None:
    body = payload(ready(case(sale(line(1, 5), line(1, 3), line(1, 4)))).draft)
    assert [(row["item_order"], row["rate"]) for row in body["line_items"]] == [(1, 5), (2, 3), (3, 4)]


def test_decimals_are_sent_digit_by_digit() -> None:
    assert dumps({"rate": Decimal("33.330"), "n": 1, "yes": True, "no": None, "text": 'ü"'}) == (
        '{"rate":33.330,"n":1,"yes":true,"no":null,"text":"ü\\""}'
    )
    assert dumps([Decimal("1E+3")]) == "[1000]"


def test_a_float_never_reaches_the_payload() -> None:
    with pytest.raises(TypeError):
        dumps({"rate": 0.1})


def test_the_text_of_a_payload_reads_back_as_the_payload() -> None:
    found = ready(case(BOTH)).draft
    assert json.loads(payload_text(found), parse_float=Decimal) == payload(found)


SOLD = st.builds(line, decimals("1", "50", 1), decimals("0.5", "900", 3), discount=LINE_DISCOUNTS,
                 product_id=st.sampled_from(["P1", "P1", "P1", "P9", ""]))  # fmt: skip


@given(st.lists(SOLD, min_size=1, max_size=5))
def test_there_are_problems_or_a_draft_and_never_both(lines: list[SaleLine]) -> None:
    found, verdict = draft(case(sale(*lines))), decide(case(sale(*lines)))
    if all(one.product_id == "P1" for one in lines):
        assert isinstance(found, InvoiceDraft) and len(found.lines) == len(lines)
    else:
        assert isinstance(found, tuple) and found and isinstance(verdict, Stopped)


@given(st.lists(SOLD, min_size=1, max_size=5))
def test_the_same_sale_gives_the_same_text_and_hash(lines: list[SaleLine]) -> None:
    billed = [replace(one, product_id="P1") for one in lines]
    first, again = decide(case(sale(*billed))), decide(case(sale(*billed)))
    assert first == again and snapshot_hash(sale(*billed)) == snapshot_hash(sale(*billed))
    if isinstance(first, Ready) and isinstance(again, Ready):
        assert payload_hash(payload_text(first.draft)) == payload_hash(payload_text(again.draft))


@given(st.lists(SOLD, min_size=1, max_size=5))
def test_a_draft_comes_to_the_deals_net_amount_within_a_cent_a_line(lines: list[SaleLine]) -> None:
    billed = [replace(one, product_id="P1", discount=Discount()) for one in lines]
    found = ready(case(sale(*billed)))
    exact = sum((one.quantity * one.rate for one in billed), Decimal(0))
    assert abs(found.totals.net.amount - exact) <= Decimal("0.01") * len(billed) and not found.needs_finance


def test_a_key_is_made_of_what_is_billed_and_of_nothing_else() -> None:
    first = conversion_key("C", "B", "deal:1")
    assert first == conversion_key("C", "B", "deal:1", generation=1, part=1)
    others = {conversion_key("C", "B", "deal:2"), conversion_key("C", "B", "quote:1"),
              conversion_key("B", "C", "deal:1"), conversion_key("C", "B", "deal:1", 2),
              conversion_key("C", "B", "deal:1", 1, 2),
              customer_key("C", "B", "deal:1", "EUR")}  # fmt: skip
    assert first not in others and len(others) == 6
    assert len(first) == 23 and first.startswith("ZB-")


@pytest.mark.parametrize(
    "changed",
    [
        sale(line(2)), sale(line(rate=101)), sale(line(), line()), sale(line(product_id="P2")),
        sale(line(discount=TEN_PERCENT)), sale(line(tax_percent=Decimal(7))), sale(line(description="new")),
        sale(header_discount=TEN_PERCENT), sale(adjustment=Decimal(1)), sale(currency="USD"), sale(account_id="A2"),
        sale(quote_number="Q-1"), sale(is_won=False), sale(amount=Decimal(5)), sale(deal_name="Other"),
    ],
)  # fmt: skip
def test_a_change_of_what_is_billed_changes_the_snapshot(changed: object) -> None:
    assert snapshot_hash(changed) != snapshot_hash(sale())  # type: ignore[arg-type]


def test_a_new_owner_or_a_rounder_way_of_writing_changes_nothing() -> None:
    same = sale(line("1.0", "100.00"), owner_id="U2", owner_name="Raj", account_name="ACME", won_on=date(2026, 7, 3))
    assert snapshot_hash(same) == snapshot_hash(sale(line_source=LineSource.SUBFORM))
