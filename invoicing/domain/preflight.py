"""The checks before a conversion (design 5), and the one question that pages and tasks ask: `decide`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from invoicing.domain.customers import customer_problems
from invoicing.domain.differences import explain_difference, is_beyond, rounding_allowance
from invoicing.domain.documents import OutsideInvoice, Sale, SaleKind
from invoicing.domain.drafting import draft
from invoicing.domain.drafts import Case, InvoiceDraft, Ready, Stopped, Totals, Verdict
from invoicing.domain.edits import in_words
from invoicing.domain.lines import draft_lines
from invoicing.domain.parts import part_of
from invoicing.domain.pricing import at_prices, kept_prices
from invoicing.domain.problems import Cause, Fix, Problem, Who, is_waived
from invoicing.domain.totals import expected_totals
from zbridge.money import Money, display, minor_digits

Values = Mapping[str, str]


def decide(case: Case) -> Verdict:
    """The draft with its expected totals, or all that stops it; never both. Waived stops become warnings."""
    whole = _in_part(case)
    case = at_prices(whole)
    problems = check(case)
    if any(problem.cause is Cause.NOT_WON for problem in problems):
        return Stopped(problems)
    made = draft(case)
    if not isinstance(made, InvoiceDraft):
        return Stopped(_once(problem for problem in (*problems, *made) if not is_waived(problem, case.waived)))
    totals = expected_totals(made)
    found = _once((*problems, *_of_total(case, totals)))
    stops = tuple(problem for problem in found if not is_waived(problem, case.waived))
    return Stopped(stops) if stops else _ready(whole, made, totals, found)


def _in_part(case: Case) -> Case:
    """The case whose sale is the part that is billed."""
    if case.portion is None:
        return case
    digits = case.organisation.currencies.get(case.sale.currency, minor_digits(case.sale.currency))
    return replace(case, sale=part_of(case.sale, case.portion, digits))


def check(case: Case) -> tuple[Problem, ...]:
    """All that can be said before there are totals: the sale, what is billed already, the customer, each line.

    Of a sale that isn't won only that is said: its lines are not read before, and may still change.
    """
    state = _state_of_sale(case)
    if any(problem.cause is Cause.NOT_WON for problem in state):
        return (*_billed_here(case), *state)
    return (
        *_billed_here(case),
        *state,
        *_quote_state(case),
        *_billed_by_reference(case),
        *customer_problems(case),
        *_currency(case),
        *_lines_as_read(case),
        *draft_lines(case)[1],
    )


def _ready(case: Case, made: InvoiceDraft, totals: Totals, waived: tuple[Problem, ...]) -> Ready:
    warnings = tuple(replace(problem, stops=False) for problem in waived)
    allowance = rounding_allowance(made, case.organisation.rounding_allowance)
    differences = explain_difference(case.sale, made, allowance)
    needs_finance = is_beyond(differences, allowance)
    return Ready(
        draft=made, totals=totals, differences=differences, needs_finance=needs_finance, warnings=warnings,
        prices=tuple(kept_prices(case)),
    )  # fmt: skip


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Two lines of one unlinked product are one problem."""
    seen: dict[tuple[str, str, tuple[tuple[str, str], ...]], Problem] = {}
    for problem in problems:
        seen.setdefault((problem.cause, problem.subject, tuple(sorted(problem.values.items()))), problem)
    return tuple(seen.values())


def _billed_here(case: Case) -> tuple[Problem, ...]:
    if case.live is None:
        return ()
    values = {"invoice": case.live.invoice_number, "conversion": case.live.conversion_id}
    return (
        Problem(
            cause=Cause.ALREADY_BILLED, subject=case.sale.name, who=Who.REP, fixes=(Fix.OPEN_INVOICE,), values=values
        ),
    )


def _state_of_sale(case: Case) -> tuple[Problem, ...]:
    sale, go_live = case.sale, case.rules.go_live
    if case.not_billable:
        said = {"reason": case.not_billable}
        return (_problem(case, Cause.NOT_BILLABLE, Fix.ASK_FINANCE, who=Who.FINANCE, values=said),)
    if not sale.is_won:
        return (_problem(case, Cause.NOT_WON, Fix.CHECK_CRM, values={"stage": sale.stage, "kind": _kind(sale)}),)
    if f"{sale.pipeline}|{sale.stage}" in case.rules.excluded_stages or sale.stage in case.rules.excluded_stages:
        return (
            _problem(case, Cause.STAGE_EXCLUDED, Fix.OPEN_CONNECTION, who=Who.REVOPS, values={"stage": sale.stage}),
        )
    if go_live is None:
        return (_problem(case, Cause.NO_GO_LIVE, Fix.OPEN_CONNECTION, who=Who.REVOPS),)
    if sale.won_on is None or sale.won_on < go_live:
        won = _spoken(sale.won_on) if sale.won_on else "a day that CRM doesn't say"
        days = {"won": won, "go_live": _spoken(go_live)}
        return (_problem(case, Cause.BEFORE_GO_LIVE, Fix.BILL_ANYWAY, values=days),)
    return ()


def _spoken(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _kind(sale: Sale) -> str:
    return "quote" if sale.kind is SaleKind.QUOTE else "deal"


def _problem(case: Case, cause: Cause, *fixes: Fix, who: Who = Who.REP, values: Values | None = None) -> Problem:
    return Problem(cause=cause, subject=case.sale.name, who=who, fixes=fixes, values=values or {})


def _quote_state(case: Case) -> tuple[Problem, ...]:
    """A quote that bills must still hold: not replaced, accepted before it expired, and not edited since."""
    sale = case.sale
    number = sale.quote_number or sale.name
    if sale.replaced_by_id:
        return (_problem(case, Cause.QUOTE_REPLACED, Fix.CHECK_CRM, values={"quote": number}),)
    if sale.valid_till and sale.accepted_on and sale.valid_till < sale.accepted_on:
        days = {"valid_till": _spoken(sale.valid_till), "accepted": _spoken(sale.accepted_on)}
        return (_problem(case, Cause.QUOTE_EXPIRED, Fix.BILL_ANYWAY, values=days | {"quote": number}),)
    if sale.edited:
        values = {"quote": number, "changes": in_words(sale.edited)}
        return (_problem(case, Cause.QUOTE_EDITED, Fix.CHECK_CRM, Fix.BILL_ANYWAY, values=values),)
    return ()


def _billed_by_reference(case: Case) -> tuple[Problem, ...]:
    found = [invoice for invoice in case.outside if invoice.status != "void" and _names_the_sale(invoice, case)]
    return tuple(_outside(case, Cause.BILLED_OUTSIDE, invoice) for invoice in _first(found))


def _names_the_sale(invoice: OutsideInvoice, case: Case) -> bool:
    """By deal id or a quote's number, whoever is billed; by the deal's name, when nobody else is."""
    sale, reference = case.sale, invoice.reference.strip().casefold()
    if sale.deal_id and sale.deal_id in (invoice.potential_id, invoice.reference.strip()):
        return True
    numbers = {sale.crm_id, sale.quote_number.strip().casefold()} - {""}
    names = {sale.name.strip().casefold(), sale.deal_name.strip().casefold()} - {""}
    known = case.customer.books_id if case.customer else ""
    return reference in numbers or (reference in names and known in ("", invoice.customer_id))


def _of_total(case: Case, totals: Totals) -> tuple[Problem, ...]:
    """What only the draft's total can tell: nothing to bill, or an equal invoice of the same customer."""
    if totals.total.amount <= 0:
        return (_problem(case, Cause.NOT_POSITIVE, Fix.CHECK_CRM, values={"total": display(totals.total)}),)
    named = [invoice for invoice in case.outside if _names_the_sale(invoice, case)]
    alike = [invoice for invoice in case.outside if invoice not in named and _is_alike(invoice, case, totals.total)]
    return tuple(_outside(case, Cause.MAYBE_BILLED_OUTSIDE, invoice) for invoice in _first(alike))


def _is_alike(invoice: OutsideInvoice, case: Case, total: Money) -> bool:
    same_customer = case.customer is not None and case.customer.books_id == invoice.customer_id != ""
    same_total = (invoice.total, invoice.currency) == (total.amount, total.currency)
    return same_customer and same_total and invoice.status != "void" and _is_recent(invoice, case)


def _is_recent(invoice: OutsideInvoice, case: Case) -> bool:
    """Since the window before the sale was won."""
    since = min(case.sale.won_on or case.today, case.today) - timedelta(days=case.rules.outside_window_days)
    return invoice.issued_on is None or invoice.issued_on >= since


def _first(found: list[OutsideInvoice]) -> list[OutsideInvoice]:
    return sorted(found, key=lambda invoice: (invoice.number, invoice.books_id))[:1]


def _outside(case: Case, cause: Cause, invoice: OutsideInvoice) -> Problem:
    total = display(Money(invoice.total, invoice.currency))
    values = {"invoice": invoice.number, "invoice_id": invoice.books_id, "total": total}
    return _problem(case, cause, Fix.ATTACH, Fix.BILL_ANYWAY, values=values)


def _currency(case: Case) -> tuple[Problem, ...]:
    known = case.organisation.currencies
    if case.sale.currency and (not known or case.sale.currency in known):
        return ()
    currency = case.sale.currency or "no currency"
    return (_problem(case, Cause.CURRENCY_UNKNOWN, Fix.OPEN_CONNECTION, who=Who.REVOPS, values={"currency": currency}),)


def _lines_as_read(case: Case) -> tuple[Problem, ...]:
    sale = case.sale
    if sale.lines_unread:
        return (_problem(case, Cause.LINES_UNREAD, Fix.CHECK_CRM),)
    if sale.lines_truncated:
        return (_problem(case, Cause.LINES_TRUNCATED, Fix.CHECK_CRM, values={"count": str(len(sale.lines))}),)
    if not sale.lines:
        return (_problem(case, Cause.NO_LINES, Fix.CHECK_CRM, values={"kind": _kind(sale)}),)
    if sale.document_tax:
        tax = display(Money(sale.document_tax, sale.currency))
        return (_problem(case, Cause.DOCUMENT_TAX, Fix.ASK_FINANCE, who=Who.FINANCE, values={"tax": tax}),)
    return ()
