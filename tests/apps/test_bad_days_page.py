"""docs/bad-days.md tells of everything that a page can say on a bad day, in the page's own words."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import Connection, HoldCause
from invoicing.domain.drift import DealNow, Drift, InvoiceNow, Made, QuoteNow, departures
from invoicing.domain.problems import Cause, Problem, Who
from invoicing.domain.wording import sentence
from invoicing.models import Conversion, Deal
from invoicing.pages import headline, state_sentence
from invoicing.written import refused
from zbridge.money import Money
from zbridge.zoho.errors import Locked, NotFound, Rejected, ZohoError

PAGE = Path("docs/bad-days.md").read_text()
FIGURES = (
    "account",
    "won", "go_live", "stage", "invoice", "total", "customer", "currency", "customer_currency", "count", "quantity",
    "rate", "choices", "sale", "books", "discount", "quote", "valid_till", "accepted", "answer", "numbers", "kind",
    "tax", "item", "changes", "reason", "treatment", "named_tax", "supply", "where",
)  # fmt: skip
CODES = re.compile(r"[{}_]|None|object")


def longest_words(said: str) -> str:
    """What a person would search for: the longest stretch between two figures."""
    return max(said.split("…"), key=len).strip(" ,.")


@pytest.mark.parametrize("cause", list(Cause))
def test_every_reason_stands_on_the_page(cause: Cause) -> None:
    said = sentence(Problem(cause=cause, subject="…", who=Who.REP, values=dict.fromkeys(FIGURES, "…")))
    assert longest_words(said) in PAGE, said


@pytest.mark.parametrize("cause", list(HoldCause))
def test_every_wait_stands_on_the_page(cause: HoldCause) -> None:
    assert str(cause.label) in PAGE


EUR, OTHER = Money(Decimal(10), "EUR"), Money(Decimal(12), "EUR")
MADE = Made(number="…", total=EUR, customer_id="1", customer_name="…", deal_amount=EUR, account_id="A")
STANDS = InvoiceNow(status="draft", total=EUR, customer_id="1", customer_name="…")
DEAL = DealNow(name="…", outcome="won", stage="…", amount=EUR, account_id="A", account_name="…")
ODD: dict[Drift, tuple[InvoiceNow, DealNow]] = {
    Drift.VOIDED: (replace(STANDS, status="void"), DEAL),
    Drift.DELETED: (replace(STANDS, gone=True), DEAL),
    Drift.TOTAL: (replace(STANDS, total=OTHER), DEAL),
    Drift.CURRENCY: (replace(STANDS, total=Money(Decimal(10), "USD")), DEAL),
    Drift.CUSTOMER: (replace(STANDS, customer_id="2"), DEAL),
    Drift.DEAL_LOST: (STANDS, replace(DEAL, outcome="lost")),
    Drift.DEAL_OPEN: (STANDS, replace(DEAL, outcome="open")),
    Drift.DEAL_GONE: (STANDS, replace(DEAL, gone=True)),
    Drift.DEAL_AMOUNT: (STANDS, replace(DEAL, amount=OTHER)),
    Drift.DEAL_MOVED: (STANDS, replace(DEAL, account_id="B")),
}
QUOTE = QuoteNow(name="…", stage="…")
ODD_QUOTES: dict[Drift, QuoteNow] = {
    Drift.QUOTE_OPEN: replace(QUOTE, accepted=False),
    Drift.QUOTE_GONE: replace(QUOTE, gone=True),
    Drift.QUOTE_REPLACED: replace(QUOTE, replaced=True),
    Drift.QUOTE_EDITED: replace(QUOTE, changes="…"),
}


@pytest.mark.parametrize("drift", list(Drift))
def test_every_departure_stands_on_the_page(drift: Drift) -> None:
    invoice, deal = ODD.get(drift, (STANDS, DEAL))
    (found,) = departures(MADE, invoice, deal, ODD_QUOTES.get(drift, QUOTE))
    said = re.sub(r"\d+\.\d+ EUR|EUR|USD", "…", found.sentence)
    assert found.drift is drift and longest_words(said) in PAGE, said


@pytest.mark.parametrize(
    "said",
    [
        "CRM no longer has the field for …: somebody deleted it. The other figures go on.",
        "Not shown in CRM yet: …",
        "What there is stands; choose fields that CRM has for the others.",
    ],
)
def test_what_the_figures_check_says_stands_on_the_page(said: str) -> None:
    code = Path("accounts/figure_fields.py").read_text() + Path("accounts/own_fields.py").read_text()
    assert longest_words(said) in PAGE and longest_words(said) in code


@pytest.mark.parametrize(
    ("error", "said"),
    [(Locked, "is locked in CRM"), (NotFound, "is no longer in CRM"), (Rejected, "CRM refused the figures of")],
)
def test_why_figures_were_not_written_stands_on_the_page(error: type[ZohoError], said: str) -> None:
    found = refused("…", error("crm", "X", 400, "…"))
    assert said in found.sentence and all(part.strip(" .") in PAGE for part in found.sentence.split("…") if part)


def test_a_draft_that_stands_departs_in_nothing() -> None:
    assert departures(MADE, STANDS, DEAL) == () and departures(MADE, None, None) == ()


def states() -> Iterator[Conversion]:
    """A conversion in each state that there is."""
    for state in Conversion.State:
        yield Conversion(
            connection=Connection(), deal=Deal(name="Shelves"), state=state, invoice_number="INV-1", currency="EUR",
            requested_via="button",
        )  # fmt: skip


@pytest.mark.django_db
def test_every_state_has_words_and_they_stand_on_the_page() -> None:
    for row in states():
        said = f"{headline(row)[0]} {state_sentence(row)}"
        assert not CODES.search(said), (row.state, said)
        known = [part for part in re.split(r"[.;:]\s*", said) if part and part in PAGE]
        assert known, (row.state, said)
