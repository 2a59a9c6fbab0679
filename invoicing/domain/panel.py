"""What sales reads of an account before a call: the banner, the ageing as bars, a summary to paste into a note."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from invoicing.domain import receivables
from invoicing.domain.ageing import Ageing
from invoicing.domain.receivables import Standing
from zbridge.money import Money, display, total

NOT_DUE = "Not due"


@dataclass(frozen=True)
class Bar:
    """One age of open balances; `share` is its part of the whole, 0 to 100."""

    label: str
    amount: Money
    share: Decimal


@dataclass(frozen=True, kw_only=True)
class Owed:
    """All customers of an account in one currency, added; nothing is netted."""

    currency: str
    outstanding: Money
    credits: Money
    opening: Money
    drafts: Money
    draft_count: int
    overdue: Money
    overdue_count: int
    oldest_days: int
    not_due: Money
    bars: tuple[Bar, ...]
    in_base: Money | None
    days_to_pay: Decimal | None


def owed(standings: Iterable[Standing], base: str) -> tuple[Owed, ...]:
    """One for each currency; `base` is the organisation's, in which a foreign currency's figure is told apart, too."""
    return tuple(_owed(currency, found, base) for currency, found in receivables.by_currency(standings).items())


def _owed(currency: str, found: Sequence[Standing], base: str) -> Owed:
    def added(parts: Iterable[Money | None]) -> Money:
        return total([one for one in parts if one is not None], currency)

    ages = [one.ageing for one in found]
    in_base = [one.in_base for one in found if one.in_base is not None]
    waits = [one.days_to_pay for one in found if one.days_to_pay is not None]
    return Owed(
        currency=currency,
        outstanding=added(one.outstanding for one in found),
        credits=added(one.credits for one in found),
        opening=added(one.opening for one in found),
        drafts=added(one.drafts for one in found),
        draft_count=sum(one.draft_count for one in found),
        overdue=added(age.overdue for age in ages),
        overdue_count=sum(age.overdue_count for age in ages),
        oldest_days=max((age.oldest_days for age in ages), default=0),
        not_due=added(age.not_due for age in ages),
        bars=_bars(ages, currency),
        in_base=total(in_base, base) if in_base and currency != base else None,
        days_to_pay=round(sum(waits, Decimal(0)) / len(waits), 1) if waits else None,
    )


def _bars(ages: Sequence[Ageing], currency: str) -> tuple[Bar, ...]:
    sums = {NOT_DUE: total([age.not_due for age in ages], currency)}
    for age in ages:
        for label, amount in age.buckets:
            sums[label] = sums[label] + amount if label in sums else amount
    whole = total(list(sums.values()), currency).amount
    return tuple(Bar(label, one, _share(one.amount, whole)) for label, one in sums.items())


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return round(part * 100 / whole, 1) if whole > 0 else Decimal(0)


def banner(found: Sequence[Owed]) -> str:
    """“2 overdue, oldest 43 days, 3,900.00 EUR”, currencies apart; empty when nothing is overdue."""
    late = [one for one in found if one.overdue_count]
    count = sum(one.overdue_count for one in late)
    oldest = max((one.oldest_days for one in late), default=0)
    days = "1 day" if oldest == 1 else f"{oldest} days"
    return f"{count} overdue, oldest {days}, {' + '.join(display(one.overdue) for one in late)}" if late else ""


def last_paid(standings: Iterable[Standing]) -> str:
    """“Last paid 1,200.00 EUR on 6 Nov 2026”; empty without a payment."""
    found = receivables.last_payment(standings)
    return f"Last paid {display(found[1])} on {on(found[0])}" if found else ""


def on(day: date) -> str:
    """A day as people read it."""
    return f"{day.day} {day:%b %Y}"


def summary(name: str, standings: Sequence[Standing], base: str, read_at: datetime | None) -> str:
    """The account's money in a few lines of plain text, for a note in CRM; `read_at` in the reader's zone."""
    found = owed(standings, base)
    lines = [f"{name}: {banner(found) or 'nothing overdue'}."]
    for one in found:
        parts = [f"Outstanding {display(one.outstanding)}"]
        parts += [f"usable credits {display(one.credits)}"] if one.credits else []
        parts += [f"drafts {display(one.drafts)}"] if one.draft_count else []
        lines.append("; ".join(parts) + ".")
    paid = last_paid(standings)
    lines += [f"{paid}."] if paid else []
    lines += [f"As of {on(read_at.date())}, {read_at:%H:%M} (zbridge)."] if read_at else []
    return "\n".join(lines)
