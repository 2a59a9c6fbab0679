"""What a customer's tax treatment in Books does to a line's tax. Pure.

Books tells a treatment by edition (its OpenAPI: `vat_treatment`, `tax_treatment`, `gst_treatment`). Where it says that
the customer accounts for the tax, or that none is due, the draft must not charge the organisation's own; which of the
organisation's 0 % taxes then applies is never guessed.
"""

from invoicing.domain.documents import CustomerFacts, SaleLine, Supply, TaxFacts
from invoicing.domain.drafts import Case
from invoicing.domain.problems import Cause, Fix, Problem, Who

# Registered in another country of the union or the gulf, or abroad: no tax of this country is charged.
NOT_CHARGED = frozenset({
    "eu_vat_registered", "gcc_vat_registered", "overseas", "non_eu", "non_gcc", "non_mexico",
})  # fmt: skip


def is_charged(customer: CustomerFacts | None) -> bool:
    """Whether the organisation's own tax is charged; a customer who is still to be made is taxed as usual."""
    return customer is None or customer.tax_treatment not in NOT_CHARGED


def treated(tax: TaxFacts | Problem | None, sold: SaleLine, case: Case) -> TaxFacts | Problem | None:
    """The tax of a line for this customer: as found, the one 0 % tax there is, none for the exempt, or why not."""
    customer = case.customer
    if customer is None or case.organisation.tax_regime == "none":
        return tax
    if not customer.taxable:
        return None if customer.exemption_id else _without_reason(customer)
    if is_charged(customer) or isinstance(tax, TaxFacts) and tax.percentage == 0:
        return tax
    if sold.tax_percent or sold.tax_name:
        return _contradicts(customer, sold, sold.tax_name or f"{sold.tax_percent} %")
    free = [one for one in case.taxes if one.active and one.percentage == 0 and one.supply is not Supply.WITHIN]
    return free[0] if len(free) == 1 else _contradicts(customer, sold, "")


def _contradicts(customer: CustomerFacts, sold: SaleLine, tax: str) -> Problem:
    values = {"customer": customer.name, "treatment": customer.tax_treatment.replace("_", " "), "named_tax": tax}
    fixes = (Fix.ASK_FINANCE,)
    return Problem(cause=Cause.TAX_TREATMENT, subject=sold.product_name, who=Who.FINANCE, fixes=fixes, values=values)


def _without_reason(customer: CustomerFacts) -> Problem:
    fixes = (Fix.ASK_FINANCE,)
    return Problem(cause=Cause.EXEMPTION_MISSING, subject=customer.name, who=Who.FINANCE, fixes=fixes)
