"""Drafts for the tests: from a row of the document table, or drawn by hypothesis."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from invoicing.domain.documents import NO_DISCOUNT, ZERO, Discount, TaxFacts, TaxPart, TaxRounding
from invoicing.domain.drafts import DiscountLevel, DraftLine, InvoiceDraft
from tests.domain.document_table import TAXES, Document
from zbridge.money import minor_digits

DAY = date(2026, 7, 2)


def tax(name: str) -> TaxFacts | None:
    """A tax of the table by its name."""
    if not name:
        return None
    percentage, parts = TAXES[name]
    components = tuple(TaxPart(part, Decimal(share)) for part, share in parts)
    return TaxFacts(books_id=name, name=name, percentage=Decimal(percentage), parts=components)


def discount(written: str) -> Discount:
    """As the table writes it."""
    if written.endswith("%"):
        return Discount(Decimal(written.removesuffix("%")), is_percent=True)
    return Discount(Decimal(written)) if written else NO_DISCOUNT


def draft_of(document: Document) -> InvoiceDraft:
    """The draft that a row of the table stands for."""
    lines = tuple(
        DraftLine(
            source_id=f"L{place}", item_id="I1", name="Widget", quantity=Decimal(quantity), rate=Decimal(rate),
            discount=discount(less), tax=tax(taxed),
        )
        for place, (quantity, rate, less, taxed) in enumerate(document.lines, start=1)
    )  # fmt: skip
    return InvoiceDraft(
        key="ZB-1", key_field_id="F1", customer_id="C1", customer_name="Acme Ltd", currency=document.currency,
        digits=minor_digits(document.currency), lines=lines, header_discount=discount(document.discount),
        discount_before_tax=document.before_tax, adjustment=Decimal(document.adjustment),
        is_inclusive_tax=document.inclusive, tax_rounding=TaxRounding(f"{document.rounding}_level"),
        reference="Deal", issued_on=DAY,
    )  # fmt: skip


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    """Amounts between two, with so many decimals."""
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, allow_infinity=False, places=places)


TAXED = st.sampled_from([tax(name) for name in TAXES] + [None])
LINE_DISCOUNTS = st.one_of(
    st.just(NO_DISCOUNT), decimals("0.5", "100", 1).map(lambda value: Discount(value, is_percent=True))
)
LINES = st.builds(
    DraftLine, source_id=st.uuids().map(str), item_id=st.just("I1"), name=st.just("Widget"),
    quantity=decimals("0.25", "1000", 2), rate=decimals("0", "10000", 3), discount=LINE_DISCOUNTS, tax=TAXED,
)  # fmt: skip
DRAFTS = st.builds(
    InvoiceDraft, key=st.just("ZB-1"), key_field_id=st.just("F1"), customer_id=st.just("C1"),
    customer_name=st.just("Acme Ltd"), currency=st.just("EUR"), digits=st.just(2),
    lines=st.lists(LINES, min_size=1, max_size=8).map(tuple),
    discount_level=st.just(DiscountLevel.ENTITY), header_discount=decimals("0", "50", 2).map(Discount),
    discount_before_tax=st.booleans(), adjustment=st.one_of(st.just(ZERO), decimals("-5", "5", 2)),
    is_inclusive_tax=st.booleans(), tax_rounding=st.sampled_from(TaxRounding), reference=st.just("Deal"),
    issued_on=st.just(DAY),
)  # fmt: skip
