"""What a page shows before the click, and what the task weighs again: the same function on the same rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from accounts.models import Connection
from invoicing import cases
from invoicing.domain.drafts import Case, Verdict
from invoicing.domain.portions import Portion
from invoicing.domain.preflight import decide
from invoicing.domain.pricing import at_prices, priced_lines
from invoicing.domain.problems import Cause, Problem, Who
from invoicing.domain.snapshots import snapshot_hash, snapshot_text
from invoicing.models import Deal, Quote
from zbridge.clock import Clock

# Stops that a person settles on the conversion itself; the request stays live and waits for her.
FOR_A_PERSON = frozenset({Cause.CUSTOMER_UNCERTAIN})


@dataclass(frozen=True)
class Preview:
    """A case, its verdict, and the digest of what a change would be noticed in."""

    case: Case
    verdict: Verdict
    snapshot: str
    digest: str


def preview(
    connection: Connection, deal: Deal | None, quote: Quote | None, clock: Clock, waived: Iterable[str] = (),
    *, portion: Portion | None = None, price: str = "",
) -> Preview:  # fmt: skip
    """From the mirror alone, without a call; the digest is of the whole sale, also where a part of it is billed.

    `price`: the one that a person chose for this sale, where the sale's and Books' differ.
    """
    return weigh(cases.case_of(connection, deal, quote, clock, waived=waived, portion=portion, price=price))


def weigh(case: Case) -> Preview:
    """The verdict on a case. Where the rule bills Books' prices, the digest is of the sale at these prices."""
    ruled = at_prices(replace(case, portion=None, price_choice=None))
    return Preview(case, decide(case), snapshot_text(case.sale), snapshot_hash(ruled.sale))


def is_for_a_person(problem: Problem) -> bool:
    """Whether it waits in Needs attention instead of being refused."""
    return problem.cause in FOR_A_PERSON


def changed(found: Preview) -> Problem:
    """The sale is not what was shown before the click."""
    return Problem(
        cause=Cause.CHANGED_SINCE_PREVIEW,
        subject=found.case.sale.name,
        who=Who.REP,
        values={"sale": found.case.sale.name, "priced": "yes" if priced_lines(found.case) else ""},
    )
