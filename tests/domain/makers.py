"""The smallest case that is ready, and ways to vary it; figures are Brightwater's."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from invoicing.domain.documents import (
    Basis,
    CustomerFacts,
    ItemFacts,
    OrganisationFacts,
    RulesInForce,
    Sale,
    SaleKind,
    SaleLine,
    TaxFacts,
)
from invoicing.domain.drafts import Case, Ready, Stopped
from invoicing.domain.preflight import decide
from invoicing.domain.problems import Cause, Problem

STANDARD = TaxFacts(books_id="T19", name="Standard", percentage=Decimal(19))
REDUCED = TaxFacts(books_id="T7", name="Reduced", percentage=Decimal(7))
ACME = CustomerFacts(books_id="C1", name="Acme Ltd", currency="EUR", terms_days=30, terms_label="Net 30")
BRIGHTWATER = OrganisationFacts(
    crm_org_id="CRM1", books_org_id="BOOKS1", currency="EUR", country="DE", currencies={"EUR": 2, "USD": 2, "JPY": 0}
)
RULES = RulesInForce(go_live=date(2026, 6, 1), default_tax_id="T19", key_field_id="F1")
WIDGET = ItemFacts(books_id="I1", name="Widget", rate=Decimal(140), tax_id="T19", unit="pcs")


def line(quantity: object = 1, rate: object = 100, **more: Any) -> SaleLine:
    """A line of the linked product P1."""
    facts = {"source_id": "L1", "product_id": "P1", "product_name": "Widget"} | more
    return SaleLine(quantity=Decimal(str(quantity)), rate=Decimal(str(rate)), **facts)


def sale(*lines: SaleLine, **more: Any) -> Sale:
    """A won deal of Acme; its amount is what its lines come to, net, unless said."""
    numbered = tuple(replace(one, source_id=f"L{place}") for place, one in enumerate(lines or (line(),), start=1))
    amount = sum((one.quantity * one.rate for one in numbered), Decimal(0))
    facts: dict[str, Any] = {
        "kind": SaleKind.DEAL, "crm_id": "D1", "deal_id": "D1", "name": "Warehouse fit-out",
        "deal_name": "Warehouse fit-out", "currency": "EUR", "amount": amount, "basis": Basis.NET, "lines": numbered,
        "stage": "Closed Won", "is_won": True, "won_on": date(2026, 7, 1), "account_id": "A1",
        "account_name": "Acme Ltd",
    }  # fmt: skip
    return Sale(**(facts | more))


def case(sold: Sale | None = None, **more: Any) -> Case:
    """Everything certain, today 2 July 2026."""
    facts: dict[str, Any] = {
        "sale": sold or sale(), "customer": ACME, "items": {"P1": WIDGET}, "taxes": (STANDARD, REDUCED),
        "organisation": BRIGHTWATER, "rules": RULES, "today": date(2026, 7, 2),
    }  # fmt: skip
    return Case(**(facts | more))


def ready(found: Case) -> Ready:
    """The verdict, which must be a draft."""
    verdict = decide(found)
    assert isinstance(verdict, Ready), verdict
    return verdict


def stops(found: Case) -> tuple[Problem, ...]:
    """The problems, of which there must be some."""
    verdict = decide(found)
    assert isinstance(verdict, Stopped), verdict
    return verdict.problems


def causes(found: Case) -> set[Cause]:
    """Why it stops."""
    return {problem.cause for problem in stops(found)}
