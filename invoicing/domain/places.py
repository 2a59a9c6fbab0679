"""Taxes that depend on the place of supply (India's GST). Pure.

Inside one state a supply carries the state's and the centre's tax together (a group), across a border the integrated
one. Books takes the place from the customer's `place_of_contact` (its OpenAPI, invoices: `place_of_supply`); the
draft's taxes must be those of that place, and zbridge never guesses it.
"""

from collections.abc import Iterable

from invoicing.domain.documents import CustomerFacts, Supply, TaxFacts
from invoicing.domain.drafts import Case
from invoicing.domain.problems import Cause, Fix, Problem, Who
from invoicing.domain.treatments import is_charged


def supply_of(case: Case) -> Supply | Problem:
    """Within a state or between two; ANY where no tax depends on it, or nobody is sure yet who is billed.

    UNREAD until Books told the customer's place: the preview is then of one supply or the other, at the same
    percentage; the draft is decided once its detail was read.
    """
    customer, organisation = case.customer, case.organisation
    if customer is None or all(tax.supply is Supply.ANY for tax in case.taxes):
        return Supply.ANY
    if customer.tax_treatment == "business_sez" or not is_charged(customer):
        return Supply.BETWEEN
    if customer.place is None:
        return Supply.UNREAD
    if not organisation.place or not customer.place:
        return _unknown(customer, "the organisation's address" if not organisation.place else customer.name)
    return Supply.WITHIN if customer.place == organisation.place else Supply.BETWEEN


def fitting(taxes: Iterable[TaxFacts], supply: Supply) -> tuple[TaxFacts, ...]:
    """The taxes that such a supply may carry."""
    free = supply in (Supply.ANY, Supply.UNREAD)
    return tuple(tax for tax in taxes if free or tax.supply in (Supply.ANY, supply))


def one_supply(sharing: list[TaxFacts], supply: Supply) -> list[TaxFacts]:
    """Of taxes with one percentage, those within a state while it isn't known which supply it is."""
    within = [tax for tax in sharing if tax.supply is Supply.WITHIN]
    return within if supply is Supply.UNREAD and within else sharing


def placed(tax: TaxFacts, supply: Supply, case: Case) -> TaxFacts | Problem:
    """An item's or the default tax as this supply carries it: itself, or the one of the same percentage that fits."""
    if fitting([tax], supply):
        return tax
    twins = [one for one in fitting(case.taxes, supply) if one.active and one.percentage == tax.percentage]
    if len(twins) == 1:
        return twins[0]
    values = {"tax": tax.name, "choices": ", ".join(sorted(one.name for one in twins)), "supply": str(supply)}
    return Problem(cause=Cause.TAX_PLACE, subject=tax.name, who=Who.FINANCE, fixes=(Fix.ASK_FINANCE,), values=values)


def _unknown(customer: CustomerFacts, where: str) -> Problem:
    values = {"where": where, "customer": customer.name}
    fixes = (Fix.ASK_FINANCE,)
    return Problem(cause=Cause.PLACE_UNKNOWN, subject=customer.name, who=Who.FINANCE, fixes=fixes, values=values)
