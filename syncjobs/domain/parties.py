"""Who is who, the spine's simple rules: one customer with the same e-mail is certain, any other likeness asks a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncjobs.domain.records import PartyFacts


class Verdict(StrEnum):
    CERTAIN = "certain"
    REVIEW = "review"
    CREATE = "create"


@dataclass(frozen=True)
class Candidate:
    """A customer that may be meant, and why a person might think so."""

    party: PartyFacts
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CustomerMatch:
    """The verdict; `chosen` only when certain. Candidates are best first, whatever order they came in."""

    verdict: Verdict
    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    reason: str


_WEIGHTS = (
    (0.95, "same e-mail"),
    (0.85, "same tax number"),
    (0.7, "same name"),
    (0.5, "same phone"),
    (0.4, "same web domain"),
)


def match_customer(wanted: PartyFacts, customers: Iterable[PartyFacts]) -> CustomerMatch:
    """Which Books customer the CRM party is.

    Certain: exactly one customer (of those in its currency, if any) has one of its e-mails, is active and no vendor.
    Review: several have it, or only name, tax number, phone or domain agree. Create: nothing agrees.
    """
    candidates = _candidates(wanted, customers)
    by_mail = _in_currency(wanted, [one for one in candidates if "same e-mail" in one.reasons])
    if len(by_mail) == 1:
        return _single(wanted, by_mail[0], candidates)
    if len(by_mail) > 1:
        shared = min(wanted.emails & by_mail[0].party.emails)
        return CustomerMatch(Verdict.REVIEW, None, candidates, f"{len(by_mail)} Books customers use {shared}.")
    if candidates:
        best = candidates[0]
        reason = f"{best.party.name} in Books has the {' and the '.join(best.reasons)}, but not the e-mail."
        return CustomerMatch(Verdict.REVIEW, None, candidates, reason)
    return CustomerMatch(Verdict.CREATE, None, (), "No Books customer is like it.")


def _single(wanted: PartyFacts, found: Candidate, candidates: tuple[Candidate, ...]) -> CustomerMatch:
    obstacle = _obstacle(found.party)
    if obstacle:
        return CustomerMatch(Verdict.REVIEW, None, candidates, obstacle)
    return CustomerMatch(Verdict.CERTAIN, found, candidates, f"{found.party.name} is the one customer with this e-mail.")


def _in_currency(wanted: PartyFacts, found: list[Candidate]) -> list[Candidate]:
    """One company may have a customer per currency: those in the sale's currency count, if there are any."""
    same = [one for one in found if wanted.currency and one.party.currency == wanted.currency]
    return same or found


def _obstacle(party: PartyFacts) -> str:
    if party.is_vendor:
        return f"{party.name} is a vendor in Books, not a customer."
    return "" if party.active else f"{party.name} is inactive in Books."


def _candidates(wanted: PartyFacts, customers: Iterable[PartyFacts]) -> tuple[Candidate, ...]:
    found = [_compared(wanted, customer) for customer in customers]
    return tuple(sorted((one for one in found if one.reasons), key=lambda one: (-one.score, one.party.id)))


def _compared(wanted: PartyFacts, customer: PartyFacts) -> Candidate:
    agree: Sequence[bool] = (
        bool(wanted.emails & customer.emails),
        bool(wanted.tax_keys & customer.tax_keys),
        bool(wanted.name_key and wanted.name_key == customer.name_key),
        bool(wanted.phones & customer.phones),
        bool(wanted.domains & customer.domains),
    )
    hits = [weight for weight, agrees in zip(_WEIGHTS, agree, strict=True) if agrees]
    missed = 1.0
    for weight, _ in hits:
        missed *= 1 - weight
    return Candidate(customer, round(1 - missed, 3), tuple(reason for _, reason in hits))
