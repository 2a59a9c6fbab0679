"""Whether the customer of a sale is certain and can be billed; the doubt is said with the names that caused it."""

from invoicing.domain.documents import CustomerFacts
from invoicing.domain.drafts import Case
from invoicing.domain.problems import Cause, Fix, Problem, Who
from syncjobs.domain.link_faults import Gone
from syncjobs.domain.parties import CustomerMatch, Doubt

CAUSES = {Doubt.INACTIVE: Cause.CUSTOMER_INACTIVE, Doubt.OTHER_CURRENCY: Cause.CUSTOMER_CURRENCY}


def customer_problems(case: Case) -> tuple[Problem, ...]:
    """None when the customer is certain (or to be created), active and in the sale's currency."""
    if not case.sale.account_id and not case.sale.contact_id:
        return (Problem(cause=Cause.NO_PARTY, subject=case.sale.name, who=Who.REP, fixes=(Fix.CHECK_CRM,)),)
    if case.party_gone:
        values = {"account": case.party_gone}
        return (
            Problem(cause=Cause.PARTY_GONE, subject=case.sale.name, who=Who.REP, fixes=(Fix.CHECK_CRM,), values=values),
        )
    if case.customer is None:
        return (_doubtful(case, case.match),)
    return _unfit(case, case.customer)


def _doubtful(case: Case, match: CustomerMatch | None) -> Problem:
    best = match.candidates[0].party if match and match.candidates else None
    cause = CAUSES.get(match.doubt, Cause.CUSTOMER_UNCERTAIN) if match and match.doubt else Cause.CUSTOMER_UNCERTAIN
    values = {
        "reason": match.reason if match else "",
        "customer": best.name if best else "",
        "customer_currency": best.currency if best else "",
        "currency": case.sale.currency,
    }
    fix = Fix.CHOOSE_CUSTOMER if cause is Cause.CUSTOMER_UNCERTAIN else Fix.ASK_FINANCE
    return Problem(cause=cause, subject=case.sale.party_name, who=Who.FINANCE, fixes=(fix,), values=values)


def _unfit(case: Case, customer: CustomerFacts) -> tuple[Problem, ...]:
    if customer.gone is not None:
        return (_gone(customer, customer.gone),)
    values = {
        "customer": customer.name, "customer_currency": customer.currency, "currency": case.sale.currency
    }  # fmt: skip
    if not customer.active:
        cause = Cause.CUSTOMER_INACTIVE
    elif customer.currency and customer.currency != case.sale.currency:
        cause = Cause.CUSTOMER_CURRENCY
    else:
        return ()
    return (Problem(cause=cause, subject=customer.name, who=Who.FINANCE, fixes=(Fix.ASK_FINANCE,), values=values),)


def _gone(customer: CustomerFacts, gone: Gone) -> Problem:
    """Finance follows a merge; what becomes of a link to nothing, RevOps decides."""
    who = Who.FINANCE if gone.merged_into else Who.REVOPS
    values = {"customer": customer.name, "merged": gone.merged_into, "link": gone.link}
    fixes = (Fix.REPAIR_LINK, Fix.ASK_FINANCE)
    return Problem(cause=Cause.CUSTOMER_GONE, subject=customer.name, who=who, fixes=fixes, values=values)
