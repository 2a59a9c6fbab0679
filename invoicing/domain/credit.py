"""What finance wants to know beside a draft and what never stops one: credit limit and exchange rate. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from invoicing.domain.documents import CustomerFacts
from zbridge.money import Money, display


def notes(customer: CustomerFacts | None, total: Money, base: str, rates: dict[str, Decimal]) -> tuple[str, ...]:
    """Sentences for a preview; `rates`: code -> units of the base currency for one, as Books last told."""
    return (*_credit(customer, total), *_rate(total, base, rates))


def _credit(customer: CustomerFacts | None, total: Money) -> Iterator[str]:
    if customer is None or not customer.credit_limit or customer.owes is None or customer.currency != total.currency:
        return
    owed, limit = Money(customer.owes, total.currency), Money(customer.credit_limit, total.currency)
    beyond = customer.owes + total.amount - customer.credit_limit
    added = f"; with this draft that is {display(Money(beyond, total.currency))} beyond it" if beyond > 0 else ""
    yield f"{customer.name} owes {display(owed)} of a credit limit of {display(limit)}{added}."


def _rate(total: Money, base: str, rates: dict[str, Decimal]) -> Iterator[str]:
    if total.currency == base:
        return
    rate = rates.get(total.currency)
    read = f"; when last read, 1 {total.currency} was {rate.normalize():f} {base}" if rate else ""
    yield f"Billed in {total.currency}. Books converts at its own rate of the day{read}."
