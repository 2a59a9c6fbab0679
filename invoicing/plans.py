"""A plan of many drafts: what is ready, what stops, per currency, and what it will cost in calls; no call is made."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from invoicing import pages, previews, services
from invoicing.domain.drafts import Stopped
from invoicing.domain.wording import sentence
from invoicing.models import Conversion, Deal
from zbridge.clock import Clock

CALLS_PER_DRAFT = {"crm": 2, "books": 2}
SECONDS_PER_DRAFT = 2


@dataclass(frozen=True)
class Planned:
    deal: Deal
    sentence: str
    total: str = ""
    digest: str = ""
    conversion: Conversion | None = None


@dataclass
class Plan:
    """Three groups: ready, stopped, and those that have a draft already (or one on its way)."""

    ready: list[Planned] = field(default_factory=list)
    stopped: list[Planned] = field(default_factory=list)
    billed: list[Planned] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """Calls to both systems for the ready ones."""
        return len(self.ready) * sum(CALLS_PER_DRAFT.values())

    @property
    def minutes(self) -> int:
        """At least one."""
        return max(1, len(self.ready) * SECONDS_PER_DRAFT // 60)


def plan_of(deals: list[Deal], clock: Clock) -> Plan:
    """Each deal weighed as its own page weighs it; totals per currency, never added across."""
    plan, sums = Plan(), Counter[str]()
    amounts: dict[str, Decimal] = {}
    for deal in deals:
        row = services.live_conversion(deal.connection, deal, None)
        if row is not None:
            plan.billed.append(Planned(deal, pages.state_sentence(row), pages.money(row.total, row.currency), "", row))
            continue
        preview = previews.preview(deal.connection, deal, None, clock)
        if isinstance(preview.verdict, Stopped):
            plan.stopped.append(Planned(deal, " ".join(sentence(problem) for problem in preview.verdict.problems)))
            continue
        total = preview.verdict.totals.total
        amounts[total.currency] = amounts.get(total.currency, Decimal(0)) + total.amount
        sums[total.currency] += 1
        customer = preview.verdict.draft.customer_name
        plan.ready.append(Planned(deal, f"For {customer}", str(total), preview.digest))
    plan.totals = [f"{sums[code]} drafts, {pages.money(amounts[code], code)}" for code in sorted(amounts)]
    return plan
